#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/testing/seeded_random.h"
#include "keys/person_keys.h"
#include "store/testing/power_cut.h"
#include "store/testing/temp_directory.h"

namespace cloison::keys {
namespace {

namespace fs = std::filesystem;
using store::testing::PowerCut;
using store::testing::TempDirectory;

constexpr std::size_t kHead = 24;
constexpr std::size_t kSlot = 71;

EraseJournal::Item ItemOf(std::uint8_t n) {
  return EraseJournal::Item{PersonId(ByteArray<8>{n}), Aud(ByteArray<16>{n, n}), n, n % 3u};
}

class EraseJournalTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<EraseJournal>> Open() {
    return EraseJournal::Open(files, path, state, random);
  }
  // A journal of `count` items is on the disk.
  void Prepare(std::uint8_t count) {
    auto journal = Open();
    ASSERT_TRUE(journal.ok());
    for (std::uint8_t n = 0; n < count; ++n) ASSERT_TRUE((*journal)->Append(ItemOf(n)).ok());
  }
  Bytes Content() { return *files.Read(path); }
  void SetContent(const Bytes& bytes) { ASSERT_TRUE(base::WriteWhole(files, path, bytes).ok()); }
  static void ExpectItems(const EraseJournal& journal, std::size_t count) {
    const std::vector<EraseJournal::Item> items = journal.items();
    ASSERT_EQ(items.size(), count);
    for (std::size_t n = 0; n < count; ++n) {
      const EraseJournal::Item want = ItemOf(static_cast<std::uint8_t>(n));
      EXPECT_EQ(items[n].person, want.person);
      EXPECT_EQ(items[n].aud, want.aud);
      EXPECT_EQ(items[n].time_ms, want.time_ms);
      EXPECT_EQ(items[n].past_pkv, want.past_pkv);
    }
  }

  TempDirectory temporary;
  base::SystemFiles files;
  base::testing::SeededRandom random{3};
  commit::SealedState state{RegisterId(7), 1, crypto::Secret<32>(random), random};
  std::string path = temporary.path() + "/erase";
};

TEST_F(EraseJournalTest, KeepsWhatWasAppended) {
  Prepare(3);
  EXPECT_EQ(Content().size(), kHead + 3 * kSlot);
  auto journal = Open();
  ASSERT_TRUE(journal.ok());
  ExpectItems(**journal, 3);
  ASSERT_TRUE((*journal)->Append(ItemOf(3)).ok());
  ExpectItems(**Open(), 4);
}

TEST_F(EraseJournalTest, IsOfMode0600AndSaysNothing) {
  Prepare(2);
  struct stat info{};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777u, 0600u);
  const Bytes bytes = Content();
  const EraseJournal::Item item = ItemOf(1);
  EXPECT_EQ(AsText(bytes).find(AsText(item.person.bytes())), std::string_view::npos);
}

TEST_F(EraseJournalTest, EveryFlippedByteIsFound) {
  Prepare(3);
  const Bytes good = Content();
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes flipped = good;
    flipped[at] ^= static_cast<std::uint8_t>(1u << (at % 8));
    SetContent(flipped);
    const auto opened = Open();
    if (at + 1 == good.size()) {
      // The mark of the last record may be torn; the record itself opens and counts.
      ASSERT_TRUE(opened.ok());
      ExpectItems(**opened, 3);
    } else {
      ASSERT_FALSE(opened.ok()) << at;
      EXPECT_EQ(opened.error().code(), Code::kCorrupt) << at;
    }
  }
}

// Every length that a cut may leave: what was whole counts, what was not is dropped, and the
// journal goes on from there.
TEST_F(EraseJournalTest, TornTails) {
  Prepare(2);
  const Bytes good = Content();
  for (std::size_t size = kHead + kSlot; size < good.size(); ++size) {
    SCOPED_TRACE(size);
    SetContent(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
    const std::size_t whole = size + 1 >= good.size() ? 2 : 1;
    auto journal = Open();
    ASSERT_TRUE(journal.ok());
    ExpectItems(**journal, whole);
    ASSERT_TRUE((*journal)->Append(ItemOf(static_cast<std::uint8_t>(whole))).ok());
    ExpectItems(**Open(), whole + 1);
    const Bytes now = Content();
    const auto kept = static_cast<std::ptrdiff_t>(kHead + whole * kSlot);
    EXPECT_TRUE(std::equal(good.begin(), good.begin() + kept, now.begin()))
        << "a copy of before is how it begins, byte for byte";
  }
}

TEST_F(EraseJournalTest, Refuses) {
  Prepare(3);
  const Bytes good = Content();
  const auto slot = [&good](std::size_t n) {
    const auto begin = good.begin() + static_cast<std::ptrdiff_t>(kHead + n * kSlot);
    return Bytes(begin, begin + kSlot);
  };
  const Bytes head(good.begin(), good.begin() + kHead);
  const auto join = [](std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const Bytes& part : parts) base::AppendBytes(out, part);
    return out;
  };
  Bytes garbage_behind = join({head, slot(0), Bytes(kSlot, 0x55)});
  const struct {
    const char* why;
    Bytes content;
  } rows[] = {
      {"empty file", {}},
      {"half a head", Bytes(head.begin(), head.begin() + 12)},
      {"no head", join({slot(0), slot(1)})},
      {"a record removed from the middle", join({head, slot(0), slot(2)})},
      {"the first record removed", join({head, slot(1), slot(2)})},
      {"two records exchanged", join({head, slot(1), slot(0), slot(2)})},
      {"a record twice", join({head, slot(0), slot(0)})},
      {"garbage where an acknowledged record was", garbage_behind},
      {"garbage of a whole page", join({head, slot(0), Bytes(4096, 0)})},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    SetContent(row.content);
    EXPECT_EQ(Open().error().code(), Code::kCorrupt);
  }
}

TEST_F(EraseJournalTest, RefusesRecordsOfAnotherJournalOrRegister) {
  Prepare(1);
  const Bytes mine = Content();
  fs::remove(path);
  Prepare(1);
  Bytes mixed = Content();
  std::copy(mine.begin() + kHead, mine.end(), mixed.begin() + kHead);
  SetContent(mixed);
  EXPECT_EQ(Open().error().code(), Code::kCorrupt);
  SetContent(mine);
  base::testing::SeededRandom again(3);
  const commit::SealedState other(RegisterId(8), 1, crypto::Secret<32>(again), random);
  EXPECT_EQ(EraseJournal::Open(files, path, other, random).error().code(), Code::kCorrupt);
}

TEST_F(EraseJournalTest, RefusesFilesOfOthers) {
  const struct {
    const char* why;
    std::function<void()> spoil;
  } rows[] = {
      {"group may read", [this] { chmod(path.c_str(), 0640); }},
      {"others may write", [this] { chmod(path.c_str(), 0602); }},
      {"a link",
       [this] {
         fs::rename(path, path + "-real");
         fs::create_symlink(path + "-real", path);
       }},
      {"a directory",
       [this] {
         fs::remove(path);
         fs::create_directory(path);
       }},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    fs::remove_all(path);
    Prepare(1);
    row.spoil();
    EXPECT_EQ(Open().error().code(), Code::kDenied);
  }
}

// Cuts the power at every change; what was acknowledged is there afterwards, in order.
TEST(EraseJournalPowerCuts, WhatWasAcknowledgedIsThere) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    bool was_cut = true;
    for (std::uint64_t changes = 0; was_cut; ++changes) {
      SCOPED_TRACE(::testing::Message() << "seed " << seed << " changes " << changes);
      const TempDirectory temporary;
      base::testing::SeededRandom random(seed * 1000 + changes);
      const commit::SealedState state(RegisterId(7), 1, crypto::Secret<32>(random), random);
      PowerCut power(temporary.path(), random);
      const std::string path = power.root() + "/erase";
      std::uint8_t acknowledged = 0;
      power.CutAfter(changes);
      {
        auto journal = EraseJournal::Open(power.files(), path, state, random);
        while (journal.ok() && acknowledged < 3) {
          if (!(*journal)->Append(ItemOf(acknowledged)).ok()) break;
          ++acknowledged;
        }
        was_cut = power.is_cut();
        if (journal.ok() && was_cut) {
          EXPECT_EQ((*journal)->Append(ItemOf(9)).error().code(), Code::kUnknownOutcome);
        }
      }
      power.Cut();
      ASSERT_TRUE(power.Restore().ok());
      auto journal = EraseJournal::Open(power.files(), path, state, random);
      ASSERT_TRUE(journal.ok());
      const std::vector<EraseJournal::Item> items = (*journal)->items();
      ASSERT_GE(items.size(), acknowledged);
      ASSERT_LE(items.size(), acknowledged + 1u);
      for (std::size_t n = 0; n < items.size(); ++n) {
        EXPECT_EQ(items[n].person, ItemOf(static_cast<std::uint8_t>(n)).person);
      }
    }
  }
}

}  // namespace
}  // namespace cloison::keys
