#include <gtest/gtest.h>

#include "commit/testing/scripted_work.h"
#include "ledger/testing/ledger_world.h"

namespace cloison::ledger {
namespace {

using store::Family;
using testing::LedgerWorld;

constexpr std::uint32_t kHold = 3;

// Three months of looks: agent 0 at person 0 and agent 1 at person 1, in turn, four in each month.
class RetentionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(world_.Open().ok());
    for (std::uint32_t& month : months_) {
      month = MonthOf(world_.clock.wall_ms());
      for (std::size_t i = 0; i < 4; ++i) world_.Submit({i % 2, i % 2, Decision::kAllow, false});
      world_.Run();
      world_.clock.Advance(31 * base::kDayMs);
    }
  }

  template <class T>
  T Wait(Task<T> task) {
    std::optional<T> out = world_.executor.Wait(std::move(task));
    CLOISON_CHECK(out.has_value());
    return std::move(*out);
  }
  std::vector<TrailEntry> Activity(std::size_t agent) {
    auto read = Wait(world_.ledger->ReadActivity(world_.agent_key(agent), 100, 1'000));
    EXPECT_TRUE(read.ok());
    return read.ok() ? std::move(read->entries) : std::vector<TrailEntry>{};
  }
  std::vector<store::KeyedRow> Rows(Family family) {
    auto page = Wait(world_.memory.Scan(store::Range{family, "", ""}, store::kScanRowsMax));
    return std::move(page->rows);
  }
  // As the gate's holds do it: what an agent did, sealed again under the hold's key.
  void HoldAll(std::size_t agent) {
    ASSERT_TRUE(Wait(world_.holds.EnsureHold(kHold)).ok());
    std::vector<store::Put> puts;
    for (const TrailEntry& entry : Activity(agent)) {
      Result<store::Put> put = world_.ledger->Hold(entry, kHold);
      ASSERT_TRUE(put.ok());
      puts.push_back(std::move(*put));
    }
    auto work = std::make_unique<commit::testing::ScriptedWork>(
        commit::Lane::kBulk, std::vector<store::Key>{}, [&puts](commit::Staging& staging) {
          for (const store::Put& put : puts) staging.Put(put.key, put.value);
          return Result<commit::Staged>(commit::Staged::kDone);
        });
    ASSERT_TRUE(Wait(world_.committer->Submit(std::move(work), world_.executor)).ok());
  }
  // Behind everybody's back; the ledger is opened again.
  void Overwrite(store::Key key, Bytes value) {
    world_.Close();
    store::WriteSet writes;
    writes.puts.push_back(store::Put{std::move(key), std::move(value)});
    ASSERT_TRUE(Wait(world_.memory.Commit(std::move(writes))).ok());
    ASSERT_TRUE(world_.Open().ok());
  }

  LedgerWorld world_{21};
  std::array<std::uint32_t, 3> months_{};
};

TEST_F(RetentionTest, WhatExpires) {
  const std::uint32_t first = months_[0];
  const struct {
    const char* why;
    std::uint32_t month;
    Status want;
  } rows[] = {
      {"the last month of the log goes on", months_[2], Error{Code::kInvalid, ""}},
      {"a month to come", months_[2] + 1, Error{Code::kInvalid, ""}},
      {"a month before the log", first - 1, Error{Code::kInvalid, ""}},
      {"its time has passed", first, Ok()},
      {"again: a crash may have come in between", first, Ok()},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Status expired = Wait(world_.ledger->Expire(row.month, world_.executor));
    EXPECT_EQ(expired.ok(), row.want.ok());
    if (!expired.ok()) {
      EXPECT_EQ(expired.error().code(), row.want.error().code());
    }
  }
}

TEST_F(RetentionTest, ExpiryTakesTheRecordsOfItsMonthAndNothingElse) {
  const std::string checkpoint = world_.ledger->checkpoint();
  EXPECT_EQ(world_.ledger->MonthsBefore(months_[2]), (std::vector{months_[0], months_[1]}));
  ASSERT_TRUE(Wait(world_.ledger->Expire(months_[0], world_.executor)).ok());
  EXPECT_EQ(world_.ledger->MonthsBefore(months_[2]), std::vector{months_[1]});
  EXPECT_EQ(world_.months.KeyOf(months_[0]).error().code(), Code::kNotFound);
  EXPECT_EQ(world_.ledger->checkpoint(), checkpoint) << "the tree stands";
  ASSERT_EQ(Activity(0).size(), 4u);
  EXPECT_EQ(Activity(0).back().n, 2u);
  const auto leaves = Wait(world_.ledger->ReadLeaves(0, 12));
  EXPECT_EQ(leaves->size(), 12u);
  for (const store::KeyedRow& row : Rows(Family::kRecords)) {
    EXPECT_GE(base::LoadBig(AsBytes(row.key)), 4u) << "records of the month are gone";
  }
  EXPECT_FALSE(Rows(Family::kRecords).empty());
  world_.Close();
  ASSERT_TRUE(world_.Open().ok()) << "recovery needs no record";
  EXPECT_EQ(Activity(0).size(), 4u);
}

TEST_F(RetentionTest, AHoldKeepsWhatItHolds) {
  const std::vector<TrailEntry> before = Activity(0);
  HoldAll(0);
  ASSERT_TRUE(Wait(world_.ledger->Expire(months_[0], world_.executor)).ok());
  ASSERT_TRUE(Wait(world_.ledger->Expire(months_[1], world_.executor)).ok());
  const std::vector<TrailEntry> after = Activity(0);
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].index, before[i].index);
    EXPECT_EQ(after[i].record.entry_id, before[i].record.entry_id);
    EXPECT_EQ(after[i].record.subject_part, before[i].record.subject_part);
    EXPECT_EQ(after[i].record.actor_part, before[i].record.actor_part);
    EXPECT_EQ(after[i].record.rule, before[i].record.rule);
  }
  EXPECT_EQ(Activity(1).size(), 2u) << "nobody held what the other did";
  const auto trail = Wait(world_.ledger->ReadTrail(world_.person_key(0), 100, 100));
  ASSERT_TRUE(trail.ok());
  EXPECT_EQ(trail->size(), 6u) << "the person's own trail has them too";

  ASSERT_TRUE(world_.holds.DestroyHold(kHold).ok());
  EXPECT_EQ(Activity(0).size(), 2u) << "released";
  ASSERT_TRUE(Wait(world_.ledger->DropHeld(kHold, world_.executor)).ok());
  EXPECT_TRUE(Rows(Family::kHolds).empty());
}

// As a scope reads: every entry, in order, whatever month and whoever keeps it.
TEST_F(RetentionTest, RecordsAreReadAcrossWhatHasExpiredIfTheyAreHeld) {
  const auto before = Wait(world_.ledger->ReadRecords(0, 12));
  ASSERT_TRUE(before.ok());
  HoldAll(0);
  ASSERT_TRUE(Wait(world_.ledger->Expire(months_[0], world_.executor)).ok());
  const auto half = Wait(world_.ledger->ReadRecords(2, 6));
  ASSERT_FALSE(half.ok());
  EXPECT_EQ(half.error().code(), Code::kNotFound) << "entry 3 is held by nobody";
  HoldAll(1);
  EXPECT_EQ(Wait(world_.ledger->ReadRecords(0, 12)).ok(), false) << "too late for the other";
  const auto one = Wait(world_.ledger->ReadRecords(2, 1));
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->front().entry_id, (*before)[2].entry_id);
  const auto later = Wait(world_.ledger->ReadRecords(4, 8));
  ASSERT_TRUE(later.ok());
  EXPECT_EQ(later->size(), 8u);
}

TEST_F(RetentionTest, AHeldRecordThatWasTamperedWithIsRefused) {
  HoldAll(0);
  HoldAll(1);
  ASSERT_TRUE(Wait(world_.ledger->Expire(months_[0], world_.executor)).ok());
  const std::vector<store::KeyedRow> held = Rows(Family::kHolds);
  ASSERT_EQ(held.size(), 12u);
  Bytes flipped = held[0].row.value;
  flipped.back() ^= 1;
  const struct {
    const char* why;
    Bytes value;
  } rows[] = {
      {"a bit flipped", flipped},
      {"another entry's", held[1].row.value},
      {"cut short", Bytes(held[0].row.value.begin(), held[0].row.value.end() - 1)},
      {"empty", {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    Overwrite({Family::kHolds, held[0].key}, row.value);
    const auto read = Wait(world_.ledger->ReadActivity(world_.agent_key(0), 100, 1'000));
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code(), Code::kCorrupt);
  }
}

}  // namespace
}  // namespace cloison::ledger
