// The tiles of a growing log, of which only the last of each level is kept.
#ifndef CLOISON_VERIFY_INTERNAL_BUILDER_H_
#define CLOISON_VERIFY_INTERNAL_BUILDER_H_

#include <array>
#include <functional>
#include <span>
#include <vector>

#include "tlog/tile.h"

namespace cloison::verify::internal {

using tlog::Hash;

inline constexpr unsigned kTileLevels = tlog::kTreeLevelMax / tlog::kTileHeight + 1;

// RFC 6962 hash of a list of nodes of one level, of which the last may cover less. Not empty;
// `nodes` is overwritten.
Hash RootOfNodes(std::span<Hash> nodes);

class TileBuilder {
 public:
  struct Tile {
    unsigned level = 0;
    std::uint64_t index = 0;
    unsigned width = 0;
    std::array<Hash, tlog::kTileWidth> hashes;
    std::span<const Hash> view() const { return {hashes.data(), width}; }
  };

  // A log of `size` entries, whose last tile of each level begins with what PutPrefix gives.
  void StartAt(std::uint64_t size);
  void PutPrefix(unsigned level, std::span<const Hash> hashes);

  // The last tile of level 0, to be filled with the hashes of a bundle.
  Tile& leaves() { return tiles_[0]; }
  // After `leaves` is full: it is emptied, its root goes up, and so on; `full` sees each tile of a
  // higher level that this fills, and says whether to go on.
  bool Complete(const std::function<bool(const Tile&)>& full);

  // The root when level 0 ends after the first `width` of `leaves`. EmptyRoot() for no entries.
  Hash Root(unsigned width) const;
  // The last tile of each level; empty where the width is 0.
  const std::vector<Tile>& tiles() const { return tiles_; }

 private:
  std::vector<Tile> tiles_ = std::vector<Tile>(kTileLevels + 1);
};

}  // namespace cloison::verify::internal

#endif  // CLOISON_VERIFY_INTERNAL_BUILDER_H_
