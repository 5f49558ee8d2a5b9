// Thefts that know the rules, and what detectors make of thefts.
#include "drill/cunning.h"

#include <gtest/gtest.h>

#include "drill/chance.h"
#include "drill/testing/run_it.h"

namespace cloison::drill {
namespace {

using access::Counter;
using testing::RunIt;

constexpr std::size_t kPeople = 5'000;

struct CunningRow {
  const char* why;
  const char* name;
  std::size_t accounts;
  std::uint64_t off_min;  // strangers opened, whatever they count as
};

// Thefts that know the rules take what budgets allow and no more, and all of it is on the record.
TEST(Drill, TheftsThatKnowTheRules) {
  const CunningRow rows[] = {
      {"numbers and names in their order", kHarvest, 1, 60},
      {"strangers put on the caseload", kLaunder, 2, 80},
      {"a second device beside the owner", kDevices, 2, 100},
      {"who looks like a decoy is left out", kDecoyAware, 1, 38},
      {"innocents made to stumble", kPoison, 3, 100},
  };
  for (const CunningRow& row : rows) {
    Options options;
    options.name = row.name;
    options.people = kPeople;
    options.accounts = row.accounts;
    const Result<Report> report = RunIt(options);
    ASSERT_TRUE(report.ok()) << row.why << ": " << report.error().text();
    EXPECT_TRUE(report->passed()) << row.why << "\n" << ToTable({*report});
    ASSERT_TRUE(report->most_off.has_value());
    EXPECT_GE(*report->most_off, row.off_min) << row.why << "\n" << ToTable({*report});
    EXPECT_GT(report->scope->compared, report->of(Counter::kOpened).shown) << row.why;
    // Whoever was put on a caseload is a stranger for seven days.
    if (row.name == std::string_view(kLaunder)) {
      EXPECT_GT(report->of(Counter::kOpenedOff).shown, 100u) << ToTable({*report});
    }
  }
}

// With detectors that act the same thefts end earlier; in shadow mode they say so and do nothing.
TEST(Drill, DetectorsShrinkWhatBudgetsAllow) {
  for (const char* name : {kScrape, kHarvest, kDevices}) {
    Options options;
    options.name = name;
    options.people = kPeople;
    const Result<Report> shadow = RunIt(options);
    options.detectors = true;
    const Result<Report> acting = RunIt(options);
    ASSERT_TRUE(shadow.ok() && acting.ok()) << name;
    EXPECT_TRUE(acting->passed()) << name << "\n" << ToTable({*acting});
    EXPECT_LE(*acting->most_off, 120u) << name;
    EXPECT_GT(*shadow->most_off, *acting->most_off) << name;
    EXPECT_TRUE(acting->days_to_contained.has_value()) << name;
    EXPECT_FALSE(shadow->days_to_contained.has_value()) << name;
    ASSERT_NE(acting->rung(3), nullptr) << name;
    EXPECT_TRUE(acting->rung(3)->acts) << name;
    ASSERT_NE(shadow->rung(2), nullptr) << name;
    EXPECT_FALSE(shadow->rung(2)->acts) << name;
  }
}

// Two strangers a working day beside what the owner's work brings: above what honest accounts open.
// Alone they stay inside the bounds that are declared of honest work (45 in 31 days), and no
// detector may tell them apart: budgets bound them.
TEST(Drill, LowAndSlowIsHeldBesideItsOwnersWork) {
  Options options;
  options.name = kSlow;
  options.people = kPeople;
  options.days = kDaysMax;
  options.detectors = true;
  const Result<Report> beside = RunIt(options);
  ASSERT_TRUE(beside.ok()) << beside.error().text();
  EXPECT_TRUE(beside->passed()) << ToTable({*beside});
  EXPECT_LE(*beside->most_off, 280u);
  EXPECT_GT(*beside->most_off, 60u) << "more than a bound allows must have come before";
  EXPECT_TRUE(beside->days_to_contained.has_value());
  EXPECT_EQ(beside->honest_refused, 0u);
  EXPECT_GT(beside->beside.requests, 3'000u);
  EXPECT_GT(beside->beside.refused, 100u) << "the owner's strangers are held as well";
  options.owner_away = true;
  const Result<Report> alone = RunIt(options);
  ASSERT_TRUE(alone.ok()) << alone.error().text();
  EXPECT_TRUE(alone->passed()) << ToTable({*alone});
  EXPECT_GT(*alone->most_off, 500u);
  EXPECT_EQ(alone->beside.requests, 0u);
  EXPECT_TRUE(alone->rungs.empty());
}

TEST(Chance, CountsHaveTheirMeanAndTheirBursts) {
  Draw draw(7);
  for (const Counts& of : {kHonestStrangers, Counts{25, 4}, Counts{0, 1}}) {
    constexpr int kDraws = 200'000;
    double sum = 0, squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const auto count = static_cast<double>(CountOf(of, draw));
      sum += count;
      squares += count * count;
    }
    const double mean = sum / kDraws, variance = squares / kDraws - mean * mean;
    const double wanted = of.mean + of.mean * of.mean / of.shape;
    EXPECT_NEAR(mean, of.mean, 0.01 * of.mean + 1e-9);
    EXPECT_NEAR(variance, wanted, 0.04 * wanted + 1e-9);
  }
}

}  // namespace
}  // namespace cloison::drill
