#include "sentinel/tail.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "base/testing/seeded_random.h"

namespace cloison::sentinel {
namespace {

using access::DefaultScores;
using access::Score;

const std::vector<TailBound>& BoundsOf(Score score) {
  return DefaultScores()[static_cast<std::size_t>(score)].bounds;
}

TEST(Evidence, IsAtMostOneOnAverageWhenTheBoundsAreMet) {
  for (const access::ScoreSpec& spec : DefaultScores()) {
    // S at each threshold exactly as often as the bounds allow.
    double mean = 0, rarer = 0;
    for (std::size_t j = spec.bounds.size(); j-- > 0;) {
      mean += (spec.bounds[j].at_most - rarer) * TailEvidence(spec.bounds, spec.bounds[j].at_least);
      rarer = spec.bounds[j].at_most;
    }
    EXPECT_NEAR(mean, 1, 1e-9) << spec.name;
    EXPECT_EQ(TailEvidence(spec.bounds, spec.bounds.front().at_least - 1), 0) << spec.name;
  }
}

TEST(Evidence, OfTheTable) {
  struct {
    const char* why;
    std::uint32_t score;
    double want;
  } const kRows[] = {{"nothing", 0, 0},
                     {"below the first", 5, 0},
                     {"the first: 20 / 3", 6, 20 / 3.0},
                     {"between", 11, 20 / 3.0},
                     {"the second: (20 + 200) / 3", 12, 220 / 3.0},
                     {"the third: (20 + 200 + 2000) / 3", 20, 740},
                     {"far above", 4'000'000'000, 740}};
  for (const auto& row : kRows) {
    EXPECT_NEAR(TailEvidence(BoundsOf(Score::kOffDay), row.score), row.want, 1e-9) << row.why;
  }
  EXPECT_EQ(TailEvidence({}, 100), 0);
}

// The recursion as it is written, in double, block after block.
double AsWritten(std::span<const TailBound> bounds, const std::vector<std::uint32_t>& scores,
                 double blocks) {
  std::array<double, 3> m{};
  for (const std::uint32_t score : scores) {
    for (std::size_t i = 0; i < 3; ++i) {
      m[i] = (m[i] + 1 / blocks) * (1 - kBets[i] + kBets[i] * TailEvidence(bounds, score));
    }
  }
  return (m[0] + m[1] + m[2]) / 3;
}

TEST(Tail, IsTheRecursionHoweverItIsRolled) {
  base::testing::SeededRandom random(7);
  const std::vector<TailBound>& bounds = BoundsOf(Score::kOffDay);
  for (int world = 0; world < 200; ++world) {
    const std::uint32_t began = static_cast<std::uint32_t>(random.Below(20'000));
    const Tail tail(bounds, 366, began);
    TailState state;
    state.block = began;
    std::vector<std::uint32_t> scores;
    for (int step = 0; step < 40; ++step) {
      state.score = random.Below(3) == 0 ? static_cast<std::uint32_t>(random.Below(25)) : 0;
      scores.push_back(state.score);
      const double running = AsWritten(bounds, scores, 366);
      EXPECT_NEAR(tail.Running(state), running, 2e-3 * running);
      const std::uint32_t blocks = 1 + static_cast<std::uint32_t>(random.Below(4));
      tail.Roll(state, state.block + blocks);
      scores.resize(scores.size() + blocks - 1, 0);  // in which nothing was
      const double ended = AsWritten(bounds, scores, 366);
      EXPECT_NEAR(tail.Ended(state), ended, 2e-3 * ended);
      EXPECT_LE(tail.Ended(state), ended * (1 + 1e-9)) << "rounded up";
    }
  }
}

TEST(Tail, RollsOnlyForward) {
  const Tail tail(BoundsOf(Score::kOffDay), 366, 3);
  TailState state{10, 6, false, {}};
  const TailState before = state;
  tail.Roll(state, 9);
  EXPECT_EQ(state, before);
  tail.Roll(state, 10);
  EXPECT_EQ(state, before);
}

TEST(Tail, GrowsWithinABlockAndNotBeyondWhatItEndsWith) {
  const Tail tail(BoundsOf(Score::kOffDay), 366, 0);
  TailState state;
  double before = 0;
  for (state.score = 0; state.score < 25; ++state.score) {
    EXPECT_GE(tail.Running(state), before);
    before = tail.Running(state);
  }
  TailState ended = state;
  tail.Roll(ended, 1);
  EXPECT_NEAR(tail.Ended(ended), before, 1e-6 * before);
}

TEST(Tail, IsBoundedWhateverComes) {
  const Tail tail(BoundsOf(Score::kDecoys), 366, 0);
  TailState state;
  for (int day = 0; day < 1'000; ++day) {
    state.score = 50;
    tail.Roll(state, state.block + 1);
  }
  EXPECT_LE(tail.Running(state), kEvidenceMax);
  EXPECT_GE(tail.Running(state), kEvidenceMax / 10);
}

TEST(Tail, FarApartBlocksCostNoLoop) {
  const Tail tail(BoundsOf(Score::kOffDay), 366, 0);
  TailState state{0, 20, false, {}};
  tail.Roll(state, 4'000'000'000);
  EXPECT_EQ(state.block, 4'000'000'000);
  EXPECT_FALSE(state.marked);
}

// ---- the promise: whoever keeps to the bounds is falsely found in at most 1 of `threshold` years

double LogChoose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}
// Clopper-Pearson, lower limit: the rate at which k or more of n have a chance of `alpha`.
double LowerLimit(std::uint64_t k, std::uint64_t n, double alpha) {
  if (k == 0) return 0;
  double low = 0, high = static_cast<double>(k) / static_cast<double>(n);
  for (int i = 0; i < 60; ++i) {
    const double p = (low + high) / 2;
    double below = 0;
    for (std::uint64_t j = 0; j < k; ++j) {
      below += std::exp(LogChoose(static_cast<double>(n), static_cast<double>(j)) +
                        static_cast<double>(j) * std::log(p) +
                        static_cast<double>(n - j) * std::log1p(-p));
    }
    (1 - below < alpha ? low : high) = p;
  }
  return low;
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  double Roll() { return static_cast<double>(base::LoadBig(random_.Draw<8>()) >> 11) * 0x1p-53; }
  // A score that meets the bounds exactly, times `lie`.
  std::uint32_t AtBounds(std::span<const TailBound> bounds, double lie = 1) {
    const double u = Roll();
    std::uint32_t score = 0;
    for (const TailBound& bound : bounds) {
      if (u < bound.at_most * lie) score = std::max(score, bound.at_least);
    }
    return score;
  }

 private:
  base::testing::SeededRandom random_;
};

constexpr std::uint32_t kDays = 366;

// What an honest agent does on a day, who knows all that was, M included.
using Habit = std::function<std::uint32_t(Dice&, std::span<const TailBound>, double m)>;

bool FiresInAYear(Dice& dice, Score score, const Habit& habit, double threshold) {
  const std::vector<TailBound>& bounds = BoundsOf(score);
  const Tail tail(bounds, kDays, 0);
  TailState state;
  for (std::uint32_t day = 0; day < kDays; ++day) {
    const std::uint32_t whole = habit(dice, bounds, tail.Ended(state));
    // Looked at after each access: any order within the day ends in the same score.
    for (const TailBound& bound : bounds) {
      state.score = std::min(bound.at_least, whole);
      if (tail.Running(state) >= threshold) return true;
    }
    tail.Roll(state, day + 1);
  }
  return false;
}

std::uint64_t Years() {
  return std::getenv("CLOISON_LONG") != nullptr ? 200'000 : 3'000;
}

TEST(Promise, HoldsUnderAdversarialNulls) {
  struct {
    const char* why;
    Score score;
    Habit habit;
  } const kRows[] = {
      {"at its bounds, day for day", Score::kOffDay,
       [](Dice& dice, auto bounds, double) { return dice.AtBounds(bounds); }},
      {"clustered: nothing, or as much as the rarest allows", Score::kOffDay,
       [](Dice& dice, auto bounds, double) {
         return dice.Roll() < bounds.back().at_most ? bounds.back().at_least : 0U;
       }},
      {"only the first threshold", Score::kOffDay,
       [](Dice& dice, auto bounds, double) {
         return dice.Roll() < bounds[0].at_most ? bounds[0].at_least : 0U;
       }},
      {"waits until there is something to gain, then all at once", Score::kOffDay,
       [](Dice& dice, auto bounds, double m) { return m > .02 ? dice.AtBounds(bounds) : 0U; }},
      {"stops when it is nearly found", Score::kOffDay,
       [](Dice& dice, auto bounds, double m) { return m < 5 ? dice.AtBounds(bounds) : 0U; }},
      {"rare events of large evidence", Score::kNobodys,
       [](Dice& dice, auto bounds, double) { return dice.AtBounds(bounds); }},
      {"answers that nobody is there", Score::kAbsent,
       [](Dice& dice, auto bounds, double) { return dice.AtBounds(bounds); }},
  };
  std::uint64_t seed = 1;
  double highest = 0;
  for (const auto& row : kRows) {
    for (const double threshold : {10., 50.}) {
      Dice dice(seed++);
      std::uint64_t fired = 0;
      for (std::uint64_t year = 0; year < Years(); ++year) {
        if (FiresInAYear(dice, row.score, row.habit, threshold)) ++fired;
      }
      EXPECT_LE(LowerLimit(fired, Years(), 1e-4), 1 / threshold)
          << row.why << ", threshold " << threshold << ": " << fired << " of " << Years();
      const double part = static_cast<double>(fired) / static_cast<double>(Years()) * threshold;
      highest = std::max(highest, part);
    }
  }
  // They come near it: a bound that nobody gets close to would be no test of it.
  EXPECT_GE(highest, .2);
}

// Of three clocks at once, each at its weight.
bool FiresOfThree(Dice& dice, double threshold, double lie) {
  struct Clock {
    Score score;
    Tail tail;
    TailState state = {};
  };
  const auto clock = [](Score score) {
    const auto scale = static_cast<std::size_t>(access::ScaleOf(score));
    return Clock{score, Tail(BoundsOf(score), access::kBlocksPerYear[scale], 0)};
  };
  std::array<Clock, 3> clocks = {clock(Score::kOffDay), clock(Score::kOffWeek),
                                 clock(Score::kOffMonth)};
  for (std::uint32_t day = 0; day < kDays; ++day) {
    const std::uint32_t people = dice.AtBounds(BoundsOf(Score::kOffDay), lie);
    for (Clock& one : clocks) {
      const std::uint32_t days[] = {1, 7, 31};
      one.tail.Roll(one.state, day / days[static_cast<std::size_t>(access::ScaleOf(one.score))]);
      one.state.score += people;
      // Each a third, as if D1 were all there is.
      if (one.tail.Running(one.state) / 3 >= threshold) return true;
    }
  }
  return false;
}

TEST(Promise, HoldsOfSeveralClocksTogetherAndNotOfALie) {
  const double threshold = 10;
  for (const bool lies : {false, true}) {
    Dice dice(99);
    std::uint64_t fired = 0;
    for (std::uint64_t year = 0; year < Years() / 4; ++year) {
      if (FiresOfThree(dice, threshold, lies ? 4 : 1)) ++fired;
    }
    const double limit = LowerLimit(fired, Years() / 4, 1e-4);
    EXPECT_EQ(limit > 1 / threshold, lies) << fired;
  }
}

// Days until whoever takes `mean` people a day off the caseload is found. The account's owner has
// some of their own, on some days many: geometric, 1.2 on average.
std::uint32_t DaysUntilFound(Dice& dice, double mean, bool owner, double threshold) {
  std::array<TailState, 3> states;
  for (std::uint32_t day = 0; day < 2 * kDays; ++day) {
    std::uint32_t people = 0;  // Poisson (Knuth)
    for (double left = dice.Roll(); left > std::exp(-mean); left *= dice.Roll()) ++people;
    if (owner)
      people += static_cast<std::uint32_t>(std::log(1 - dice.Roll()) / std::log(1.2 / 2.2));
    for (std::size_t i = 0; i < 3; ++i) {
      const std::uint32_t days[] = {1, 7, 31};
      const Tail tail(BoundsOf(static_cast<Score>(i)), access::kBlocksPerYear[i], 0);
      tail.Roll(states[i], day / days[i]);
      states[i].score += people;
      if (DefaultScores()[i].weight * tail.Running(states[i]) >= threshold) return day + 1;
    }
  }
  return 2 * kDays;
}

TEST(Power, IsThatOfTheSimulations) {
  struct {
    double a_day;
    bool owner;
    std::uint32_t days_max;  // of 95 in 100 accounts
  } const kRows[] = {{30, true, 4},  {12, true, 9},  {6, true, 24},
                     {4, true, 38},  {2, true, 100}, {12, false, 10},
                     {6, false, 28}, {4, false, 56}, {2, false, 290}};
  for (const auto& row : kRows) {
    Dice dice(static_cast<std::uint64_t>(row.a_day));
    std::vector<std::uint32_t> days;
    for (int account = 0; account < 200; ++account) {
      days.push_back(DaysUntilFound(dice, row.a_day, row.owner, 100'000));
    }
    std::sort(days.begin(), days.end());
    EXPECT_LE(days[190], row.days_max) << row.a_day << " a day, median " << days[100];
    std::printf("frozen at %g a day, %s: median %u days, p95 %u\n", row.a_day,
                row.owner ? "beside its owner" : "alone", days[100], days[190]);
  }
}

}  // namespace
}  // namespace cloison::sentinel
