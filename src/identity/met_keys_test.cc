#include "identity/met_keys.h"

#include <gtest/gtest.h>

#include "base/testing/manual_clock.h"

namespace cloison::identity {
namespace {

MetKeys::One Of(std::uint8_t who, std::uint8_t key, std::uint8_t network) {
  return {PrincipalId(ByteArray<16>{who}), crypto::Digest{key}, {4, network}};
}

TEST(MetKeys, OnesOwnKeyFromOnesOwnNetworkForASessionsLife) {
  base::testing::ManualClock clock;
  MetKeys met(clock);
  EXPECT_FALSE(met.Knows(Of(1, 1, 1)));
  met.Add(Of(1, 1, 1));
  EXPECT_TRUE(met.Knows(Of(1, 1, 1)));
  EXPECT_FALSE(met.Knows(Of(2, 1, 1))) << "another principal";
  EXPECT_FALSE(met.Knows(Of(1, 2, 1))) << "another key";
  EXPECT_FALSE(met.Knows(Of(1, 1, 2))) << "another network";
  clock.Advance(kMetMs - 1);
  EXPECT_TRUE(met.Knows(Of(1, 1, 1)));
  clock.Advance(1);
  EXPECT_FALSE(met.Knows(Of(1, 1, 1)));
}

TEST(MetKeys, WhatIsFullForgets) {
  base::testing::ManualClock clock;
  MetKeys met(clock, 3);
  for (std::uint8_t who = 1; who <= 3; ++who) met.Add(Of(who, 1, 1));
  clock.Advance(kMetMs);
  met.Add(Of(4, 1, 1));
  EXPECT_EQ(met.size(), 1u) << "what is over went first";
  for (std::uint8_t who = 5; who <= 7; ++who) met.Add(Of(who, 1, 1));
  EXPECT_EQ(met.size(), 1u);
  EXPECT_TRUE(met.Knows(Of(7, 1, 1)));
  EXPECT_FALSE(met.Knows(Of(5, 1, 1)));
}

}  // namespace
}  // namespace cloison::identity
