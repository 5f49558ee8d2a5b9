// What RocksDB has to say of itself (warnings and worse), in a file beside its tables. Its own
// logger asserts that no write of it failed before (7.8, `WritableFileWriter`): on a full disk its
// second line would end the process where the failure contract has an exit of its own. This one
// loses the line.
#ifndef CLOISON_STORE_ROCKS_INTERNAL_ROCKS_LOG_H_
#define CLOISON_STORE_ROCKS_INTERNAL_ROCKS_LOG_H_

#include <memory>
#include <string>

#include "base/files.h"

namespace rocksdb {
class Logger;
}  // namespace rocksdb

namespace cloison::store::internal {

inline constexpr std::size_t kRocksLogBytesMax = 8u << 20;   // then the file begins anew
inline constexpr std::size_t kRocksLogLineBytesMax = 4'096;  // longer ones are cut

// Appends to <directory>/LOG, mode 0600; when that is full it becomes LOG.old. Never fails: a line
// that cannot be written is lost, the next one is tried again.
//
// Takes    files: of the system, or a test's; outlives the logger.
// Threads  any.
std::shared_ptr<rocksdb::Logger> MakeRocksLog(base::Files& files, const std::string& directory);

}  // namespace cloison::store::internal

#endif  // CLOISON_STORE_ROCKS_INTERNAL_ROCKS_LOG_H_
