// Staging: one batch while it is made: the rows as of the store plus what earlier works of the
// batch staged. Committer's executor only.
#ifndef CLOISON_COMMIT_STAGING_H_
#define CLOISON_COMMIT_STAGING_H_

#include <array>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/executor.h"
#include "base/parallel.h"
#include "base/task.h"
#include "commit/durable.h"
#include "store/store.h"

namespace cloison::commit {

inline constexpr std::size_t kWorkRowsMax =
    4'096;  // puts and deletes of one work; kExhausted past it (not what participants put in Close)
inline constexpr std::size_t kRecentSlots = 1u << 18;  // 2 MiB

// Which keys changed lately, over batches: lets a work trust a row read before it was staged. Of
// some families alone: those that are read outside all the time. Keys share slots, so it may say
// "changed" of what did not; never the other way. Cost: of a family of which nothing changed since,
// one comparison; else one look-up in a table. Nothing is allocated per key.
class RecentChanges {
 public:
  static constexpr bool Follows(store::Family family) {
    return family == store::Family::kPeople || family == store::Family::kCaseload ||
           family == store::Family::kIndex;
  }

  RecentChanges() : last_(kRecentSlots) {}
  void Note(const store::Key& key, store::Version version);      // of others: nothing
  void NoteRange(store::Family family, store::Version version);  // any key of it may have changed
  // Whether `key` is known not to have changed after `snapshot` (a durable_version() read before
  // the row was). CHECKs that its family is followed.
  bool UnchangedSince(const store::Key& key, store::Version snapshot) const;

 private:
  struct OfFamily {  // versions of the last
    store::Version change = 0;
    store::Version range_delete = 0;
  };
  static std::size_t SlotOf(const store::Key& key) { return store::KeyHash{}(key) % kRecentSlots; }
  std::vector<store::Version> last_;      // the last change of any key of the slot
  std::array<OfFamily, 256> families_{};  // by number
};

class Staging {
 public:
  // `executor`: where Load comes back to when the store answers on another thread; may be null.
  Staging(store::Store& store, RecentChanges& recent, store::Version version, BatchTime time,
          base::Executor* executor = nullptr);

  // For Load: makes `keys` readable by Get. Rows already here are not read again.
  Task<Status> Load(std::vector<store::Key> keys);
  // For Load: a row that was read outside, after taking `snapshot`; as if loaded where it is known
  // not to have changed since, else dropped. CHECKs that RecentChanges follows the key's family.
  void Offer(store::Key key, store::Row row, store::Version snapshot);
  // For Load of things that are not single rows.
  store::Store& store() { return store_; }

  // True when Get may be called: loaded, or staged by an earlier work.
  bool Has(const store::Key& key) const;
  // The row as this work sees it (version() for rows staged in this batch). CHECKs Has(key).
  const store::Row& Get(const store::Key& key) const;
  // True when neither an earlier work of this batch nor a commit after `snapshot` changed the row:
  // a row read outside after taking `snapshot` may be used as it is. CHECKs that RecentChanges
  // follows the key's family.
  bool UnchangedSince(const store::Key& key, store::Version snapshot) const;

  void Put(store::Key key, Bytes value);
  void Delete(store::Key key);
  void DeleteRange(store::Range range);  // rows of the range must not be read or put in this batch

  store::Version version() const { return version_; }  // what this batch's commit will be numbered
  const BatchTime& time() const { return time_; }
  // For a participant's Close: what the cryptography of a batch is shared with.
  const base::Parallel& parallel() const { return parallel_; }
  void set_parallel(const base::Parallel& parallel) { parallel_ = parallel; }

  // For the committer.
  std::size_t Mark() const { return undo_.size(); }
  void Rollback(std::size_t mark);
  std::size_t staged_rows() const { return undo_.size(); }
  store::WriteSet TakeWrites();  // in the order of the keys; also notes the changes

 private:
  struct Change {
    const store::Key* key;             // of the node in staged_
    std::optional<store::Row> before;  // the staged row it replaced; nothing: none was staged
    bool is_range;                     // the last range delete; the rest means nothing
  };
  void Stage(store::Key key, store::Row row);

  store::Store& store_;
  RecentChanges& recent_;
  store::Version version_;
  BatchTime time_;
  base::Executor* executor_;
  base::Parallel parallel_;
  std::unordered_map<store::Key, store::Row, store::KeyHash> loaded_;
  std::unordered_map<store::Key, store::Row, store::KeyHash> staged_;
  std::vector<Change> undo_;
  std::vector<store::Range> range_deletes_;
};

}  // namespace cloison::commit

#endif  // CLOISON_COMMIT_STAGING_H_
