#include "access/windows.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/testing/seeded_random.h"

namespace cloison::access {
namespace {

constexpr std::int64_t kStart = 1'700'000'000'000;

Caps SmallCaps() {
  Caps caps;
  for (auto& of : caps.of) of = {2, 3, 4, 5};
  return caps;
}

SeenId Person(int i) {
  SeenId id{};
  id[7] = static_cast<std::uint8_t>(i);
  id[6] = static_cast<std::uint8_t>(i >> 8);
  return id;
}

Showing Opened(int person) {
  CounterSet counters;
  counters.Add(Counter::kOpened);
  return {Person(person), counters};
}

bool Show(Windows& windows, std::int64_t at, std::vector<Showing> showings) {
  if (windows.WouldPass(at, showings).has_value()) return false;
  windows.Debit(at, showings);
  return true;
}

TEST(Windows, OnePersonAfterAnother) {
  struct Row {
    const char* why;
    std::int64_t at;
    int person;
    bool allowed;
  };
  constexpr std::int64_t hour = base::kHourMs;
  const Row rows[] = {
      {"first", 0, 1, true},
      {"second", 1, 2, true},
      {"third in the hour", 2, 3, false},
      {"the same person again is free", 3, 1, true},
      {"person 2 is still in the hour that ends now", hour + 1, 3, false},
      {"person 2 has left it; person 1 was shown later", hour + 2, 3, true},
      {"the day is full with 1, 2, 3", 5 * hour, 4, false},
      {"free in the day, counts again in the hour", 5 * hour, 1, true},
      {"person 2 leaves the day", base::kDayMs + 2, 4, true},
  };
  Windows windows(SmallCaps());
  for (const Row& row : rows) {
    EXPECT_EQ(Show(windows, kStart + row.at, {Opened(row.person)}), row.allowed) << row.why;
  }
}

TEST(Windows, ABatchIsCheckedAsOne) {
  Windows windows(SmallCaps());
  EXPECT_FALSE(Show(windows, kStart, {Opened(1), Opened(2), Opened(3)}));
  EXPECT_EQ(windows.people(), 0u) << "a refused batch leaves nothing";
  EXPECT_TRUE(Show(windows, kStart, {Opened(1), Opened(1), Opened(2)}))
      << "one person twice is one";
}

TEST(Windows, SaysWhichCapAndWhenAPlaceIsFree) {
  Windows windows(SmallCaps());
  ASSERT_TRUE(Show(windows, kStart, {Opened(1)}));
  ASSERT_TRUE(Show(windows, kStart + 1000, {Opened(2)}));
  const Showing third = Opened(3);
  const auto spent = windows.WouldPass(kStart + 2000, {&third, 1});
  ASSERT_TRUE(spent.has_value());
  EXPECT_EQ(Name(spent->counter), "opened");
  EXPECT_EQ(Name(spent->window), "hour");
  const std::int64_t wait = windows.FreesIn(Counter::kOpened, Window::kHour, kStart + 2000);
  EXPECT_TRUE(windows.WouldPass(kStart + 2000 + wait - 1, {&third, 1}).has_value());
  EXPECT_FALSE(windows.WouldPass(kStart + 2000 + wait, {&third, 1}).has_value());
}

TEST(Windows, CountersAreApart) {
  Windows windows(SmallCaps());
  CounterSet glimpsed;
  glimpsed.Add(Counter::kGlimpsed);
  ASSERT_TRUE(Show(windows, kStart, {Opened(1), Opened(2)}));
  EXPECT_TRUE(Show(windows, kStart, {Showing{Person(3), glimpsed}}));
  EXPECT_EQ(windows.Left(Counter::kOpened, Window::kHour, kStart), 0u);
  EXPECT_EQ(windows.Left(Counter::kGlimpsed, Window::kHour, kStart), 1u);
}

TEST(Windows, TheBoundIsTheLeastOverWindows) {
  struct Row {
    const char* why;
    std::int64_t duration;
    std::uint64_t want;
  };
  const Row rows[] = {{"within an hour", 1, 2},
                      {"two hours", 2 * base::kHourMs, 3},
                      {"two days, the week is least", 2 * base::kDayMs, 4},
                      {"two weeks, the month is least", 14 * base::kDayMs, 5},
                      {"just over a month", 31 * base::kDayMs + 1, 10}};
  for (const Row& row : rows)
    EXPECT_EQ(Bound(SmallCaps(), Counter::kOpened, row.duration), row.want) << row.why;
}

// The tests of this file count in these, so none of them would see another length.
TEST(Windows, AreAsLongAsPromised) {
  constexpr std::int64_t kWant[] = {3'600'000, 86'400'000, 604'800'000, 2'678'400'000};
  for (std::size_t w = 0; w < kWindows; ++w) {
    EXPECT_EQ(kWindowMs[w], kWant[w]) << Name(static_cast<Window>(w));
  }
}

TEST(Windows, EveryCounterIsRestored) {
  Windows windows(SmallCaps());
  for (std::size_t c = 0; c < kCounters; ++c) {
    SeenTimes times{};
    times[c] = kStart;
    windows.Restore(Person(static_cast<int>(c)), {times, {}});
  }
  windows.Settle();
  for (std::size_t c = 0; c < kCounters; ++c) {
    const auto counter = static_cast<Counter>(c);
    EXPECT_EQ(windows.Left(counter, Window::kHour, kStart), 1u) << Name(counter);
  }
}

// Against a list of all showings: never more than the cap in any interval, never a refusal without
// need, and a restart from the seen rows (with pruning) changes nothing.
TEST(Windows, AgreesWithAListOfEverything) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    base::testing::SeededRandom random(seed);
    Windows windows(SmallCaps());
    std::vector<std::pair<std::int64_t, int>> shown;
    std::map<int, std::int64_t> last;
    std::int64_t now = kStart;
    for (int step = 0; step < 400; ++step) {
      static constexpr std::int64_t kSteps[] = {0,
                                                1,
                                                base::kMinuteMs * 20,
                                                base::kHourMs,
                                                base::kDayMs,
                                                7 * base::kDayMs,
                                                31 * base::kDayMs};
      now += kSteps[random.Below(std::size(kSteps))];
      const int person = static_cast<int>(random.Below(9));
      bool fits = true;
      for (std::size_t w = 0; w < kWindows; ++w) {
        std::size_t count = 0;
        for (const auto& [who, at] : last) count += at >= now - kWindowMs[w] ? 1 : 0;
        const bool in = last.contains(person) && last[person] >= now - kWindowMs[w];
        fits = fits && (in || count + 1 <= SmallCaps().of[0][w]);
      }
      ASSERT_EQ(Show(windows, now, {Opened(person)}), fits) << "seed " << seed << " step " << step;
      if (fits) {
        shown.emplace_back(now, person);
        last[person] = now;
      }
      if (random.Below(10) == 0) {
        (void)windows.Prune(now);
        Windows again(SmallCaps());
        for (int i = 0; i < 9; ++i) {
          if (const SeenTimes* times = windows.Find(Person(i)))
            again.Restore(Person(i), {*times, {}});
        }
        again.Settle();
        windows = again;
      }
    }
    for (std::size_t w = 0; w < kWindows; ++w) {
      for (const auto& [start, unused] : shown) {
        std::set<int> distinct;
        for (const auto& [at, person] : shown) {
          if (at >= start && at < start + kWindowMs[w]) distinct.insert(person);
        }
        ASSERT_LE(distinct.size(), SmallCaps().of[0][w]) << "seed " << seed;
      }
    }
  }
}

// After a loss nobody knows whom the lost showings showed: with those that a copy knows, and those
// that come after, no interval has more than the cap of them.
TEST(Windows, SpentAfterALossBoundsTheLostToo) {
  std::size_t shown_after = 0, refused_after = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    base::testing::SeededRandom random(seed);
    Windows windows(SmallCaps());
    std::vector<std::pair<std::int64_t, int>> shown;  // all, the lost ones too
    std::int64_t now = kStart;
    const auto step = [&](Windows& ours) {
      static constexpr std::int64_t kSteps[] = {
          0, 1, base::kMinuteMs * 20, base::kHourMs, base::kDayMs, 7 * base::kDayMs};
      now += kSteps[random.Below(std::size(kSteps))];
      const int person = static_cast<int>(random.Below(9));
      const bool fits = Show(ours, now, {Opened(person)});
      if (fits) shown.emplace_back(now, person);
      return fits;
    };
    for (int i = 0; i < 60; ++i) (void)step(windows);
    Windows copy = windows;
    for (int i = 0; i < 20; ++i) (void)step(windows);  // lost
    copy.SpendAll(now);
    for (int i = 0; i < 120; ++i) (step(copy) ? shown_after : refused_after) += 1;
    for (std::size_t w = 0; w < kWindows; ++w) {
      for (const auto& [start, unused] : shown) {
        std::set<int> distinct;
        for (const auto& [at, person] : shown) {
          if (at >= start && at < start + kWindowMs[w]) distinct.insert(person);
        }
        ASSERT_LE(distinct.size(), SmallCaps().of[0][w]) << "seed " << seed;
      }
    }
  }
  EXPECT_GT(shown_after, 0u);
  EXPECT_GT(refused_after, 0u);
}

TEST(Windows, SpentUntilTheLastMomentOfEachWindow) {
  const Caps caps = SmallCaps();
  for (std::size_t w = 0; w < kWindows; ++w) {
    const auto window = static_cast<Window>(w);
    Windows windows(caps);
    windows.SpendAll(kStart);
    EXPECT_EQ(windows.Left(Counter::kOpened, window, kStart), 0u);
    EXPECT_EQ(windows.FreesIn(Counter::kOpened, window, kStart), kWindowMs[w] + 1);
    EXPECT_EQ(windows.Left(Counter::kOpened, window, kStart + kWindowMs[w]), 0u);
    EXPECT_EQ(windows.FreesIn(Counter::kOpened, window, kStart + kWindowMs[w]), 1);
    EXPECT_EQ(windows.Left(Counter::kOpened, window, kStart + kWindowMs[w] + 1), caps.of[0][w]);
    EXPECT_EQ(windows.FreesIn(Counter::kOpened, window, kStart + kWindowMs[w] + 1), 0);
  }
}

// Whoever the copy knows to be in every window may be shown again, for as long as that is so.
TEST(Windows, SpentKeepsThoseWhoAreKnownFree) {
  Windows windows(SmallCaps());
  ASSERT_TRUE(Show(windows, kStart, {Opened(1)}));
  windows.SpendAll(kStart + 1);
  EXPECT_TRUE(Show(windows, kStart + 2, {Opened(1)}));
  EXPECT_FALSE(Show(windows, kStart + 2, {Opened(2)}));
  EXPECT_TRUE(Show(windows, kStart + 2 + base::kHourMs, {Opened(1)}));
  EXPECT_FALSE(Show(windows, kStart + 2 + base::kHourMs, {Opened(2)})) << "a day, a week, a month";
}

}  // namespace
}  // namespace cloison::access
