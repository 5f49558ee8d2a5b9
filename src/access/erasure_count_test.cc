// Counts of erasures begun within a day: whatever the schedule, no 24 hours hold more than the
// ceiling.
#include "access/internal/erasure_count.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/testing/seeded_random.h"

namespace cloison::access::internal {
namespace {

ErasureCount At(const ErasureCount& before, std::int64_t now_ms) {
  const Bytes row = before.Encode();
  const Result<ErasureCount> count = ErasureCount::Parse(row, now_ms);
  CLOISON_CHECK(count.ok());
  return *count;
}

TEST(ErasureCount, HoldsInEveryDayOfRandomSchedules) {
  base::testing::SeededRandom random(7);
  constexpr std::uint32_t kPerDay = 5;
  int begun_in_all = 0;
  for (int world = 0; world < 200; ++world) {
    ErasureCount count;
    std::deque<std::int64_t> begun;  // within the last day
    std::int64_t now_ms = static_cast<std::int64_t>(random.Below(base::kDayMs));
    for (int step = 0; step < 100; ++step) {
      now_ms += static_cast<std::int64_t>(random.Below(9 * base::kHourMs));
      count = At(count, now_ms);
      while (!begun.empty() && begun.front() <= now_ms - base::kDayMs) begun.pop_front();
      while (count.HasRoom(kPerDay)) {
        count.Add();
        begun.push_back(now_ms);
        ++begun_in_all;
      }
      ASSERT_LE(begun.size(), kPerDay) << "world " << world << " step " << step;
    }
  }
  EXPECT_GT(begun_in_all, 200 * 5) << "and there is room again";
}

TEST(ErasureCount, HasRoomAgainAfterADayAndAnHour) {
  struct Case {
    std::int64_t hours;
    bool room;
    const char* why;
  };
  constexpr Case kCases[] = {
      {0, false, "the same moment"},
      {23, false, "within the day"},
      {24, false, "the bucket of the first hour may hold its last minute"},
      {25, true, "a day after the end of that hour"},
      {24 * 365, true, "long after"},
      {-3, false, "an older clock row gives no room"},
  };
  for (const Case& one : kCases) {
    ErasureCount full = At({}, 1'000 * base::kHourMs);
    full.Add();
    full.Add();
    EXPECT_EQ(At(full, (1'000 + one.hours) * base::kHourMs).HasRoom(2), one.room) << one.why;
  }
}

TEST(ErasureCount, AlarmsOnceADay) {
  ErasureCount count = At({}, 500 * base::kHourMs);
  EXPECT_TRUE(count.TakeAlarm());
  EXPECT_FALSE(count.TakeAlarm());
  count = At(count, 523 * base::kHourMs);
  EXPECT_FALSE(count.TakeAlarm());
  count = At(count, 524 * base::kHourMs);
  EXPECT_TRUE(count.TakeAlarm());
}

TEST(ErasureCount, ParsesWhatItWritesAlone) {
  ErasureCount count = At({}, 77 * base::kHourMs);
  count.Add();
  const Bytes row = count.Encode();
  EXPECT_EQ(row.size(), 16 + 4 * ErasureCount::kHours);
  EXPECT_EQ(base::ToHex(ByteView(row).first(24)),
            "000000000000004d00000000000000000000000100000000");
  EXPECT_EQ(At(count, 77 * base::kHourMs).Encode(), row);
  Bytes longer = row;
  longer.push_back(0);
  EXPECT_EQ(ErasureCount::Parse(longer, 0).error().code(), Code::kCorrupt);
  EXPECT_EQ(ErasureCount::Parse(ByteView(row).first(row.size() - 1), 0).error().code(),
            Code::kCorrupt);
}

}  // namespace
}  // namespace cloison::access::internal
