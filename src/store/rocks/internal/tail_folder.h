// Folds the tail of rows (row_tail.h) into runs of the database, on a thread of its own.
//
// A fold writes the frozen generation as one sorted run per family, lets the database take them
// over, then deletes what the log says of them. A crash in between leaves a log whose rows are
// taken in again, the same as they are.
//
// Threads  AfterCommit and FoldAll: where Commit may be called. Cost of AfterCommit: nothing, or a
//          wait for the fold when the current generation is kTailsWaitingMax times its size.
//          Memory: that generation and the one being folded; some 100 bytes a row come on top.
#ifndef CLOISON_STORE_ROCKS_INTERNAL_TAIL_FOLDER_H_
#define CLOISON_STORE_ROCKS_INTERNAL_TAIL_FOLDER_H_

#include <condition_variable>
#include <functional>
#include <mutex>

#include "base/executor.h"
#include "store/rocks/internal/row_tail.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
struct Options;
}  // namespace rocksdb

namespace cloison::store::internal {

inline constexpr std::size_t kTailsWaitingMax = 4;

class TailFolder {
 public:
  struct Ground {
    rocksdb::DB& db;
    rocksdb::ColumnFamilyHandle& log;
    std::function<rocksdb::ColumnFamilyHandle*(Family)> family;
    std::function<rocksdb::Options(Family)> options;
    std::string prefix;                // of the files of runs
    std::size_t bytes;                 // of a generation
    std::function<void()> on_failure;  // once a fold may or may not have happened
  };

  TailFolder(RowTail& tail, Ground ground);
  ~TailFolder() = default;  // ends what is begun; the log keeps the rest

  void AfterCommit();
  // Returns when all that was committed before is in runs. Fails kUnknownOutcome.
  Status FoldAll();
  // Nothing is folded while it is held. Nobody who holds it may commit.
  [[nodiscard]] std::unique_lock<std::mutex> Pause() { return std::unique_lock(fold_mutex_); }

 private:
  void Rest() const;
  Status FoldOnce();
  Status WriteRun(const RowTable& rows, Family family, const std::string& path);
  Status Fold(const RowTable& rows);
  void End(bool failed);

  RowTail& tail_;
  const Ground ground_;
  std::mutex fold_mutex_;  // one at a time

  std::mutex mutex_;  // guards the next two
  std::condition_variable ended_;
  bool folding_ = false, failed_ = false;

  base::ThreadPool pool_{1, base::ThreadPool::kLast};  // last: it ends before the rest does
};

// The key under which a commit's rows lie in the log.
std::string TailLogKey(Version version);

}  // namespace cloison::store::internal

#endif  // CLOISON_STORE_ROCKS_INTERNAL_TAIL_FOLDER_H_
