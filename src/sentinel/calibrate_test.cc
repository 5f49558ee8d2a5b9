#include "sentinel/calibrate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/testing/seeded_random.h"

namespace cloison::sentinel {
namespace {

using access::DefaultScores;

const std::vector<TailBound>& Start() {
  return DefaultScores()[0].bounds;
}

// Days of a negative binomial: a rate of the day, drawn from a gamma of shape 1, and as many people
// as come at that rate. Its tail is a geometric one: whoever has many one day is no thief.
Blocks DaysOf(base::testing::SeededRandom& random, double mean, std::size_t days) {
  Blocks blocks(days);
  const double falls = std::log(mean / (1 + mean));
  for (std::uint32_t& day : blocks) {
    const double u = static_cast<double>(random.Below(1u << 30) + 1) * 0x1p-30;
    day = static_cast<std::uint32_t>(std::log(u) / falls);
  }
  return blocks;
}

TEST(Calibrate, NeverLowersTheTable) {
  const std::vector<Blocks> idle(10, Blocks(300, 0));
  const std::vector<TailBound> bounds = Calibrate(Start(), idle);
  EXPECT_EQ(bounds, Start());
  EXPECT_TRUE(Calibrate({}, idle).empty());
}

TEST(Calibrate, OneAgentWithAHeavierHabitIsHeard) {
  std::vector<Blocks> agents(20, Blocks(250, 1));
  agents[7].assign(250, 15);
  const std::vector<TailBound> bounds = Calibrate(Start(), agents);
  for (const Blocks& blocks : agents) {
    double sum = 0;
    for (const std::uint32_t score : blocks) sum += TailEvidence(bounds, score);
    EXPECT_LE(sum, 250);
  }
  EXPECT_GT(bounds.front().at_least, 15u);
  EXPECT_EQ(bounds[0].at_most, Start()[0].at_most);
}

// One agent in 500 has four times the habit of the others. With the table alone they would be
// found, for nothing; with bounds learned from one half of the agents the other half is not, beyond
// what is promised.
TEST(Calibrate, KeepsThePromiseForAgentsItWasNotLearnedFrom) {
  base::testing::SeededRandom random(5);
  constexpr std::size_t kAgents = 4'000, kHeavyEvery = 500;
  const auto year = [&](std::size_t agent) {
    return DaysOf(random, agent % kHeavyEvery == 0 ? 4.8 : 1.2, 366);
  };
  std::vector<Blocks> learned, held_out;
  for (std::size_t agent = 0; agent < kAgents; ++agent) {
    learned.push_back(year(agent));
    held_out.push_back(year(agent));
  }
  const double threshold = 1'000;
  const Fired before = CountFired(Start(), 366, held_out, threshold);
  EXPECT_GT(static_cast<double>(before.fired), kAgents / threshold * 1.2)
      << "the table alone would do";
  const std::vector<TailBound> bounds = Calibrate(Start(), learned);
  const Fired after = CountFired(bounds, 366, held_out, threshold);
  EXPECT_EQ(after.agents, kAgents);
  EXPECT_LE(static_cast<double>(after.fired), kAgents / threshold);
}

TEST(CountFired, SeesAThief) {
  std::vector<Blocks> agents(10, Blocks(100, 1));
  for (std::size_t day = 50; day < 60; ++day) agents[3][day] = 30;
  EXPECT_EQ(CountFired(Start(), 366, agents, 100'000).fired, 1u);
}

}  // namespace
}  // namespace cloison::sentinel
