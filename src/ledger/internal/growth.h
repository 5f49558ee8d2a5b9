// How far the tree of a publisher has grown: its frontier, and the nodes of tiles that are not in
// the level files yet.
//
// Threads  values; no shared state.
#ifndef CLOISON_LEDGER_INTERNAL_GROWTH_H_
#define CLOISON_LEDGER_INTERNAL_GROWTH_H_

#include <array>
#include <span>
#include <vector>

#include "ledger/internal/level_files.h"
#include "tlog/tree.h"

namespace cloison::ledger::internal {

class Growth {
 public:
  std::uint64_t size() const { return frontier_.size(); }
  const tlog::Frontier& frontier() const { return frontier_; }
  // Nodes at a level of tiles that are not in the files, the first being that of index in_files().
  const std::vector<tlog::Hash>& fresh(unsigned level) const { return fresh_[level]; }
  std::uint64_t in_files(unsigned level) const {
    return NodesAt(level, size()) - fresh_[level].size();
  }

  // Cost: about one node hash per leaf.
  Status Append(std::span<const tlog::Hash> leaf_hashes) {
    std::vector<tlog::Node> completed;
    completed.reserve(2 * leaf_hashes.size() + tlog::kTreeLevelMax);
    CLOISON_TRY(frontier_.Append(leaf_hashes, &completed));
    for (const tlog::Node& node : completed) {
      if (node.level % tlog::kTileHeight != 0) continue;
      fresh_[node.level / tlog::kTileHeight].push_back(node.hash);
    }
    return Ok();
  }
  // The first `count` fresh nodes of the level are in its file now.
  void Written(unsigned level, std::size_t count) {
    std::vector<tlog::Hash>& fresh = fresh_[level];
    fresh.erase(fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(count));
  }
  // Back to where all of it was in the files.
  void BackTo(const tlog::Frontier& written) { *this = Growth(written); }

  Growth() = default;

 private:
  explicit Growth(const tlog::Frontier& frontier) : frontier_(frontier) {}

  tlog::Frontier frontier_;
  std::array<std::vector<tlog::Hash>, kTileLevels> fresh_;
};

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_GROWTH_H_
