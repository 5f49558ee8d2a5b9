// The ledger: every decision becomes one leaf of a transparency log (RFC 6962 tree) and one sealed
// record, in the same commit as what it decided.
//
// Per batch, as a participant of the committer: one frame (leaves), one value of sealed records,
// one segment (tags and running numbers), the frontier. Trail, activity and heads are folded from
// segments in the background as sorted runs; until then the tail in memory answers, and it is
// rebuilt from the segments at start.
//
// Threads  LoadHead, Stage, participant calls: the committer's executor. Redeem: any, each Pending
//          once. The rest: any.
// Source   docs/format/ledger.md; C2SP tlog-checkpoint, signed-note; RFC 9162 section 2.1.
#ifndef CLOISON_LEDGER_LEDGER_H_
#define CLOISON_LEDGER_LEDGER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "commit/committer.h"
#include "commit/sealed_state.h"
#include "crypto/ed25519.h"
#include "ledger/durable_leaves.h"
#include "ledger/logs.h"
#include "ledger/receipt.h"
#include "ledger/record_keys.h"
#include "tlog/checkpoint.h"
#include "tlog/tree.h"

namespace cloison::ledger {

inline constexpr std::size_t kReadEntriesMax = 1'000;  // entries of one read; more are not given
// Unfolded entries cost 200 bytes of memory each, and 2 us at start; a fold writes sorted runs of
// random keys, which cost the less to merge the longer they are.
inline constexpr std::size_t kFoldEntries = 65'536;

// What one entry says; built by the gate, completed by the ledger (entry id, time, tags).
struct EntryDraft {
  struct Subject {
    PersonId person;
    const SubjectKey* key;  // outlives the batch: a member of the work, say
    std::uint64_t seq;
    std::vector<FieldId> fields;
    Form form = Form::kPlain;
    std::optional<ByteArray<16>>
        code;  // what the reader knows the person by: makes the shown commitment
    // Of a sealed access: the entry takes its tag and number in that space. Outlives the batch.
    const SealedKey* sealed = nullptr;
  };
  struct Actor {
    PrincipalId principal;
    const ActorKey* key;  // outlives the batch
    std::uint64_t n;  // this principal's next running number; its row moves on in the same batch
    std::optional<OrganisationId> organisation;
    std::optional<OfficeId> office;
    std::string role;
  };
  Kind kind;
  std::optional<Subject> subject;  // nothing: C_subj and tag_subj are random
  Actor actor;
  Decision decision = Decision::kAllow;
  std::string purpose;
  std::string case_ref;
  std::optional<SessionId> session;
  std::optional<ClientId> client;
  std::string rule;        // the rule that decided
  std::uint32_t cost = 0;  // people charged
};

// One look of a trail or an activity, opened.
struct TrailEntry {
  std::uint32_t generation;  // of its log, which index and n count in
  std::uint64_t index;
  std::uint64_t n;
  std::optional<SubjectPart> subject;  // nothing: the entry is about no person
  ActorPart actor;
  Record record;
  Leaf leaf{};
};

// Whether the entry's leaf was made with this key: its subject part is the one committed to.
bool Opens(const SubjectKey& key, const TrailEntry& entry);

// A stretch of a trail, the newest first.
struct TrailPage {
  struct Expired {  // the month's key was destroyed
    std::uint32_t generation;
    std::uint64_t index;
    std::uint64_t n;
    Leaf leaf;
  };
  std::vector<TrailEntry> entries;
  std::vector<Expired> expired;
};

// A person's running number as the store had it, and how many folds had ended before it was read:
// entries made since are in the tail until the next one ends.
struct PrefetchedHead {
  std::uint64_t next;
  std::uint64_t folds;
};

class Ledger final : public commit::Participant {
 public:
  struct Options {
    std::string origin;  // name of the first log and of its key: "cloison.example/job-seekers"
    RegisterId register_id;
    std::string signed_path;                  // file that keeps the last size signed and published
    std::size_t fold_entries = kFoldEntries;  // fold when this many are unfolded
    bool cache_heads = true;  // else every number that is not in the tail is read again
    // Asked once, before anything is signed: whether this is the log that others know. Takes the
    // log's key, the checkpoint that was published last ("": none) and what is durable; what it
    // fails with, Open fails with. It may block. Empty: nobody is asked.
    std::function<Status(const tlog::VerifierKey&, const std::string&, const tlog::Head&)>
        before_signing = nullptr;
  };
  struct Parts {  // all outlive the ledger
    store::Store& store;
    const commit::SealedState& state;
    const crypto::Signer& signer;  // of the newest log that the store names (ReadLogs)
    MonthKeys& months;
    base::Files& files;
    base::Clock& clock;
    base::Random& random;
    base::Executor& background;  // folding
    HoldKeys* holds = nullptr;   // null: nothing is held
  };

  // Recovers: logs, frontier, fold position, months, unfolded segments.
  // Fails kCorrupt: segments or frontier do not fit together, the log is shorter than the last size
  // signed by our own key, or the file that says so is gone from a log of more than one entry, or
  // it is of a successor that the store does not know: nothing may be signed or served.
  static Task<Result<std::unique_ptr<Ledger>>> Open(Options options, Parts parts);
  ~Ledger() override;
  // Joins the committer and lets folding begin. Once, before the first Submit. `leaves` is told of
  // all entries from size() on; it outlives the last commit.
  void Attach(commit::Committer& committer, DurableLeaves* leaves = nullptr);
  // From now on no entry is made and nothing is signed: what would stage one fails kUnavailable.
  // Threads: any. For a log that turns out not to be the one that others know.
  void Refuse();
  // Waits for a running fold; none starts after it. Await it before the committer is stopped.
  Task<void> Stop();

  // Before Submit, on any thread: what LoadHead would have to read. Nothing: it is in memory.
  // `key` outlives the await. Fails as LoadHead does.
  Task<Result<std::optional<PrefetchedHead>>> PrefetchHead(const SubjectKey& key) const;
  // In Load: makes the subject's running number known. `key` outlives the await. What was
  // prefetched is used while it must still hold. kCorrupt: the number that the store says is not
  // the next one of the entries that are there.
  Task<Status> LoadHead(const SubjectKey& key, std::optional<PrefetchedHead> prefetched = {});
  // The same in the space of sealed accesses, for a draft that has the key.
  Task<Status> LoadHead(const SealedKey& key);
  // In Stage: adds one entry to the batch; what it consists of is made when the batch is closed.
  // Cannot fail. CHECKs that LoadHead ran for its subject.
  Pending Stage(EntryDraft draft);
  // How many entries this batch can still take: past it Stage CHECKs.
  std::size_t Room() const;
  // The leaf index the entry will have.
  std::uint64_t IndexOf(const Pending& pending) const { return pending.index_; }
  // In Take: turns what was staged into what may be used.
  Recorded Redeem(Pending pending, const commit::Durable& durable) const;
  // Only of an allowed entry with a subject.
  Receipt RedeemReceipt(Pending pending, const commit::Durable& durable) const;

  Task<Status> Prepare(commit::Staging& staging) override;
  void Begin(const commit::Staging& staging) override;
  std::size_t Mark() const override;
  void Rollback(std::size_t mark) override;
  void Close(commit::Staging& staging) override;
  void Committed(const commit::Durable& durable) override;

  // Of the newest log.
  std::uint64_t size() const;                               // durable entries
  std::string checkpoint() const;                           // latest signed checkpoint (note text)
  std::string vkey() const;                                 // verifier key of the log
  const LogId& log_id(std::uint32_t generation = 0) const;  // 0: the newest
  const std::string& origin() const;
  std::uint32_t generation() const;
  // All of them, the oldest first: never none.
  const std::vector<Log>& logs() const;
  // The place behind the last entry of all.
  std::uint64_t end() const;
  // Keeps the latest checkpoint in its file (synced): at start, and before a clean stop. KeepSigned
  // keeps one that checkpoint() gave, before anybody else is given it; one of a smaller size than
  // the file's is not written.
  Status Publish() { return KeepSigned(checkpoint()); }
  Status KeepSigned(const std::string& checkpoint);
  std::string signed_checkpoint() const;  // what the file has; empty: there is none yet

  // Reading back: the newest entry first, from `from` or the one before `below` on down; at most
  // `count` and kReadEntriesMax. Each is checked against its leaf. Entries that are not there (a
  // gap in n) or whose month's key was destroyed are left out. Keys outlive the await. Fails
  // kCorrupt (records that are missing though their month's key is there, too), kUnavailable.
  // A trail goes on through the closed logs: `below` is a place (logs.h). HeadOf: the place behind
  // this person's newest entry; its number is how many entries of the newest log name the person,
  // as LoadHead finds it. An activity is of one log, whose count the principal's row says.
  Task<Result<std::uint64_t>> HeadOf(const SubjectKey& key) const;
  Task<Result<std::uint64_t>> HeadOf(const SealedKey& key) const;
  Task<Result<std::vector<TrailEntry>>> ReadTrail(const SubjectKey& key, std::uint64_t below,
                                                  std::size_t count) const;
  // Of the one log that `below` is in, with what has expired. HeadIn: the place behind the person's
  // newest entry of a closed log.
  Task<Result<TrailPage>> ReadTrailPage(const SubjectKey& key, std::uint64_t below,
                                        std::size_t count) const;
  Task<Result<std::uint64_t>> HeadIn(const SubjectKey& key, std::uint32_t generation) const;
  // Sealed accesses of the one log that both the key and `below` are of, by m, for an oversight
  // authority. Whoever holds no person's key can't hold the
  // subject part against its leaf; tag, person and number are checked.
  Task<Result<std::vector<TrailEntry>>> ReadSealedTrail(const SealedKey& key, std::uint64_t below,
                                                        std::size_t count) const;
  // One entry by its place; its n is 0. Nothing: its record has expired. kNotFound: there is none.
  // The actor part is checked against the leaf, the subject part by whoever has the key (Opens).
  Task<Result<std::optional<TrailEntry>>> ReadEntry(std::uint64_t place) const;
  Task<Result<TrailPage>> ReadActivity(const ActorKey& key, std::uint64_t from, std::size_t count,
                                       std::uint32_t generation = 0) const;
  // Whether an entry with this actor tag exists: a principal whose row says "next is n" must not
  // have one.
  Task<Result<bool>> HasActorTag(Tag tag) const;
  // Entries [first, first + count) of one log (0: the newest) as far as there are; at most
  // kReadEntriesMax. Fails kCorrupt, kUnavailable; ReadRecords kNotFound when records among them
  // have expired.
  Task<Result<std::vector<Leaf>>> ReadLeaves(std::uint64_t first, std::size_t count,
                                             std::uint32_t generation = 0) const;
  Task<Result<std::vector<Record>>> ReadRecords(std::uint64_t first, std::size_t count,
                                                std::uint32_t generation = 0) const;
  std::uint64_t SizeOf(std::uint32_t generation) const;  // CHECKs that there is one
  // Retention. An entry's record sealed again under a hold's key. Fails as HoldKeyOf does.
  Result<store::Put> Hold(const TrailEntry& entry, std::uint32_t hold) const;
  // Deletes what a hold kept, after its key was destroyed.
  Task<Status> DropHeld(std::uint32_t hold, base::Executor& home);
  Task<Result<bool>> HasHeld(std::uint32_t hold) const;  // anything of it is left
  // The months before `month` whose records can still be read, the oldest first.
  std::vector<std::uint32_t> MonthsBefore(std::uint32_t month) const;
  // Destroys the month's key, then deletes its records and all older ones; may be repeated. Fails
  // kInvalid for a month that has not ended in the ledger; as DestroyMonth and Submit do.
  Task<Status> Expire(std::uint32_t month, base::Executor& home);
  // Folds everything now (tests, clean stop).
  Task<Status> Fold();

 private:
  friend class Succession;  // closes a log that may not go on (successor.h)
  struct State;
  explicit Ledger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_LEDGER_H_
