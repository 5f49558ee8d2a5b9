// A tree that keeps every full node in memory: the HashReader of tests.
#ifndef CLOISON_TLOG_TESTING_MEMORY_TREE_H_
#define CLOISON_TLOG_TESTING_MEMORY_TREE_H_

#include <vector>

#include "base/check.h"
#include "tlog/proof.h"
#include "tlog/tree.h"

namespace cloison::tlog::testing {

class MemoryTree final : public HashReader {
 public:
  void Append(const Hash& leaf_hash) {
    std::vector<tlog::Node> completed;
    CLOISON_CHECK(frontier_.Append(std::span(&leaf_hash, 1), &completed).ok());
    for (const tlog::Node& node : completed) {
      if (levels_.size() <= node.level) levels_.resize(node.level + 1);
      CLOISON_CHECK(levels_[node.level].size() == node.index);
      levels_[node.level].push_back(node.hash);
    }
  }
  std::uint64_t size() const { return frontier_.size(); }
  Hash Root() const { return frontier_.Root(); }
  const Frontier& frontier() const { return frontier_; }

  Result<Hash> Node(unsigned level, std::uint64_t index) override {
    if (level >= levels_.size() || index >= levels_[level].size()) {
      return Error{Code::kNotFound, "the tree has no such node", level};
    }
    return levels_[level][index];
  }

 private:
  Frontier frontier_;
  std::vector<std::vector<Hash>> levels_;
};

}  // namespace cloison::tlog::testing

#endif  // CLOISON_TLOG_TESTING_MEMORY_TREE_H_
