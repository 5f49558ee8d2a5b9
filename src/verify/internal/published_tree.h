// The hash tree of a log, read out of its published tiles.
#ifndef CLOISON_VERIFY_INTERNAL_PUBLISHED_TREE_H_
#define CLOISON_VERIFY_INTERNAL_PUBLISHED_TREE_H_

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "tlog/proof.h"
#include "tlog/tile.h"
#include "verify/source.h"

namespace cloison::verify::internal {

using tlog::Hash;

// Reads the tile of `level` as it must be in a log of `size`. kCorrupt: another length; else as
// Source::Read.
Result<std::vector<Hash>> ReadTile(Source& source, unsigned level, std::uint64_t index,
                                   std::uint64_t size);

// The nodes of tile level `base` and above. They are the leaves of a tree of its own: the last one
// may cover less than the others, which changes no hash. Keeps the tiles it read.
class PublishedTree final : public tlog::HashReader {
 public:
  PublishedTree(Source& source, std::uint64_t size, unsigned base = 0)
      : source_(source), size_(size), base_(base) {}

  // Takes `hashes` for a tile, whatever is published.
  void Put(unsigned level, std::uint64_t index, std::span<const Hash> hashes) {
    tiles_[{level, index}].assign(hashes.begin(), hashes.end());
  }
  // How many nodes of its lowest level there are.
  std::uint64_t nodes() const;
  Result<Hash> Node(unsigned level, std::uint64_t index) override;

 private:
  std::uint64_t whole() const { return size_ >> base_ * tlog::kTileHeight; }
  Result<Hash> WholeNode(unsigned level, std::uint64_t index);
  // Of the entries after the last whole node, out of the partial tiles of the levels below.
  Result<Hash> Remainder();
  Result<std::span<const Hash>> Tile(unsigned level, std::uint64_t index);

  Source& source_;
  std::uint64_t size_;
  unsigned base_;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>> tiles_;
};

}  // namespace cloison::verify::internal

#endif  // CLOISON_VERIFY_INTERNAL_PUBLISHED_TREE_H_
