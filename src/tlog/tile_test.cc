#include "tlog/tile.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <limits>

#include "tlog/checkpoint.h"
#include "tlog/testing/memory_tree.h"

namespace cloison::tlog {
namespace {

using Kind = TileId::Kind;
constexpr std::uint64_t kIndexMax = std::numeric_limits<std::uint64_t>::max();

TEST(TilePath, IsPrintedAndParsedBack) {
  const struct {
    const char* why;
    TileId tile;
    const char* path;
  } rows[] = {
      {"the first tile", {Kind::kHashes, 0, 0, 256}, "tile/0/000"},
      {"a partial one", {Kind::kHashes, 0, 0, 8}, "tile/0/000.p/8"},
      {"the narrowest", {Kind::kHashes, 0, 5, 1}, "tile/0/005.p/1"},
      {"the widest partial one", {Kind::kHashes, 1, 17, 255}, "tile/1/017.p/255"},
      {"one group, full", {Kind::kHashes, 1, 999, 256}, "tile/1/999"},
      {"two groups", {Kind::kHashes, 0, 1000, 256}, "tile/0/x001/000"},
      {"three groups", {Kind::kHashes, 2, 1'234'067, 256}, "tile/2/x001/x234/067"},
      {"three groups, partial", {Kind::kHashes, 15, 123'456'789, 41}, "tile/15/x123/x456/789.p/41"},
      {"the highest level", {Kind::kHashes, 63, 0, 1}, "tile/63/000.p/1"},
      {"the highest index",
       {Kind::kHashes, 0, kIndexMax, 256},
       "tile/0/x018/x446/x744/x073/x709/x551/615"},
      {"the first bundle", {Kind::kEntries, 0, 0, 256}, "tile/entries/000"},
      {"a partial bundle", {Kind::kEntries, 0, 1'234'067, 5}, "tile/entries/x001/x234/067.p/5"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(TilePath(row.tile), row.path) << row.why;
    const Result<TileId> back = ParseTilePath(row.path);
    ASSERT_TRUE(back.ok()) << row.why;
    EXPECT_EQ(*back, row.tile) << row.why;
  }
}

TEST(TilePath, RefusesEveryOtherText) {
  const struct {
    const char* why;
    const char* path;
  } rows[] = {
      {"nothing", ""},
      {"the prefix alone", "tile/"},
      {"no prefix", "0/000"},
      {"another prefix", "tiles/0/000"},
      {"a leading slash", "/tile/0/000"},
      {"a level alone", "tile/0"},
      {"no index", "tile/0/"},
      {"no level", "tile//000"},
      {"entries without an index", "tile/entries"},
      {"entries, nothing after", "tile/entries/"},
      {"entries of a level", "tile/entries/0/000"},
      {"entries in capitals", "tile/Entries/000"},
      {"the data tiles of another format", "tile/data/000"},
      {"a level above the highest", "tile/64/000"},
      {"a level beyond a word", "tile/4294967296/000"},
      {"a level with a leading zero", "tile/00/000"},
      {"a level with a sign", "tile/+1/000"},
      {"a negative level", "tile/-1/000"},
      {"a level with a space", "tile/ 1/000"},
      {"an index of two digits", "tile/0/00"},
      {"an index of four digits", "tile/0/0000"},
      {"an index without its x", "tile/0/001/000"},
      {"an x in the last group", "tile/0/x000"},
      {"an x in both groups", "tile/0/x001/x000"},
      {"a capital X", "tile/0/X001/000"},
      {"a group of zeros in front", "tile/0/x000/001"},
      {"an empty group", "tile/0/x001//000"},
      {"two x", "tile/0/xx001/000"},
      {"letters", "tile/0/abc"},
      {"hexadecimal", "tile/0/0xf"},
      {"an index beyond 64 bits", "tile/0/x018/x446/x744/x073/x709/x551/616"},
      {"an index far beyond", "tile/0/x999/x999/x999/x999/x999/x999/x999/999"},
      {"a width of 0", "tile/0/000.p/0"},
      {"a width of 256", "tile/0/000.p/256"},
      {"a width above", "tile/0/000.p/257"},
      {"a width beyond a word", "tile/0/000.p/4294967297"},
      {"a width with a leading zero", "tile/0/000.p/05"},
      {"a width with a sign", "tile/0/000.p/-5"},
      {"no width", "tile/0/000.p/"},
      {"a mark without its slash", "tile/0/000.p"},
      {"a mark in front", "tile/0/.p/5"},
      {"two widths", "tile/0/000.p/5.p/5"},
      {"a slash at the end", "tile/0/000/"},
      {"a slash after the width", "tile/0/000.p/5/"},
      {"a space at the end", "tile/0/000 "},
      {"a line feed", "tile/0/000\n"},
      {"a query", "tile/0/000?a"},
      {"a way up", "tile/0/../000"},
      {"the checkpoint", "checkpoint"},
  };
  for (const auto& row : rows) {
    const Result<TileId> tile = ParseTilePath(row.path);
    ASSERT_FALSE(tile.ok()) << row.why;
    EXPECT_EQ(tile.error().code(), Code::kInvalid) << row.why;
  }
  EXPECT_FALSE(ParseTilePath(std::string_view("tile/0/000\0", 11)).ok());
}

TEST(WidthAt, IsThatOfTheSpecification) {
  constexpr std::uint64_t kMax = kTreeSizeMax;
  const struct {
    const char* why;
    unsigned level;
    std::uint64_t index;
    std::uint64_t size;
    unsigned want;
  } rows[] = {
      {"an empty log has no tile", 0, 0, 0, 0},
      {"one entry", 0, 0, 1, 1},
      {"one entry has no level 1", 1, 0, 1, 0},
      {"one less than a tile", 0, 0, 255, 255},
      {"one less has no level 1", 1, 0, 255, 0},
      {"a whole tile", 0, 0, 256, 256},
      {"no partial one of nothing after it", 0, 1, 256, 0},
      {"a whole tile is one node above", 1, 0, 256, 1},
      {"one more", 0, 1, 257, 1},
      {"only whole tiles count above", 1, 0, 511, 1},
      {"70,000: the last full one", 0, 272, 70'000, 256},
      {"70,000: the partial one", 0, 273, 70'000, 112},
      {"70,000: beyond", 0, 274, 70'000, 0},
      {"70,000: level 1, full", 1, 0, 70'000, 256},
      {"70,000: level 1, partial", 1, 1, 70'000, 17},
      {"70,000: level 1, beyond", 1, 2, 70'000, 0},
      {"70,000: level 2", 2, 0, 70'000, 1},
      {"70,000: level 3", 3, 0, 70'000, 0},
      {"the largest log, its last tile", 0, kMax / 256 - 1, kMax, 256},
      {"the largest log, beyond", 0, kMax / 256, kMax, 0},
      {"the largest log, level 4", 4, 0, kMax, 256},
      {"the largest log, level 5", 5, 0, kMax, 1},
      {"the largest log, level 6", 6, 0, kMax, 0},
      {"a level that shifts everything out", 8, 0, kIndexMax, 0},
      {"the highest level", 63, 0, kIndexMax, 0},
      {"an index that would overflow", 0, kIndexMax, kIndexMax, 0},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(WidthAt(row.level, row.index, row.size), row.want) << row.why;
  }
}

TEST(WidthAt, TilesOfALevelHoldItsFullNodes) {
  for (std::uint64_t size : {0u, 1u, 255u, 256u, 257u, 65'535u, 65'536u, 65'537u, 70'000u}) {
    for (unsigned level = 0; level < 4; ++level) {
      std::uint64_t nodes = 0;
      for (std::uint64_t index = 0; WidthAt(level, index, size) != 0; ++index) {
        nodes += WidthAt(level, index, size);
      }
      EXPECT_EQ(nodes, size >> (8 * level)) << size << " " << level;
    }
  }
}

TEST(Bundle, HoldsItsEntriesAndNothingElse) {
  Bytes bundle;
  AppendToBundle(AsBytes("one"), bundle);
  AppendToBundle({}, bundle);
  AppendToBundle(Bytes(kEntryBytesMax, 7), bundle);
  const Result<std::vector<ByteView>> entries = ParseBundle(bundle, 3);
  ASSERT_TRUE(entries.ok());
  EXPECT_EQ(AsText((*entries)[0]), "one");
  EXPECT_TRUE((*entries)[1].empty());
  EXPECT_EQ((*entries)[2].size(), kEntryBytesMax);
  EXPECT_TRUE(ParseBundle({}, 0).ok());

  const struct {
    const char* why;
    Bytes bundle;
    unsigned width;
  } rows[] = {
      {"nothing", {}, 1},
      {"an entry less", bundle, 4},
      {"an entry more", bundle, 2},
      {"no entry wanted", bundle, 0},
      {"half a length", {0}, 1},
      {"a length without its entry", {0, 1}, 1},
      {"an entry cut short", {0, 2, 'a'}, 1},
      {"a byte after", {0, 1, 'a', 0}, 1},
      {"a length that reaches into the next", {0, 3, 'a', 0, 1, 'b'}, 2},
      {"more than a bundle can hold", Bytes(2 * 257, 0), 257},
  };
  for (const auto& row : rows) {
    const auto refused = ParseBundle(row.bundle, row.width);
    ASSERT_FALSE(refused.ok()) << row.why;
    EXPECT_EQ(refused.error().code(), Code::kCorrupt) << row.why;
  }
}

// The log that Tessera wrote, read by its paths and by nothing else.
Bytes LoadTessera(const std::string& path) {
  std::ifstream in("tests/vectors/tlog-tiles/" + path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

TEST(TesseraLog, IsReadByItsPaths) {
  const VerifierKey key = *VerifierKey::Parse(
      "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
  Bytes widest;
  for (std::uint64_t size = 1; size <= 15; ++size) {
    const Bytes note = LoadTessera("checkpoint." + std::to_string(size));
    const Head head = OpenCheckpoint(AsText(note), key)->head;
    ASSERT_EQ(head.size, size);
    const unsigned width = WidthAt(0, 0, head.size);
    const Bytes bundle = LoadTessera(TilePath({Kind::kEntries, 0, 0, width}));
    const Bytes hashes = LoadTessera(TilePath({Kind::kHashes, 0, 0, width}));
    const Result<std::vector<ByteView>> entries = ParseBundle(bundle, width);
    ASSERT_TRUE(entries.ok()) << size;
    testing::MemoryTree tree;
    Bytes again;
    Bytes tile;
    for (const ByteView entry : *entries) {
      AppendToBundle(entry, again);
      tree.Append(LeafHash(entry));
      base::AppendBytes(tile, LeafHash(entry));
    }
    EXPECT_EQ(again, bundle);
    EXPECT_EQ(tile, hashes);
    EXPECT_EQ(tree.Root(), head.root);
    // A partial tile is a prefix of what it grows into.
    EXPECT_TRUE(base::Equal(ByteView(hashes).first(widest.size()), widest));
    widest = hashes;
  }
}

}  // namespace
}  // namespace cloison::tlog
