#include "verify/internal/blame.h"

#include <algorithm>
#include <utility>

namespace cloison::verify::internal {
namespace {

constexpr std::size_t kHashBytes = sizeof(Hash);

// The nodes of one tile level and above, as published, but for one tile. They are the leaves of a
// tree of its own: the last one may cover less than the others, which changes no hash.
class TreeAbove final : public tlog::HashReader {
 public:
  TreeAbove(Source& source, std::uint64_t size, const TileBuilder::Tile& instead,
            std::span<const Hash> hashes)
      : source_(source), size_(size), base_(instead.level) {
    tiles_[{instead.level, instead.index}].assign(hashes.begin(), hashes.end());
  }

  std::uint64_t whole() const { return size_ >> base_ * tlog::kTileHeight; }
  std::uint64_t nodes() const {
    return whole() + (whole() << base_ * tlog::kTileHeight < size_ ? 1 : 0);
  }

  Result<Hash> Node(unsigned level, std::uint64_t index) override {
    if ((index + 1) << level <= whole()) return WholeNode(level, index);
    if (level == 0) return Remainder();
    CLOISON_TRY_ASSIGN(const Hash left, Node(level - 1, 2 * index));
    CLOISON_TRY_ASSIGN(const Hash right, Node(level - 1, 2 * index + 1));
    return tlog::NodeHash(left, right);
  }

 private:
  Result<Hash> WholeNode(unsigned level, std::uint64_t index) {
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

  // Of the entries after the last whole node, out of the partial tiles of the levels below.
  Result<Hash> Remainder() {
    std::vector<Hash> nodes;
    for (unsigned level = 0; level < base_; ++level) {
      const std::uint64_t last = size_ >> (level + 1) * tlog::kTileHeight;
      if (tlog::WidthAt(level, last, size_) > 0) {
        CLOISON_TRY_ASSIGN(const std::span<const Hash> tile, Tile(level, last));
        nodes.insert(nodes.begin(), tile.begin(), tile.end());
      }
      if (!nodes.empty()) nodes.assign(1, RootOfNodes(nodes));
    }
    CLOISON_CHECK(!nodes.empty());
    return nodes.front();
  }

  Result<std::span<const Hash>> Tile(unsigned level, std::uint64_t index) {
    const auto found = tiles_.find({level, index});
    if (found != tiles_.end()) return std::span<const Hash>(found->second);
    CLOISON_TRY_ASSIGN(auto read, ReadTile(source_, level, index, size_));
    return std::span<const Hash>(tiles_[{level, index}] = std::move(read));
  }

  Source& source_;
  std::uint64_t size_;
  unsigned base_;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>> tiles_;  // two per level at most
};

bool LeadsToRoot(TreeAbove tree, const Hash& root, const tlog::Leaf& node) {
  const Result<tlog::Proof> proof = tlog::ProveInclusion(tree, node.index, tree.nodes());
  return proof.ok() && tlog::VerifyInclusion(node, {tree.nodes(), root}, *proof).ok();
}

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

Blame Accuse(Source& source, const tlog::Head& head, const TileBuilder::Tile& built,
             std::span<const Hash> published, unsigned place) {
  const std::uint64_t index = built.index * tlog::kTileWidth + place;
  const TreeAbove as_published(source, head.size, built, published);
  if (LeadsToRoot(as_published, head.root, {index, published[place]})) return Blame::kEntries;
  const TreeAbove as_built(source, head.size, built, built.view());
  if (LeadsToRoot(as_built, head.root, {index, built.hashes[place]})) return Blame::kTile;
  return Blame::kUnknown;
}

}  // namespace cloison::verify::internal
