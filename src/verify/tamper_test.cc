// The tamper matrix of a published log: whatever is done to any object is found, and the place is
// named. Every byte of a small log, samples of a large one. What is done to records and segments,
// which are not published, is found by the register itself: src/vault/tamper_test.cc,
// src/ledger/ledger_fault_test.cc.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "base/testing/seeded_random.h"
#include "verify/testing/test_log.h"

namespace cloison::verify {
namespace {

using testing::MakeLog;
using testing::TestLog;
using Kind = tlog::TileId::Kind;

constexpr std::uint64_t kSmall = 520;  // two bundles and 8 entries; tiles of two levels
constexpr std::uint64_t kLarge = 70'000;
constexpr std::size_t kHashBytes = sizeof(tlog::Hash);

LogOptions AllOf(const TestLog& log) {
  LogOptions options = log.Options();
  options.witnesses = {log.north.key, log.south.key};
  return options;
}

// Where a fault at byte `at` of `object` must be placed: at the byte of a tile, at the entry of a
// bundle.
Fault PlaceOf(const std::string& path, const Bytes& object, std::uint64_t at) {
  const tlog::TileId tile = *tlog::ParseTilePath(path);
  if (tile.kind == Kind::kHashes) {
    const std::uint64_t node = tile.index * tlog::kTileWidth + at / kHashBytes;
    return {FaultKind::kTile, path, node << tile.level * tlog::kTileHeight, at, ""};
  }
  std::uint64_t begin = 0, entry = tile.index * tlog::kTileWidth;
  while (true) {
    const std::uint64_t end = begin + 2 + base::LoadBig(ByteView(object).subspan(begin, 2));
    if (at < end) return {FaultKind::kEntry, path, entry, begin, ""};
    begin = end;
    ++entry;
  }
}

// One byte of a tile or a bundle changed.
void ExpectFlipIsNamed(TestLog& log, const std::string& path, std::uint64_t at, std::uint8_t bit) {
  Bytes& object = log.source.objects.at(path);
  const Fault place = PlaceOf(path, object, at);
  object[at] = static_cast<std::uint8_t>(object[at] ^ 1u << bit);
  const Report report = *VerifyLog(log.source, log.Options());
  object[at] = static_cast<std::uint8_t>(object[at] ^ 1u << bit);
  ASSERT_FALSE(report.ok()) << path << " byte " << at;
  EXPECT_EQ(report.fault->path, place.path) << at << " " << Describe(*report.fault);
  EXPECT_EQ(report.fault->entry, place.entry) << path << at << " " << Describe(*report.fault);
  EXPECT_EQ(report.fault->byte, place.byte) << path << at << " " << Describe(*report.fault);
  // A length that runs past the end is no entry at all.
  const bool kind = report.fault->kind == place.kind ||
                    (place.kind == FaultKind::kEntry && report.fault->kind == FaultKind::kLength);
  EXPECT_TRUE(kind) << path << at << " " << Describe(*report.fault);
}

TEST(TamperTest, EveryByteOfEveryTileAndBundleIsNamed) {
  TestLog log = MakeLog(kSmall);
  ASSERT_TRUE(VerifyLog(log.source, AllOf(log))->ok());
  std::size_t flips = 0;
  std::vector<std::string> paths;
  for (const auto& [path, object] : log.source.objects) paths.push_back(path);
  for (const std::string& path : paths) {
    if (path == "checkpoint") continue;
    for (std::uint64_t at = 0; at < log.source.objects.at(path).size(); ++at, ++flips) {
      ExpectFlipIsNamed(log, path, at, static_cast<std::uint8_t>(at % 8));
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_EQ(paths.size(), 3u + 3u + 1u + 1u);  // bundles, tiles of both levels, the checkpoint
  EXPECT_GT(flips, kSmall * kHashBytes);
}

TEST(TamperTest, EveryBitOfTheCheckpointIsFound) {
  TestLog log = MakeLog(kSmall);
  const std::string whole = log.Checkpoint();
  const std::size_t log_line = whole.find("— log.example");
  const std::size_t north_line = whole.find("— north");
  const std::size_t south_line = whole.find("— south");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes& object = log.source.objects.at("checkpoint");
      object[at] = static_cast<std::uint8_t>(object[at] ^ 1u << bit);
      const Report report = *VerifyLog(log.source, AllOf(log));
      object[at] = static_cast<std::uint8_t>(object[at] ^ 1u << bit);
      ASSERT_FALSE(report.ok()) << at << " " << bit;
      const Fault& fault = *report.fault;
      EXPECT_EQ(fault.path, "checkpoint");
      if (fault.kind == FaultKind::kNote) continue;  // no note any more: it has no lines
      if (at < north_line) {
        EXPECT_EQ(fault.kind, FaultKind::kSignature) << at;
        EXPECT_TRUE(fault.byte == log_line || at >= log_line) << at << " " << fault.byte;
      } else {
        const std::size_t line = at < south_line ? north_line : south_line;
        const bool named = fault.kind == FaultKind::kCosignature && fault.byte == line;
        EXPECT_TRUE(named || fault.kind == FaultKind::kQuorum) << at << Describe(fault);
      }
    }
  }
}

using Change = std::function<void(TestLog& log)>;

Bytes& At(TestLog& log, const std::string& path) {
  return log.source.objects.at(path);
}

// Puts the bundle together again after `change` moved its entries.
Change OfEntries(const std::string& path, std::function<void(std::vector<Bytes>&)> change) {
  return [path, change](TestLog& log) {
    Bytes& object = At(log, path);
    std::vector<Bytes> entries;
    const auto parsed = tlog::ParseBundle(object, tlog::ParseTilePath(path)->width);
    for (const ByteView entry : *parsed) {
      entries.push_back(base::ToBytes(entry));
    }
    change(entries);
    object.clear();
    for (const Bytes& entry : entries) tlog::AppendToBundle(entry, object);
  };
}

constexpr char kBundle[] = "tile/entries/001";
constexpr char kLastBundle[] = "tile/entries/002.p/8";
constexpr char kTile[] = "tile/0/001";
constexpr char kLastTile[] = "tile/0/002.p/8";
constexpr char kTop[] = "tile/1/000.p/2";
constexpr std::uint64_t kEntryBytes = 7;  // length ‖ "a-256"

struct Row {
  const char* why;
  Change change;
  FaultKind kind;
  std::string path;
  std::optional<std::uint64_t> entry;
  std::uint64_t byte;
};

void ExpectAllNamed(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    TestLog log = MakeLog(kSmall);
    row.change(log);
    const Report report = *VerifyLog(log.source, AllOf(log));
    ASSERT_FALSE(report.ok()) << row.why;
    EXPECT_EQ(FaultName(report.fault->kind), FaultName(row.kind)) << row.why;
    EXPECT_EQ(report.fault->path, row.path) << row.why;
    EXPECT_EQ(report.fault->entry, row.entry) << row.why << Describe(*report.fault);
    EXPECT_EQ(report.fault->byte, row.byte) << row.why << Describe(*report.fault);
  }
}

TEST(TamperTest, WhatIsDoneToEntriesIsNamed) {
  const std::string other = "b-300";
  ExpectAllNamed({
      {"an entry taken out in the middle: the next one stands in its place",
       OfEntries(kBundle, [](auto& e) { e.erase(e.begin() + 44); }), FaultKind::kEntry, kBundle,
       300, 44 * kEntryBytes},
      {"the last one of a bundle taken out", OfEntries(kBundle, [](auto& e) { e.pop_back(); }),
       FaultKind::kLength, kBundle, 511, 255 * kEntryBytes},
      {"the last one of the log taken out", OfEntries(kLastBundle, [](auto& e) { e.pop_back(); }),
       FaultKind::kLength, kLastBundle, 519, 7 * kEntryBytes},
      {"two neighbours swapped", OfEntries(kBundle, [](auto& e) { std::swap(e[3], e[4]); }),
       FaultKind::kEntry, kBundle, 259, 3 * kEntryBytes},
      {"one written twice, over its neighbour", OfEntries(kBundle, [](auto& e) { e[9] = e[8]; }),
       FaultKind::kEntry, kBundle, 265, 9 * kEntryBytes},
      {"one written twice, pushing the rest",
       OfEntries(kBundle, [](auto& e) { e.insert(e.begin() + 8, e[8]); }), FaultKind::kEntry,
       kBundle, 265, 9 * kEntryBytes},
      {"one added behind the last", OfEntries(kLastBundle, [](auto& e) { e.push_back(e[0]); }),
       FaultKind::kLength, kLastBundle, 520, 8 * kEntryBytes},
      {"one that never was", OfEntries(kBundle, [&](auto& e) { e[44] = Bytes(5, 'x'); }),
       FaultKind::kEntry, kBundle, 300, 44 * kEntryBytes},
      {"one cut short, its length right", OfEntries(kBundle, [](auto& e) { e[44].pop_back(); }),
       FaultKind::kEntry, kBundle, 300, 44 * kEntryBytes},
      {"one of no bytes", OfEntries(kBundle, [](auto& e) { e[0].clear(); }), FaultKind::kEntry,
       kBundle, 256, 0},
      {"two swapped across bundles, tiles as they were",
       [](TestLog& log) {
         std::swap_ranges(At(log, kBundle).begin(), At(log, kBundle).begin() + kEntryBytes,
                          At(log, kLastBundle).begin());
       },
       FaultKind::kEntry, kBundle, 256, 0},
  });
}

TEST(TamperTest, WhatIsDoneToWholeObjectsIsNamed) {
  const auto dropped = [](const char* path) {
    return [path](TestLog& log) { log.source.objects.erase(path); };
  };
  const auto cut = [](const char* path, std::size_t size) {
    return [path, size](TestLog& log) { At(log, path).resize(size); };
  };
  const auto exchanged = [](const char* a, const char* b) {
    return [a, b](TestLog& log) { std::swap(At(log, a), At(log, b)); };
  };
  const auto copied = [](const char* from, const char* to) {
    return [from, to](TestLog& log) { At(log, to) = At(log, from); };
  };
  ExpectAllNamed({
      {"a bundle dropped", dropped(kBundle), FaultKind::kMissing, kBundle, 256, 0},
      {"the partial bundle dropped", dropped(kLastBundle), FaultKind::kMissing, kLastBundle, 512,
       0},
      {"a tile dropped", dropped(kTile), FaultKind::kMissing, kTile, 256, 0},
      {"the partial tile dropped", dropped(kLastTile), FaultKind::kMissing, kLastTile, 512, 0},
      {"the tile above dropped", dropped(kTop), FaultKind::kMissing, kTop, 0, 0},
      {"the checkpoint dropped", dropped("checkpoint"), FaultKind::kMissing, "checkpoint", {}, 0},
      {"a bundle of no bytes", cut(kBundle, 0), FaultKind::kLength, kBundle, 256, 0},
      {"a bundle cut between entries", cut(kBundle, 70), FaultKind::kLength, kBundle, 266, 70},
      {"a bundle cut inside an entry", cut(kBundle, 75), FaultKind::kLength, kBundle, 266, 70},
      {"a bundle cut inside a length", cut(kBundle, 71), FaultKind::kLength, kBundle, 266, 70},
      {"a tile of no bytes", cut(kTile, 0), FaultKind::kLength, kTile, 256, 0},
      {"a tile cut inside a hash", cut(kTile, 333), FaultKind::kLength, kTile, 266, 333},
      {"the tile above cut", cut(kTop, 32), FaultKind::kLength, kTop, 256, 32},
      {"a tile a byte longer", cut(kTile, 8'193), FaultKind::kLength, kTile, 256, 8'192},
      {"the checkpoint cut", cut("checkpoint", 100), FaultKind::kNote, "checkpoint", {}, 0},
      {"two bundles exchanged", exchanged("tile/entries/000", kBundle), FaultKind::kEntry,
       "tile/entries/000", 0, 0},
      {"two tiles exchanged", exchanged("tile/0/000", kTile), FaultKind::kTile, "tile/0/000", 0, 0},
      {"a bundle twice", copied("tile/entries/000", kBundle), FaultKind::kEntry, kBundle, 256, 0},
      {"a tile twice", copied("tile/0/000", kTile), FaultKind::kTile, kTile, 256, 0},
      {"a bundle and its tile twice",
       [&](TestLog& log) {
         copied("tile/entries/000", kBundle)(log);
         copied("tile/0/000", kTile)(log);
       },
       FaultKind::kEntry, kBundle, 256, 0},
      {"a partial bundle rolled back to fewer entries", cut(kLastBundle, 5 * kEntryBytes),
       FaultKind::kLength, kLastBundle, 517, 5 * kEntryBytes},
      {"the checkpoint of an earlier size: its partial tiles are not those",
       [](TestLog& log) {
         log.source.objects["checkpoint"] = MakeLog(519).source.objects["checkpoint"];
       },
       FaultKind::kMissing, "tile/entries/002.p/7", 512, 0},
  });
}

// Somebody who holds all files but the log's key makes everything fit.
TEST(TamperTest, ALogMadeAnewIsFoundByItsRootAndAForkByWhatWasSeenBefore) {
  TestLog rewritten = MakeLog(kSmall, "a", 300);
  rewritten.source.objects["checkpoint"] = MakeLog(kSmall).source.objects["checkpoint"];
  const Report report = *VerifyLog(rewritten.source, AllOf(rewritten));
  EXPECT_EQ(report.fault->kind, FaultKind::kRoot);
  EXPECT_EQ(report.fault->path, "checkpoint");
  // All but the tile above: the signed root says that the entries below are the wrong ones.
  TestLog half = MakeLog(kSmall);
  for (const char* path : {kBundle, kTile}) At(half, path) = At(rewritten, path);
  const Report below = *VerifyLog(half.source, AllOf(half));
  EXPECT_EQ(below.fault->kind, FaultKind::kEntry);
  EXPECT_EQ(below.fault->path, kBundle);
  EXPECT_EQ(below.fault->entry, 256u);
  // Who holds the key as well can sign it; whoever kept a checkpoint sees the fork.
  TestLog fork = MakeLog(kSmall, "a", 300);
  EXPECT_TRUE(VerifyLog(fork.source, AllOf(fork))->ok());
  LogOptions options = AllOf(fork);
  options.since = MakeLog(400).Checkpoint();
  EXPECT_EQ(VerifyLog(fork.source, options)->fault->kind, FaultKind::kFork);
  // And a log rolled back, whole in itself.
  TestLog shorter = MakeLog(399);
  EXPECT_TRUE(VerifyLog(shorter.source, AllOf(shorter))->ok());
  EXPECT_EQ(VerifyLog(shorter.source, options)->fault->kind, FaultKind::kRolledBack);
}

TEST(TamperTest, CosignaturesDroppedSwappedOrTakenTwiceAreMissed) {
  const TestLog made = MakeLog(kSmall);
  const tlog::Note note = *tlog::ParseNote(made.Checkpoint());
  const tlog::Note older = *tlog::ParseNote(MakeLog(kSmall - 1).Checkpoint());
  const std::size_t log_line = made.Checkpoint().find("— log.example");
  const std::size_t north_line = made.Checkpoint().find("— north");
  const struct {
    const char* why;
    std::function<void(tlog::Note&)> change;
    FaultKind kind;
    std::uint64_t byte;
  } rows[] = {
      {"the log's signature dropped",
       [](tlog::Note& n) { n.signatures.erase(n.signatures.begin()); }, FaultKind::kSignature,
       made.Checkpoint().size() - (north_line - log_line)},
      {"a cosignature dropped", [](tlog::Note& n) { n.signatures.pop_back(); }, FaultKind::kQuorum,
       note.text.size() + 1},
      {"one twice for two", [](tlog::Note& n) { n.signatures[2] = n.signatures[1]; },
       FaultKind::kQuorum, note.text.size() + 1},
      {"two with each other's bytes",
       [](tlog::Note& n) { std::swap(n.signatures[1].blob, n.signatures[2].blob); },
       FaultKind::kCosignature, north_line},
      {"one of the checkpoint before",
       [&](tlog::Note& n) { n.signatures[1] = older.signatures[1]; }, FaultKind::kCosignature,
       north_line},
      {"one cut short", [](tlog::Note& n) { n.signatures[1].blob.pop_back(); },
       FaultKind::kCosignature, north_line},
      {"one of the log's bytes under a witness's name",
       [](tlog::Note& n) { n.signatures[1].blob = n.signatures[0].blob; }, FaultKind::kCosignature,
       north_line},
  };
  for (const auto& row : rows) {
    TestLog log = MakeLog(kSmall);
    tlog::Note changed = note;
    row.change(changed);
    log.source.objects["checkpoint"] = base::ToBytes(AsBytes(tlog::PrintNote(changed)));
    const Report report = *VerifyLog(log.source, AllOf(log));
    ASSERT_FALSE(report.ok()) << row.why;
    EXPECT_EQ(FaultName(report.fault->kind), FaultName(row.kind)) << row.why;
    EXPECT_EQ(report.fault->byte, row.byte) << row.why;
  }
}

// Each row: an object of a kind drawn, a byte of it, a bit.
TEST(TamperTest, SampledOnALargeLog) {
  TestLog log = MakeLog(kLarge);
  ASSERT_TRUE(VerifyLog(log.source, AllOf(log))->ok());
  base::testing::SeededRandom random(20'261'127);
  const int samples = std::getenv("CLOISON_LONG") != nullptr ? 2'000 : 12;
  const struct {
    const char* why;
    Kind kind;
    unsigned level;
  } rows[] = {{"a leaf", Kind::kEntries, 0},
              {"a tile of level 0", Kind::kHashes, 0},
              {"a tile of level 1", Kind::kHashes, 1},
              {"a tile of level 2", Kind::kHashes, 2}};
  for (const auto& row : rows) {
    const std::uint64_t nodes = kLarge >> row.level * tlog::kTileHeight;
    for (int i = 0; i < samples; ++i) {
      const std::uint64_t index = random.Below((nodes + tlog::kTileWidth - 1) / tlog::kTileWidth);
      const std::string path =
          tlog::TilePath({row.kind, row.level, index, tlog::WidthAt(row.level, index, kLarge)});
      const std::uint64_t at = random.Below(log.source.objects.at(path).size());
      ExpectFlipIsNamed(log, path, at, static_cast<std::uint8_t>(random.Below(8)));
      if (HasFailure()) FAIL() << row.why << " of seed 20261127, sample " << i;
    }
  }
}

}  // namespace
}  // namespace cloison::verify
