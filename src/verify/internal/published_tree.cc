#include "verify/internal/published_tree.h"

#include <algorithm>

#include "verify/internal/builder.h"

namespace cloison::verify::internal {
namespace {

constexpr std::size_t kHashBytes = sizeof(Hash);

}  // namespace

Result<std::vector<Hash>> ReadTile(Source& source, unsigned level, std::uint64_t index,
                                   std::uint64_t size) {
  const unsigned width = tlog::WidthAt(level, index, size);
  if (width == 0) return Error{Code::kNotFound, "the log has no such tile"};
  const std::string path = tlog::TilePath({tlog::TileId::Kind::kHashes, level, index, width});
  Bytes bytes;
  CLOISON_TRY(source.Read(path, width * kHashBytes, bytes));
  if (bytes.size() != width * kHashBytes) return Error{Code::kCorrupt, "a tile is too short"};
  std::vector<Hash> hashes(width);
  for (unsigned i = 0; i < width; ++i) {
    std::copy_n(bytes.begin() + i * kHashBytes, kHashBytes, hashes[i].begin());
  }
  return hashes;
}

std::uint64_t PublishedTree::nodes() const {
  return whole() + (whole() << base_ * tlog::kTileHeight < size_ ? 1 : 0);
}

Result<Hash> PublishedTree::Node(unsigned level, std::uint64_t index) {
  if ((index + 1) << level <= whole()) return WholeNode(level, index);
  if (level == 0) return Remainder();
  CLOISON_TRY_ASSIGN(const Hash left, Node(level - 1, 2 * index));
  CLOISON_TRY_ASSIGN(const Hash right, Node(level - 1, 2 * index + 1));
  return tlog::NodeHash(left, right);
}

Result<Hash> PublishedTree::WholeNode(unsigned level, std::uint64_t index) {
  const unsigned inside = level % tlog::kTileHeight;
  const std::uint64_t first = index << inside;
  CLOISON_TRY_ASSIGN(const std::span<const Hash> tile,
                     Tile(base_ + level / tlog::kTileHeight, first / tlog::kTileWidth));
  const std::size_t begin = first % tlog::kTileWidth;
  if (begin + (std::size_t{1} << inside) > tile.size()) {
    return Error{Code::kCorrupt, "a tile is too narrow"};
  }
  const std::span<const Hash> below = tile.subspan(begin, std::size_t{1} << inside);
  std::vector<Hash> nodes(below.begin(), below.end());
  return RootOfNodes(nodes);
}

Result<Hash> PublishedTree::Remainder() {
  std::vector<Hash> nodes;
  for (unsigned level = 0; level < base_; ++level) {
    const std::uint64_t last = size_ >> (level + 1) * tlog::kTileHeight;
    if (tlog::WidthAt(level, last, size_) > 0) {
      CLOISON_TRY_ASSIGN(const std::span<const Hash> tile, Tile(level, last));
      nodes.insert(nodes.begin(), tile.begin(), tile.end());
    }
    if (!nodes.empty()) nodes.assign(1, RootOfNodes(nodes));
  }
  if (nodes.empty()) return Error{Code::kNotFound, "the log has no such node"};
  return nodes.front();
}

Result<std::span<const Hash>> PublishedTree::Tile(unsigned level, std::uint64_t index) {
  const auto found = tiles_.find({level, index});
  if (found != tiles_.end()) return std::span<const Hash>(found->second);
  CLOISON_TRY_ASSIGN(auto read, ReadTile(source_, level, index, size_));
  return std::span<const Hash>(tiles_[{level, index}] = std::move(read));
}

}  // namespace cloison::verify::internal
