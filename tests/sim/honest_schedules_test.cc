// Which honest schedules are never refused: the table's rates (docs/operate/budgets.md says the
// same in words), against the class `case-worker` of the policy that the demo and the example use.
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "access/policy.h"
#include "access/windows.h"
#include "base/testing/seeded_random.h"
#include "vault/demo_world.h"

namespace cloison::sim {
namespace {

using access::Counter;
using access::CounterSet;
using access::Showing;
using access::Windows;

constexpr std::int64_t kMonday = 20'003 * base::kDayMs;  // 1970 began on a Thursday

// What an adviser does of one day: people never seen before, on and off the caseload, one after the
// other over the `hours` from nine o'clock on.
struct Day {
  std::uint32_t on = 0, off = 0, sensitive = 0;
  std::uint32_t hours = 8;
};

struct Schedule {
  const char* why;
  int days;
  std::function<Day(int day)> of;
  bool refused = false;  // the same with one person more, to see that the test can fail
};

bool IsWorkday(int day) {
  return day % 7 < 5;
}

class Adviser {
 public:
  explicit Adviser(const access::Caps& caps) : windows_(caps) {}

  // Whether all of it was allowed.
  bool Live(const Schedule& schedule, bool jitter) {
    for (int day = 0; day < schedule.days; ++day) {
      const Day work = schedule.of(day);
      const std::uint32_t people = work.on + work.off;
      for (std::uint32_t i = 0; i < people; ++i) {
        const std::int64_t slot_ms = work.hours * base::kHourMs / people;
        std::int64_t at_ms = kMonday + day * base::kDayMs + 9 * base::kHourMs + i * slot_ms;
        if (jitter) at_ms += static_cast<std::int64_t>(random_.Below(slot_ms));
        // Those off the caseload are spread among the others.
        const bool off = i * work.off / people != (i + 1) * work.off / people;
        if (!Open(at_ms, off, i < work.sensitive)) return false;
      }
      windows_.Prune(kMonday + (day + 1) * base::kDayMs);
    }
    return true;
  }

 private:
  bool Open(std::int64_t now_ms, bool off, bool sensitive) {
    CounterSet counters;
    counters.Add(Counter::kGlimpsed).Add(Counter::kOpened);
    if (off) counters.Add(Counter::kGlimpsedOff).Add(Counter::kOpenedOff);
    if (sensitive) counters.Add(Counter::kSensitive);
    access::SeenId who{};
    const auto bytes = base::BigU64(++people_);
    std::copy(bytes.begin(), bytes.end(), who.begin());
    const Showing showing{who, counters};
    if (windows_.WouldPass(now_ms, {&showing, 1}).has_value()) return false;
    windows_.Debit(now_ms, {&showing, 1});
    // Whoever was opened is opened again all day, at any rate, and costs nothing.
    for (int again = 0; again < 20; ++again) {
      EXPECT_FALSE(windows_.WouldPass(now_ms + again, {&showing, 1}).has_value());
    }
    return true;
  }

  Windows windows_;
  base::testing::SeededRandom random_{7};
  std::uint64_t people_ = 0;
};

access::Caps CaseWorker() {
  const auto policy = vault::DemoPolicy(*vault::DemoSchema({}));
  const auto found = policy->ClassOf("adviser");
  EXPECT_TRUE(found.ok());
  return (*found)->caps;
}

TEST(HonestSchedules, AreNeverRefused) {
  // A window of W holds both of its ends, so a month of 31 days may touch 24 workdays.
  const Schedule rows[] = {
      {"half a year of workdays: 33 new people each, 8 of them off the caseload, 10 with the civil "
       "number or the bank",
       182, [](int day) { return IsWorkday(day) ? Day{25, 8, 10} : Day{}; }},
      {"the same in the first two hours of each day", 182,
       [](int day) { return IsWorkday(day) ? Day{25, 8, 10, 2} : Day{}; }},
      {"a month's rest, then a week of 80 new people a day, 16 off the caseload", 5,
       [](int) { return Day{64, 16, 26}; }},
      {"a month's rest, then one day of 150, 30 off the caseload, 50 with the civil number", 1,
       [](int) { return Day{120, 30, 50}; }},
      {"a fair: 59 people within an hour, 11 off the caseload", 1,
       [](int) { return Day{48, 11, 19, 1}; }},
      {"one more than the month has, every workday", 182,
       [](int day) { return IsWorkday(day) ? Day{27, 8, 10} : Day{}; }, true},
      {"81 a day for a week", 5, [](int) { return Day{65, 16, 26}; }, true},
      {"151 in a day", 1, [](int) { return Day{121, 30, 50}; }, true},
      {"31 off the caseload in a day", 1, [](int) { return Day{100, 31, 50}; }, true},
  };
  const access::Caps caps = CaseWorker();
  for (const Schedule& row : rows) {
    for (const bool jitter : {false, true}) {
      SCOPED_TRACE(std::string(row.why) + (jitter ? ", at uneven times" : ", evenly"));
      EXPECT_EQ(Adviser(caps).Live(row, jitter), !row.refused);
    }
  }
}

}  // namespace
}  // namespace cloison::sim
