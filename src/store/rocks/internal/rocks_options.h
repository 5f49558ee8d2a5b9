// How RocksDB is set, in one place, with the reasons (docs/format/store.md "Settings").
#ifndef CLOISON_STORE_ROCKS_INTERNAL_ROCKS_OPTIONS_H_
#define CLOISON_STORE_ROCKS_INTERNAL_ROCKS_OPTIONS_H_

#include <memory>

#include "store/rocks/rocks_store.h"

namespace rocksdb {
struct DBOptions;
struct ColumnFamilyOptions;
class Cache;
class Env;
class Status;
}  // namespace rocksdb

namespace cloison::store::internal {

// Of a family that comes in runs: more are merged.
inline constexpr int kRunsMax = 8;

inline constexpr std::size_t kSortedRunBytesMax = 256u << 20;

// Who writes runs beside commits rests after so many rows, some 0.3 ms of work, for a moment: a
// commit never waits long for its core.
inline constexpr std::size_t kRunTurnRows = 256;
inline constexpr std::int64_t kRunRestUs = 100;

rocksdb::DBOptions DatabaseOptions(const RocksOptions& options, rocksdb::Env* env);
rocksdb::ColumnFamilyOptions FamilyOptions(Family family, const RocksOptions& options,
                                           std::shared_ptr<rocksdb::Cache> cache);
// Of the log of rows that are folded: RocksDB's own family "default".
rocksdb::ColumnFamilyOptions TailLogOptions(const RocksOptions& options,
                                            std::shared_ptr<rocksdb::Cache> cache);

// A name that is left over may be a link to a table of the database: it is never written into.
rocksdb::Status RemoveLeftRun(rocksdb::Env& env, const std::string& path);

// What a failed call means to a reader, or at Open: kCorrupt, kInvalid or kUnavailable.
Error FromRocks(const rocksdb::Status& status);

}  // namespace cloison::store::internal

#endif  // CLOISON_STORE_ROCKS_INTERNAL_ROCKS_OPTIONS_H_
