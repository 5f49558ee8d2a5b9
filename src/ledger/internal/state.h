// The insides of a Ledger: what its files share.
#ifndef CLOISON_LEDGER_INTERNAL_STATE_H_
#define CLOISON_LEDGER_INTERNAL_STATE_H_

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/internal/build.h"
#include "ledger/internal/frame.h"
#include "ledger/internal/head_cache.h"
#include "ledger/internal/months.h"
#include "ledger/internal/segment.h"
#include "ledger/internal/tail.h"
#include "ledger/internal/turn.h"
#include "ledger/ledger.h"
#include "tlog/checkpoint.h"

namespace cloison::ledger::internal {

inline constexpr char kFrontierRow[] = "frontier";  // both in store::Family::kMeta, both sealed
inline constexpr char kFoldedRow[] = "folded";      // frontiers: of all entries, of the folded ones
inline constexpr char kMonthsRow[] = "months";      // sealed too: where each month begins

inline store::Key MetaKey(const char* name) {
  return store::Key{store::Family::kMeta, name};
}

// One read of one family: which tags, and the running number each stands for, which is a place
// (logs.h).
struct Wanted {
  std::uint64_t n;
  Tag tag;
};
struct Found {
  std::uint64_t n;
  Place place;
};
// A batch's records and what opens them; the row outlives it.
struct MonthRecords {
  RecordsView view;
  std::shared_ptr<const crypto::HmacKey> key;
};
struct Opened {
  std::uint64_t n;      // a place too
  std::uint64_t index;  // of the entry
  Leaf leaf;
  std::optional<Record> record;  // nothing: it has expired
};

// The batch that is being made.
struct OpenBatch {
  struct Head {
    HeadKey key;
    std::uint64_t next;
    bool changed = false;  // a record was written: that alone is no look
  };
  std::vector<Drafted> drafts;
  std::vector<SegmentEntry> segment;  // once closed
  std::vector<tlog::Hash> hashes;     // likewise
  std::unordered_map<Aud, Head, IdHash> heads;
  std::unordered_map<Aud, Head, IdHash> sealed_heads;  // of sealed accesses
  Head& HeadOf(const EntryDraft::Subject& subject);    // CHECKs that it is loaded
  std::shared_ptr<BuiltBatch> built;  // shared with the pending entries, which outlive it
  std::shared_ptr<const crypto::HmacKey> month_key;  // the ring may drop it while we seal
  std::uint32_t month = 0;                           // made sure of
  store::Version version = 0;
  std::int64_t time_ms = 0;
};

}  // namespace cloison::ledger::internal

namespace cloison::ledger {

struct Ledger::State {
  // `logs_in`: never none; `key_in` is the newest one's.
  State(Options options_in, Parts parts_in, std::vector<Log> logs_in, tlog::VerifierKey key_in);
  // What the store says of them; else the one log of `options`, whose key is `first`.
  static Task<Result<std::vector<Log>>> LogsOf(Options options, Parts parts,
                                               crypto::Ed25519PublicKey first);

  const Options options;
  const Parts parts;
  const std::vector<Log> logs;
  const std::uint32_t generation;
  const tlog::VerifierKey key;
  const LogId log_id;
  std::vector<LogId> log_ids;              // by generation, from 1
  commit::Committer* committer = nullptr;  // once attached
  DurableLeaves* observer = nullptr;       // likewise, if there is one
  std::atomic<bool> refusing{false};

  // The committer's executor alone.
  internal::OpenBatch batch;
  tlog::Frontier frontier;
  bool fold_staged = false;

  mutable std::shared_mutex mutex;  // guards the next six
  internal::Tail tail;
  internal::HeadCache heads;
  std::uint64_t folds = 0;  // that have ended
  internal::Months month_starts;
  std::uint64_t durable_size = 0;
  std::string checkpoint;

  mutable std::mutex publish_mutex;  // guards what the file of the signed size has
  std::string published;
  std::uint64_t published_size = 0;

  internal::Turn fold_turn;

  // The place of an entry of the newest log.
  std::uint64_t PlaceAt(std::uint64_t index) const { return PlaceOf(generation, index); }
  // Under the lock.
  std::uint64_t SizeOf(std::uint32_t of) const {
    return of == generation ? durable_size : logs[of - 1].closing->head.size;
  }
  std::uint64_t End() const {  // under the lock too
    std::uint32_t of = generation;
    while (of > 1 && SizeOf(of) == 0) --of;
    return PlaceOf(of, SizeOf(of));
  }
  const LogId& LogIdOf(std::uint32_t of) const { return log_ids[of - 1]; }

  // open.cc
  Task<Status> Recover();
  // All but what was signed, which is only looked for on the way: whether it was met.
  Task<Result<bool>> RecoverRows(std::optional<tlog::Head> last_signed);
  Task<Result<tlog::Frontier>> ReadFrontier(const char* name);
  Task<Status> ReadMonths();
  Task<Result<bool>> Replay(tlog::Frontier from, std::optional<tlog::Head> last_signed);
  Status ReplayBatch(const store::KeyedRow& segment, const store::Row& frame);
  Result<std::optional<tlog::Head>> ReadSigned();
  Status AskBeforeSigning();
  Status SignHead();

  // ledger.cc
  Task<Status> Prepare(std::int64_t wall_ms);
  Task<Status> LoadHead(const SubjectKey& subject, std::optional<PrefetchedHead> prefetched);
  std::optional<std::uint64_t> NextInMemory(const internal::HeadKey& head) const;
  Task<Result<std::uint64_t>> ReadNumber(internal::HeadKey head) const;  // as the store has it
  // The same, held against the entries. Key: of either space, in the newest log.
  template <class Key>
  Task<Result<std::uint64_t>> ReadHead(const Key& subject, internal::HeadKey head) const;
  template <class Key>
  Task<Result<std::uint64_t>> HeadOf(const Key& subject) const;
  internal::HeadKey HeadKeyOf(const SubjectKey& subject) const {
    return HeadKeyOf(subject, generation);
  }
  internal::HeadKey HeadKeyOf(const SubjectKey& subject, std::uint32_t of) const;
  internal::HeadKey HeadKeyOf(const SealedKey& subject) const;
  Result<std::uint64_t> OpenHead(const store::Key& key, const store::Row& row) const;
  void PutSealed(commit::Staging& staging, const char* name, ByteView value) const;
  void PutMonth(commit::Staging& staging);

  // internal/fold.cc
  Task<Status> Fold();
  Task<Status> FoldOnce();
  Status WriteRuns(const internal::Generation& unfolded);
  void FoldWhenDue();

  // internal/read.cc
  Task<Result<std::vector<internal::Found>>> Find(store::Family family,
                                                  std::vector<internal::Wanted> wanted) const;
  Task<Result<std::vector<internal::Opened>>> OpenEntries(std::vector<internal::Found> found) const;
  // False: the records have expired.
  Result<bool> OpenFrom(const store::Row& frame, const store::Row& records,
                        std::span<const internal::Found> found,
                        std::vector<internal::Opened>& out) const;
  template <class Key>
  Task<Result<bool>> IsNext(const Key& subject, std::uint64_t next) const;
  // Of a closed log, where nothing changes any more.
  Task<Result<std::uint64_t>> ClosedHead(const SubjectKey& subject, std::uint32_t of) const;
  // `count` places below `below`, the newest first: on through the closed logs, or of one alone.
  Task<Result<std::vector<internal::Wanted>>> TagsBelow(const SubjectKey& subject,
                                                        std::uint64_t below,
                                                        std::size_t count) const;
  template <class Key>
  std::vector<internal::Wanted> TagsOfLog(const Key& whose, std::uint64_t below,
                                          std::size_t count) const;
  template <class Key>
  Tag TagAt(const Key& whose, std::uint64_t place) const {
    const std::uint32_t of = GenerationOf(place);
    return of == generation ? whose.TagOf(NumberOf(place))
                            : whose.TagIn(LogIdOf(of), NumberOf(place));
  }
  // An oversight key is of one log, and names it.
  Tag TagAt(const SealedKey& whose, std::uint64_t place) const {
    return whose.TagOf(NumberOf(place));
  }
  template <class Key>
  Result<TrailPage> Checked(const Key& whose, std::vector<internal::Opened> all) const;
  template <class Key>
  Task<Result<TrailPage>> ReadBack(store::Family family, const Key& whose,
                                   std::vector<internal::Wanted> wanted) const;
  Result<std::optional<internal::MonthRecords>> RecordsOf(std::uint64_t first,
                                                          const store::Row& row) const;
  Task<Result<std::uint64_t>> FirstOfBatch(std::uint64_t index) const;
  Task<Result<std::vector<store::KeyedRow>>> BatchesOf(store::Family family, std::uint64_t first,
                                                       std::uint64_t end) const;
  Result<std::vector<Record>> OpenAll(const store::KeyedRow& records) const;
  // One by one, where a batch's records may have expired. Nothing: it has, and none holds it.
  Task<Result<std::optional<Record>>> ReadExpired(std::uint64_t place) const;

  // internal/retention.cc: entries whose records have expired, with those that a hold has kept.
  Task<Result<std::optional<Record>>> ReadHeld(std::uint64_t place) const;
  Task<Status> OpenHeld(const store::Row& frame, std::span<const internal::Found> found,
                        std::vector<internal::Opened>& out) const;
};

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_INTERNAL_STATE_H_
