#include "tlog/inclusion_text.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "crypto/base64.h"
#include "tlog/checkpoint.h"
#include "tlog/testing/memory_tree.h"
#include "tlog/tile.h"

namespace cloison::tlog {
namespace {

constexpr std::string_view kFirst = "c2sp.org/tlog-proof@v1\n";
constexpr std::string_view kHashLine = "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n";
constexpr std::string_view kNote = "log.example\n1\nAA==\n\n— log.example AAAAAAA=\n";

std::string Join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out.append(part);
  return out;
}

std::string Repeat(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out.append(part);
  return out;
}

TEST(InclusionText, IsPrintedAndParsedBack) {
  const struct {
    const char* why;
    std::string text;
    std::uint64_t index;
    std::size_t hashes;
    std::optional<std::string> extra;
  } rows[] = {
      {"the only leaf of a log", Join({kFirst, "index 0\n\n", kNote}), 0, 0, {}},
      {"with hashes",
       Join({kFirst, "index 73894\n", kHashLine, kHashLine, "\n", kNote}),
       73'894,
       2,
       {}},
      {"with extra data", Join({kFirst, "extra YWdl\nindex 7\n", kHashLine, "\n", kNote}), 7, 1,
       "age"},
      {"the longest",
       Join({kFirst, "index 1099511627775\n", Repeat(kHashLine, kProofHashesMax), "\n", kNote}),
       kTreeSizeMax - 1,
       kProofHashesMax,
       {}},
  };
  for (const auto& row : rows) {
    const Result<InclusionText> parsed = ParseInclusionText(row.text);
    ASSERT_TRUE(parsed.ok()) << row.why;
    EXPECT_EQ(parsed->index, row.index) << row.why;
    EXPECT_EQ(parsed->proof.size(), row.hashes) << row.why;
    EXPECT_EQ(parsed->checkpoint, kNote) << row.why;
    ASSERT_EQ(parsed->extra.has_value(), row.extra.has_value()) << row.why;
    if (row.extra) {
      EXPECT_EQ(AsText(*parsed->extra), *row.extra) << row.why;
    }
    EXPECT_EQ(Print(*parsed), row.text) << row.why;
  }
}

TEST(InclusionText, RefusesEveryOtherText) {
  const std::string large = crypto::ToBase64(Bytes(kInclusionExtraBytesMax + 1, 1));
  const struct {
    const char* why;
    std::string text;
    Code want = Code::kInvalid;
  } rows[] = {
      {"nothing", ""},
      {"the first line alone", std::string(kFirst)},
      {"another first line", Join({"c2sp.org/tlog-proof@v2\nindex 0\n\n", kNote})},
      {"a line before", Join({"\n", kFirst, "index 0\n\n", kNote})},
      {"no index", Join({kFirst, "\n", kNote})},
      {"an empty line for the index", Join({kFirst, "\nindex 0\n\n", kNote})},
      {"hashes and no index", Join({kFirst, kHashLine, "\n", kNote})},
      {"the index after the hashes", Join({kFirst, kHashLine, "index 0\n\n", kNote})},
      {"two indices", Join({kFirst, "index 0\nindex 0\n\n", kNote})},
      {"an index without a number", Join({kFirst, "index \n\n", kNote})},
      {"a leading zero", Join({kFirst, "index 01\n\n", kNote})},
      {"a sign", Join({kFirst, "index +1\n\n", kNote})},
      {"a negative index", Join({kFirst, "index -1\n\n", kNote})},
      {"two spaces", Join({kFirst, "index  1\n\n", kNote})},
      {"a space after", Join({kFirst, "index 1 \n\n", kNote})},
      {"above the largest", Join({kFirst, "index 1099511627776\n\n", kNote})},
      {"beyond 64 bits", Join({kFirst, "index 18446744073709551616\n\n", kNote})},
      {"extra data of nothing", Join({kFirst, "extra \nindex 0\n\n", kNote})},
      {"extra data not in base64", Join({kFirst, "extra !!!!\nindex 0\n\n", kNote})},
      {"extra data unpadded", Join({kFirst, "extra YQ\nindex 0\n\n", kNote})},
      {"extra data alone", Join({kFirst, "extra YWdl\n\n", kNote})},
      {"extra data twice", Join({kFirst, "extra YWdl\nextra YWdl\nindex 0\n\n", kNote})},
      {"extra data after the index", Join({kFirst, "index 0\nextra YWdl\n\n", kNote})},
      {"too much of it", Join({kFirst, "extra ", large, "\nindex 0\n\n", kNote}), Code::kExhausted},
      {"a short hash",
       Join({kFirst, "index 0\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v38\n\n", kNote})},
      {"bits set in a hash's padding",
       Join({kFirst, "index 0\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383ct=\n\n", kNote})},
      {"a hash and a space", Join({kFirst, "index 0\n", kHashLine.substr(0, 44), " \n\n", kNote})},
      {"a hash too many",
       Join({kFirst, "index 0\n", Repeat(kHashLine, kProofHashesMax + 1), "\n", kNote})},
      {"no empty line", Join({kFirst, "index 0\n", kNote.substr(0, 10)})},
      {"no checkpoint", Join({kFirst, "index 0\n\n"})},
      {"a checkpoint that nobody signed", Join({kFirst, "index 0\n\nlog.example\n1\nAA==\n"})},
      {"a checkpoint cut short", Join({kFirst, "index 0\n\n", kNote.substr(0, kNote.size() - 1)})},
      {"a line after the checkpoint", Join({kFirst, "index 0\n\n", kNote, "more\n"})},
      {"carriage returns", Join({"c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\n", kNote})},
      {"too long", Join({kFirst, "index 0\n\n", std::string(kInclusionTextBytesMax, 'a')}),
       Code::kExhausted},
  };
  for (const auto& row : rows) {
    const Result<InclusionText> parsed = ParseInclusionText(row.text);
    ASSERT_FALSE(parsed.ok()) << row.why;
    EXPECT_EQ(parsed.error().code(), row.want) << row.why;
  }
}

// What is given to a stranger proves what it says: the log that Tessera wrote, as texts.
TEST(InclusionText, CarriesAProofOfAForeignLog) {
  const auto load = [](const std::string& path) {
    std::ifstream in("tests/vectors/tlog-tiles/" + path, std::ios::binary);
    EXPECT_TRUE(in.good()) << path;
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const VerifierKey key = *VerifierKey::Parse(
      "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
  const std::string bundle = load("tile/entries/000.p/15");
  testing::MemoryTree tree;
  const std::vector<ByteView> entries = *ParseBundle(AsBytes(bundle), 15);
  for (const ByteView entry : entries) tree.Append(LeafHash(entry));
  for (std::uint64_t index = 0; index < 15; ++index) {
    const std::string text =
        Print({{}, index, *ProveInclusion(tree, index, 15), load("checkpoint")});
    const Result<InclusionText> parsed = ParseInclusionText(text);
    ASSERT_TRUE(parsed.ok());
    const Head head = OpenCheckpoint(parsed->checkpoint, key)->head;
    const Leaf leaf{parsed->index, LeafHash(entries[index])};
    EXPECT_TRUE(VerifyInclusion(leaf, head, parsed->proof).ok()) << index;
  }
}

}  // namespace
}  // namespace cloison::tlog
