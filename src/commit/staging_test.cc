#include "commit/staging.h"

#include <gtest/gtest.h>

#include <map>

#include "base/testing/seeded_random.h"
#include "store/memory/memory_store.h"

namespace cloison::commit {
namespace {

using store::Family;
using store::Key;

Key KeyOf(std::uint64_t number) {
  return Key{Family::kPeople, std::to_string(number)};
}

store::Version CommitTo(store::Store& store, store::WriteSet writes) {
  return *base::SyncWait(store.Commit(std::move(writes)));
}

class StagingTest : public ::testing::Test {
 protected:
  StagingTest() {
    store::WriteSet writes;
    writes.puts.push_back({KeyOf(1), Bytes{1}});
    CommitTo(store_, std::move(writes));
  }
  store::MemoryStore store_;
  RecentChanges recent_;
};

TEST_F(StagingTest, SeesTheStoreAndWhatWasStaged) {
  Staging staging(store_, recent_, 2, {});
  EXPECT_FALSE(staging.Has(KeyOf(1)));
  ASSERT_TRUE(base::SyncWait(staging.Load({KeyOf(1), KeyOf(2)})).ok());
  EXPECT_EQ(staging.Get(KeyOf(1)).version, 1u);
  EXPECT_FALSE(staging.Get(KeyOf(2)).present());
  staging.Put(KeyOf(2), Bytes{2});
  staging.Delete(KeyOf(1));
  staging.Put(KeyOf(3), Bytes{3});
  EXPECT_FALSE(staging.Get(KeyOf(1)).present());
  EXPECT_EQ(staging.Get(KeyOf(2)).version, 2u);
  EXPECT_TRUE(staging.Has(KeyOf(3))) << "staged, never loaded";
  const store::WriteSet writes = staging.TakeWrites();
  EXPECT_EQ(writes.puts.size(), 2u);
  EXPECT_EQ(writes.deletes.size(), 1u);
}

// Random puts, deletes and rollbacks against a model that copies everything.
TEST_F(StagingTest, RollbackLeavesNoTrace) {
  base::testing::SeededRandom random(42);
  Staging staging(store_, recent_, 2, {});
  std::vector<Key> keys;
  for (std::uint64_t i = 0; i < 5; ++i) keys.push_back(KeyOf(i));
  ASSERT_TRUE(base::SyncWait(staging.Load(keys)).ok());
  using Model = std::map<Key, Bytes>;  // empty: absent
  Model now;
  for (const Key& key : keys) now[key] = staging.Get(key).value;
  std::size_t ranges = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::size_t mark = staging.Mark();
    const Model before = now;
    const std::size_t ranges_before = ranges;
    for (std::uint64_t i = random.Below(4); i > 0; --i) {
      const Key key = KeyOf(random.Below(5));
      switch (random.Below(3)) {
        case 0: staging.Put(key, now[key] = Bytes{static_cast<std::uint8_t>(round)}); break;
        case 1: staging.Delete(key), now[key] = {}; break;
        default: staging.DeleteRange({Family::kSegments, "", "x"}), ++ranges; break;
      }
    }
    if (random.Below(2) == 0) {
      staging.Rollback(mark);
      now = before;
      ranges = ranges_before;
    }
    for (const Key& key : keys) ASSERT_EQ(staging.Get(key).value, now[key]) << round;
  }
  EXPECT_EQ(staging.TakeWrites().range_deletes.size(), ranges);
}

TEST_F(StagingTest, KnowsWhatChangedSince) {
  Staging first(store_, recent_, 2, {});
  EXPECT_TRUE(first.UnchangedSince(KeyOf(1), 1));
  first.Put(KeyOf(1), Bytes{2});
  EXPECT_FALSE(first.UnchangedSince(KeyOf(1), 1)) << "an earlier work of the batch";
  EXPECT_TRUE(first.UnchangedSince(KeyOf(2), 1));
  CommitTo(store_, first.TakeWrites());

  Staging second(store_, recent_, 3, {});
  EXPECT_FALSE(second.UnchangedSince(KeyOf(1), 1)) << "read before commit 2";
  EXPECT_TRUE(second.UnchangedSince(KeyOf(1), 2)) << "read after it";
  second.DeleteRange({Family::kCaseload, "", ""});
  CommitTo(store_, second.TakeWrites());

  Staging third(store_, recent_, 4, {});
  EXPECT_FALSE(third.UnchangedSince({Family::kCaseload, "a"}, 2)) << "a range delete";
  EXPECT_TRUE(third.UnchangedSince({Family::kCaseload, "a"}, 3));
  EXPECT_TRUE(third.UnchangedSince(KeyOf(2), 2)) << "of another family";
  third.Put({Family::kCaseload, "b"}, Bytes{1});
  CommitTo(store_, third.TakeWrites());

  Staging fourth(store_, recent_, 5, {});
  EXPECT_FALSE(fourth.UnchangedSince({Family::kCaseload, "a"}, 2)) << "the range delete still";
  EXPECT_FALSE(fourth.UnchangedSince({Family::kCaseload, "b"}, 3));
  EXPECT_TRUE(fourth.UnchangedSince({Family::kCaseload, "a"}, 3)) << "its neighbour changed alone";
}

TEST_F(StagingTest, WhatIsOfferedStandsWhileUnchanged) {
  const store::Key page{store::Family::kIndex, "p"}, other{store::Family::kIndex, "q"};
  Staging first(store_, recent_, 2, {});
  first.Put(page, Bytes{1});
  CommitTo(store_, first.TakeWrites());
  Staging second(store_, recent_, 3, {});
  second.Offer(page, {2, Bytes{1}}, 1);
  EXPECT_FALSE(second.Has(page)) << "it changed after the snapshot";
  second.Offer(page, {2, Bytes{1}}, 2);
  second.Offer(other, {}, 2);
  ASSERT_TRUE(second.Has(page) && second.Has(other));
  EXPECT_EQ(second.Get(page).value, Bytes{1});
  EXPECT_FALSE(second.Get(other).present());
  second.Offer(page, {2, Bytes{9}}, 2);
  EXPECT_EQ(second.Get(page).value, Bytes{1}) << "what is there stays";
}

TEST(RecentChanges, MaySayChangedAndNeverUnchanged) {
  RecentChanges recent;
  constexpr std::size_t kChanged = kRecentSlots / 5;
  for (std::size_t i = 0; i < kChanged; ++i) recent.Note(KeyOf(i), 5 + i % 3);
  recent.Note({Family::kCaseload, "one"}, 7);  // else the family says it, without a look-up
  std::size_t wrongly = 0;
  for (std::size_t i = 0; i < kChanged; ++i) {
    ASSERT_FALSE(recent.UnchangedSince(KeyOf(i), 4));
    ASSERT_TRUE(recent.UnchangedSince(KeyOf(i), 7));
    wrongly += recent.UnchangedSince({Family::kCaseload, std::to_string(i)}, 4) ? 0 : 1;
  }
  EXPECT_LT(wrongly, kChanged * 3 / 10) << "a fifth of the slots is taken";
  EXPECT_GT(wrongly, 0u) << "or there was no look-up";
}

TEST(RecentChanges, WhatNobodyFollowsIsNoChange) {
  RecentChanges recent;
  recent.Note({Family::kSeen, "a"}, 9);
  EXPECT_TRUE(recent.UnchangedSince({Family::kPeople, "a"}, 1));
  EXPECT_FALSE(RecentChanges::Follows(Family::kSeen));
}

TEST(RecentChangesDeathTest, OfWhatNobodyFollowsItDoesNotSay) {
  const RecentChanges recent;
  EXPECT_DEATH((void)recent.UnchangedSince({Family::kSeen, "a"}, 9), "Follows");
}

}  // namespace
}  // namespace cloison::commit
