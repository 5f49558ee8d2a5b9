// Thefts that know the rules, and what detectors make of thefts.
#include "drill/cunning.h"

#include <gtest/gtest.h>

#include "store/testing/temp_directory.h"

namespace cloison::drill {
namespace {

using access::Counter;

constexpr std::size_t kPeople = 5'000;

Result<Report> RunIt(const Options& options) {
  store::testing::TempDirectory directory;
  base::SystemFiles files;
  base::SystemRandom random;
  return Run(options, {files, random, directory.path(), {}});
}

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

}  // namespace
}  // namespace cloison::drill
