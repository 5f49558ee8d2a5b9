#include "ingest/internal/population.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "ingest/internal/names.h"
#include "ingest/internal/surnames.h"
#include "text/postal.h"

namespace cloison::ingest::internal {
namespace {

TEST(Permutation, GivesEveryPlaceOnce) {
  for (const std::uint64_t size : {2ull, 3ull, 16ull, 17ull, 1'000ull, 4'096ull, 4'097ull}) {
    const Permutation permutation(size, 7);
    std::set<std::uint64_t> places;
    for (std::uint64_t i = 0; i < size; ++i) {
      EXPECT_LT(permutation.Of(i), size);
      places.insert(permutation.Of(i));
    }
    EXPECT_EQ(places.size(), size);
  }
}

TEST(Places, AreTheOfficialList) {
  std::set<std::string_view> codes, departments;
  std::uint64_t people = 0;
  for (const Place& place : Communes().places()) {
    ASSERT_EQ(place.code.size(), 5u) << place.name;
    EXPECT_TRUE(codes.insert(place.code).second) << place.name;
    EXPECT_FALSE(place.name.empty());
    people += place.people;
    departments.insert(place.code.substr(0, place.code.starts_with("97") ? 3 : 2));
    for (std::size_t at = 0; at < place.postcodes.size(); at += 6) {
      EXPECT_TRUE(text::CanonicalPostcode(place.postcodes.substr(at, 5)).ok()) << place.name;
    }
    EXPECT_EQ(place.postcodes.size() % 6, 5u) << place.name;
  }
  // The package's own sums: 34,969 communes, less Paris, Lyon and Marseille and those without
  // people or postcode, and 45 arrondissements.
  EXPECT_EQ(codes.size(), 34'999u);
  EXPECT_EQ(people, 68'952'941u);
  for (const char* wanted : {"01", "75", "2A", "2B", "971", "972", "973", "974", "976"}) {
    EXPECT_TRUE(departments.contains(wanted)) << wanted;
  }
  EXPECT_FALSE(departments.contains("20"));
}

TEST(Places, CodesOfABirthAreOfOnePlace) {
  struct Case {
    const char* why;
    const char* place;
    int year;
    std::uint64_t spread;
    const char* want;
  };
  constexpr Case kCases[] = {
      {"plain", "31555", 1980, 0, "31555"},
      {"Corsica is divided since 1976", "2A004", 1976, 0, "2A004"},
      {"Corsica before", "2A004", 1975, 0, "20004"},
      {"Corsica before, the other half", "2B033", 1975, 0, "20033"},
      {"overseas", "97411", 1950, 0, "97411"},
      {"Algeria since its independence", "99352", 1962, 1, "99352"},
      {"Algeria before, the first", "99352", 1961, 0, "91352"},
      {"Algeria before, the last", "99352", 1961, 3, "94352"},
      {"Morocco before", "99350", 1955, 3, "95350"},
      {"Tunisia before", "99351", 1955, 2, "96351"},
      {"another country never", "99139", 1940, 2, "99139"},
  };
  for (const Case& c : kCases) {
    const auto places = BirthPlaces().places();
    const auto place = std::find_if(places.begin(), places.end(),
                                    [&](const Place& of) { return of.code == c.place; });
    ASSERT_NE(place, places.end()) << c.why;
    EXPECT_EQ(BirthCodeOf(*place, c.year, c.spread).view(), c.want) << c.why;
  }
  for (const int year : {1940, 1955, 1961, 1975, 2000}) {
    std::map<std::string, std::string_view> place_of;
    for (const Place& place : BirthPlaces().places()) {
      for (std::uint64_t spread = 0; spread < 4; ++spread) {
        const BirthCode code = BirthCodeOf(place, year, spread);
        const auto [at, first] = place_of.emplace(code.view(), place.code);
        EXPECT_EQ(at->second, place.code) << year << " " << code.view();
      }
    }
  }
}

PlaceTable SmallPlaces() {
  return PlaceTable({{"31555", "Grande", "31000", 700},
                     {"2A004", "Petite", "20000", 30},
                     {"01001", "Seule", "01000", 1},
                     {"99352", "Ailleurs", "", 270}});
}

// Everybody of a small world: nobody twice, whatever the seed, the profile, an odd number of
// groups.
TEST(Population, NoTwoPeopleHaveOneBirth) {
  const PlaceTable small = SmallPlaces();
  for (const Profile* profile : {&JobSeekersProfile(), &InsuredPersonsProfile()}) {
    for (const std::uint64_t groups : {2'000ull, 2'001ull, 2'557ull}) {
      for (const PlaceTable* places : {&small, &BirthPlaces()}) {
        const Population world(groups, *profile, *places, groups);
        std::set<std::string> births;
        for (std::uint64_t i = 0; i < world.people(); ++i) {
          const Seat seat = world.SeatOf(i);
          ASSERT_TRUE(seat.month >= 1 && seat.month <= 12 && seat.order >= 1 &&
                      seat.order <= kOrdersMax);
          std::string birth(seat.place->code);
          for (const std::uint64_t part :
               {std::uint64_t{seat.woman}, static_cast<std::uint64_t>(seat.year % 100),
                static_cast<std::uint64_t>(seat.month), seat.order}) {
            birth += "/" + std::to_string(part);
          }
          ASSERT_TRUE(births.insert(std::move(birth)).second) << groups << " " << i;
        }
      }
    }
  }
}

TEST(Population, HouseholdsAreOfOneAge) {
  for (const Profile* profile : {&JobSeekersProfile(), &InsuredPersonsProfile()}) {
    const Population world(3, *profile, BirthPlaces(), 3'000'000);
    int partners = 0, near = 0, children = 0, widest = 0, youngest = 100, oldest = 0;
    for (std::uint64_t i = 0; i < 40'000; ++i) {
      const Standing standing = world.StandingOf(i);
      EXPECT_EQ(world.StandingOf(standing.household).rank, 0);
      EXPECT_EQ(world.StandingOf(standing.household).household, standing.household);
      EXPECT_EQ(standing.household + standing.rank, i);
      if (standing.rank == 0) continue;
      const Seat first = world.SeatOf(standing.household), own = world.SeatOf(i);
      if (standing.rank == 1 && standing.role != Role::kLone) {
        ++partners;
        EXPECT_NE(own.woman, first.woman);
        widest = std::max(widest, std::abs(own.year - first.year));
        near += std::abs(own.year - first.year) <= 5 ? 1 : 0;
        continue;
      }
      ++children;
      youngest = std::min(youngest, own.year - first.year);
      oldest = std::max(oldest, own.year - first.year);
    }
    EXPECT_GT(partners, 6'000);
    EXPECT_GT(children, 4'000);
    // A window is five years of a line at its mean; where few of an age are partners, the same
    // slots cover more years.
    EXPECT_GE(near, partners * 9 / 10);
    EXPECT_LE(widest, 15);
    EXPECT_GE(youngest, 16);
    EXPECT_LE(oldest, 48);
  }
}

// Ages as the profile says. Of n people a share p is off by 4 sqrt(p (1 - p) / n) at most, once in
// 16,000 draws; that people of a household are not independent, and that what roles leave over is
// not even, is in the other 0.4 points.
TEST(Population, AgesFollowThePyramid) {
  for (const Profile* profile : {&JobSeekersProfile(), &InsuredPersonsProfile()}) {
    const Population world(11, *profile, BirthPlaces(), 3'000'000);
    constexpr std::uint64_t kPeople = 120'000;
    std::map<int, double> found, wanted;
    double all = 0;
    int age = profile->age_min;
    for (const AgeBand& band : profile->bands) {
      for (; age <= band.age_max; ++age) {
        wanted[age / 10] += band.people;
        all += band.people;
      }
    }
    for (std::uint64_t i = 0; i < kPeople; ++i) {
      const int years = kThisYear - world.SeatOf(i * 599).year;
      ASSERT_TRUE(years >= profile->age_min && years <= profile->bands.back().age_max);
      found[years / 10] += 1.0 / kPeople;
    }
    for (const auto& [decade, weight] : wanted) {
      const double share = weight / all;
      EXPECT_NEAR(found[decade], share,
                  4 * std::sqrt(share * (1 - share) / kPeople) + 0.02 * share + 0.004)
          << decade;
    }
  }
}

TEST(Surnames, AreManyAndDrawnAsTheLawSays) {
  for (const Origin origin : {Origin::kFrench, Origin::kForeign}) {
    const std::uint32_t names = origin == Origin::kFrench ? kFrenchSurnames : kForeignSurnames;
    std::set<std::string> distinct;
    for (std::uint32_t rank = 0; rank < names; ++rank) {
      distinct.insert(SurnameOfRank(origin, rank));
    }
    EXPECT_GE(distinct.size(), names - 400u);  // composed names that are listed as well
    EXPECT_EQ(SurnameRank(origin, 0), 0u);
    EXPECT_EQ(SurnameRank(origin, UINT32_MAX), names - 1);
    std::uint32_t before = 0;
    std::set<std::uint32_t> reached;
    for (std::uint64_t draw = 0; draw <= UINT32_MAX; draw += 1'021) {
      const std::uint32_t rank = SurnameRank(origin, static_cast<std::uint32_t>(draw));
      EXPECT_GE(rank, before);
      before = rank;
      reached.insert(rank);
    }
    // The rarest has 6 of 10 million: 2,600 draws of 2^32, each 1,021st is tried.
    EXPECT_EQ(reached.size(), names);
  }
  EXPECT_EQ(SurnameOfRank(Origin::kFrench, 0), "Martin");
  EXPECT_EQ(SurnameOfRank(Origin::kFrench, 1), "Bernard");
}

TEST(FirstNames, FollowSexAndGeneration) {
  std::map<std::string, int> girls_1930, girls_2015, boys_2015;
  constexpr int kDraws = 20'000;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    ++girls_1930[FirstName(true, 1930, Origin::kFrench, Mix(i))];
    ++girls_2015[FirstName(true, 2015, Origin::kFrench, Mix(i))];
    ++boys_2015[FirstName(false, 2015, Origin::kFrench, Mix(i))];
  }
  // The head of 30 falls as 1 / (rank + 4): the first has 0.116 of it.
  EXPECT_NEAR(girls_1930["Marie"], kDraws * 0.68 * 0.116, 400);
  EXPECT_NEAR(girls_2015["Emma"], kDraws * 0.30 * 0.116, 300);
  EXPECT_NEAR(boys_2015["Gabriel"], kDraws * 0.30 * 0.116, 300);
  EXPECT_LT(girls_1930["Emma"], 60);
  EXPECT_LT(girls_2015["Gabriel"] + boys_2015["Emma"], 1);
  EXPECT_GT(girls_2015.size(), 200u);
}

}  // namespace
}  // namespace cloison::ingest::internal
