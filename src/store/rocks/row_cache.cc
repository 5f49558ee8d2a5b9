#include "store/rocks/internal/row_cache.h"

#include <algorithm>
#include <utility>

namespace cloison::store::internal {

namespace {

constexpr std::size_t kVersionBytes = 8;

std::size_t BytesOf(std::size_t row) {
  return row + kRowCacheOverhead;
}

}  // namespace

RowCache::RowCache(std::size_t bytes_max) : shard_bytes_max_(bytes_max / kRowCacheShards) {
  const std::size_t sets = shard_bytes_max_ / kRowCacheRowBytes / kRowCacheWays;
  for (Shard& shard : shards_) shard.sets.resize(std::max<std::size_t>(sets, 1));
}

bool RowCache::Takes(Family family) {
  return family == Family::kPeople || family == Family::kCaseload || family == Family::kPersonKeys;
}

RowCache::Slot* RowCache::SlotOf(Shard& shard, const Key& key, std::size_t hash) {
  for (Slot& slot : SetOf(shard, hash)) {
    if (slot.hash != hash || slot.row == nullptr || slot.family != key.family) continue;
    const ByteView name = slot.stored().subspan(kVersionBytes, slot.key_bytes);
    if (AsText(name) == key.bytes) return &slot;
  }
  return nullptr;
}

std::optional<Row> RowCache::Find(const Key& key, std::uint64_t& mark) {
  const std::size_t hash = KeyHash{}(key);
  Shard& shard = ShardOf(hash);
  const std::lock_guard lock(shard.mutex);
  mark = shard.drops;
  Slot* const slot = SlotOf(shard, key, hash);
  if (slot == nullptr) return std::nullopt;
  slot->asked_for = true;
  const ByteView stored = slot->stored();
  return Row{base::LoadBig(stored.first(kVersionBytes)),
             base::ToBytes(stored.subspan(kVersionBytes + slot->key_bytes))};
}

void RowCache::Keep(const Key& key, const Row& row, std::uint64_t mark) {
  const std::size_t size = kVersionBytes + key.bytes.size() + row.value.size();
  if (!row.present() || BytesOf(size) > shard_bytes_max_) return;
  auto stored = std::make_unique<std::uint8_t[]>(size);
  const ByteArray<kVersionBytes> version = base::BigU64(row.version);
  std::uint8_t* end = stored.get();
  for (const ByteView part : {ByteView(version), AsBytes(key.bytes), ByteView(row.value)}) {
    end = std::copy(part.begin(), part.end(), end);
  }
  const std::size_t hash = KeyHash{}(key);
  Shard& shard = ShardOf(hash);
  const std::lock_guard lock(shard.mutex);
  if (shard.drops != mark || SlotOf(shard, key, hash) != nullptr) return;
  Slot& slot = FreeSlot(shard, hash, BytesOf(size));
  shard.bytes += BytesOf(size);
  slot = Slot{hash,
              static_cast<std::uint32_t>(key.bytes.size()),
              static_cast<std::uint32_t>(size),
              key.family,
              false,
              std::move(stored)};
}

void RowCache::Clear(Shard& shard, Slot& slot) {
  if (slot.row != nullptr) shard.bytes -= BytesOf(slot.row_bytes);
  slot = Slot{};
}

// One row less: the first that was not asked for since the last time.
void RowCache::GiveWay(Shard& shard, Set& set) {
  for (Slot& slot : set) {
    if (slot.row != nullptr && !std::exchange(slot.asked_for, false)) return Clear(shard, slot);
  }
}

RowCache::Slot& RowCache::FreeSlot(Shard& shard, std::size_t hash, std::size_t bytes) {
  while (shard.bytes + bytes > shard_bytes_max_) {
    shard.hand = (shard.hand + 1) % shard.sets.size();
    GiveWay(shard, shard.sets[shard.hand]);
  }
  Set& set = SetOf(shard, hash);
  while (true) {  // twice at most: all asked for, then none
    for (Slot& slot : set) {
      if (slot.row == nullptr) return slot;
    }
    GiveWay(shard, set);
  }
}

void RowCache::Drop(const Key& key) {
  const std::size_t hash = KeyHash{}(key);
  Shard& shard = ShardOf(hash);
  const std::lock_guard lock(shard.mutex);
  ++shard.drops;
  if (Slot* const slot = SlotOf(shard, key, hash); slot != nullptr) Clear(shard, *slot);
}

void RowCache::DropAll() {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    ++shard.drops;
    for (Set& set : shard.sets) {
      for (Slot& slot : set) Clear(shard, slot);
    }
  }
}

std::size_t RowCache::bytes() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.bytes;
  }
  return sum;
}

}  // namespace cloison::store::internal
