#include "ledger/publisher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "ledger/internal/level_files.h"
#include "ledger/testing/ledger_world.h"
#include "tlog/checkpoint.h"
#include "tlog/testing/memory_tree.h"

namespace cloison::ledger {
namespace {

using testing::LedgerWorld;
using testing::Look;
using tlog::TileId;
using Kind = TileId::Kind;

// What a publisher must give, from the leaves alone.
struct Oracle {
  tlog::testing::MemoryTree tree;
  std::vector<Leaf> leaves;

  explicit Oracle(LedgerWorld& world) {
    while (leaves.size() < world.ledger->size()) {
      const auto more = world.executor.Wait(world.ledger->ReadLeaves(leaves.size(), 1'000));
      for (const Leaf& leaf : **more) {
        leaves.push_back(leaf);
        tree.Append(tlog::LeafHash(leaf));
      }
    }
  }
  Bytes Tile(const TileId& tile) {
    Bytes out;
    for (std::uint64_t i = 0; i < tile.width; ++i) {
      const std::uint64_t at = tile.index * tlog::kTileWidth + i;
      if (tile.kind == Kind::kEntries) {
        tlog::AppendToBundle(leaves[at], out);
      } else {
        base::AppendBytes(out, *tree.Node(tile.level * tlog::kTileHeight, at));
      }
    }
    return out;
  }
  tlog::Hash RootAt(std::uint64_t size) { return *tlog::RootAt(tree, size); }
};

void Grow(LedgerWorld& world, std::uint64_t size) {
  while (world.ledger->size() < size) {
    const std::uint64_t batch = std::min<std::uint64_t>(97, size - world.ledger->size());
    for (std::uint64_t i = 0; i < batch; ++i) {
      world.Submit(Look{i % LedgerWorld::kAgents, i % LedgerWorld::kPeople});
    }
    world.Run();
  }
}

Result<Bytes> Read(LedgerWorld& world, const TileId& tile) {
  return *world.executor.Wait(world.publisher->ReadTile(tile));
}

tlog::Head Published(LedgerWorld& world) {
  const auto key = tlog::VerifierKey::Parse(world.ledger->vkey());
  const auto checkpoint = tlog::OpenCheckpoint(world.publisher->checkpoint(), *key);
  EXPECT_TRUE(checkpoint.ok());
  return checkpoint.ok() ? checkpoint->head : tlog::Head{};
}

// Every tile that the published size has, in its width and in some smaller ones; and none beyond.
void ExpectPublished(LedgerWorld& world, std::uint64_t size) {
  Oracle oracle(world);
  EXPECT_EQ(world.publisher->size(), size);
  EXPECT_EQ(Published(world), (tlog::Head{size, oracle.RootAt(size)}));
  for (const Kind kind : {Kind::kHashes, Kind::kEntries}) {
    for (unsigned level = 0; level < (kind == Kind::kHashes ? internal::kTileLevels : 1); ++level) {
      std::uint64_t index = 0;
      for (; tlog::WidthAt(level, index, size) != 0; ++index) {
        const unsigned widest = tlog::WidthAt(level, index, size);
        for (const unsigned width : {widest, 1u, widest / 2 + 1}) {
          const TileId tile{kind, level, index, width};
          const Result<Bytes> got = Read(world, tile);
          ASSERT_TRUE(got.ok()) << size << " " << tlog::TilePath(tile);
          EXPECT_EQ(*got, oracle.Tile(tile)) << size << " " << tlog::TilePath(tile);
        }
        if (widest == tlog::kTileWidth) continue;
        const auto wider = Read(world, {kind, level, index, widest + 1});
        EXPECT_EQ(wider.error().code(), Code::kNotFound);
      }
      EXPECT_EQ(Read(world, {kind, level, index + 1, 1}).error().code(), Code::kNotFound);
    }
  }
}

TEST(Publisher, GivesTheTilesOfEverySize) {
  LedgerWorld world(1);
  ASSERT_TRUE(world.Open().ok());
  EXPECT_EQ(world.publisher->checkpoint(), "");
  for (const std::uint64_t size : {0u, 1u, 2u, 255u, 256u, 257u, 511u, 513u, 1'000u}) {
    Grow(world, size);
    ASSERT_TRUE(world.Publish().ok()) << size;
    ExpectPublished(world, size);
    ASSERT_TRUE(world.Publish().ok()) << "again, with nothing new";
    EXPECT_EQ(world.publisher->size(), size);
  }
  world.Close();
  ASSERT_TRUE(world.Open().ok());
  ASSERT_TRUE(world.Publish().ok());
  ExpectPublished(world, 1'000);
}

TEST(Publisher, GivesNothingBeyondWhatIsPublished) {
  LedgerWorld world(2);
  ASSERT_TRUE(world.Open().ok());
  Grow(world, 10);
  ASSERT_TRUE(world.Publish().ok());
  const std::string before = world.publisher->checkpoint();
  Grow(world, 300);
  EXPECT_EQ(world.publisher->checkpoint(), before);
  const struct {
    const char* why;
    TileId tile;
    Code want;
  } rows[] = {
      {"an entry more", {Kind::kEntries, 0, 0, 11}, Code::kNotFound},
      {"a hash more", {Kind::kHashes, 0, 0, 11}, Code::kNotFound},
      {"a full tile that is durable alone", {Kind::kHashes, 0, 0, 256}, Code::kNotFound},
      {"the node above it", {Kind::kHashes, 1, 0, 1}, Code::kNotFound},
      {"a level that no tree has", {Kind::kHashes, 6, 0, 1}, Code::kNotFound},
      {"the highest level of a path", {Kind::kHashes, 63, 0, 1}, Code::kNotFound},
      {"an index far beyond", {Kind::kHashes, 0, ~std::uint64_t{0}, 1}, Code::kNotFound},
      {"no width", {Kind::kHashes, 0, 0, 0}, Code::kInvalid},
      {"too wide", {Kind::kHashes, 0, 0, 257}, Code::kInvalid},
      {"a level of entries", {Kind::kEntries, 1, 0, 1}, Code::kInvalid},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Read(world, row.tile).error().code(), row.want) << row.why;
  }
  EXPECT_TRUE(Read(world, {Kind::kHashes, 0, 0, 10}).ok());
}

TEST(Publisher, GivesOutWhatIsKeptAsTheSignedSizeAlone) {
  LedgerWorld world(10);
  ASSERT_TRUE(world.Open().ok());
  Grow(world, 5);
  ASSERT_TRUE(world.Publish().ok());
  const std::string before = world.publisher->checkpoint();
  EXPECT_EQ(AsText(*world.files.Read(world.directory.path() + "/signed")), before);
  // Something is in its way.
  const std::string in_the_way = world.directory.path() + "/signed.new";
  ASSERT_TRUE(world.files.MakeDirectory(in_the_way, 0700).ok());
  Grow(world, 9);
  EXPECT_FALSE(world.Publish().ok());
  EXPECT_EQ(world.publisher->checkpoint(), before);
  EXPECT_EQ(Read(world, {Kind::kHashes, 0, 0, 6}).error().code(), Code::kNotFound);
  ASSERT_EQ(std::filesystem::remove_all(in_the_way), 1u);
  ASSERT_TRUE(world.Publish().ok());
  ExpectPublished(world, 9);
  EXPECT_EQ(world.ledger->signed_checkpoint(), world.publisher->checkpoint());
}

TEST(Publisher, ProvesWhatIsDurablePublishedOrNot) {
  LedgerWorld world(3);
  ASSERT_TRUE(world.Open().ok());
  Grow(world, 300);
  ASSERT_TRUE(world.Publish().ok());
  Grow(world, 700);
  Oracle oracle(world);
  for (const std::uint64_t size : {1u, 2u, 255u, 256u, 257u, 300u, 511u, 512u, 600u, 700u}) {
    const tlog::Head head{size, oracle.RootAt(size)};
    std::vector<std::uint64_t> indices;
    for (std::uint64_t index = 0; index < size; index += 7) indices.push_back(index);
    indices.push_back(size - 1);
    const auto proofs = *world.executor.Wait(world.publisher->ProveInclusions(indices, size));
    ASSERT_TRUE(proofs.ok()) << size;
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const tlog::Leaf leaf{indices[i], tlog::LeafHash(oracle.leaves[indices[i]])};
      EXPECT_TRUE(tlog::VerifyInclusion(leaf, head, (*proofs)[i]).ok())
          << size << " " << leaf.index;
    }
    const auto one = *world.executor.Wait(world.publisher->ProveInclusion(size / 2, size));
    ASSERT_TRUE(one.ok());
    EXPECT_EQ(*one, *tlog::ProveInclusion(oracle.tree, size / 2, size));
    for (const std::uint64_t newer : {300u, 512u, 700u}) {
      if (newer < size) continue;
      const auto proof = *world.executor.Wait(world.publisher->ProveConsistency(size, newer));
      ASSERT_TRUE(proof.ok());
      EXPECT_TRUE(tlog::VerifyConsistency(head, {newer, oracle.RootAt(newer)}, *proof).ok());
    }
  }
  const auto refuses = [&](std::uint64_t index, std::uint64_t size) {
    return world.executor.Wait(world.publisher->ProveInclusion(index, size))->error().code();
  };
  EXPECT_EQ(refuses(0, 701), Code::kInvalid) << "above the log";
  EXPECT_EQ(refuses(300, 300), Code::kInvalid) << "outside the tree";
  EXPECT_EQ(refuses(0, 0), Code::kInvalid) << "of an empty tree";
  EXPECT_EQ(world.executor.Wait(world.publisher->ProveConsistency(0, 5))->error().code(),
            Code::kInvalid);
}

using FileContents = std::vector<Bytes>;  // by level

std::string PathOf(LedgerWorld& world, unsigned level) {
  return world.directory.path() + "/tiles/level-" + std::to_string(level);
}

FileContents ReadFiles(LedgerWorld& world) {
  FileContents out;
  for (unsigned level = 0; level < internal::kTileLevels; ++level) {
    const Result<Bytes> bytes = world.files.Read(PathOf(world, level));
    out.push_back(bytes.ok() ? *bytes : Bytes());
  }
  return out;
}

void WriteFile(LedgerWorld& world, unsigned level, const Bytes& bytes) {
  ASSERT_TRUE(base::WriteWhole(world.files, PathOf(world, level), bytes).ok());
}

TEST(Publisher, MendsFilesThatAreNotTheLog) {
  const auto flip = [](Bytes bytes, std::size_t at) {
    bytes[at] ^= 1;
    return bytes;
  };
  const auto cut = [](Bytes bytes, std::size_t size) {
    bytes.resize(size);
    return bytes;
  };
  LedgerWorld world(4);
  ASSERT_TRUE(world.Open().ok());
  Grow(world, 600);
  ASSERT_TRUE(world.Publish().ok());
  world.Close();
  const FileContents good = ReadFiles(world);
  ASSERT_EQ(good[0].size(), 600u * 32);
  ASSERT_EQ(good[1].size(), 2u * 32);
  const struct {
    const char* why;
    unsigned level;
    std::optional<Bytes> bytes;  // nothing: the file is gone
  } rows[] = {
      {"as it was left", 0, good[0]},
      {"the first byte flipped", 0, flip(good[0], 0)},
      {"a byte of a full tile flipped", 0, flip(good[0], 300 * 32 + 7)},
      {"a byte of the partial tile flipped", 0, flip(good[0], 599 * 32 + 31)},
      {"a byte of the level above flipped", 1, flip(good[1], 40)},
      {"no file of hashes", 0, {}},
      {"no file of the level above", 1, {}},
      {"an empty file", 0, Bytes()},
      {"hashes missing", 0, cut(good[0], 512 * 32)},
      {"a hash torn", 0, cut(good[0], 599 * 32 + 5)},
      {"a hash of the level above torn", 1, cut(good[1], 33)},
      {"longer by zeros", 0, cut(good[0], 700 * 32)},
      {"longer by some bytes", 0, cut(good[0], 600 * 32 + 3)},
      {"the level above longer", 1, cut(good[1], 5 * 32)},
      {"a level that the log has not", 2, Bytes(64, 7)},
      {"two hashes swapped", 0,
       [&] {
         Bytes bytes = good[0];
         std::swap_ranges(bytes.begin(), bytes.begin() + 32, bytes.begin() + 32);
         return bytes;
       }()},
      {"another file altogether", 0, Bytes(600 * 32, 9)},
  };
  for (const auto& row : rows) {
    if (row.bytes) {
      WriteFile(world, row.level, *row.bytes);
    } else {
      ASSERT_TRUE(world.files.Remove(PathOf(world, row.level)).ok());
    }
    ASSERT_TRUE(world.Open().ok()) << row.why;
    ASSERT_TRUE(world.Publish().ok()) << row.why;
    ExpectPublished(world, 600);
    world.Close();
    EXPECT_EQ(ReadFiles(world), good) << row.why;
  }
}

TEST(Publisher, PublishesNoLogThatIsNotTheOneSigned) {
  LedgerWorld world(5);
  ASSERT_TRUE(world.Open().ok());
  Grow(world, 300);
  ASSERT_TRUE(world.Publish().ok());
  ASSERT_TRUE(world.executor.Wait(world.ledger->Fold())->ok());  // so that the start reads no frame
  world.Close();
  auto page = *world.executor.Wait(
      world.memory.Scan({store::Family::kFrames, "", ""}, store::kScanRowsMax));
  store::KeyedRow& frame = page->rows.front();
  frame.row.value[50] ^= 1;
  store::WriteSet writes;
  writes.puts.push_back({{store::Family::kFrames, frame.key}, frame.row.value});
  ASSERT_TRUE(world.executor.Wait(world.memory.Commit(std::move(writes)))->ok());
  ASSERT_TRUE(world.files.Remove(PathOf(world, 0)).ok());
  ASSERT_TRUE(world.Open().ok());
  for (int attempt = 0; attempt < 3; ++attempt) {
    EXPECT_EQ(world.Publish().error().code(), Code::kCorrupt);
    world.Run();
  }
  EXPECT_EQ(world.publisher->checkpoint(), "");
  EXPECT_EQ(Read(world, {Kind::kHashes, 0, 0, 1}).error().code(), Code::kNotFound);
  EXPECT_EQ(world.executor.Wait(world.publisher->ProveInclusion(0, 300))->error().code(),
            Code::kUnavailable);
}

TEST(Publisher, CatchesUpInTheBackgroundAndPublishesNothingUntilItIsWhole) {
  LedgerWorld world(6);
  ASSERT_TRUE(world.Open().ok());
  Grow(world, 600);
  ASSERT_TRUE(world.Publish().ok());
  world.Close();
  for (const bool files_there : {true, false}) {
    if (!files_there) {
      ASSERT_TRUE(world.files.Remove(PathOf(world, 0)).ok());
    }
    world.slice_entries = 50;
    ASSERT_TRUE(world.Open().ok());
    ASSERT_TRUE(world.Publish().ok());
    EXPECT_EQ(world.publisher->checkpoint(), "") << "not whole";
    EXPECT_EQ(world.executor.Wait(world.publisher->ProveInclusion(0, 600))->error().code(),
              Code::kUnavailable);
    EXPECT_EQ(Read(world, {Kind::kHashes, 0, 0, 1}).error().code(), Code::kNotFound);
    const std::uint64_t before = world.ledger->size();
    world.Submit(Look{});  // while it goes on
    ASSERT_TRUE(world.Publish().ok());
    world.Run();
    ASSERT_EQ(world.ledger->size(), before + 1);
    ASSERT_TRUE(world.Publish().ok());
    ExpectPublished(world, before + 1);
    world.Close();
  }
}

TEST(Publisher, IsStoppedInTheMiddleOfCatchingUp) {
  LedgerWorld world(7);
  ASSERT_TRUE(world.Open().ok());
  Grow(world, 600);
  world.Close();
  world.slice_entries = 10;
  ASSERT_TRUE(world.Open().ok());
  ASSERT_TRUE(world.Publish().ok());
  for (int step = 0; step < 5; ++step) world.executor.Step();
  world.Close();
  world.slice_entries = kSliceEntries;
  ASSERT_TRUE(world.Open().ok());
  ASSERT_TRUE(world.Publish().ok());
  ExpectPublished(world, 600);
  base::Detach(world.publisher->Stop());
  EXPECT_EQ(world.Publish().error().code(), Code::kUnavailable);
}

TEST(Publisher, TakesCosignaturesOfItsCheckpointAlone) {
  LedgerWorld world(8);
  ASSERT_TRUE(world.Open().ok());
  Grow(world, 5);
  ASSERT_TRUE(world.Publish().ok());
  const std::string text = tlog::ParseNote(world.publisher->checkpoint())->text;
  const tlog::NoteSignature one{"witness.one", 1, Bytes(72, 1)};
  const tlog::NoteSignature two{"witness.two", 2, Bytes(72, 2)};
  const auto count = [&] {
    return tlog::ParseNote(world.publisher->checkpoint())->signatures.size();
  };
  world.publisher->AddCosignatures("another text\n", {one});
  EXPECT_EQ(count(), 1u) << "of another checkpoint";
  world.publisher->AddCosignatures(text, {one});
  EXPECT_EQ(count(), 2u);
  world.publisher->AddCosignatures(text, {one, two, one});
  EXPECT_EQ(count(), 3u) << "each signer once";
  Published(world);  // it still opens
  ASSERT_TRUE(world.Publish().ok());
  EXPECT_EQ(count(), 3u) << "no news keeps them";
  for (std::uint32_t i = 0; i < 200; ++i) {
    world.publisher->AddCosignatures(text, {{"witness", 100 + i, Bytes(72, 3)}});
  }
  EXPECT_EQ(count(), tlog::kNoteSignaturesMax);
  EXPECT_TRUE(tlog::ParseNote(world.publisher->checkpoint()).ok());
  Grow(world, 6);
  ASSERT_TRUE(world.Publish().ok());
  EXPECT_EQ(count(), 1u) << "they were not for this one";
}

TEST(Publisher, SaysHowFarItLags) {
  LedgerWorld world(9);
  ASSERT_TRUE(world.Open().ok());
  Grow(world, 5);
  ASSERT_TRUE(world.Publish().ok());
  world.clock.Advance(5'000);
  EXPECT_EQ(world.publisher->lag_ms(), 0) << "there is no news";
  ASSERT_TRUE(world.Publish().ok());
  Grow(world, 6);
  world.clock.Advance(700);
  EXPECT_EQ(world.publisher->lag_ms(), 700);
  ASSERT_TRUE(world.Publish().ok());
  EXPECT_EQ(world.publisher->lag_ms(), 0);
}

}  // namespace
}  // namespace cloison::ledger
