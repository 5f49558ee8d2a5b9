// Principals and their deciding state: who they are, the running number of their entries, the
// people they were shown.
//
// The state is rows: the principal's own (family principals, key PRF(principal)) and one per person
// shown (family seen, key PRF(principal) ‖ PRF(principal ‖ person)), all sealed. The principal's
// row holds the count and set hash of its seen rows, so a thinned budget is noticed when it is
// loaded. The anchor (family meta) holds the sum over all principals of a keyed digest of
// (principal, n), beside the size of the ledger that it belongs to, so a principal's row that was
// rolled back is noticed at start, whatever was rolled back with it: the frames say how long the
// ledger is. After a recovery ceremony n counts from 0 in the new log, and every budget is spent
// until it has passed; a row of before says so by the log it names. What is in memory is a copy of
// what is durable plus the batch now made, on the committer alone.
#ifndef CLOISON_ACCESS_PRINCIPALS_H_
#define CLOISON_ACCESS_PRINCIPALS_H_

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "access/ceilings.h"
#include "access/lanes.h"
#include "access/observer.h"
#include "access/policy_in_force.h"
#include "access/principal_info.h"
#include "access/staff.h"
#include "commit/committer.h"
#include "commit/sealed_state.h"
#include "keys/person_keys.h"
#include "ledger/ledger.h"

namespace cloison::access {

inline constexpr std::size_t kPrincipalsCachedMax = 100'000;
inline constexpr char kAnchorRow[] = "anchor";  // in store::Family::kMeta

// One principal as the committer sees it.
class PrincipalState {
 public:
  const PrincipalInfo& info() const { return info_; }
  const ledger::ActorKey& key() const { return *key_; }
  // Stays when the committer lets the state go.
  std::shared_ptr<const ledger::ActorKey> shared_key() const { return key_; }
  std::uint64_t n() const { return n_; }  // of the next entry, in the newest log
  // How many entries it has in each closed log where it has any, as places (ledger/logs.h).
  const std::vector<std::uint64_t>& closed() const { return closed_; }
  const Windows& windows() const { return windows_; }  // of the class
  // Null: nobody was shown in that family lately.
  const Windows* windows(ShowingFamily family) const {
    if (family == ShowingFamily::kClass) return &windows_;
    return others_[static_cast<std::size_t>(family) - 1].get();
  }
  // Of its role in the policy in force, once its caps were refreshed.
  std::string_view budget_class() const { return budget_class_; }
  bool watched() const { return watch_ != nullptr; }

 private:
  friend class Principals;
  PrincipalState(PrincipalInfo info, std::shared_ptr<const ledger::ActorKey> key, const Caps& caps)
      : info_(std::move(info)), key_(std::move(key)), windows_(caps) {}
  void AddSeen(const crypto::Digest& row, bool add) { AddLanes(seen_hash_, row, add); }

  PrincipalInfo info_;
  std::int64_t caps_until_ms_ = 0;  // the windows' caps hold until then; 0: not set yet
  std::uint64_t caps_serial_ = 0;   // of the policy that they are of
  std::shared_ptr<const ledger::ActorKey> key_;
  std::uint64_t n_ = 0;
  std::vector<std::uint64_t> closed_;
  Windows windows_;
  std::array<std::unique_ptr<Windows>, kShowingFamilies - 1> others_;  // made when one is needed
  std::unordered_map<SeenId, ByteArray<16>, SeenIdHash> wrong_;        // tries: names, by value
  std::string budget_class_;
  bool seen_by_observer_ = false;  // its showings are told: an agent's
  std::unique_ptr<Watch> watch_;   // null: nobody watches
  std::uint64_t seen_count_ = 0;
  LaneSum seen_hash_{};                   // of the rows' keyed digests
  store::Version used_ = 0;               // the batch that used it last
  bool dirty_ = false;                    // its row is put when the batch is closed
  std::uint64_t summed_n_ = 0;            // the place of n that the anchor's sum holds of it
  std::optional<crypto::Digest> summed_;  // nothing: enrolled in the batch now made
  // What every charge needs of PRF(principal) in both families. Set by Principals::SetKeys.
  std::optional<commit::RowSealer> row_;
  std::string seen_prefix_;
};

// Joins every batch: its rows and the ledger's frames move on together or not at all.
class Principals final : public commit::Participant {
 public:
  Principals(const PolicyInForce& policy, const commit::SealedState& state, ledger::Ledger& ledger,
             const keys::EraseJournal& erase_journal, Ceilings& ceilings, base::Random& random,
             Observer* observer = nullptr);

  // Before the first work: holds all principals' rows, the ledger's size and the erase journal
  // against the anchor. kCorrupt: one of them is not what was written with the last entry. Cost:
  // 3 us and a row read per principal.
  Task<Status> Verify(store::Store& store);

  // Which version of the schema the store has, as the anchor says from the next entry on; 0: none.
  // Before Verify, and in Stage with its row.
  void KnowSchema(std::uint32_t version) { schema_ = version; }

  // In Load. kNotFound: nobody; kCorrupt: the state is older than the ledger, or its seen rows do
  // not match.
  Task<Status> Load(commit::Staging& staging, PrincipalId id);
  // In Load: true when it is loaded already, and is to stay for this batch. Else Load has to be
  // awaited.
  bool IsLoaded(const commit::Staging& staging, const PrincipalId& id);
  // In Stage, after Load. CHECKs that it is loaded.
  PrincipalState& Get(const PrincipalId& id);
  // Null: not loaded, since nobody is called so or nobody asked.
  const PrincipalState* Peek(const PrincipalId& id) const;
  // In Stage: a new principal (its random key PK is drawn here). kConflict: it exists.
  Status Enrol(commit::Staging& staging, PrincipalInfo info);
  // A showing to write down; its seen row names the person by AUD, or by the query's digest.
  struct Debit {
    Showing showing;
    ByteArray<16> name;
    // A value that was tried and is not the person's; `name` is then a digest of who was meant.
    bool wrong = false;
    Marks marks = {};  // these two for the observer
    QuerySteps steps = {};
  };
  // In Stage: writes down that `entries` entries were made and `debits` charged: n, seen rows,
  // their count and hash, ceilings; and tells the observer. The rows are sealed and put when the
  // batch is closed. What the observer says of it wants entries of its own.
  std::vector<RungChange> Charge(commit::Staging& staging, PrincipalState& principal,
                                 ClientId client, std::uint64_t entries,
                                 std::span<const Debit> debits);
  // In Stage: what holds the principal back now.
  Hold HoldOn(PrincipalState& principal, std::int64_t now_ms);
  // In Stage: for whoever looks at a case, and closes it. The entry that says so is the principal's
  // own too (Charge).
  std::vector<Evidence> EvidenceOf(PrincipalState& principal, std::int64_t now_ms);
  void CloseCase(PrincipalState& principal, const CaseId& file, std::int64_t now_ms);
  void SetFrozen(PrincipalState& principal, bool frozen);
  // In Stage: everything of `principal` but id, organisation and person becomes that of `after`.
  // The entry that says so is the principal's own too (Charge).
  // Fails kInvalid: a text too long, too many raises; kNotFound: the role has no class.
  Status Change(PrincipalState& principal, PrincipalInfo after);
  // In Stage: sets the caps to what they are at this time.
  void RefreshCaps(PrincipalState& principal, std::int64_t now_ms);
  // In Stage: the first cap, of `principal` or of a ceiling above, that showing all of `showings`
  // to it now would pass.
  std::optional<Spent> WouldPass(const commit::Staging& staging, PrincipalState& principal,
                                 ClientId client, std::span<const Showing> showings);

  // How many values other than `tried` that are not theirs were tried for whoever `name` means in
  // the last day; and when the first of them was.
  struct WrongTries {
    std::size_t others = 0;
    std::int64_t first_ms = 0;
  };
  static WrongTries WrongTriesOf(const PrincipalState& principal, const ByteArray<16>& name,
                                 const SeenId& tried, std::int64_t now_ms);

  // PRF(principal ‖ person); in another family than the class's, of its number behind them too.
  SeenId SeenOf(const PrincipalId& principal, const PersonId& person,
                ShowingFamily family = ShowingFamily::kClass) const;
  SeenId SeenOfQuery(const PrincipalId& principal, std::uint16_t index,
                     ByteView canonical) const;  // misses, refusals
  std::string RowKey(const PrincipalId& id) const;

  // Reads one principal outside the committer (sign-in, capabilities): identity only, maybe one
  // commit old.
  Task<Result<PrincipalInfo>> Find(store::Store& store, PrincipalId id) const;
  // All who work here, since Verify. Threads: any.
  const Staff& staff() const { return staff_; }

  Task<Status> Prepare(commit::Staging& staging) override;
  void Begin(const commit::Staging& staging) override;
  std::size_t Mark() const override;
  void Rollback(std::size_t mark) override;
  void Close(commit::Staging& staging) override;
  void Committed(const commit::Durable& durable) override;

 private:
  struct StoredRow;
  struct Move {  // of one principal's n, in the batch now made
    PrincipalState* principal;
    std::uint64_t n_before;
    bool enrolled;
    bool charged;                           // its windows have changed too
    std::unique_ptr<PrincipalInfo> before;  // nothing: it did not change
  };
  // A seen row that changed in the batch now made; sealed, and summed up, when it is closed.
  struct SeenChange {
    PrincipalState* principal;
    SeenId who;
    ByteArray<16> name;
    Seen before, after;
    bool was_there;
    bool was_wrong, wrong;
    ShowingFamily family;
  };
  void MarkDirty(PrincipalState& principal);
  void Watched(PrincipalState& principal, std::int64_t now_ms);
  void WatchedByNow(PrincipalState& principal, std::int64_t now_ms);
  void NoteUse(const PrincipalState& principal, ShowingFamily family, CounterSet counters,
               Acting& acting) const;
  void CloseSeen(commit::Staging& staging);
  void CloseRows(commit::Staging& staging);
  void CloseAnchor(commit::Staging& staging);
  store::Put SealRow(const PrincipalState& principal) const;
  store::Put SealSeen(const SeenChange& change) const;
  Result<std::unique_ptr<PrincipalState>> ParseRow(ByteView plain, const Policy& policy) const;
  Task<Status> LoadSeen(store::Store& store, PrincipalState& principal, std::int64_t now_ms) const;
  void SetKeys(PrincipalState& principal) const;
  void SpendLost(PrincipalState& principal) const;
  static Asker AskerOf(const PrincipalState& principal, ClientId client);
  store::Key SeenKey(const PrincipalState& principal, const SeenId& who) const;
  crypto::Digest DigestOfSeen(const PrincipalState& principal, const SeenId& who, const Seen& seen,
                              std::uint8_t version) const;
  Windows& WindowsOf(PrincipalState& principal, ShowingFamily family) const;
  void PruneSeen(commit::Staging& staging, PrincipalState& principal) const;
  std::optional<Spent> WouldPassInFamilies(PrincipalState& principal, const Asker& asker,
                                           std::int64_t now_ms, std::span<const Showing> showings);
  void Evict(store::Version current);
  std::uint64_t PlaceOf(const PrincipalState& principal) const;  // of its next number
  crypto::Digest DigestOf(const PrincipalId& id, std::uint64_t place) const;
  Status MeetRow(const store::KeyedRow& keyed, LaneSum& sum);
  Status CheckAnchor(const store::Row& row, const LaneSum& sum) const;

  const PolicyInForce& policy_;
  std::uint32_t schema_ = 0;
  const commit::SealedState& state_;
  ledger::Ledger& ledger_;
  const keys::EraseJournal& erase_journal_;
  Ceilings& ceilings_;
  base::Random& random_;
  Observer* const observer_;
  std::vector<ObservedShowing> observed_;  // of the charge that is made; kept for its memory
  LaneSum sum_{};
  Staff staff_;
  std::vector<Move> moves_;
  std::vector<PrincipalState*> dirty_;
  std::vector<SeenChange> seen_changes_;
  std::unordered_map<PrincipalId, std::unique_ptr<PrincipalState>, IdHash> loaded_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_PRINCIPALS_H_
