#include "ledger/internal/tile_nodes.h"

#include "base/check.h"

namespace cloison::ledger::internal {

Result<tlog::Hash> TileNodes::Node(unsigned level, std::uint64_t index) {
  const unsigned height = level % tlog::kTileHeight;
  const std::uint64_t first = index << height;  // of the tile's hashes below the node
  const Place place{level / tlog::kTileHeight, first / tlog::kTileWidth};
  const Heights& tile = tiles_[place];
  if (tile[0].empty()) return tlog::Hash{};
  const std::uint64_t at = (first % tlog::kTileWidth) >> height;
  CLOISON_CHECK(at < tile[height].size());  // only full nodes are asked for
  return tile[height][at];
}

std::vector<tlog::TileId> TileNodes::Wanted() const {
  std::vector<tlog::TileId> wanted;
  for (const auto& [place, tile] : tiles_) {
    if (!tile[0].empty()) continue;
    const auto [level, index] = place;
    wanted.push_back(
        {tlog::TileId::Kind::kHashes, level, index, tlog::WidthAt(level, index, size_)});
  }
  return wanted;
}

void TileNodes::Load(const tlog::TileId& id, ByteView hashes) {
  CLOISON_CHECK(id.width > 0 && hashes.size() == id.width * sizeof(tlog::Hash));
  Heights& tile = tiles_[Place{id.level, id.index}];
  base::Reader reader(hashes);
  tile[0].reserve(id.width);
  for (unsigned i = 0; i < id.width; ++i) {
    tile[0].push_back(reader.Array<sizeof(tlog::Hash)>());
  }
  for (unsigned height = 1; height < tlog::kTileHeight; ++height) {
    const std::vector<tlog::Hash>& below = tile[height - 1];
    tile[height].reserve(below.size() / 2);
    for (std::size_t i = 0; i + 1 < below.size(); i += 2) {
      tile[height].push_back(tlog::NodeHash(below[i], below[i + 1]));
    }
  }
}

}  // namespace cloison::ledger::internal
