#include "tlog/tree.h"

#include <gtest/gtest.h>

#include <string>

#include "tlog/testing/memory_tree.h"

namespace cloison::tlog {
namespace {

// The leaves and roots that the Certificate Transparency projects test with.
struct KnownRoot {
  const char* leaf;  // in hexadecimal
  const char* root;  // with this leaf and all above it
};
constexpr KnownRoot kKnown[] = {
    {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"606162636465666768696a6b6c6d6e6f",
     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

Hash TestLeaf(std::uint64_t n) {
  return LeafHash(base::BigU64(n));
}

// RFC 6962 section 2.1, word for word: slow, and written without the frontier.
Hash PlainRoot(std::span<const Hash> leaves) {
  if (leaves.empty()) return EmptyRoot();
  if (leaves.size() == 1) return leaves.front();
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return NodeHash(PlainRoot(leaves.first(k)), PlainRoot(leaves.subspan(k)));
}

TEST(Frontier, GivesTheKnownRoots) {
  Frontier frontier;
  EXPECT_EQ(base::ToHex(frontier.Root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (const KnownRoot& known : kKnown) {
    ASSERT_TRUE(frontier.Append(LeafHash(*base::FromHex(known.leaf))).ok());
    EXPECT_EQ(base::ToHex(frontier.Root()), known.root) << frontier.size();
  }
}

TEST(Frontier, FollowsTheDefinitionForEverySize) {
  std::vector<Hash> leaves;
  Frontier frontier;
  for (std::uint64_t n = 0; n < 130; ++n) {
    EXPECT_EQ(frontier.Root(), PlainRoot(leaves)) << n;
    leaves.push_back(TestLeaf(n));
    ASSERT_TRUE(frontier.Append(leaves.back()).ok());
  }
}

TEST(Frontier, ABatchIsItsLeavesOneByOne) {
  for (std::uint64_t before : {0u, 1u, 5u, 8u}) {
    for (std::uint64_t batch : {0u, 1u, 3u, 8u, 20u}) {
      testing::MemoryTree one_by_one;
      Frontier whole;
      std::vector<Node> completed;
      std::vector<Hash> leaves;
      for (std::uint64_t n = 0; n < before + batch; ++n) {
        one_by_one.Append(TestLeaf(n));
        if (n < before) {
          ASSERT_TRUE(whole.Append(TestLeaf(n)).ok());
        } else {
          leaves.push_back(TestLeaf(n));
        }
      }
      ASSERT_TRUE(whole.Append(leaves, &completed).ok());
      EXPECT_EQ(whole, one_by_one.frontier()) << before << " + " << batch;
      for (const Node& node : completed) {
        EXPECT_EQ(*one_by_one.Node(node.level, node.index), node.hash);
      }
      EXPECT_GE(completed.size(), batch);
    }
  }
}

TEST(Frontier, IsReadBackForEverySize) {
  Frontier frontier;
  for (std::uint64_t n = 0; n < 70; ++n) {
    const Bytes bytes = frontier.Serialise();
    const Result<Frontier> back = Frontier::Parse(bytes);
    ASSERT_TRUE(back.ok()) << n;
    EXPECT_EQ(*back, frontier);
    EXPECT_EQ(back->Root(), frontier.Root());
    ASSERT_TRUE(frontier.Append(TestLeaf(n)).ok());
  }
}

TEST(Frontier, RefusesWhatItDidNotWrite) {
  const std::string hash(64, 'a');
  const struct {
    const char* why;
    std::string hex;
    bool want;
  } rows[] = {
      // why                                hex                              want
      {"no leaves", "0000000000000000", true},
      {"one leaf", "0000000000000001" + hash, true},
      {"nothing", "", false},
      {"a short size", "00000000000000", false},
      {"a hash too many for no leaves", "0000000000000000" + hash, false},
      {"a hash missing", "0000000000000001", false},
      {"half a hash", "0000000000000001" + hash.substr(32), false},
      {"a byte too many", "0000000000000001" + hash + "00", false},
      {"two bits, one hash", "0000000000000003" + hash, false},
      {"one bit, two hashes", "0000000000000002" + hash + hash, false},
      {"the largest size", "0000010000000000" + hash, true},
      {"above the largest size", "0000010000000001" + hash + hash, false},
      {"far above it", "8000000000000000" + hash, false},
  };
  for (const auto& row : rows) {
    const Result<Frontier> parsed = Frontier::Parse(*base::FromHex(row.hex));
    EXPECT_EQ(parsed.ok(), row.want) << row.why;
    if (!parsed.ok()) {
      EXPECT_EQ(parsed.error().code(), Code::kCorrupt) << row.why;
    }
  }
}

TEST(Frontier, IsFullAtItsLimit) {
  Frontier full = *Frontier::Parse(*base::FromHex("0000010000000000" + std::string(64, 'a')));
  const Frontier before = full;
  EXPECT_EQ(full.Append(TestLeaf(0)).error().code(), Code::kExhausted);
  EXPECT_EQ(full, before);
  EXPECT_EQ(full.Root(), full.At(kTreeLevelMax));
}

TEST(Hashes, LeavesAndNodesNeverMeet) {
  const Hash left = TestLeaf(1);
  const Hash right = TestLeaf(2);
  Bytes joined = base::ToBytes(left);
  base::AppendBytes(joined, right);
  EXPECT_NE(NodeHash(left, right), LeafHash(joined));
  EXPECT_NE(NodeHash(left, right), NodeHash(right, left));
}

}  // namespace
}  // namespace cloison::tlog
