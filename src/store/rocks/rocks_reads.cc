#include "store/rocks/internal/rocks_reads.h"

#include <rocksdb/db.h>
#include <rocksdb/snapshot.h>

#include <algorithm>

#include "store/internal/checks.h"
#include "store/rocks/internal/rocks_options.h"

namespace cloison::store::internal {

namespace {

rocksdb::Slice SliceOf(std::string_view text) {
  return {text.data(), text.size()};
}
ByteView ViewOf(const rocksdb::Slice& slice) {
  return AsBytes(std::string_view(slice.data(), slice.size()));
}

constexpr unsigned kBitsPerByte = 7;
constexpr Version kLowBits = 0x7F, kMoreFollow = 0x80;
constexpr unsigned kTopShift = 9 * kBitsPerByte;  // of the 64th bit

}  // namespace

void AppendVersion(Bytes& out, Version version) {
  for (; version > kLowBits; version >>= kBitsPerByte) {
    base::AppendU8(out, static_cast<std::uint8_t>(kMoreFollow | (version & kLowBits)));
  }
  base::AppendU8(out, static_cast<std::uint8_t>(version));
}

Result<Row> DecodeRow(ByteView stored) {
  constexpr Error kBad{Code::kCorrupt, "a row has no version"};
  base::Reader reader(stored);
  Version version = 0;
  for (unsigned shift = 0;; shift += kBitsPerByte) {
    const Version next = reader.U8();
    if (reader.failed() || shift > kTopShift) return kBad;
    const Version bits = (next & kLowBits) << shift;
    if (bits >> shift != (next & kLowBits)) return kBad;
    version |= bits;
    if ((next & kMoreFollow) != 0) continue;
    if (next == 0) return kBad;  // no row is of version 0, and no version ends with 0
    return Row{version, base::ToBytes(reader.rest())};
  }
}

Result<Rows> RocksReads::One(const Key& key, bool cache_only) const {
  if (RowTail::Takes(key.family)) {
    std::optional<Row> found = tail_.Open().Find(key);
    if (found) return Rows({std::move(*found)});
  }
  // Of one row a later one is as good.
  return OneAt(nullptr, key, cache_only);
}

Result<Rows> RocksReads::Several(const std::vector<Key>& keys, bool cache_only) const {
  const bool any_of_tail = std::ranges::any_of(keys, RowTail::Takes, &Key::family);
  return any_of_tail ? WithTail(keys, cache_only) : SeveralAt(nullptr, keys, cache_only);
}

// Most reads are of one key: no tables for it.
Result<Rows> RocksReads::OneAt(const rocksdb::Snapshot* moment, const Key& key,
                               bool cache_only) const {
  rocksdb::ReadOptions how;
  how.snapshot = moment;
  if (cache_only) how.read_tier = rocksdb::kBlockCacheTier;
  rocksdb::PinnableSlice stored;
  const rocksdb::Status status = db_.Get(how, HandleOf(key.family), SliceOf(key.bytes), &stored);
  if (status.IsIncomplete()) return Rows();
  std::vector<Row> rows(1);
  if (status.IsNotFound()) return Rows(std::move(rows));
  if (!status.ok()) return FromRocks(status);
  CLOISON_TRY_ASSIGN(rows[0], DecodeRow(ViewOf(stored)));
  return Rows(std::move(rows));
}

// What the tail does not know is older, and in RocksDB.
Result<Rows> RocksReads::WithTail(const std::vector<Key>& keys, bool cache_only) const {
  std::vector<Row> rows(keys.size());
  std::vector<Key> rest;
  std::vector<std::size_t> places;
  std::optional<RowTail::Look> look(tail_.Open());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::optional<Row> found;
    if (RowTail::Takes(keys[i].family)) found = look->Find(keys[i]);
    if (found) {
      rows[i] = std::move(*found);
    } else {
      rest.push_back(keys[i]);
      places.push_back(i);
    }
  }
  if (rest.empty()) return Rows(std::move(rows));
  rocksdb::ManagedSnapshot moment(&db_);
  look.reset();
  CLOISON_TRY_ASSIGN(Rows read, SeveralAt(moment.snapshot(), rest, cache_only));
  if (!read) return read;
  for (std::size_t i = 0; i < rest.size(); ++i) rows[places[i]] = std::move((*read)[i]);
  return Rows(std::move(rows));
}

Result<Rows> RocksReads::SeveralAt(const rocksdb::Snapshot* moment, const std::vector<Key>& keys,
                                   bool cache_only) const {
  const std::size_t count = keys.size();
  if (count == 1) return OneAt(moment, keys.front(), cache_only);
  std::vector<rocksdb::ColumnFamilyHandle*> families(count);
  std::vector<rocksdb::Slice> names(count);
  for (std::size_t i = 0; i < count; ++i) {
    families[i] = HandleOf(keys[i].family);
    names[i] = SliceOf(keys[i].bytes);
  }
  std::vector<rocksdb::PinnableSlice> values(count);
  std::vector<rocksdb::Status> statuses(count);
  rocksdb::ReadOptions how;
  how.snapshot = moment;
  if (cache_only) {
    // MultiGet of RocksDB 7.8 reads from the disk even when it is told not to; Get does not.
    std::optional<rocksdb::ManagedSnapshot> one_moment;
    if (moment == nullptr) how.snapshot = one_moment.emplace(&db_).snapshot();
    how.read_tier = rocksdb::kBlockCacheTier;
    for (std::size_t i = 0; i < count; ++i) {
      statuses[i] = db_.Get(how, families[i], names[i], &values[i]);
      if (statuses[i].IsIncomplete()) return Rows();
    }
  } else if (count > 0) {
    db_.MultiGet(how, count, families.data(), names.data(), values.data(), statuses.data());
  }
  std::vector<Row> rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return FromRocks(statuses[i]);
    CLOISON_TRY_ASSIGN(rows[i], DecodeRow(ViewOf(values[i])));
  }
  return Rows(std::move(rows));
}

Result<ScanPage> RocksReads::Scan(const Range& range, std::size_t limit) const {
  ScanPage page;
  if (IsEmptyRange(range)) return page;
  limit = std::min(limit, kScanRowsMax);
  rocksdb::ReadOptions how;
  const rocksdb::Slice end = SliceOf(range.end);
  if (!range.end.empty()) how.iterate_upper_bound = &end;
  RowTail::Rows newer;
  std::unique_ptr<rocksdb::Iterator> at;
  {
    const RowTail::Look look = tail_.Open();  // both of one moment
    if (RowTail::Takes(range.family)) newer = look.RowsOf(range);
    at.reset(db_.NewIterator(how, HandleOf(range.family)));
  }
  std::size_t bytes = 0;
  auto next = newer.begin();
  for (at->Seek(SliceOf(range.begin)); at->Valid() || next != newer.end();) {
    // Below 0: the next row is the tail's alone; 0: the tail's is the newer one of both.
    const int order = !at->Valid()          ? -1
                      : next == newer.end() ? 1
                                            : SliceOf(next->first).compare(at->key());
    std::string key = order <= 0 ? next->first : at->key().ToString();
    const bool deleted = order <= 0 && !next->second.present();
    if (!deleted && !IsReserved(range.family, key)) {
      if (page.rows.size() >= limit || bytes >= kScanBytesMax) {
        page.next = std::move(key);
        break;
      }
      Row row;
      if (order <= 0) {
        row = std::move(next->second);
      } else {
        CLOISON_TRY_ASSIGN(row, DecodeRow(ViewOf(at->value())));
      }
      bytes += key.size() + row.value.size();
      page.rows.push_back(KeyedRow{std::move(key), std::move(row)});
    }
    if (order <= 0) ++next;
    if (order >= 0) at->Next();
  }
  if (!at->status().ok()) return FromRocks(at->status());
  return page;
}

}  // namespace cloison::store::internal
