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

Begun::Begun() = default;
Begun::~Begun() = default;

Result<Rows> RocksReads::One(const Key& key, bool cache_only) const {
  if (RowTail::Takes(key.family)) {
    std::optional<Row> found = tail_.Open().Find(key);
    if (found) return Rows({std::move(*found)});
  }
  // Of one row a later one is as good.
  return OneAt(nullptr, key, cache_only);
}

Result<Rows> RocksReads::Several(const std::vector<Key>& keys, bool cache_only,
                                 Begun& begun) const {
  if (std::ranges::any_of(keys, RowTail::Takes, &Key::family)) return WithTail(keys, cache_only);
  if (cache_only) {
    begun.moment = std::make_unique<rocksdb::ManagedSnapshot>(&db_);
    CLOISON_TRY(FromMemory(begun.moment->snapshot(), keys, begun.rows));
    if (begun.rows.size() < keys.size()) return Rows();
  } else {
    CLOISON_TRY(Fetch(begun.moment ? begun.moment->snapshot() : nullptr, keys, begun.rows));
  }
  return Rows(std::move(begun.rows));
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
  if (keys.size() == 1) return OneAt(moment, keys.front(), cache_only);
  std::vector<Row> rows;
  CLOISON_TRY(cache_only ? FromMemory(moment, keys, rows) : Fetch(moment, keys, rows));
  return rows.size() == keys.size() ? Rows(std::move(rows)) : Rows();
}

// The first rows, up to one that memory does not have. MultiGet of RocksDB 7.8 reads from the disk
// even when it is told not to; Get does not.
Status RocksReads::FromMemory(const rocksdb::Snapshot* moment, const std::vector<Key>& keys,
                              std::vector<Row>& rows) const {
  rocksdb::ReadOptions how;
  how.snapshot = moment;
  how.read_tier = rocksdb::kBlockCacheTier;
  rows.reserve(keys.size());
  rocksdb::PinnableSlice stored;
  for (const Key& key : keys) {
    stored.Reset();
    const rocksdb::Status status = db_.Get(how, HandleOf(key.family), SliceOf(key.bytes), &stored);
    if (status.IsIncomplete()) return Ok();
    rows.emplace_back();
    if (status.IsNotFound()) continue;
    if (!status.ok()) return FromRocks(status);
    CLOISON_TRY_ASSIGN(rows.back(), DecodeRow(ViewOf(stored)));
  }
  return Ok();
}

// The rows that are not there yet, from the first of them to the last.
Status RocksReads::Fetch(const rocksdb::Snapshot* moment, const std::vector<Key>& keys,
                         std::vector<Row>& rows) const {
  const std::size_t done = rows.size(), count = keys.size() - done;
  if (count == 0) return Ok();
  std::vector<rocksdb::ColumnFamilyHandle*> families(count);
  std::vector<rocksdb::Slice> names(count);
  for (std::size_t i = 0; i < count; ++i) {
    families[i] = HandleOf(keys[done + i].family);
    names[i] = SliceOf(keys[done + i].bytes);
  }
  std::vector<rocksdb::PinnableSlice> values(count);
  std::vector<rocksdb::Status> statuses(count);
  rocksdb::ReadOptions how;
  how.snapshot = moment;
  db_.MultiGet(how, count, families.data(), names.data(), values.data(), statuses.data());
  rows.resize(keys.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return FromRocks(statuses[i]);
    CLOISON_TRY_ASSIGN(rows[done + i], DecodeRow(ViewOf(values[i])));
  }
  return Ok();
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
