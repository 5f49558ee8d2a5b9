// How a RocksStore reads: single rows, several of one moment, ranges; the tail of rows that are
// folded (row_tail.h) first, for what RocksDB holds of a row that is there is older.
//
// Threads  any. Nothing is given when a row would have to come from the disk and `cache_only` says
//          not to.
#ifndef CLOISON_STORE_ROCKS_INTERNAL_ROCKS_READS_H_
#define CLOISON_STORE_ROCKS_INTERNAL_ROCKS_READS_H_

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "store/rocks/internal/row_tail.h"
#include "store/store.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class ManagedSnapshot;
class Snapshot;
}  // namespace rocksdb

namespace cloison::store::internal {

using Rows = std::optional<std::vector<Row>>;
using Handles = std::array<rocksdb::ColumnFamilyHandle*, 256>;  // by number of the family

// What is stored before each value (docs/format/store.md): seven bits a byte, the lowest first.
void AppendVersion(Bytes& out, Version version);
// kCorrupt: no version, or not as AppendVersion writes it.
Result<Row> DecodeRow(ByteView stored);

// What memory gave of several rows: the first of them, and the moment they are of.
struct Begun {
  Begun();
  ~Begun();
  std::unique_ptr<rocksdb::ManagedSnapshot> moment;
  std::vector<Row> rows;
};

class RocksReads {
 public:
  // All borrowed.
  RocksReads(rocksdb::DB& db, const Handles& handles, const RowTail& tail)
      : db_(db), handles_(handles), tail_(tail) {}

  Result<Rows> One(const Key& key, bool cache_only) const;
  // Of one moment; but when rows of the tail and others are asked for together, no commit may run.
  // What cache_only leaves to be read goes on where it stopped, with the same `begun`; where a row
  // is of the tail it begins again.
  Result<Rows> Several(const std::vector<Key>& keys, bool cache_only, Begun& begun) const;
  Result<ScanPage> Scan(const Range& range, std::size_t limit) const;

 private:
  rocksdb::ColumnFamilyHandle* HandleOf(Family family) const {
    return handles_[static_cast<std::uint8_t>(family)];
  }
  Result<Rows> OneAt(const rocksdb::Snapshot* moment, const Key& key, bool cache_only) const;
  Result<Rows> SeveralAt(const rocksdb::Snapshot* moment, const std::vector<Key>& keys,
                         bool cache_only) const;
  Status FromMemory(const rocksdb::Snapshot* moment, const std::vector<Key>& keys,
                    std::vector<Row>& rows) const;
  Status Fetch(const rocksdb::Snapshot* moment, const std::vector<Key>& keys,
               std::vector<Row>& rows) const;
  Result<Rows> WithTail(const std::vector<Key>& keys, bool cache_only) const;

  rocksdb::DB& db_;
  const Handles& handles_;
  const RowTail& tail_;
};

}  // namespace cloison::store::internal

#endif  // CLOISON_STORE_ROCKS_INTERNAL_ROCKS_READS_H_
