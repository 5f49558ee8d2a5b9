// A Store in memory: ordered maps behind one mutex. For tests, simulation and drills; what it calls
// durable lives as long as the object (or as a checkpoint).
//
// With an executor, every read runs as a job of it, and a Commit takes two jobs, one that writes
// and one that answers: a simulation that drops its queue meets all three moments of a crash. The
// store has all families. Threads: any, as Store says. Cost: values are copied in and out.
#ifndef CLOISON_STORE_MEMORY_MEMORY_STORE_H_
#define CLOISON_STORE_MEMORY_MEMORY_STORE_H_

#include <map>
#include <mutex>

#include "base/executor.h"
#include "base/files.h"
#include "store/store.h"

namespace cloison::store {

class MemoryStore final : public Store {
 public:
  // `executor` is borrowed; nullptr: everything happens inside the call.
  explicit MemoryStore(base::Executor* executor = nullptr) : executor_(executor) {}

  // Opens what Checkpoint wrote. Fails as base::Files::Read does; kCorrupt.
  static Result<std::unique_ptr<MemoryStore>> OpenCheckpoint(const std::string& path,
                                                             base::Executor* executor = nullptr);

  Task<Result<std::vector<Row>>> MultiGet(std::vector<Key> keys, ReadMode mode) override;
  Task<Result<ScanPage>> Scan(Range range, std::size_t limit) override;
  Task<Result<Version>> Commit(WriteSet writes) override;
  Result<std::unique_ptr<BulkLoader>> LoadBulk(Family family) override;
  Result<std::unique_ptr<BulkLoader>> LoadRun(Family family, Version version, Pace pace) override;
  // At most base::kFileBytesMax can be opened again.
  Status Checkpoint(const std::string& path) override;
  Version last_version() const override;
  Health health() const override;

 private:
  class Loader;
  using Rows = std::map<std::string, Row>;

  Result<std::vector<Row>> ReadNow(const std::vector<Key>& keys) const;
  Result<ScanPage> ScanNow(const Range& range, std::size_t limit) const;
  Result<Version> CommitNow(WriteSet writes);
  Status CheckExpectsLocked(const WriteSet& writes) const;
  void DeleteRangeLocked(const Range& range);
  Status Adopt(Family family, Rows rows, Version version);
  Status Merge(Family family, Rows rows, Version version);
  Status Decode(ByteView bytes);

  base::Executor* executor_;
  mutable std::mutex mutex_;
  std::map<Family, Rows> families_;
  Version last_version_ = 0;
  std::uint64_t fence_ = 0;
};

}  // namespace cloison::store

#endif  // CLOISON_STORE_MEMORY_MEMORY_STORE_H_
