#include "commit/time_keeper.h"

#include <gtest/gtest.h>

#include "base/testing/manual_clock.h"

namespace cloison::commit {
namespace {

using base::testing::ManualClock;

constexpr std::int64_t kStart = 1'700'000'000'000;

TEST(TimeKeeper, WhatEachEventDoesToBothTimes) {
  enum What { kRun, kStepWall, kRestart, kReboot, kConfirm, kRebootAndConfirm };
  struct Row {
    const char* why;
    What what;
    std::int64_t ms;
    std::int64_t budget_gain;
    std::int64_t wall_gain;
    bool confirmed;
  };
  // One machine's story: each row goes on from the one above.
  const Row rows[] = {
      {"both run", kRun, 1000, 1000, 1000, true},
      {"the wall is set forward: budgets don't notice", kStepWall, 5000, 0, 5000, true},
      {"the wall is set back: the ledger's time stays", kStepWall, -50'000, 0, 0, true},
      {"the wall has not caught up yet", kRun, 49'000, 49'000, 0, true},
      {"now it has", kRun, 2000, 2000, 1000, true},
      {"down within one boot counts", kRestart, 7000, 7000, 7000, true},
      {"down over a reboot does not count", kReboot, 60'000, 0, 60'000, false},
      {"but what comes after does", kRun, 100, 100, 100, false},
      {"a restart does not confirm", kRestart, 10, 10, 10, false},
      {"somebody trusted says how long it was: too late", kConfirm, 60'000, 0, 0, true},
      {"only once", kConfirm, 60'000, 0, 0, true},
      {"confirmed over a restart", kRestart, 1, 1, 1, true},
      {"wall back over a reboot", kStepWall, -90'000, 0, 0, true},
      {"and rebooted", kReboot, 1000, 0, 0, false},
      {"down for no time at all", kConfirm, 0, 0, 0, true},
      {"said before anything is decided, it counts", kRebootAndConfirm, 90'000, 90'000, 1000, true},
      {"and but once", kConfirm, 90'000, 0, 0, true},
      {"one reboot after the other", kReboot, 500, 0, 500, false},
      {"and only the last one", kRebootAndConfirm, 700, 700, 700, true},
  };
  ManualClock clock(kStart);
  Result<TimeKeeper> opened = TimeKeeper::Open(clock, {});
  ASSERT_TRUE(opened.ok());
  auto keeper = std::make_unique<TimeKeeper>(std::move(*opened));
  BatchTime before = keeper->Next();
  EXPECT_EQ(before.budget_ms, kStart);
  EXPECT_EQ(before.wall_ms, kStart);
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const Bytes saved = keeper->Row();
    if (row.what == kStepWall) clock.StepWall(row.ms);
    const bool rebooted = row.what == kReboot || row.what == kRebootAndConfirm;
    if (rebooted) clock.Reboot(row.ms);
    if (row.what == kRun || row.what == kRestart) clock.Advance(row.ms);
    if (row.what == kConfirm) keeper->Confirm(row.ms);
    if (row.what == kRestart || rebooted) {
      Result<TimeKeeper> again = TimeKeeper::Open(clock, saved);
      ASSERT_TRUE(again.ok());
      keeper = std::make_unique<TimeKeeper>(std::move(*again));
    }
    if (row.what == kRebootAndConfirm) keeper->Confirm(row.ms);
    EXPECT_EQ(keeper->Peek().budget_ms, before.budget_ms + row.budget_gain);
    const BatchTime now = keeper->Next();
    EXPECT_EQ(now.budget_ms, before.budget_ms + row.budget_gain);
    EXPECT_EQ(now.wall_ms, before.wall_ms + row.wall_gain);
    EXPECT_EQ(keeper->confirmed(), row.confirmed);
    before = now;
  }
}

// What a witness says is held against the last time that was written down and what the boot clock
// has counted since the start.
TEST(TimeKeeper, ATrustedTimeGivesTheDowntimeAndNoMore) {
  struct Case {
    const char* why;
    std::int64_t said_after_ms;  // the last batch, by the witness
    bool batch_first;
    std::int64_t gain_ms;
  };
  const Case cases[] = {
      {"an hour down, a minute up", base::kHourMs + 60'000, false, base::kHourMs},
      {"a witness whose clock is behind", -5'000, false, 0},
      {"a batch was made before it spoke", base::kHourMs + 60'000, true, 0},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.why);
    ManualClock clock;
    Result<TimeKeeper> first = TimeKeeper::Open(clock, {});
    ASSERT_TRUE(first.ok());
    const BatchTime before = first->Next();
    const Bytes row = first->Row();
    clock.Reboot(base::kHourMs);
    Result<TimeKeeper> keeper = TimeKeeper::Open(clock, row);
    ASSERT_TRUE(keeper.ok());
    clock.Advance(60'000);
    if (one.batch_first) keeper->Next();
    EXPECT_FALSE(keeper->confirmed());
    keeper->ConfirmAt(before.wall_ms + one.said_after_ms);
    EXPECT_TRUE(keeper->confirmed());
    EXPECT_EQ(keeper->Peek().budget_ms, before.budget_ms + 60'000 + one.gain_ms);
  }
}

// A machine whose boot id cannot be read is never taken for the same boot.
TEST(TimeKeeper, AnUnknownBootIsAnotherBoot) {
  class NoBootId final : public base::Clock {
   public:
    std::int64_t wall_ms() const override { return kStart; }
    std::int64_t boot_ms() const override { return 5000; }
    std::int64_t mono_us() const override { return 0; }
    ByteArray<16> boot_id() const override { return {}; }
  };
  NoBootId clock;
  Result<TimeKeeper> first = TimeKeeper::Open(clock, {});
  ASSERT_TRUE(first.ok());
  first->Next();
  const Result<TimeKeeper> second = TimeKeeper::Open(clock, first->Row());
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(second->confirmed());
}

TEST(TimeKeeper, RefusesRowsItDidNotWrite) {
  ManualClock clock;
  Result<TimeKeeper> keeper = TimeKeeper::Open(clock, {});
  ASSERT_TRUE(keeper.ok());
  const Bytes good = keeper->Row();
  ASSERT_TRUE(TimeKeeper::Open(clock, good).ok());
  struct Case {
    const char* why;
    std::size_t at;
    std::uint8_t value;
  };
  const Case cases[] = {{"another version", 0, 2},
                        {"neither confirmed nor not", 1, 2},
                        {"a negative budget time", 2, 0x80},
                        {"a negative wall time", 10, 0x80},
                        {"a negative boot time", 18, 0x80},
                        {"a budget time after the year 9999", 2, 0x01},
                        {"a wall time after the year 9999", 10, 0x01},
                        {"a boot time after the year 9999", 18, 0x01},
                        {"a budget time to which nothing can be added", 2, 0x7f}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.why);
    Bytes bad = good;
    bad[one.at] = one.value;
    EXPECT_EQ(TimeKeeper::Open(clock, bad).error().code(), Code::kCorrupt);
  }
  for (std::size_t size = 1; size < good.size(); ++size) {
    EXPECT_EQ(TimeKeeper::Open(clock, ByteView(good).first(size)).error().code(), Code::kCorrupt);
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(TimeKeeper::Open(clock, longer).error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace cloison::commit
