// A Store on RocksDB: one directory, one column family per Family.
//
// Rows       version ‖ value; the store's own rows in kMeta are in docs/format/store.md.
// Commit     blocks the calling thread for the sync: call it on the committer's thread. Checks that
//            everything expected holds, then writes one batch with the number of the commit in it,
//            so that a log cut anywhere gives whole commits. Rows of principals and seen are folded
//            into sorted files by a thread of its own; a commit waits for a fold that is behind.
//            kExhausted, nothing written: a range of those with more than kFoldedRangeRowsMax rows.
//            Any error of the disk is fatal:
//            kUnknownOutcome once, kUnavailable ever after, until the directory is opened again. So
//            is a fold, flush or merge that fails: the next Commit says so, and until then health
//            does, while what was committed is read as before.
// Reads      of one row look into a cache of rows, which a commit clears of what it wrote before it
//            ends. All look into memory first, inside the call. What is not there is read as a job
//            of `disk_pool`, where the awaiter goes on.
// Recovery   the log is replayed up to the first record that is not whole. This is safe because a
//            commit is answered only after its sync: what lies behind a broken record was never
//            answered. A log damaged in its middle looks the same; the ledger's signed size is what
//            finds that (docs/format/store.md).
// Bulk       BulkLoader::Finish counts as a Commit: never while another one runs. It writes the
//            version first and the rows second, in one step: a crash in between costs a number.
// Threads    any but Commit and Finish, one at a time.
// Cost       docs/format/store.md "Cost".
#ifndef CLOISON_STORE_ROCKS_ROCKS_STORE_H_
#define CLOISON_STORE_ROCKS_ROCKS_STORE_H_

#include <span>

#include "base/executor.h"
#include "store/store.h"

namespace rocksdb {
class FileSystem;
}

namespace cloison::store {

inline constexpr std::size_t kFoldedRangeRowsMax = 100'000;

struct RocksOptions {
  std::string path;                  // its parent must be there
  std::span<const Family> families;  // with kMeta; always the same for one directory
  std::size_t cache_bytes = 256u << 20;
  std::size_t row_cache_bytes = 64u << 20;  // single rows of people, caseload and person_keys
  // Of a large family; small ones have an eighth. Larger ones leave the processor's caches.
  std::size_t write_buffer_bytes = 16u << 20;
  base::Executor* disk_pool = nullptr;  // borrowed; nullptr: reads wait inside the call
  // Test switches: without sync, Commit does not keep its promise; a file system that fails
  // (store/testing/power_cut.h) in the place of the real one.
  bool sync = true;
  std::shared_ptr<rocksdb::FileSystem> file_system;
};

class RocksStore final : public Store {
 public:
  using Options = RocksOptions;

  // Opens the directory, or creates it. Fails kInvalid (other families than before, or an older
  // version's directory), kCorrupt, kUnavailable (in use by another process, or I/O).
  static Result<std::unique_ptr<RocksStore>> Open(const Options& options);
  ~RocksStore() override;

  Task<Result<std::vector<Row>>> MultiGet(std::vector<Key> keys, ReadMode mode) override;
  Task<Result<ScanPage>> Scan(Range range, std::size_t limit) override;
  Task<Result<Version>> Commit(WriteSet writes) override;
  Result<std::unique_ptr<BulkLoader>> LoadBulk(Family family) override;
  Result<std::unique_ptr<BulkLoader>> LoadRun(Family family, Version version, Pace pace) override;
  Status Checkpoint(const std::string& path) override;
  Version last_version() const override;
  Health health() const override;

  // Writes what is in memory to sorted files (they come by themselves; tests and tools hurry them).
  Status Flush();

 private:
  class Impl;
  explicit RocksStore(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace cloison::store

#endif  // CLOISON_STORE_ROCKS_ROCKS_STORE_H_
