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
#include <mutex>
#include <optional>
#include <unordered_map>

#include "store/store.h"

namespace cloison::store::internal {

inline constexpr std::size_t kRowCacheShards = 16;
inline constexpr std::size_t kRowCacheOverhead = 160;  // bytes of a kept row beside key and value

class RowCache {
 public:
  // At most about `bytes_max` are kept; 0: nothing. What was not asked for lately goes first.
  explicit RowCache(std::size_t bytes_max)
      : generation_bytes_max_(bytes_max / kRowCacheShards / 2) {}

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
  // The hash is counted once and kept: a map that has to count it again compares slowly.
  struct Place {
    std::size_t hash;
    Key key;
  };
  struct Wanted {
    std::size_t hash;
    const Key& key;
  };
  struct PlaceHash {
    using is_transparent = void;
    std::size_t operator()(const auto& place) const { return place.hash; }
  };
  struct PlaceEqual {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return a.hash == b.hash && a.key == b.key;
    }
  };
  struct Generation {
    std::unordered_map<Place, Row, PlaceHash, PlaceEqual> rows;
    std::size_t bytes = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::uint64_t drops = 0;
    Generation young, old;  // what is asked for again in the old one becomes young
  };
  static Wanted WantedOf(const Key& key) { return {KeyHash{}(key), key}; }
  Shard& ShardOf(const Wanted& wanted) { return shards_[wanted.hash % kRowCacheShards]; }
  void Put(Shard& shard, const Wanted& wanted, Row row);
  static void Take(Generation& from, const Wanted& wanted);

  const std::size_t generation_bytes_max_;
  std::array<Shard, kRowCacheShards> shards_;
};

}  // namespace cloison::store::internal

#endif  // CLOISON_STORE_ROCKS_INTERNAL_ROW_CACHE_H_
