// Trees of several levels of tiles: what grows, what the files get, and what proofs are made of.
#include <gtest/gtest.h>

#include "ledger/internal/growth.h"
#include "ledger/internal/level_files.h"
#include "ledger/internal/tile_nodes.h"
#include "store/testing/temp_directory.h"
#include "tlog/testing/memory_tree.h"

namespace cloison::ledger::internal {
namespace {

tlog::Hash HashOf(std::uint64_t number) {
  return tlog::LeafHash(base::BigU64(number));
}

constexpr std::uint64_t kLeaves = 70'000;  // 274 tiles, 2 above them, and 1 above these

class GrownTree : public ::testing::Test {
 protected:
  // In steps, of which every third is written.
  void SetUp() override {
    ASSERT_TRUE(files_.Open(0).ok());
    for (std::uint64_t at = 0, step = 0; at < kLeaves; ++step) {
      std::vector<tlog::Hash> hashes;
      for (std::uint64_t i = 0; i < 1 + step % 700 && at < kLeaves; ++i, ++at) {
        hashes.push_back(HashOf(at));
        tree_.Append(hashes.back());
      }
      ASSERT_TRUE(growth_.Append(hashes).ok());
      if (step % 3 == 0) Write();
    }
  }
  void Write() {
    for (unsigned level = 0; level < kTileLevels; ++level) {
      const std::size_t count = growth_.fresh(level).size();
      ASSERT_EQ(growth_.in_files(level), files_.count(level));
      ASSERT_TRUE(files_.Append(level, growth_.fresh(level)).ok());
      growth_.Written(level, count);
    }
  }
  // The tiles that a proof or a root wants.
  void Load(TileNodes& nodes) {
    for (const tlog::TileId& tile : nodes.Wanted()) {
      const auto hashes = files_.Read(tile.level, tile.index * tlog::kTileWidth, tile.width);
      ASSERT_TRUE(hashes.ok()) << tlog::TilePath(tile);
      nodes.Load(tile, *hashes);
    }
  }

  store::testing::TempDirectory directory_;
  base::SystemFiles system_;
  LevelFiles files_{system_, directory_.path() + "/tiles"};
  Growth growth_;
  tlog::testing::MemoryTree tree_;
};

TEST_F(GrownTree, EveryLevelHoldsItsFullNodes) {
  EXPECT_EQ(growth_.frontier(), tree_.frontier());
  Write();
  ASSERT_TRUE(files_.Sync().ok());
  for (unsigned level = 0; level < kTileLevels; ++level) {
    ASSERT_EQ(files_.count(level), NodesAt(level, kLeaves));
    if (files_.count(level) == 0) continue;
    const Bytes all = *files_.Read(level, 0, files_.count(level));
    for (std::uint64_t i = 0; i < files_.count(level); ++i) {
      const ByteView hash = ByteView(all).subspan(i * kHashBytes, kHashBytes);
      ASSERT_TRUE(base::Equal(hash, *tree_.Node(level * tlog::kTileHeight, i)))
          << level << " " << i;
    }
  }
}

TEST_F(GrownTree, ProofsOutOfTilesAreThoseOfTheTree) {
  Write();
  for (const std::uint64_t size : {1u, 256u, 257u, 65'535u, 65'536u, 65'537u, 66'000u, 70'000u}) {
    for (const std::uint64_t index : {std::uint64_t{0}, size / 3, size / 2, size - 1}) {
      TileNodes nodes(size);
      ASSERT_TRUE(tlog::ProveInclusion(nodes, index, size).ok());
      Load(nodes);
      EXPECT_EQ(*tlog::ProveInclusion(nodes, index, size),
                *tlog::ProveInclusion(tree_, index, size));
    }
    TileNodes nodes(size);
    ASSERT_TRUE(tlog::RootAt(nodes, size).ok());
    Load(nodes);
    EXPECT_EQ(*tlog::RootAt(nodes, size), *tlog::RootAt(tree_, size)) << size;
    TileNodes both(kLeaves);
    ASSERT_TRUE(tlog::ProveConsistency(both, size, kLeaves).ok());
    Load(both);
    EXPECT_EQ(*tlog::ProveConsistency(both, size, kLeaves),
              *tlog::ProveConsistency(tree_, size, kLeaves));
  }
}

TEST(TileNodes, AskForFewTilesHoweverLargeTheTree) {
  const struct {
    const char* why;
    std::uint64_t size;
    std::size_t most;
  } rows[] = {
      {"one tile", 200, 1},
      {"ten million: three for the leaf, and three at the edge", 10'000'000, 6},
      {"the largest tree", tlog::kTreeSizeMax, 6},
      {"one less, with an edge at every level", tlog::kTreeSizeMax - 1, 10},
  };
  for (const auto& row : rows) {
    for (std::uint64_t i = 0; i < 50; ++i) {
      TileNodes nodes(row.size);
      const std::uint64_t index = row.size / 50 * i;
      ASSERT_TRUE(tlog::ProveInclusion(nodes, index, row.size).ok());
      EXPECT_LE(nodes.Wanted().size(), row.most) << row.why << " " << index;
      for (const tlog::TileId& tile : nodes.Wanted()) EXPECT_GT(tile.width, 0u);
    }
  }
  TileNodes shared(10'000'000);
  for (std::uint64_t i = 0; i < 50; ++i) {
    ASSERT_TRUE(tlog::ProveInclusion(shared, 200'000 * i, 10'000'000).ok());
  }
  EXPECT_LE(shared.Wanted().size(), 50u + 50 + 1 + 3) << "the upper ones are read once";
}

TEST(Growth, GoesBackToWhatWasWritten) {
  Growth growth;
  std::vector<tlog::Hash> hashes;
  for (std::uint64_t i = 0; i < 300; ++i) hashes.push_back(HashOf(i));
  ASSERT_TRUE(growth.Append(hashes).ok());
  growth.Written(0, 300);
  growth.Written(1, 1);
  const tlog::Frontier written = growth.frontier();
  ASSERT_TRUE(growth.Append(hashes).ok());
  EXPECT_EQ(growth.in_files(0), 300u);
  EXPECT_EQ(growth.in_files(1), 1u);
  EXPECT_EQ(growth.fresh(1).size(), 1u);
  growth.BackTo(written);
  EXPECT_EQ(growth.size(), 300u);
  EXPECT_EQ(growth.in_files(0), 300u);
  EXPECT_EQ(growth.in_files(1), 1u);
  EXPECT_TRUE(growth.fresh(1).empty());
}

}  // namespace
}  // namespace cloison::ledger::internal
