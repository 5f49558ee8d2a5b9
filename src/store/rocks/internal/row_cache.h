// Rows that were read lately, in memory as they are stored: what RocksDB needs some 5 us for (a
// filter, two indexes, a block) is one look-up.
//
// Never stale: a commit drops what it wrote before it ends, and a row that was being read
// meanwhile is not kept. So a reader that began after a commit ended can't see what was before it.
// For single rows only: rows of two moments must not mix in one answer.
//
// Threads  any. Cost: one look-up under the lock of one of kRowCacheShards parts, and a copy.
#ifndef CLOISON_STORE_ROCKS_INTERNAL_ROW_CACHE_H_
#define CLOISON_STORE_ROCKS_INTERNAL_ROW_CACHE_H_

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "store/store.h"

namespace cloison::store::internal {

inline constexpr std::size_t kRowCacheShards = 16;
inline constexpr std::size_t kRowCacheWays = 4;        // rows that share a place
inline constexpr std::size_t kRowCacheOverhead = 160;  // bytes of a kept row beside key and value
inline constexpr std::size_t kRowCacheRowBytes = 512;  // on average: so many places are made

class RowCache {
 public:
  // At most about `bytes_max` are kept; 0: nothing. What was not asked for lately goes first.
  explicit RowCache(std::size_t bytes_max);

  // Families of which single rows are read by every request, and seldom written.
  static bool Takes(Family family);

  // `mark`, when nothing is found: what Keep wants to know. Before the store is read.
  std::optional<Row> Find(const Key& key, std::uint64_t& mark);
  // A row that is there. Not kept when anything near it was dropped since the mark.
  void Keep(const Key& key, const Row& row, std::uint64_t mark);
  // After a row was written, before its writer has an answer.
  void Drop(const Key& key);
  void DropAll();

  std::size_t bytes() const;  // kept now

 private:
  // A row in one piece, version ‖ key ‖ value, beside its hash: a look-up in tables of many MiB is
  // paid by the places in memory that it touches, and this touches two.
  struct Slot {
    std::size_t hash = 0;
    std::uint32_t key_bytes = 0, row_bytes = 0;
    Family family{};
    bool asked_for = false;  // since the hand passed
    std::unique_ptr<std::uint8_t[]> row;
    ByteView stored() const { return {row.get(), row_bytes}; }
  };
  using Set = std::array<Slot, kRowCacheWays>;
  struct Shard {
    mutable std::mutex mutex;
    std::uint64_t drops = 0;
    std::vector<Set> sets;
    std::size_t bytes = 0;
    std::size_t hand = 0;  // the set that gives way next
  };
  Shard& ShardOf(std::size_t hash) { return shards_[hash % kRowCacheShards]; }
  static Set& SetOf(Shard& shard, std::size_t hash) {
    return shard.sets[hash / kRowCacheShards % shard.sets.size()];
  }
  static Slot* SlotOf(Shard& shard, const Key& key, std::size_t hash);
  static void Clear(Shard& shard, Slot& slot);
  static void GiveWay(Shard& shard, Set& set);
  Slot& FreeSlot(Shard& shard, std::size_t hash, std::size_t bytes);

  const std::size_t shard_bytes_max_;
  std::array<Shard, kRowCacheShards> shards_;
};

}  // namespace cloison::store::internal

#endif  // CLOISON_STORE_ROCKS_INTERNAL_ROW_CACHE_H_
