// Held against access::Windows, which the gate decides by: the same answer to every access.
#include "assess/judge.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "base/bytes.h"

namespace cloison::assess {
namespace {

using access::Counter;
using access::Windows;

// Numbers of a seed.
class Draws {
 public:
  explicit Draws(unsigned seed) : engine_(seed) {}
  unsigned operator()() { return static_cast<unsigned>(engine_()); }

 private:
  std::mt19937 engine_;
};

access::SeenId IdOf(std::uint32_t person) {
  access::SeenId id{};
  const auto bytes = base::BigU32(person);
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

// Small caps, so that every window refuses; steps that sit on the edges of windows.
TEST(Judge, DecidesAsTheGateDoes) {
  constexpr int kWorlds = 60, kAccesses = 3'000;
  constexpr std::int64_t kEdges[] = {0,
                                     1,
                                     base::kMinuteMs,
                                     base::kHourMs - 1,
                                     base::kHourMs,
                                     base::kHourMs + 1,
                                     base::kDayMs,
                                     7 * base::kDayMs,
                                     31 * base::kDayMs};
  std::set<std::pair<int, int>> met;
  for (int world = 0; world < kWorlds; ++world) {
    Draws random(static_cast<unsigned>(world));
    access::Caps caps;
    for (std::size_t c = 0; c < access::kCounters; ++c) {
      std::uint32_t cap = random() % 4;
      for (std::size_t w = 0; w < access::kWindows; ++w) caps.of[c][w] = cap += random() % 6;
    }
    const std::uint32_t people = 5 + random() % 60;
    const std::size_t edges = 1 + random() % std::size(kEdges);
    Windows windows(caps);
    Judge judge;
    std::int64_t now_ms = 1'700'000'000'000;
    for (int i = 0; i < kAccesses; ++i) {
      now_ms += kEdges[random() % edges];
      const std::uint32_t person = random() % people;
      const unsigned kind = random() % 3;
      const access::CounterSet counters = CountersOf(kind > 0, kind > 1, random() % 2 == 0);
      const access::Showing showing{IdOf(person), counters};
      const auto want = windows.WouldPass(now_ms, {&showing, 1});
      const auto got = judge.Show(caps, now_ms, person, counters);
      ASSERT_EQ(got.has_value(), want.has_value()) << "world " << world << " access " << i;
      if (want.has_value()) {
        ASSERT_EQ(*got, *want) << "world " << world << " access " << i;
        met.emplace(static_cast<int>(want->counter), static_cast<int>(want->window));
      } else {
        windows.Debit(now_ms, {&showing, 1});
      }
    }
  }
  EXPECT_EQ(met.size(), access::kCounters * access::kWindows) << "every cap must have refused";
}

// With no cap: the counts, against a count by hand.
TEST(SlidingPeople, CountsWhoIsInTheWindow) {
  Draws random(7);
  SlidingPeople shown;
  std::vector<std::int64_t> latest(40, 0);
  std::int64_t now_ms = 1'700'000'000'000;
  for (int i = 0; i < 20'000; ++i) {
    now_ms += static_cast<std::int64_t>(random() % (i % 1'000 < 900 ? 600'000 : 90'000'000));
    const std::uint32_t person = random() % 40;
    shown.Advance(now_ms);
    shown.Show(now_ms, person);
    latest[person] = now_ms;
    for (std::size_t w = 0; w < access::kWindows; ++w) {
      const auto in = std::count_if(latest.begin(), latest.end(), [&](std::int64_t at) {
        return at != 0 && at >= now_ms - access::kWindowMs[w];
      });
      ASSERT_EQ(shown.counts()[w], static_cast<std::uint32_t>(in)) << i << " " << w;
    }
  }
  shown.Clear();
  shown.Advance(now_ms);
  EXPECT_EQ(shown.counts(), SlidingPeople::Counts{});
}

}  // namespace
}  // namespace cloison::assess
