#include "verify/internal/builder.h"

#include <algorithm>
#include <bit>

namespace cloison::verify::internal {
namespace {

// Node by node from the left; the odd one at the end waits. It is what RFC 6962 says: there the
// left side of every split is a full tree.
std::size_t HalveInPlace(std::span<Hash> nodes) {
  const std::size_t pairs = nodes.size() / 2;
  for (std::size_t i = 0; i < pairs; ++i) nodes[i] = tlog::NodeHash(nodes[2 * i], nodes[2 * i + 1]);
  if (nodes.size() % 2 == 1) nodes[pairs] = nodes.back();
  return (nodes.size() + 1) / 2;
}

}  // namespace

Hash RootOfNodes(std::span<Hash> nodes) {
  CLOISON_CHECK(!nodes.empty());
  while (nodes.size() > 1) nodes = nodes.first(HalveInPlace(nodes));
  return nodes.front();
}

void TileBuilder::StartAt(std::uint64_t size) {
  for (unsigned level = 0; level < tiles_.size(); ++level) {
    tiles_[level].level = level;
    tiles_[level].index = size >> (level + 1) * tlog::kTileHeight;
    tiles_[level].width = 0;
  }
}

void TileBuilder::PutPrefix(unsigned level, std::span<const Hash> hashes) {
  CLOISON_CHECK(hashes.size() < tlog::kTileWidth);
  std::copy(hashes.begin(), hashes.end(), tiles_[level].hashes.begin());
  tiles_[level].width = static_cast<unsigned>(hashes.size());
}

bool TileBuilder::Complete(const std::function<bool(const Tile&)>& full) {
  for (unsigned level = 0; tiles_[level].width == tlog::kTileWidth; ++level) {
    Tile& tile = tiles_[level];
    CLOISON_CHECK(level + 1 < tiles_.size());
    if (level > 0 && !full(tile)) return false;
    Tile& above = tiles_[level + 1];
    above.hashes[above.width++] = RootOfNodes(tile.hashes);
    ++tile.index;
    tile.width = 0;
  }
  return true;
}

Hash TileBuilder::Root(unsigned width) const {
  std::vector<Hash> nodes;
  for (unsigned level = 0; level < tiles_.size(); ++level) {
    const std::span<const Hash> kept(tiles_[level].hashes.data(),
                                     level == 0 ? width : tiles_[level].width);
    // What the lower levels came to covers less than a node of this one: it is the last.
    nodes.insert(nodes.begin(), kept.begin(), kept.end());
    if (!nodes.empty()) nodes.assign(1, RootOfNodes(nodes));
  }
  return nodes.empty() ? tlog::EmptyRoot() : nodes.front();
}

}  // namespace cloison::verify::internal
