#include "drill/faults.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "drill/drill.h"
#include "drill/testing/run_it.h"
#include "store/memory/memory_store.h"

namespace cloison::drill {
namespace {

using access::Counter;
using testing::RunIt;

TEST(Faults, AreReadAndRefused) {
  const FaultSpec all{3, 3, 3, 3, 3, 3}, some{7, 0, 0, 1, 0, 1'000};
  const struct {
    const char* why;
    const char* text;
    std::optional<FaultSpec> want;
  } rows[] = {
      {"all", "all=3", all},
      {"some", "read=1,crash=7,reboot=1000", some},
      {"nothing", "", std::nullopt},
      {"no number", "crash", std::nullopt},
      {"none of them", "crash=0", std::nullopt},
      {"too many", "crash=1001", std::nullopt},
      {"less than none", "crash=-1", std::nullopt},
      {"a number and more", "crash=1x", std::nullopt},
      {"twice", "crash=1,crash=2", std::nullopt},
      {"all and one", "all=1,crash=1", std::nullopt},
      {"one and all", "crash=1,all=1", std::nullopt},
      {"an end without anything", "crash=1,", std::nullopt},
      {"an unknown one", "flood=1", std::nullopt},
  };
  for (const auto& row : rows) {
    const Result<FaultSpec> spec = ParseFaults(row.text);
    EXPECT_EQ(spec.ok(), row.want.has_value()) << row.why;
    EXPECT_EQ(spec.ok() ? *spec : FaultSpec{}, row.want.value_or(FaultSpec{})) << row.why;
  }
}

TEST(Faults, ComeOnceEachInTheirOrder) {
  Draw draw(3);
  FaultPlan plan({2, 0, 0, 0, 1, 0}, 100, 200, draw);
  EXPECT_FALSE(plan.Due(99).has_value());
  std::vector<std::int64_t> due;
  for (std::int64_t now = 100; now < 200; ++now) {
    while (plan.Due(now).has_value()) due.push_back(now);
  }
  ASSERT_EQ(due.size(), 3u);
  EXPECT_LT(due.front(), due.back()) << "each at its own time, not all at the last one's";
  EXPECT_FALSE(plan.Due(INT64_MAX).has_value());
}

TEST(Faults, AStoreFailsBothWays) {
  FaultyStore store(std::make_unique<store::MemoryStore>());
  QueueExecutor executor;
  const store::Key key{store::Family::kMeta, "a"};
  const auto put = [&](std::uint8_t value) {
    return executor.Wait(store.Commit({{{key, {value}}}, {}, {}, {}, 0}));
  };
  const auto read = [&] { return executor.Wait(store.MultiGet({key}, store::ReadMode::kAny)); };
  ASSERT_TRUE(put(1).ok());
  store.Arm(Fault::kLost);
  EXPECT_EQ(put(2).error().code(), Code::kUnknownOutcome);
  EXPECT_EQ((*read())[0].value, Bytes{1});
  store.Arm(Fault::kKept);
  EXPECT_EQ(put(3).error().code(), Code::kUnknownOutcome);
  EXPECT_EQ((*read())[0].value, Bytes{3});
  store.Arm(Fault::kRead);
  EXPECT_EQ(read().error().code(), Code::kUnavailable);
  EXPECT_TRUE(read().ok()) << "once";
  store.Arm(Fault::kRead);
  EXPECT_EQ(store.Disarm(), Fault::kRead);
  EXPECT_TRUE(put(4).ok() && read().ok());
}

// Killed in the midst of requests and between them, a store that fails both ways, clocks that jump,
// reboots: nothing is shown beyond what arithmetic allows, and the ledger says exactly what was.
TEST(Faults, NothingPassesTheBound) {
  const char* wish = std::getenv("CLOISON_LONG");
  const bool many = wish != nullptr && std::string(wish) == "1";
  const struct {
    const char* name;
    std::size_t accounts;
    int days;
    bool detectors, always;
  } rows[] = {
      {kScrape, 1, 29, false, false},    {kScrape, 1, 29, true, true},
      {kReplay2024, 3, 29, false, true}, {kColluding, 20, 3, true, false},
      {kHarvest, 1, 9, false, false},    {kGuessing, 1, 4, false, false},
      {kLaunder, 1, 12, false, true},    {kAware, 1, 29, false, false},
      {kSlow, 2, 29, true, false},       {kInsider, 1, 29, false, false},
      {kDevices, 1, 9, false, false},    {kOracle, 1, 4, false, false},
      {kDecoyAware, 2, 29, true, false}, {kPoison, 4, 9, false, false},
      {kReplay2025, 2, 9, false, true},  {kReplayCounter, 1, 5, false, true},
      {kReplay2026, 1, 5, false, true},
  };
  for (std::uint64_t seed = 1; seed <= (many ? 20u : 1u); ++seed) {
    for (const auto& row : rows) {
      if (!many && !row.always) continue;
      SCOPED_TRACE(std::string(row.name) + ", seed " + std::to_string(seed));
      Options options;
      options.name = row.name;
      options.accounts = row.accounts;
      options.people = 5'000;
      options.days = row.days;
      options.detectors = row.detectors;
      options.seed = seed;
      options.faults.fill(15);
      const Result<Report> report = RunIt(options);
      ASSERT_TRUE(report.ok()) << report.error().text();
      EXPECT_TRUE(report->passed()) << ToTable({*report});
      for (std::size_t i = 0; i < kFaults; ++i) {
        EXPECT_GT(report->faults.befell[i], 0u) << Name(static_cast<Fault>(i));
      }
      EXPECT_GT(report->faults.unanswered, 5u);
      EXPECT_GT(report->requests, 100u) << "the theft went on";
    }
  }
}

// Half of the commits that fail are of keys: a person's key is written before the person.
TEST(Faults, CommitsOfKeysFailBothWays) {
  for (const Fault fault : {Fault::kLost, Fault::kKept}) {
    Options options;
    options.people = 2'000;
    options.days = 3;
    options.faults[static_cast<std::size_t>(fault)] = 40;
    const Result<Report> report = RunIt(options);
    ASSERT_TRUE(report.ok()) << report.error().text();
    EXPECT_TRUE(report->passed()) << ToTable({*report});
    EXPECT_GT(report->faults.keys, 5u);
    EXPECT_LT(report->faults.keys, 35u);
  }
}

ScopeEntry Entry(std::uint64_t index, std::uint8_t person) {
  return {index, 1, PersonId(ByteArray<8>{person}), ledger::Form::kPlain, {}};
}

// Requests whose outcome nobody knows license what the ledger grew by while they were asked, once,
// of whom they were for: one entry more is an extra one.
TEST(Book, ARequestWithoutAnAnswerExplainsItsOwnEntriesAlone) {
  const std::optional<PersonId> one(PersonId(ByteArray<8>{1}));
  const std::optional<PersonId> nobody_knows;
  const struct {
    const char* why;
    std::vector<Unanswered> unanswered;
    std::vector<ScopeEntry> scope;
    std::uint64_t explained, extra;
  } rows[] = {
      {"none was unanswered", {}, {Entry(7, 1)}, 0, 1},
      {"its entry is there", {{7, 8, one, 1}}, {Entry(7, 1)}, 1, 0},
      {"it is not", {{7, 7, one, 1}}, {}, 0, 0},
      {"nothing was written, and an entry of that time", {{7, 7, one, 1}}, {Entry(7, 1)}, 0, 1},
      {"two entries of one answer", {{7, 9, one, 1}}, {Entry(7, 1), Entry(8, 1)}, 2, 0},
      {"a third", {{7, 10, one, 1}}, {Entry(7, 1), Entry(8, 1), Entry(9, 1)}, 2, 1},
      {"one before it", {{7, 8, one, 1}}, {Entry(6, 1), Entry(7, 1)}, 1, 1},
      {"one after it", {{7, 8, one, 1}}, {Entry(7, 1), Entry(8, 1)}, 1, 1},
      {"the same person later", {{7, 8, one, 1}}, {Entry(7, 1), Entry(90, 1)}, 1, 1},
      {"somebody else", {{7, 8, one, 1}}, {Entry(7, 2)}, 0, 1},
      {"rows of nobody knows whom", {{7, 9, nobody_knows, 10}}, {Entry(7, 2), Entry(8, 3)}, 2, 0},
      {"more people than it may show",
       {{7, 10, nobody_knows, 2}},
       {Entry(7, 2), Entry(8, 3), Entry(9, 4)},
       2,
       1},
      {"a page licenses nothing elsewhere",
       {{7, 8, nobody_knows, 10}},
       {Entry(7, 2), Entry(20, 3)},
       1,
       1},
      {"two requests, each its own",
       {{7, 8, one, 1}, {9, 10, one, 1}},
       {Entry(7, 1), Entry(9, 1)},
       2,
       0},
      {"and not both's for one",
       {{7, 7, one, 1}, {9, 11, one, 1}},
       {Entry(7, 1), Entry(9, 1), Entry(10, 1)},
       2,
       1},
  };
  for (const auto& row : rows) {
    Book book;
    for (const Unanswered& request : row.unanswered) book.AddUnanswered(request);
    const ScopeDifference difference = book.Compare(row.scope);
    EXPECT_EQ(difference.unanswered, row.explained) << row.why;
    EXPECT_EQ(difference.extra, row.extra) << row.why;
    std::vector<ScopeEntry> backwards(row.scope.rbegin(), row.scope.rend());
    EXPECT_EQ(book.Compare(backwards).extra, row.extra) << row.why;
  }
}

}  // namespace
}  // namespace cloison::drill
