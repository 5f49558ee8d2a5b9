#include "access/seen_table.h"

#include <gtest/gtest.h>

#include <map>

#include "base/testing/seeded_random.h"

namespace cloison::access {
namespace {

// `home`: of all 64-bit numbers in their order. Equal homes differ in their last byte.
SeenId IdOf(std::uint64_t home, std::uint8_t number) {
  SeenId id{};
  const ByteArray<8> first = base::BigU64(home);
  std::ranges::copy(first, id.begin());
  id[15] = number;
  return id;
}
Seen SeenAt(std::int64_t time) {
  Seen seen;
  seen.times[0] = time;
  return seen;
}

TEST(SeenTable, OfNobodyItKnowsNothing) {
  SeenTable table;
  EXPECT_EQ(table.Find(IdOf(1, 1)), nullptr);
  table.Expect(IdOf(1, 1));
  table.At(IdOf(1, 1)) = SeenAt(5);
  EXPECT_EQ(table.Find(IdOf(1, 2)), nullptr);
  EXPECT_EQ(table.Find(IdOf(2, 1)), nullptr);
  EXPECT_EQ(*table.Find(IdOf(1, 1)), SeenAt(5));
}

TEST(SeenTable, WhoWasNeverShownIsThere) {
  SeenTable table;
  EXPECT_EQ(table.At(IdOf(3, 0)), Seen{});
  ASSERT_NE(table.Find(IdOf(3, 0)), nullptr);
  EXPECT_EQ(table.size(), 1u);
}

using Model = std::map<SeenId, std::int64_t>;

void ExpectSame(const SeenTable& table, const Model& model) {
  ASSERT_EQ(table.size(), model.size());
  for (const auto& [who, time] : model) {
    const Seen* const seen = table.Find(who);
    ASSERT_NE(seen, nullptr);
    ASSERT_EQ(seen->times[0], time);
  }
  Model met;
  table.ForEach([&met](const SeenId& who, const Seen& seen) {
    return met.emplace(who, seen.times[0]).second;
  });
  ASSERT_EQ(met, model);
}

// Puts and erasures at random against a map, with homes of every kind of crowd.
TEST(SeenTable, IsAMap) {
  struct Case {
    const char* why;
    std::uint64_t homes;
  };
  constexpr Case kCases[] = {{"all at one home", 1},
                             {"long runs that meet, and go round", 5},
                             {"the last home, so that all go round", 64},
                             {"as PRFs are", UINT64_MAX}};
  for (const auto& [why, homes] : kCases) {
    base::testing::SeededRandom random(7);
    SeenTable table;
    Model model;
    for (int round = 0; round < 4'000; ++round) {
      const std::uint64_t home = homes == 64           ? UINT64_MAX - random.Below(3)
                                 : homes == UINT64_MAX ? random.Below(homes)
                                                       : UINT64_MAX / homes * random.Below(homes);
      const SeenId who = IdOf(home, static_cast<std::uint8_t>(random.Below(24)));
      if (random.Below(3) != 0 || model.empty()) {
        table.At(who) = SeenAt(model[who] = round + 1);
      } else {
        auto gone = model.lower_bound(who);
        if (gone == model.end()) gone = model.begin();
        table.Erase(SeenId(gone->first));
        model.erase(gone);
      }
      if (round % 7 == 0) ExpectSame(table, model);
      if (testing::Test::HasFatalFailure()) FAIL() << why << ", round " << round;
    }
    ExpectSame(table, model);
  }
}

TEST(SeenTable, ReservesWhatIsAskedForAndKeepsWhoIsThere) {
  for (const std::size_t people : {0u, 1u, 6u, 7u, 8u, 300u}) {
    SeenTable table;
    Model model;
    table.At(IdOf(7, 7)) = SeenAt(model[IdOf(7, 7)] = 7);
    table.Reserve(people);
    ExpectSame(table, model);
    table.Reserve(0);
    for (std::uint64_t i = 1; i < 400; ++i) {
      const SeenId who = IdOf(i << 55, static_cast<std::uint8_t>(i));
      table.At(who) = SeenAt(model[who] = static_cast<std::int64_t>(i));
    }
    ExpectSame(table, model);
  }
}

TEST(SeenTable, ForEachStopsWhenItIsTold) {
  SeenTable table;
  for (std::uint8_t i = 0; i < 20; ++i) table.At(IdOf(i, i)) = SeenAt(i + 1);
  int met = 0;
  table.ForEach([&met](const SeenId&, const Seen&) { return ++met < 3; });
  EXPECT_EQ(met, 3);
}

}  // namespace
}  // namespace cloison::access
