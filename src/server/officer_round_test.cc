#include "server/officer_round.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "server/freeze_file.h"

namespace cloison::server {
namespace {

// In an order that is not that of their ids.
std::vector<PrincipalId> People(std::size_t from, std::size_t to) {
  std::vector<PrincipalId> people;
  for (std::size_t i = from; i < to; ++i) {
    ByteArray<PrincipalId::kSize> id{};
    const ByteArray<8> number = base::BigU64(i * 0x9e3779b97f4a7c15);
    std::ranges::copy(number, id.begin());
    id[15] = 1;
    people.push_back(PrincipalId(id));
  }
  return people;
}

TEST(OfficerRound, AsksEverybodyInTurnWhoeverStandsBeforeThem) {
  for (const std::size_t count : {0, 1, 999, 1'000, 1'001, 2'500}) {
    OfficerRound round;
    const std::vector<PrincipalId> all = People(0, count);
    const std::size_t rounds = (count + kOfficersPerRound - 1) / kOfficersPerRound;
    std::set<PrincipalId> asked;
    for (std::size_t i = 0; i < rounds; ++i) {
      for (const PrincipalId& one : round.Next({}, {}, all).who) asked.insert(one);
    }
    EXPECT_EQ(asked.size(), count) << "of " << count;
  }
}

TEST(OfficerRound, WhoIsKeptOrNamedIsAskedEachTimeAndOnce) {
  OfficerRound round;
  const std::vector<PrincipalId> all = People(0, 3'000), kept = People(5, 8), named = People(7, 10);
  for (int i = 0; i < 5; ++i) {
    const std::vector<PrincipalId> asked = round.Next(kept, named, all).who;
    EXPECT_EQ(std::set(asked.begin(), asked.end()).size(), asked.size());
    EXPECT_EQ(asked.size(), 5 + kOfficersPerRound);
    for (const PrincipalId& one : People(5, 10)) EXPECT_EQ(std::ranges::count(asked, one), 1);
  }
  EXPECT_EQ(round.Next({}, People(9'000, 9'001), {}).who, People(9'000, 9'001)) << "nobody else";
}

TEST(OfficerRound, SaysOnceThatNotAllAreKept) {
  OfficerRound round;
  const std::vector<PrincipalId> kept = People(0, kOfficersMax);
  EXPECT_FALSE(round.Next(kept, {}, kept).too_many);
  EXPECT_FALSE(round.Next(People(0, 3), {}, People(0, 2'000)).too_many) << "there is room";
  EXPECT_TRUE(round.Next(kept, {}, People(0, kOfficersMax + 1)).too_many);
  EXPECT_FALSE(round.Next(kept, {}, People(0, kOfficersMax + 1)).too_many);
}

}  // namespace
}  // namespace cloison::server
