#include "drill/seeds.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "drill/drill.h"
#include "store/testing/temp_directory.h"

namespace cloison::drill {
namespace {

struct World {
  store::testing::TempDirectory directory;
  base::SystemFiles files;
  base::SystemRandom random;
  Ground ground{files, random, directory.path(), {}};
};

std::size_t SeedsWanted() {
  const char* wish = std::getenv("CLOISON_LONG");
  return wish != nullptr && std::string(wish) == "1" ? kSeedsMax : 1;
}

TEST(Spread, IsByNearestRank) {
  std::vector<double> hundred;
  for (int i = 100; i > 0; --i) hundred.push_back(i);
  const struct {
    const char* why;
    std::vector<double> values;
    double median, p95, worst;
  } rows[] = {
      {"nothing", {}, 0, 0, 0},
      {"one", {7}, 7, 7, 7},
      {"of two the lower half ends with the first", {9, 7}, 7, 9, 9},
      {"a hundred", hundred, 50, 95, 100},
      {"one of three never", {kNotReached, 1, 2}, 2, kNotReached, kNotReached},
  };
  for (const auto& row : rows) {
    const Spread spread = SpreadOf(row.values);
    EXPECT_EQ(spread.median, row.median) << row.why;
    EXPECT_EQ(spread.p95, row.p95) << row.why;
    EXPECT_EQ(spread.worst, row.worst) << row.why;
  }
}

Report Exact() {
  Report report;
  report.scope.emplace();
  return report;
}

TEST(Seeds, OneThatBrokeBreaksAll) {
  Report past = Exact(), uncompared = Exact(), missing = Exact(), told = Exact();
  past.ratio = 1.0001;
  uncompared.scope.reset();
  missing.scope->missing = 1;
  told.oracle.told[{0, "a"}] = {9, 0};
  told.oracle.told[{0, "b"}] = {0, 9};
  const struct {
    const char* why;
    std::vector<Report> reports;
    bool passed;
  } rows[] = {
      {"all held", {Exact(), Exact()}, true},
      {"one passed its bound", {Exact(), past}, false},
      {"one was not compared", {Exact(), uncompared}, false},
      {"one lacks an entry", {missing, Exact()}, false},
      {"one tells people apart", {Exact(), told}, false},
  };
  for (const auto& row : rows) {
    const OverSeeds over = SummariseSeeds(row.reports);
    EXPECT_EQ(over.passed, row.passed) << row.why;
    Report report = Exact();
    report.over_seeds = over;
    EXPECT_EQ(report.passed(), row.passed) << row.why;
    EXPECT_NE(ToJson({report}).find("\"over_seeds\":{\"seeds\":2,"), std::string::npos);
    EXPECT_NE(ToTable({report}).find("over 2 seeds"), std::string::npos);
  }
}

// Each seed is a world of its own, whichever core it ran on.
TEST(Seeds, AreTheReportsOfEach) {
  World world;
  Options options;
  options.people = kPeopleMin * 2;
  options.caseload = 20;
  options.days = 2;
  options.seed = 5;
  const Result<std::vector<Report>> many = RunSeeds(options, 3, world.ground);
  ASSERT_TRUE(many.ok()) << many.error().text();
  ASSERT_EQ(many->size(), 3u);
  for (std::size_t i = 0; i < many->size(); ++i) {
    World alone;
    Options own = options;
    own.seed += i;
    EXPECT_EQ(ToJson({(*many)[i]}), ToJson({*drill::Run(own, alone.ground)})) << i;
  }
  EXPECT_FALSE(RunSeeds(options, 0, world.ground).ok());
  EXPECT_FALSE(RunSeeds(options, kSeedsMax + 1, world.ground).ok());
  options.people = 0;
  EXPECT_FALSE(RunSeeds(options, 3, world.ground).ok()) << "what one fails with";
}

// What detectors that act must make of thefts: the aims of docs/operate/drill.md, at 95 % of seeds.
TEST(Seeds, DetectorsMeetTheirAims) {
  const struct {
    const char* name;
    std::size_t accounts;
    int days;
    double off_max, days_max;
  } rows[] = {
      {kScrape, 1, 29, 120, 3},  {kSlow, 1, 365, 280, kNotReached}, {kColluding, 20, 9, 120, 3},
      {kGuessing, 1, 29, 0, 29}, {kHarvest, 1, 29, 120, 3},
  };
  for (const auto& row : rows) {
    World world;
    Options options;
    options.name = row.name;
    options.accounts = row.accounts;
    options.people = 5'000;
    options.days = row.days;
    options.detectors = true;
    const Result<std::vector<Report>> reports = RunSeeds(options, SeedsWanted(), world.ground);
    ASSERT_TRUE(reports.ok()) << row.name << ": " << reports.error().text();
    const OverSeeds over = SummariseSeeds(*reports);
    EXPECT_TRUE(over.passed) << row.name;
    EXPECT_LE(over.most_off.p95, row.off_max) << row.name;
    EXPECT_LE(over.days_to_contained.p95, row.days_max) << row.name;
  }
}

}  // namespace
}  // namespace cloison::drill
