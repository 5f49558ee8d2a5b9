// The power goes at every change of the level files; every call on them fails once. What was given
// out must be held by what is left, and what is left must heal.
#include <gtest/gtest.h>

#include "base/testing/seeded_random.h"
#include "ledger/internal/level_files.h"
#include "ledger/publisher.h"
#include "ledger/testing/ledger_world.h"
#include "store/testing/power_cut.h"
#include "tlog/checkpoint.h"

namespace cloison::ledger {
namespace {

using testing::LedgerWorld;
using testing::Look;

void Grow(LedgerWorld& world, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    world.Submit(Look{i % LedgerWorld::kAgents, i % LedgerWorld::kPeople});
  }
  world.Run();
}

// The published tree, by a proof that reads both ends of the files.
void ExpectWhole(LedgerWorld& world, std::uint64_t size) {
  ASSERT_EQ(world.publisher->size(), size);
  const auto key = tlog::VerifierKey::Parse(world.ledger->vkey());
  const tlog::Head head = tlog::OpenCheckpoint(world.publisher->checkpoint(), *key)->head;
  ASSERT_EQ(head.size, size);
  tlog::Frontier frontier;
  for (std::uint64_t index = 0; tlog::WidthAt(0, index, size) != 0; ++index) {
    const tlog::TileId tile{tlog::TileId::Kind::kHashes, 0, index, tlog::WidthAt(0, index, size)};
    const auto hashes = *world.executor.Wait(world.publisher->ReadTile(tile));
    ASSERT_TRUE(hashes.ok()) << tlog::TilePath(tile);
    base::Reader reader(*hashes);
    while (!reader.empty()) ASSERT_TRUE(frontier.Append(reader.Array<32>()).ok());
  }
  EXPECT_EQ(frontier.Root(), head.root);
}

constexpr int kRounds = 4;
constexpr std::uint64_t kPerRound = 70;
constexpr std::uint64_t kGrown = kRounds * kPerRound;

// Some rounds of entries, each published; gives the size given out last before the power went.
std::uint64_t Live(LedgerWorld& world) {
  std::uint64_t given = 0;
  for (int round = 0; round < kRounds; ++round) {
    Grow(world, kPerRound);
    (void)world.Publish();
    world.Run();
    given = world.publisher->size();
  }
  return given;
}

struct Lived {
  std::uint64_t given;
  bool cut;
};

Lived LiveUntil(std::uint64_t changes, std::uint64_t seed) {
  LedgerWorld world(seed + 1);
  base::testing::SeededRandom random(seed);
  const store::testing::TempDirectory root;
  store::testing::PowerCut disk(root.path(), random);
  world.tiles = root.path() + "/tiles";
  world.tile_files = &disk.files();
  EXPECT_TRUE(world.Open().ok());
  disk.CutAfter(changes);
  const std::uint64_t given = Live(world);
  const bool cut = disk.is_cut();
  world.Close();
  disk.Cut();
  EXPECT_TRUE(disk.Restore().ok());
  for (unsigned level = 0; level < internal::kTileLevels; ++level) {
    const std::uint64_t nodes = internal::NodesAt(level, given);
    if (nodes == 0) continue;
    const auto info = world.files.Stat(world.tiles + "/level-" + std::to_string(level));
    EXPECT_TRUE(info.ok() && info->size >= nodes * internal::kHashBytes) << "given out and lost";
  }
  EXPECT_TRUE(world.Open().ok());
  EXPECT_TRUE(world.Publish().ok());
  ExpectWhole(world, kGrown);
  return {given, cut};
}

TEST(PublisherUnderPowerCuts, WhatWasGivenOutIsOnTheDisk) {
  std::uint64_t with_something_given_out = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    Lived lived{0, true};
    for (std::uint64_t changes = 0; lived.cut; ++changes) {
      SCOPED_TRACE(changes);
      lived = LiveUntil(changes, seed);
      if (lived.cut && lived.given > 0) ++with_something_given_out;
    }
    EXPECT_EQ(lived.given, kGrown) << "the power stayed on";
  }
  EXPECT_GT(with_something_given_out, 30u) << "the cuts come too early to show anything";
}

// Of every kind of call the nth fails once, with or without its effect.
class FlakyFiles final : public base::Files {
 public:
  enum class How : std::uint8_t { kNotDone, kHalfDone, kDone };

  void Arm(int nth, How how) {
    left_ = nth;
    how_ = how;
    fired_ = false;
  }
  bool fired() const { return fired_; }

  Result<std::unique_ptr<base::WritableFile>> Create(const std::string& path,
                                                     unsigned mode) override {
    return Wrap(system_.Create(path, mode));
  }
  Result<std::unique_ptr<base::WritableFile>> OpenAppend(const std::string& path) override {
    if (Fires()) return kFailed;
    return Wrap(system_.OpenAppend(path));
  }
  Result<Bytes> Read(const std::string& path) override { return system_.Read(path); }
  Result<Bytes> ReadAt(const std::string& path, std::uint64_t offset, std::size_t size) override {
    if (Fires()) return kFailed;
    return system_.ReadAt(path, offset, size);
  }
  Status Truncate(const std::string& path, std::uint64_t size) override {
    return Do([&] { return system_.Truncate(path, size); });
  }
  Result<base::FileInfo> Stat(const std::string& path) override {
    if (Fires()) return kFailed;
    return system_.Stat(path);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    return system_.Rename(from, to);
  }
  Status Remove(const std::string& path) override {
    return Do([&] { return system_.Remove(path); });
  }
  Status MakeDirectory(const std::string& path, unsigned mode) override {
    return Do([&] { return system_.MakeDirectory(path, mode); });
  }
  Status SyncDirectory(const std::string& path) override {
    return Do([&] { return system_.SyncDirectory(path); }, kUnsure);
  }
  Result<std::vector<std::string>> List(const std::string& path) override {
    return system_.List(path);
  }

 private:
  static constexpr Error kFailed{Code::kUnavailable, "an injected failure"};
  static constexpr Error kNoSpace{Code::kExhausted, "an injected full disk"};
  static constexpr Error kUnsure{Code::kUnknownOutcome, "an injected failure of a sync"};

  class File final : public base::WritableFile {
   public:
    File(FlakyFiles& files, std::unique_ptr<base::WritableFile> file)
        : files_(files), file_(std::move(file)) {}
    Status Append(ByteView bytes) override {
      if (!files_.Fires()) return file_->Append(bytes);
      if (files_.how_ == How::kHalfDone) (void)file_->Append(bytes.first(bytes.size() / 2));
      if (files_.how_ == How::kDone) (void)file_->Append(bytes);
      return kNoSpace;
    }
    Status Sync() override {
      return files_.Do([this] { return file_->Sync(); }, kUnsure);
    }

   private:
    FlakyFiles& files_;
    std::unique_ptr<base::WritableFile> file_;
  };

  bool Fires() {
    if (left_ == 0 || --left_ != 0) return false;
    fired_ = true;
    return true;
  }
  template <class Call>
  Status Do(Call call, Error failed = kFailed) {
    if (!Fires()) return call();
    if (how_ == How::kDone) (void)call();
    return failed;
  }
  Result<std::unique_ptr<base::WritableFile>> Wrap(
      Result<std::unique_ptr<base::WritableFile>> file) {
    if (!file.ok()) return file.error();
    return std::unique_ptr<base::WritableFile>(std::make_unique<File>(*this, std::move(*file)));
  }

  base::SystemFiles system_;
  int left_ = 0;
  How how_ = How::kNotDone;
  bool fired_ = false;
};

using How = FlakyFiles::How;

// A start over files of an earlier process, some rounds, one fault. True when it fired.
bool RunWithFault(int nth, How how) {
  LedgerWorld world(static_cast<std::uint64_t>(nth));
  FlakyFiles flaky;
  world.tile_files = &flaky;
  EXPECT_TRUE(world.Open().ok());
  Grow(world, 300);
  EXPECT_TRUE(world.Publish().ok());
  world.Close();
  EXPECT_TRUE(world.Open().ok());
  flaky.Arm(nth, how);
  Live(world);
  const bool fired = flaky.fired();
  flaky.Arm(0, how);
  // The fault is over: the next seconds heal it.
  for (int second = 0; second < 4; ++second) {
    (void)world.Publish();
    world.Run();
  }
  ExpectWhole(world, 300 + kGrown);
  world.Close();
  EXPECT_TRUE(world.Open().ok());
  EXPECT_TRUE(world.Publish().ok());
  ExpectWhole(world, 300 + kGrown);
  return fired;
}

TEST(PublisherUnderFaults, HealsFromEachOnce) {
  int last = 0;
  for (const How how : {How::kNotDone, How::kHalfDone, How::kDone}) {
    int nth = 1;
    while (RunWithFault(nth, how)) ++nth;
    last = nth;
  }
  EXPECT_GT(last, 15) << "faults that meet nothing show nothing";
}

TEST(PublisherUnderFaults, AFullDiskHoldsUpPublishingAndNothingElse) {
  class FullFiles final : public base::Files {
   public:
    bool full = false;
    Result<std::unique_ptr<base::WritableFile>> Create(const std::string& p, unsigned m) override {
      return system_.Create(p, m);
    }
    Result<std::unique_ptr<base::WritableFile>> OpenAppend(const std::string& path) override {
      if (full) return Error{Code::kExhausted, "a full disk"};
      return system_.OpenAppend(path);
    }
    Result<Bytes> Read(const std::string& path) override { return system_.Read(path); }
    Result<base::FileInfo> Stat(const std::string& path) override { return system_.Stat(path); }
    Status Rename(const std::string& from, const std::string& to) override {
      return system_.Rename(from, to);
    }
    Status Remove(const std::string& path) override { return system_.Remove(path); }
    Status MakeDirectory(const std::string& path, unsigned mode) override {
      return system_.MakeDirectory(path, mode);
    }
    Status SyncDirectory(const std::string& path) override { return system_.SyncDirectory(path); }
    Result<std::vector<std::string>> List(const std::string& p) override { return system_.List(p); }

   private:
    base::SystemFiles system_;
  };
  LedgerWorld world(1);
  FullFiles disk;
  disk.full = true;
  world.tile_files = &disk;
  world.tail_entries_max = 100;
  ASSERT_TRUE(world.Open().ok());
  for (int second = 0; second < 8; ++second) {
    Grow(world, 70);
    EXPECT_EQ(world.Publish().error().code(), Code::kExhausted);
    world.Run();
  }
  EXPECT_EQ(world.ledger->size(), 560u);
  EXPECT_EQ(world.publisher->size(), 0u);
  disk.full = false;
  for (int second = 0; second < 3; ++second) {
    (void)world.Publish();
    world.Run();
  }
  ExpectWhole(world, 560);
}

}  // namespace
}  // namespace cloison::ledger
