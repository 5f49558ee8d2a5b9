// Rows of one family, in any order, written as sorted runs that lie side by side: nothing is merged
// later. Their keys are random from some byte on, and equal before it.
//
// Threads  Add: one at a time; Write: once, after the last. Memory: a chunk of each part, and while
//          writing, one part of each thread.
#ifndef CLOISON_RECORDS_INTERNAL_ROW_RUNS_H_
#define CLOISON_RECORDS_INTERNAL_ROW_RUNS_H_

#include <atomic>
#include <mutex>

#include "base/parallel.h"
#include "records/internal/spill.h"
#include "store/store.h"

namespace cloison::records::internal {

// How many parts of `parts` make a run of about `run_bytes`: one at least.
std::size_t PartsOfRun(std::size_t parts, std::uint64_t bytes, std::uint64_t run_bytes);

// The first failure of slices that run at once.
class FirstFailure {
 public:
  bool any() const { return any_; }
  void Take(const Status& status);
  Status status() const;

 private:
  mutable std::mutex mutex_;
  std::optional<Error> error_;
  std::atomic<bool> any_{false};
};

class RowRuns {
 public:
  struct Form {
    store::Family family;
    std::size_t parts;          // a power of two, at most 2^16
    std::size_t chunk_bytes;    // Spill::Form
    std::size_t random_at = 0;  // where a key's random bytes begin; the first two choose the part
    std::string name_end = {};  // of its files, where a family has several
  };
  RowRuns(const SpillPlace& place, Form form, base::Random& random);

  // kInvalid: the key is too short.
  Status Add(ByteView key, ByteView value);
  // Durable when it returns; rows get `version`, of a commit that was made.
  // Fails    kUnavailable: a key is there twice; as the store and the files do.
  Status Write(store::Store& store, store::Version version, const base::Parallel& parallel);

 private:
  Status WriteParts(store::Store& store, store::Version version, std::size_t begin,
                    std::size_t end);
  Status WritePart(std::size_t part, store::BulkLoader& loader);

  const Form form_;
  const std::uint64_t run_bytes_;
  Spill spill_;
};

}  // namespace cloison::records::internal

#endif  // CLOISON_RECORDS_INTERNAL_ROW_RUNS_H_
