#include "tlog/proof.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/base64.h"
#include "tlog/testing/memory_tree.h"

namespace cloison::tlog {
namespace {

using Json = nlohmann::json;

// Some vectors hold "hashes" of a wrong length, which our types cannot. They become the hash of
// their role and bytes: equal ones in one role stay equal, and all others differ.
Hash HashOf(std::string_view role, const Json& base64) {
  const Bytes bytes = *crypto::FromBase64(base64.get<std::string>());
  Hash hash = crypto::Sha256({AsBytes(role), bytes});
  if (bytes.size() == hash.size()) std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

Proof ProofOf(const Json& array) {
  Proof proof;
  if (array.is_null()) return proof;
  for (const Json& hash : array) proof.push_back(HashOf("proof", hash));
  return proof;
}

std::vector<std::filesystem::path> VectorsIn(const char* folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Json Load(const std::filesystem::path& path) {
  std::ifstream in(path);
  return Json::parse(in);
}

TEST(Inclusion, GivesThePublishedVerdicts) {
  const auto files = VectorsIn("tests/vectors/merkle/inclusion");
  EXPECT_EQ(files.size(), 98u);
  for (const auto& file : files) {
    const Json row = Load(file);
    const Leaf leaf{row["leafIdx"].get<std::uint64_t>(), HashOf("leaf", row["leafHash"])};
    const Head head{row["treeSize"].get<std::uint64_t>(), HashOf("root", row["root"])};
    const Status verdict = VerifyInclusion(leaf, head, ProofOf(row["proof"]));
    EXPECT_EQ(verdict.ok(), !row["wantErr"].get<bool>()) << file << " " << row["desc"];
  }
}

TEST(Consistency, GivesThePublishedVerdicts) {
  const auto files = VectorsIn("tests/vectors/merkle/consistency");
  EXPECT_EQ(files.size(), 98u);
  for (const auto& file : files) {
    const Json row = Load(file);
    const Head older{row["size1"].get<std::uint64_t>(), HashOf("root", row["root1"])};
    const Head newer{row["size2"].get<std::uint64_t>(), HashOf("root", row["root2"])};
    const Status verdict = VerifyConsistency(older, newer, ProofOf(row["proof"]));
    EXPECT_EQ(verdict.ok(), !row["wantErr"].get<bool>()) << file << " " << row["desc"];
  }
}

constexpr std::uint64_t kSizeMax = 40;

class MadeProofs : public ::testing::Test {
 protected:
  void SetUp() override {
    roots_.push_back(tree_.Root());
    for (std::uint64_t n = 0; n < kSizeMax; ++n) {
      tree_.Append(LeafHash(base::BigU64(n)));
      roots_.push_back(tree_.Root());
    }
  }
  Head HeadAt(std::uint64_t size) const { return {size, roots_[size]}; }
  Leaf LeafAt(std::uint64_t index) { return {index, *tree_.Node(0, index)}; }

  testing::MemoryTree tree_;
  std::vector<Hash> roots_;
};

TEST_F(MadeProofs, RootsOfEverySizeAreReadFromOneTree) {
  for (std::uint64_t size = 0; size <= kSizeMax; ++size) {
    EXPECT_EQ(*RootAt(tree_, size), roots_[size]) << size;
  }
}

TEST_F(MadeProofs, EveryLeafIsProvedInEverySizeAndNowhereElse) {
  for (std::uint64_t size = 1; size <= kSizeMax; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const Proof proof = *ProveInclusion(tree_, index, size);
      EXPECT_TRUE(VerifyInclusion(LeafAt(index), HeadAt(size), proof).ok());
      const Leaf moved{(index + 1) % size, LeafAt(index).hash};
      EXPECT_EQ(VerifyInclusion(moved, HeadAt(size), proof).ok(), size == 1) << index << size;
    }
  }
}

TEST_F(MadeProofs, EverySizeContinuesEveryEarlierOneAndNoOther) {
  for (std::uint64_t newer = 1; newer <= kSizeMax; ++newer) {
    for (std::uint64_t older = 1; older <= newer; ++older) {
      const Proof proof = *ProveConsistency(tree_, older, newer);
      EXPECT_LE(proof.size(), kProofHashesMax);
      EXPECT_TRUE(VerifyConsistency(HeadAt(older), HeadAt(newer), proof).ok());
      const Head forked{older, LeafHash(AsBytes("fork"))};
      EXPECT_FALSE(VerifyConsistency(forked, HeadAt(newer), proof).ok());
    }
  }
}

TEST_F(MadeProofs, AnyChangedDroppedOrAddedHashIsFound) {
  for (std::uint64_t size : {2u, 7u, 8u, 21u, 40u}) {
    const Proof proof = *ProveInclusion(tree_, size / 2, size);
    for (std::size_t i = 0; i < proof.size(); ++i) {
      Proof changed = proof;
      changed[i][i] ^= 1;
      EXPECT_FALSE(VerifyInclusion(LeafAt(size / 2), HeadAt(size), changed).ok());
      Proof dropped = proof;
      dropped.erase(dropped.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_FALSE(VerifyInclusion(LeafAt(size / 2), HeadAt(size), dropped).ok());
      Proof added = proof;
      added.insert(added.begin() + static_cast<std::ptrdiff_t>(i), proof[i]);
      EXPECT_FALSE(VerifyInclusion(LeafAt(size / 2), HeadAt(size), added).ok());
    }
  }
}

TEST_F(MadeProofs, WhatIsOutsideTheTreeIsRefused) {
  const struct {
    const char* why;
    Status status;
  } rows[] = {
      {"an index at the size", VerifyInclusion({5, {}}, HeadAt(5), {})},
      {"a leaf of the empty tree", VerifyInclusion({0, {}}, HeadAt(0), {})},
      {"a size above the limit", VerifyInclusion({0, {}}, {kTreeSizeMax + 1, {}}, {})},
      {"from the empty tree", VerifyConsistency(HeadAt(0), HeadAt(5), {})},
      {"both empty", VerifyConsistency(HeadAt(0), HeadAt(0), {})},
      {"backwards", VerifyConsistency(HeadAt(6), HeadAt(5), {})},
      {"newer above the limit", VerifyConsistency(HeadAt(6), {kTreeSizeMax + 1, {}}, {})},
      {"making: an index at the size", ProveInclusion(tree_, 5, 5).error()},
      {"making: from the empty tree", ProveConsistency(tree_, 0, 5).error()},
      {"making: backwards", ProveConsistency(tree_, 6, 5).error()},
      {"making: above the limit", RootAt(tree_, kTreeSizeMax + 1).error()},
  };
  for (const auto& row : rows) {
    ASSERT_FALSE(row.status.ok()) << row.why;
    EXPECT_EQ(row.status.error().code(), Code::kInvalid) << row.why;
  }
}

TEST_F(MadeProofs, AReaderThatFailsFailsTheProof) {
  EXPECT_EQ(RootAt(tree_, kSizeMax + 1).error().code(), Code::kNotFound);
  EXPECT_EQ(ProveInclusion(tree_, 0, kSizeMax + 1).error().code(), Code::kNotFound);
  EXPECT_EQ(ProveConsistency(tree_, 1, kSizeMax + 1).error().code(), Code::kNotFound);
}

}  // namespace
}  // namespace cloison::tlog
