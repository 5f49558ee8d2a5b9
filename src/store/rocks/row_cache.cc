#include "store/rocks/internal/row_cache.h"

namespace cloison::store::internal {

namespace {

std::size_t BytesOf(const Key& key, const Row& row) {
  return key.bytes.size() + row.value.size() + kRowCacheOverhead;
}

}  // namespace

bool RowCache::Takes(Family family) {
  return family == Family::kPeople || family == Family::kCaseload || family == Family::kPersonKeys;
}

std::optional<Row> RowCache::Find(const Key& key, std::uint64_t& mark) {
  const Wanted wanted = WantedOf(key);
  Shard& shard = ShardOf(wanted);
  const std::lock_guard lock(shard.mutex);
  mark = shard.drops;
  const auto young = shard.young.rows.find(wanted);
  if (young != shard.young.rows.end()) return young->second;
  const auto old = shard.old.rows.find(wanted);
  if (old == shard.old.rows.end()) return std::nullopt;
  Row row = old->second;
  Take(shard.old, wanted);
  Put(shard, wanted, row);
  return row;
}

void RowCache::Keep(const Key& key, const Row& row, std::uint64_t mark) {
  if (!row.present() || BytesOf(key, row) > generation_bytes_max_) return;
  const Wanted wanted = WantedOf(key);
  Shard& shard = ShardOf(wanted);
  const std::lock_guard lock(shard.mutex);
  if (shard.drops != mark || shard.young.rows.contains(wanted)) return;
  Take(shard.old, wanted);
  Put(shard, wanted, row);
}

void RowCache::Put(Shard& shard, const Wanted& wanted, Row row) {
  const std::size_t bytes = BytesOf(wanted.key, row);
  if (shard.young.bytes + bytes > generation_bytes_max_) {
    shard.old = std::move(shard.young);
    shard.young = {};
  }
  shard.young.bytes += bytes;
  shard.young.rows.emplace(Place{wanted.hash, wanted.key}, std::move(row));
}

void RowCache::Take(Generation& from, const Wanted& wanted) {
  const auto found = from.rows.find(wanted);
  if (found == from.rows.end()) return;
  from.bytes -= BytesOf(wanted.key, found->second);
  from.rows.erase(found);
}

void RowCache::Drop(const Key& key) {
  const Wanted wanted = WantedOf(key);
  Shard& shard = ShardOf(wanted);
  const std::lock_guard lock(shard.mutex);
  ++shard.drops;
  Take(shard.young, wanted);
  Take(shard.old, wanted);
}

void RowCache::DropAll() {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    ++shard.drops;
    shard.young = {};
    shard.old = {};
  }
}

std::size_t RowCache::bytes() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.young.bytes + shard.old.bytes;
  }
  return sum;
}

}  // namespace cloison::store::internal
