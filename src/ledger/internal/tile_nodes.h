// The nodes of a tree out of tiles: what proofs are made from. First everything is asked and
// nothing known, which says what tiles are needed; these are loaded, and it is asked again. What
// many proofs need is loaded and hashed once.
//
// Threads  values; no shared state. Cost: at most 255 node hashes for each tile loaded.
#ifndef CLOISON_LEDGER_INTERNAL_TILE_NODES_H_
#define CLOISON_LEDGER_INTERNAL_TILE_NODES_H_

#include <array>
#include <map>
#include <span>
#include <vector>

#include "tlog/proof.h"
#include "tlog/tile.h"

namespace cloison::ledger::internal {

class TileNodes final : public tlog::HashReader {
 public:
  // Of a tree of `size` leaves.
  explicit TileNodes(std::uint64_t size) : size_(size) {}

  // A hash of zeros where the tile is not loaded: good for finding out, and for nothing else.
  Result<tlog::Hash> Node(unsigned level, std::uint64_t index) override;

  // What was asked for and is not loaded, lowest level and first tile first; as wide as the tree
  // has them.
  std::vector<tlog::TileId> Wanted() const;
  // `hashes`: as many as the tile is wide, end to end.
  void Load(const tlog::TileId& tile, ByteView hashes);

 private:
  // Full nodes inside a tile, by their height above its hashes.
  using Heights = std::array<std::vector<tlog::Hash>, tlog::kTileHeight>;
  using Place = std::pair<unsigned, std::uint64_t>;  // level of tiles, index

  std::uint64_t size_;
  std::map<Place, Heights> tiles_;  // not loaded: nothing at height 0
};

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_TILE_NODES_H_
