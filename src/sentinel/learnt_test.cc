// What accounts did, as rows have it; and bounds by it, tried on others.
#include "sentinel/learnt.h"

#include <gtest/gtest.h>

#include "access/staff.h"
#include "base/testing/seeded_executor.h"
#include "sentinel/calibration.h"
#include "store/memory/memory_store.h"

namespace cloison::sentinel {
namespace {

using access::Scale;

PrincipalId Agent(std::uint8_t number) {
  ByteArray<PrincipalId::kSize> bytes{};
  bytes[0] = number;
  return PrincipalId(bytes);
}

EndedBlock Day(std::uint8_t agent, std::uint32_t block, std::uint16_t off) {
  EndedBlock ended{Agent(agent), "case-worker", Scale::kDay, block, {}};
  ended.scores[static_cast<std::size_t>(Score::kPerHour)] = 9;
  ended.scores[static_cast<std::size_t>(Score::kOffDay)] = off;
  return ended;
}

// The format: docs/format/state.md "Learnt".
TEST(LearntRow, KnownAnswer) {
  EndedBlock ended{Agent(7), "desk", Scale::kWeek, 2'900, {}};
  ended.scores[static_cast<std::size_t>(Score::kOffWeek)] = 17;
  const Bytes row = Serialise({ended});
  EXPECT_EQ(base::ToHex(row),
            "010001"
            "07000000000000000000000000000000"
            "046465736b"
            "0100000b54"
            "00020011");
  const auto read = ParseLearnt(row);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->at(0).block, 2'900u);
  EXPECT_EQ(read->at(0).scores, ended.scores);
}

TEST(LearntRow, WhatIsBrokenIsRefused) {
  const Bytes good = Serialise({Day(1, 20'000, 3), Day(2, 20'000, 0)});
  ASSERT_TRUE(ParseLearnt(good).ok());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(ParseLearnt(ByteView(good).first(size)).ok()) << size;
  }
  constexpr std::size_t kCount = 2, kScale = 3 + 16 + 1 + 11, kMask = kScale + 1 + 4;
  const struct {
    const char* why;
    std::size_t at;
    std::uint8_t byte;
  } rows[] = {
      {"another version", 0, 2},
      {"nobody", kCount, 0},
      {"more than a row has", kCount, 65},
      {"a class that is too long", 3 + 16, 65},
      {"no scale", kScale, 3},
      {"a score of another scale", kScale, 1},
      {"a score that there is not", kMask, 0xff},
      {"a score of 0 that is there", kMask + 3, 0},
  };
  for (const auto& row : rows) {
    Bytes bad = good;
    bad[row.at] = row.byte;
    EXPECT_FALSE(ParseLearnt(bad).ok()) << row.why;
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(ParseLearnt(longer).ok());
}

// Forty workdays before this one.
constexpr std::uint32_t kToday = 20'000, kDays = 40;

std::vector<EndedBlock> Register(std::uint16_t off_of_busy) {
  std::vector<EndedBlock> ended;
  for (std::uint8_t agent = 1; agent <= 30; ++agent) {
    for (std::uint32_t day = kToday - kDays; day < kToday; ++day) {
      // Three are busy, every day. Those held out are 3, 6, 9, 12 ...
      const bool busy = agent == 1 || agent == 11 || agent == 12;
      ended.push_back(Day(agent, day, busy ? off_of_busy : 1));
    }
  }
  return ended;
}

const access::CalibratedScore& Of(const access::Calibration& made, Score score) {
  return made.classes.at(0).scores.at(static_cast<std::size_t>(score));
}

TEST(Calibration, QuietAccountsChangeNothing) {
  const access::DetectorsSpec spec;
  const access::Calibration made = CalibrateBy(Register(1), spec, kToday, 60);
  ASSERT_EQ(made.classes.size(), 1u);
  EXPECT_EQ(made.agent_days, 30u * kDays);
  EXPECT_EQ(made.classes[0].learnt, 20u);
  EXPECT_EQ(made.classes[0].held_out, 10u);
  EXPECT_EQ(Of(made, Score::kOffDay).proposed, Of(made, Score::kOffDay).now);
  EXPECT_EQ(made.classes[0].rungs.now, (std::array<std::uint64_t, 4>{0, 0, 0, 0}));
}

TEST(Calibration, BusyAccountsRaiseBoundsThatThenHoldForOthers) {
  const access::DetectorsSpec spec;
  const access::Calibration made = CalibrateBy(Register(14), spec, kToday, 60);
  const access::CalibratedScore& day = Of(made, Score::kOffDay);
  EXPECT_EQ(day.highest, 14u);
  EXPECT_GT(day.proposed[0].at_least, 14u) << "on every day of some";
  EXPECT_GE(day.proposed.back().at_least, 14u + 14u / 4 + 1);
  EXPECT_EQ(day.proposed[0].at_most, day.now[0].at_most);
  // Account 12, which nothing was learnt from, is as busy as those of which there was.
  EXPECT_EQ(day.rungs.now, (std::array<std::uint64_t, 4>{1, 1, 1, 1}));
  EXPECT_EQ(day.rungs.proposed, (std::array<std::uint64_t, 4>{0, 0, 0, 0}));
  EXPECT_EQ(made.classes[0].rungs.now[3], 1u);
}

TEST(Calibration, WhoOpenedADecoyOrDidLittleTeachesNothing) {
  std::vector<EndedBlock> ended = Register(1);
  const access::DetectorsSpec spec;
  for (std::uint32_t day = kToday - kDays; day < kToday; ++day) {
    ended.push_back(Day(40, day, 28));
    ended.back().scores[static_cast<std::size_t>(Score::kDecoys)] = 1;
  }
  for (std::uint32_t day = kToday - 4; day < kToday; ++day) ended.push_back(Day(41, day, 28));
  const access::Calibration made = CalibrateBy(ended, spec, kToday, 60);
  EXPECT_EQ(made.classes[0].decoyed, 1u);
  EXPECT_EQ(made.classes[0].few_days, 1u);
  EXPECT_EQ(Of(made, Score::kOffDay).proposed, Of(made, Score::kOffDay).now);
}

TEST(Calibration, OnlyWhatEndedWithinTheDaysCounts) {
  std::vector<EndedBlock> ended = Register(1);
  ended.push_back(Day(1, kToday, 29));       // runs
  ended.push_back(Day(1, kToday - 61, 29));  // was before
  ended.push_back(Day(1, kToday - 1, 0));    // twice: the higher one counts
  const access::Calibration made = CalibrateBy(ended, access::DetectorsSpec{}, kToday, 60);
  EXPECT_EQ(Of(made, Score::kOffDay).highest, 1u);
  EXPECT_EQ(made.agent_days, 30u * kDays);
  EXPECT_EQ(Of(made, Score::kOffDay).blocks, 20u * kDays);
}

// Accounts 1 to 9 are of organisation 1, the first three of its office 7; others are of nobody.
std::optional<access::PoolKey> PoolOf(const PrincipalId& id) {
  const std::uint8_t number = id.bytes()[0];
  if (number > 9) return std::nullopt;
  return access::PoolKey{1, number <= 3 ? 7u : 0u};
}

TEST(Calibration, PoolsAreTheSumsOfTheirAccounts) {
  std::vector<EndedBlock> ended = Register(1);  // thirty accounts, one stranger a day each
  ended.push_back(Day(2, kToday - 3, 21));      // once more: the higher one counts
  ended.push_back(Day(40, kToday - 3, 90));     // who opened a decoy teaches nothing
  ended.back().scores[static_cast<std::size_t>(Score::kDecoys)] = 1;
  for (std::uint8_t agent = 1; agent <= 9; ++agent) {
    EndedBlock week{
        Agent(agent), "case-worker", Scale::kWeek, BlockOfDay(kToday, Scale::kWeek), {}};
    week.block -= 1;
    week.scores[static_cast<std::size_t>(Score::kOffWeek)] = 5;
    ended.push_back(week);
  }
  access::DetectorsSpec spec;
  const access::PoolKey everybody{}, organisation{1, 0}, office{1, 7};
  spec.pools.push_back({organisation, access::PoolScore::kPairsDay, {{10, 0.05}, {12, 0.01}}});
  const access::Calibration made = CalibrateBy(ended, spec, kToday, 60, PoolOf);
  const struct {
    const char* why;
    access::PoolKey pool;
    access::PoolScore score;
    std::uint32_t highest;
  } rows[] = {
      {"all", everybody, access::PoolScore::kPairsDay, 29 + 21},
      {"an organisation", organisation, access::PoolScore::kPairsDay, 8 + 21},
      {"an office", office, access::PoolScore::kPairsDay, 2 + 21},
      {"its week", office, access::PoolScore::kPairsWeek, 3 * 5},
  };
  EXPECT_EQ(made.pools.size(), 6u) << "three, by day and by week";
  for (const auto& row : rows) {
    const auto found = std::ranges::find_if(made.pools, [&row](const access::CalibratedPool& one) {
      return one.pool == row.pool && one.score == row.score;
    });
    ASSERT_NE(found, made.pools.end()) << row.why;
    EXPECT_EQ(found->highest, row.highest) << row.why;
    const bool day = row.score == access::PoolScore::kPairsDay;
    EXPECT_EQ(found->blocks, day ? kDays : 6u) << row.why;
    ASSERT_FALSE(found->proposed.empty()) << row.why;
    EXPECT_GE(found->proposed.back().at_least, row.highest + row.highest / 4 + 1) << row.why;
    if (row.pool != organisation) continue;
    EXPECT_EQ(found->now, spec.pools[0].bounds);
    EXPECT_EQ(found->proposed.size(), 2u) << "the probabilities of the policy stay";
    EXPECT_EQ(found->proposed[0].at_most, 0.05);
  }
}

TEST(Calibration, APoolOfWhichLittleIsKnownGetsNoBounds) {
  std::vector<EndedBlock> ended;
  for (std::uint32_t day = kToday - 4; day < kToday; ++day) ended.push_back(Day(1, day, 3));
  const access::Calibration made = CalibrateBy(ended, {}, kToday, 60, PoolOf);
  for (const access::CalibratedPool& pool : made.pools) EXPECT_TRUE(pool.proposed.empty());
}

// Two executors: what the store reads on, and where calibration has its turns.
class CalibrationInTurns : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<EndedBlock> ended = Register(14);
    std::uint32_t number = 0;
    store::WriteSet writes;
    for (std::size_t from = 0; from < ended.size(); from += kLearntPerRow) {
      const std::size_t to = std::min(ended.size(), from + kLearntPerRow);
      for (int copy = 0; copy < 8; ++copy, ++number) {  // some pages of rows; twice is as once
        Bytes key;
        base::AppendU64(key, kToday - 1);
        base::AppendU32(key, number);
        store::Key name{store::Family::kLearnt, std::string(AsText(key))};
        Bytes sealed = state_.Seal(name, Serialise({ended.begin() + static_cast<long>(from),
                                                    ended.begin() + static_cast<long>(to)}));
        writes.puts.push_back({std::move(name), std::move(sealed)});
      }
    }
    rows_ = writes.puts.size();
    base::AppendU64(torn_, kToday - 1);
    writes.puts.push_back({{store::Family::kLearnt, std::string(AsText(torn_)) + "torn"}, {1}});
    ASSERT_TRUE(reads_.Wait(store_.Commit(std::move(writes))).has_value());
  }
  // Somebody else's.
  std::size_t StepsOfAReading() {
    std::optional<Result<std::vector<store::Row>>> row;
    base::Detach(Read(row));
    std::size_t steps = 0;
    while (!row.has_value() && reads_.Step()) ++steps;
    EXPECT_TRUE(row.has_value());
    return steps;
  }
  Task<void> Read(std::optional<Result<std::vector<store::Row>>>& row) {
    std::vector<store::Key> keys(1, store::Key{store::Family::kLearnt, "nothing"});
    row.emplace(co_await store_.MultiGet(std::move(keys), store::ReadMode::kAny));
  }
  Task<void> Make() {
    const access::Observer::ToCalibrate of{store_, spec_, staff_, kToday, 60, turns_};
    made_.emplace(co_await CalibrateInTurns(state_, of));
  }

  base::testing::SeededRandom random_{4};
  base::testing::SeededExecutor reads_{4}, turns_{4};
  store::MemoryStore store_{&reads_};
  const commit::SealedState state_{RegisterId(7), 1, crypto::Secret<32>(random_), random_};
  const access::DetectorsSpec spec_;
  const access::Staff staff_;
  std::size_t rows_ = 0;
  Bytes torn_;
  std::optional<Result<access::Calibration>> made_;
};

TEST_F(CalibrationInTurns, GivesTheSameAsAtOnce) {
  base::Detach(Make());
  while (!made_.has_value() && (reads_.Step() || turns_.Step())) {
  }
  ASSERT_TRUE(made_.has_value() && made_->ok());
  const access::Calibration at_once = CalibrateBy(Register(14), spec_, kToday, 60);
  const access::Calibration& made = **made_;
  EXPECT_EQ(made.unread, 1u);
  EXPECT_EQ(made.agent_days, at_once.agent_days);
  ASSERT_EQ(made.classes.size(), 1u);
  EXPECT_EQ(made.classes[0].rungs.now, at_once.classes[0].rungs.now);
  for (std::size_t i = 0; i < access::kScores; ++i) {
    EXPECT_EQ(made.classes[0].scores[i].blocks, at_once.classes[0].scores[i].blocks) << i;
    EXPECT_EQ(made.classes[0].scores[i].proposed, at_once.classes[0].scores[i].proposed) << i;
  }
}

// The store's threads are for whoever asks for a person: no job of theirs does more of it than read
// a page, and whoever reads meanwhile waits for one such page at most.
TEST_F(CalibrationInTurns, OthersReadMeanwhile) {
  base::Detach(Make());
  std::size_t pages = 0, turns = 0;
  while (!made_.has_value()) {
    std::size_t reads = 0;
    while (reads_.Step()) ++reads;  // all that it has for the store's threads
    EXPECT_LE(reads, 1u) << "a page, and it lets go";
    pages += reads;
    ASSERT_FALSE(made_.has_value()) << "it ends on its own turns";
    EXPECT_EQ(StepsOfAReading(), 1u) << "as if nobody else were there";
    ASSERT_TRUE(turns_.Step());
    ++turns;
  }
  EXPECT_EQ(pages, (rows_ + 1 + kLearntRowsPerPage - 1) / kLearntRowsPerPage);
  EXPECT_GT(turns, pages + access::kScores) << "each score is a turn of its own";
}

}  // namespace
}  // namespace cloison::sentinel
