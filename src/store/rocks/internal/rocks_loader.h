// Writes sorted runs (SST files) beside the database and hands them over at the end.
#ifndef CLOISON_STORE_ROCKS_INTERNAL_ROCKS_LOADER_H_
#define CLOISON_STORE_ROCKS_INTERNAL_ROCKS_LOADER_H_

#include <functional>
#include <string>
#include <vector>

#include "store/store.h"

namespace rocksdb {
class ColumnFamilyHandle;
struct Options;
class SstFileWriter;
}  // namespace rocksdb

namespace cloison::store::internal {

class RocksLoader final : public BulkLoader {
 public:
  // Takes over the run files, all or none, as commit `version`.
  using Adopt = std::function<Status(Version version, const std::vector<std::string>& runs)>;

  // Runs are `prefix` and a number. `version` is what the rows get: Finish must name it.
  RocksLoader(const rocksdb::Options& options, rocksdb::ColumnFamilyHandle* family,
              std::string prefix, Version version, Adopt adopt);
  void RestAfterTurns() { rests_ = true; }  // beside commits: kRunTurnRows
  ~RocksLoader() override;                  // removes runs that were not handed over

  Status Add(ByteView key, ByteView value) override;
  Status Finish(Version version) override;

 private:
  Status OpenRun();
  Status CloseRun();

  std::unique_ptr<rocksdb::Options> options_;
  rocksdb::ColumnFamilyHandle* family_;
  std::string prefix_;
  Version version_;
  Adopt adopt_;
  std::unique_ptr<rocksdb::SstFileWriter> run_;
  std::vector<std::string> runs_;
  std::string last_key_;
  Bytes row_;
  bool any_ = false;
  bool rests_ = false;
  std::size_t rows_ = 0;
  bool ended_ = false;  // finished, or failed
};

}  // namespace cloison::store::internal

#endif  // CLOISON_STORE_ROCKS_INTERNAL_ROCKS_LOADER_H_
