#include "verify/internal/blame.h"

#include "verify/internal/published_tree.h"

namespace cloison::verify::internal {
namespace {

bool LeadsToRoot(PublishedTree tree, const Hash& root, const tlog::Leaf& node) {
  const Result<tlog::Proof> proof = tlog::ProveInclusion(tree, node.index, tree.nodes());
  return proof.ok() && tlog::VerifyInclusion(node, {tree.nodes(), root}, *proof).ok();
}

}  // namespace

Blame Accuse(Source& source, const tlog::Head& head, const TileBuilder::Tile& built,
             std::span<const Hash> published, unsigned place) {
  const std::uint64_t index = built.index * tlog::kTileWidth + place;
  PublishedTree as_published(source, head.size, built.level), as_built = as_published;
  as_published.Put(built.level, built.index, published);
  if (LeadsToRoot(as_published, head.root, {index, published[place]})) return Blame::kEntries;
  as_built.Put(built.level, built.index, built.view());
  if (LeadsToRoot(as_built, head.root, {index, built.hashes[place]})) return Blame::kTile;
  return Blame::kUnknown;
}

}  // namespace cloison::verify::internal
