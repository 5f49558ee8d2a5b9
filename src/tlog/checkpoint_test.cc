#include "tlog/checkpoint.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tlog/testing/memory_tree.h"

namespace cloison::tlog {
namespace {

// A whole small log that Tessera wrote: its checkpoints of sizes 0 to 15, and their bundles.
constexpr char kFolder[] = "tests/vectors/tlog-tiles/";
constexpr char kTesseraKey[] =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
constexpr std::uint64_t kSizeMax = 15;

std::string Load(const std::string& name) {
  std::ifstream in(kFolder + name, std::ios::binary);
  EXPECT_TRUE(in.good()) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string NoteAt(std::uint64_t size) {
  return Load("checkpoint." + std::to_string(size));
}

VerifierKey TesseraKey() {
  return *VerifierKey::Parse(kTesseraKey);
}

// The entries of a bundle, as the hashes of their leaves.
std::vector<Hash> LeavesOf(const std::string& bundle) {
  std::vector<Hash> leaves;
  base::Reader reader(AsBytes(bundle));
  while (!reader.empty() && !reader.failed()) leaves.push_back(LeafHash(reader.Take(reader.U16())));
  EXPECT_FALSE(reader.failed());
  return leaves;
}

TEST(TesseraLog, EveryCheckpointVerifiesAndItsRootFollowsFromTheEntries) {
  for (std::uint64_t size = 0; size <= kSizeMax; ++size) {
    const Result<Checkpoint> checkpoint = OpenCheckpoint(NoteAt(size), TesseraKey());
    ASSERT_TRUE(checkpoint.ok()) << size;
    EXPECT_EQ(checkpoint->origin, "example.com/log/testdata");
    EXPECT_EQ(checkpoint->head.size, size);
    Frontier frontier;
    if (size > 0) {
      const auto leaves = LeavesOf(Load("tile/entries/000.p/" + std::to_string(size)));
      EXPECT_EQ(leaves.size(), size);
      ASSERT_TRUE(frontier.Append(leaves).ok());
      std::string tile;
      for (const Hash& leaf : leaves) tile.append(AsText(leaf));
      EXPECT_EQ(tile, Load("tile/0/000.p/" + std::to_string(size)));
    }
    EXPECT_EQ(frontier.Root(), checkpoint->head.root) << size;
  }
  EXPECT_EQ(Load("checkpoint"), NoteAt(kSizeMax));
}

TEST(TesseraLog, AllItsCheckpointsAreConsistent) {
  testing::MemoryTree tree;
  for (const Hash& leaf : LeavesOf(Load("tile/entries/000.p/15"))) tree.Append(leaf);
  for (std::uint64_t newer = 1; newer <= kSizeMax; ++newer) {
    const Head to = OpenCheckpoint(NoteAt(newer), TesseraKey())->head;
    for (std::uint64_t older = 1; older <= newer; ++older) {
      const Head from = OpenCheckpoint(NoteAt(older), TesseraKey())->head;
      const Proof proof = *ProveConsistency(tree, older, newer);
      EXPECT_TRUE(VerifyConsistency(from, to, proof).ok()) << older << " " << newer;
      EXPECT_FALSE(VerifyConsistency({older, to.root}, {newer, from.root}, proof).ok() &&
                   older != newer);
    }
  }
}

TEST(TesseraLog, AnyFlippedByteOfACheckpointIsFound) {
  const std::string good = NoteAt(7);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(OpenCheckpoint(bad, TesseraKey()).ok()) << i;
  }
}

constexpr std::string_view kRoot = "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=";

TEST(Checkpoint, IsParsedAndPrintedBack) {
  const std::string text = "log.example\n15\n" + std::string(kRoot) + "\n";
  const Result<Checkpoint> checkpoint = ParseCheckpoint(text);
  ASSERT_TRUE(checkpoint.ok());
  EXPECT_EQ(checkpoint->origin, "log.example");
  EXPECT_EQ(checkpoint->head.size, 15u);
  EXPECT_EQ(PrintCheckpoint(*checkpoint), text);
}

TEST(Checkpoint, RefusesEveryOtherText) {
  const std::string root = std::string(kRoot) + "\n";
  const struct {
    const char* why;
    std::string text;
    bool want;
  } rows[] = {
      {"three lines", "o\n15\n" + root, true},
      {"the largest size", "o\n1099511627776\n" + root, true},
      {"the empty log", "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", true},
      {"nothing", "", false},
      {"two lines", "o\n15\n", false},
      {"no origin", "\n15\n" + root, false},
      {"no size", "o\n\n" + root, false},
      {"no root", "o\n15\n\n", false},
      {"the last line unfinished", "o\n15\n" + std::string(kRoot), false},
      {"an extension line", "o\n15\n" + root + "more\n", false},
      {"an empty line after", "o\n15\n" + root + "\n", false},
      {"a leading zero", "o\n015\n" + root, false},
      {"a sign", "o\n+15\n" + root, false},
      {"a negative size", "o\n-15\n" + root, false},
      {"a hexadecimal size", "o\n0xf\n" + root, false},
      {"a space before the size", "o\n 15\n" + root, false},
      {"a space after the size", "o\n15 \n" + root, false},
      {"above the largest size", "o\n1099511627777\n" + root, false},
      {"a size beyond 64 bits", "o\n18446744073709551631\n" + root, false},
      {"a short root", "o\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v38\n", false},
      {"a long root", "o\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383csA\n", false},
      {"bits set in the padding", "o\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383ct=\n", false},
      {"no padding", "o\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs\n", false},
      {"not base64", "o\n15\n!KbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n", false},
      {"carriage returns", "o\r\n15\r\n" + std::string(kRoot) + "\r\n", false},
      {"an empty log with a root", "o\n0\n" + root, false},
  };
  for (const auto& row : rows) {
    const Result<Checkpoint> checkpoint = ParseCheckpoint(row.text);
    EXPECT_EQ(checkpoint.ok(), row.want) << row.why;
    if (!checkpoint.ok()) {
      EXPECT_EQ(checkpoint.error().code(), Code::kInvalid) << row.why;
    }
  }
}

TEST(Checkpoint, IsSignedByItsOwnLogAlone) {
  crypto::Secret<32> seed;
  const crypto::Ed25519Signer signer(seed);
  const VerifierKey ours = *VerifierKey::Make("ours", KeyType::kSignature, signer.public_key());
  const VerifierKey other = *VerifierKey::Make("other", KeyType::kSignature, signer.public_key());
  const Checkpoint checkpoint{"ours", {1, LeafHash({})}};
  const Result<Note> note = SignCheckpoint(checkpoint, ours, signer);
  ASSERT_TRUE(note.ok());
  EXPECT_EQ(*OpenCheckpoint(PrintNote(*note), ours), checkpoint);
  EXPECT_EQ(OpenCheckpoint(PrintNote(*note), other).error().code(), Code::kDenied);
  EXPECT_EQ(SignCheckpoint(checkpoint, other, signer).error().code(), Code::kInvalid);

  Note borrowed{PrintCheckpoint(checkpoint), {}};
  ASSERT_TRUE(Sign(borrowed, other, signer).ok());
  EXPECT_EQ(OpenCheckpoint(PrintNote(borrowed), other).error().code(), Code::kDenied);
}

TEST(LogId, IsTheStartOfTheHashOfTheKeysText) {
  EXPECT_EQ(base::ToHex(LogIdOf(TesseraKey()).bytes()), "3eaa8282b6558073");
}

}  // namespace
}  // namespace cloison::tlog
