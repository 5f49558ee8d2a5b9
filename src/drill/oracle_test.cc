// The oracle, A9: what answers tell of who is there.
#include "drill/oracle.h"

#include <gtest/gtest.h>

#include "drill/drill.h"
#include "drill/testing/run_it.h"

namespace cloison::drill {
namespace {

using access::Counter;
using testing::RunIt;

constexpr std::size_t kPeople = 5'000;

// A door that shows no strangers answers the same of them as of nobody: code, wait, and what is
// taken from every budget.
TEST(Drill, TheOracleTellsNothing) {
  Options options;
  options.name = kOracle;
  options.people = kPeople;
  const Result<Report> report = RunIt(options);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_TRUE(report->passed()) << ToTable({*report});
  ASSERT_TRUE(report->advantage().has_value());
  EXPECT_EQ(*report->advantage(), 0);
  EXPECT_EQ(report->of(Counter::kOpened).shown, 0u);
  Report told = *report;
  told.oracle.told[{0, "another answer"}] = {0, 20};
  EXPECT_FALSE(told.passed());
  told.oracle.told.clear();
  EXPECT_FALSE(told.passed()) << "nothing was compared";
}

// Rungs change the answers while it asks: they tell of the asking, not of who was asked for.
TEST(Drill, TheOracleTellsNothingOnAnyRung) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Options options;
    options.name = kOracle;
    options.people = kPeople;
    options.seed = seed;
    options.detectors = true;
    const Result<Report> report = RunIt(options);
    ASSERT_TRUE(report.ok()) << report.error().text();
    EXPECT_TRUE(report->passed()) << ToTable({*report});
    ASSERT_TRUE(report->advantage().has_value());
    EXPECT_EQ(*report->advantage(), 0) << ToTable({*report});
    ASSERT_NE(report->rung(4), nullptr) << "a thief who is not noticed proves little";
    EXPECT_LE(report->oracle.rungs, 4u);
  }
}

TEST(Oracle, ComparesWhatWasToldOnTheSameRung) {
  const struct {
    const char* why;
    std::map<std::pair<int, std::string>, std::array<std::uint64_t, 2>> told;
    std::optional<double> want;
  } rows[] = {
      {"nothing was asked", {}, std::nullopt},
      {"one kind alone says nothing", {{{0, "a"}, {7, 0}}}, std::nullopt},
      {"the same answer to both", {{{0, "a"}, {7, 90}}}, 0},
      {"another answer to each", {{{0, "a"}, {7, 0}}, {{0, "b"}, {0, 7}}}, 1},
      {"another in a tenth", {{{0, "a"}, {10, 9}}, {{0, "b"}, {0, 1}}}, .1},
      {"another later, but to both", {{{0, "a"}, {5, 5}}, {{3, "b"}, {9, 30}}}, 0},
      {"half of what is compared",
       {{{0, "a"}, {5, 5}}, {{3, "b"}, {5, 0}}, {{3, "c"}, {0, 5}}},
       .5},
      {"what cannot be compared has no weight", {{{0, "a"}, {5, 5}}, {{3, "b"}, {50, 0}}}, 0},
  };
  for (const auto& row : rows) {
    OracleTold oracle;
    oracle.told = row.told;
    ASSERT_EQ(oracle.Advantage().has_value(), row.want.has_value()) << row.why;
    EXPECT_NEAR(oracle.Advantage().value_or(9), row.want.value_or(9), 1e-12) << row.why;
    OracleTold twice = oracle;
    twice.Add(oracle);
    EXPECT_EQ(twice.Advantage(), oracle.Advantage()) << row.why;
  }
}

}  // namespace
}  // namespace cloison::drill
