// Budgets, as windows alone: random schedules against the oracle. Allowed exactly when the oracle
// allows, so a cap is never passed and nobody honest is refused.
#include "access/windows.h"
#include "base/testing/seeded_random.h"
#include "tests/sim/seeds.h"
#include "tests/sim/window_oracle.h"

namespace cloison::sim {
namespace {

using access::Counter;
using access::CounterSet;
using access::kCounters;
using access::kWindowMs;
using access::kWindows;
using access::Showing;
using access::Spent;
using access::Window;
using access::Windows;

constexpr std::size_t kSteps = 1'500;

class World {
 public:
  explicit World(std::uint64_t seed)
      : random_(seed), oracle_(DrawCaps()), windows_(oracle_.caps()) {}

  void Step() {
    now_ms_ += DrawPause();
    if (random_.Below(40) == 0) Reload();
    if (random_.Below(25) == 0) Prune();
    std::vector<WindowOracle::Shown> batch;
    const std::uint64_t size = random_.Below(4) == 0 ? 1 + random_.Below(6) : 1;
    for (std::uint64_t i = 0; i < size; ++i) batch.push_back({random_.Below(people_), DrawSet()});
    Ask(batch);
  }

  const WindowOracle& oracle() const { return oracle_; }
  std::size_t refused() const { return refused_; }

 private:
  static access::SeenId IdOf(WindowOracle::Person person) {
    access::SeenId id{};
    const ByteArray<8> bytes = base::BigU64(person * 0x9e3779b97f4a7c15u);
    std::copy(bytes.begin(), bytes.end(), id.begin());
    id[15] = 1;
    return id;
  }

  access::Caps DrawCaps() {
    access::Caps caps;
    for (auto& of : caps.of) {
      std::uint32_t cap = static_cast<std::uint32_t>(random_.Below(6));
      for (std::uint32_t& one : of) {
        one = cap;
        cap += static_cast<std::uint32_t>(random_.Below(8));
      }
    }
    people_ = 10 + random_.Below(60);
    return caps;
  }

  // Exact multiples of a window come often: the edges are where a mistake would be.
  std::int64_t DrawPause() {
    switch (random_.Below(8)) {
      case 0: return 0;
      case 1: return 1;
      case 2:
        return kWindowMs[random_.Below(kWindows)] + static_cast<std::int64_t>(random_.Below(3)) - 1;
      case 3: return static_cast<std::int64_t>(random_.Below(2 * base::kDayMs));
      case 4: return kWindowMs[0] / static_cast<std::int64_t>(1 + random_.Below(4));
      default: return static_cast<std::int64_t>(random_.Below(base::kHourMs));
    }
  }

  CounterSet DrawSet() {
    CounterSet set;
    for (std::size_t c = 0; c < kCounters; ++c) {
      if (random_.Below(2) == 0) set.Add(static_cast<Counter>(c));
    }
    return set;
  }

  void Ask(const std::vector<WindowOracle::Shown>& batch) {
    std::vector<Showing> showings;
    for (const auto& shown : batch) showings.push_back({IdOf(shown.person), shown.counters});
    const std::optional<Spent> spent = windows_.WouldPass(now_ms_, showings);
    ASSERT_EQ(!spent.has_value(), oracle_.Allows(now_ms_, batch)) << "at " << now_ms_;
    if (spent.has_value()) {
      ++refused_;
      if (batch.size() == 1) CheckWait(*spent, showings);
      return;
    }
    windows_.Debit(now_ms_, showings);
    oracle_.Show(now_ms_, batch);
    // The same people once more are free.
    EXPECT_FALSE(windows_.WouldPass(now_ms_, showings).has_value());
    CheckLeft();
  }

  // The answer says how long to wait: not one millisecond too long, not one too short.
  void CheckWait(const Spent& spent, const std::vector<Showing>& showings) {
    const auto c = static_cast<std::size_t>(spent.counter);
    const auto w = static_cast<std::size_t>(spent.window);
    const std::int64_t wait_ms = windows_.FreesIn(spent.counter, spent.window, now_ms_);
    if (oracle_.caps().of[c][w] == 0) return;
    ASSERT_GT(wait_ms, 0);
    const Showing only{showings[0].who, CounterSet().Add(spent.counter)};
    const auto still = windows_.WouldPass(now_ms_ + wait_ms - 1, {&only, 1});
    ASSERT_TRUE(still.has_value());
    const auto then = windows_.WouldPass(now_ms_ + wait_ms, {&only, 1});
    EXPECT_TRUE(!then.has_value() || then->window != spent.window);
  }

  void CheckLeft() {
    for (std::size_t c = 0; c < kCounters; ++c) {
      for (std::size_t w = 0; w < kWindows; ++w) {
        const std::size_t used = oracle_.Within(c, w, now_ms_).size();
        EXPECT_EQ(windows_.Left(static_cast<Counter>(c), static_cast<Window>(w), now_ms_),
                  oracle_.caps().of[c][w] - used);
      }
    }
  }

  // As after a restart: from what the rows hold, in any order.
  void Reload() {
    Windows again(oracle_.caps());
    for (std::uint64_t person = people_; person-- > 0;) {
      const access::SeenTimes* times = windows_.Find(IdOf(person));
      if (times != nullptr) again.Restore(IdOf(person), {*times, {}});
    }
    again.Settle();
    windows_ = std::move(again);
  }

  // Only who is in no window any more is forgotten.
  void Prune() {
    for (const auto& [who, seen] : windows_.Prune(now_ms_, 1 + random_.Below(20))) {
      for (const std::int64_t time : seen.times) EXPECT_LT(time, now_ms_ - kWindowMs[kWindows - 1]);
      EXPECT_EQ(windows_.Find(who), nullptr);
    }
  }

  base::testing::SeededRandom random_;
  std::uint64_t people_ = 0;
  WindowOracle oracle_;
  Windows windows_;
  std::int64_t now_ms_ = 1'700'000'000'000;
  std::size_t refused_ = 0;
};

TEST(WindowsSim, AllowsExactlyWhatTheOracleAllows) {
  std::size_t refused = 0, shown = 0;
  for (const std::uint64_t seed : Seeds(60, 5'000)) {
    SCOPED_TRACE(Replay(seed));
    World world(seed);
    for (std::size_t i = 0; i < kSteps && !testing::Test::HasFailure(); ++i) world.Step();
    EXPECT_EQ(world.oracle().Broken(), "");
    ASSERT_FALSE(testing::Test::HasFailure());
    refused += world.refused();
    shown += world.oracle().showings(0);
  }
  EXPECT_GT(refused, 100u);
  EXPECT_GT(shown, 100u);
}

// The oracle itself can say no.
TEST(WindowsSim, TheOracleFindsABrokenPromise) {
  access::Caps caps;
  for (auto& of : caps.of) of = {2, 3, 4, 5};
  WindowOracle oracle(caps);
  const CounterSet opened = CounterSet().Add(Counter::kOpened);
  for (std::uint64_t person = 0; person < 3; ++person) {
    oracle.Show(1'000 + static_cast<std::int64_t>(person), {{person, opened}});
  }
  EXPECT_FALSE(oracle.Allows(1'003, {{9, opened}}));
  EXPECT_TRUE(oracle.Allows(1'003, {{1, opened}}));
  EXPECT_EQ(oracle.Broken(), "opened/hour: 3 people under a cap of 2");
}

TEST(WindowsSim, TheBoundIsTheLeastOverWindows) {
  access::Caps caps;
  caps.of[0] = {60, 150, 400, 800};
  struct Row {
    const char* why;
    std::int64_t duration_ms;
    std::uint64_t want;
  };
  const Row rows[] = {
      {"one millisecond is one hour begun", 1, 60},
      {"an hour", base::kHourMs, 60},
      {"a bit more is two", base::kHourMs + 1, 120},
      {"three hours: the day's cap wins", 3 * base::kHourMs, 150},
      {"a day", base::kDayMs, 150},
      {"a week", 7 * base::kDayMs, 400},
      {"29 days, as in 2024: the month's cap wins", 29 * base::kDayMs, 800},
      {"32 days", 32 * base::kDayMs, 1'600},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(access::Bound(caps, Counter::kOpened, row.duration_ms), row.want) << row.why;
  }
}

}  // namespace
}  // namespace cloison::sim
