#include "sentinel/distinct.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/testing/seeded_random.h"

namespace cloison::sentinel {
namespace {

TEST(Distinct, CountsWithinItsError) {
  for (const std::uint32_t people : {1u, 10u, 300u, 1'500u, 2'600u, 20'000u, 200'000u}) {
    base::testing::SeededRandom random(people);
    Distinct distinct;
    for (std::uint32_t i = 0; i < people; ++i) distinct.Add(random.Draw<16>());
    const double off = std::abs(double(distinct.Estimate()) - people);
    EXPECT_LE(off, std::max(1.0, 4 * .0325 * people)) << people;
  }
}

TEST(Distinct, KnowsWhomItHasSeen) {
  base::testing::SeededRandom random(1);
  Distinct distinct;
  const auto name = random.Draw<16>();
  EXPECT_TRUE(distinct.Add(name));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(distinct.Add(name));
  EXPECT_EQ(distinct.Estimate(), 1u);
  distinct.Clear();
  EXPECT_EQ(distinct.Estimate(), 0u);
}

TEST(Distinct, RestoresWhatItWrote) {
  base::testing::SeededRandom random(2);
  Distinct distinct, again;
  for (int i = 0; i < 5'000; ++i) distinct.Add(random.Draw<16>());
  EXPECT_TRUE(again.Restore(distinct.registers()));
  EXPECT_EQ(again.registers(), distinct.registers());
  auto wrong = distinct.registers();
  wrong[17] = 56;
  EXPECT_FALSE(again.Restore(wrong));
  EXPECT_FALSE(again.Restore(ByteView(wrong).first(1'023)));
}

TEST(Distinct, AllZerosHaveARank) {
  Distinct distinct;
  EXPECT_TRUE(distinct.Add(ByteArray<16>{}));
  EXPECT_EQ(distinct.registers()[0], 55);
}

}  // namespace
}  // namespace cloison::sentinel
