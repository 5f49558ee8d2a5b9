#include "ledger/ledger.h"

#include <gtest/gtest.h>

#include "ledger/testing/ledger_world.h"
#include "tlog/checkpoint.h"

namespace cloison::ledger {
namespace {

using store::Family;
using testing::LedgerWorld;
using testing::Look;

// Whatever is asked for: agents and people in turn.
Look LookNumber(std::size_t i) {
  Look look;
  look.agent = i % LedgerWorld::kAgents;
  if (i % 5 != 4) look.person = i % LedgerWorld::kPeople;
  look.sealed = look.person && i % 4 == 3;
  if (i % 7 == 3) look.decision = Decision::kRefuse;
  return look;
}

void SubmitMany(LedgerWorld& world, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    world.Submit(LookNumber(world.outcomes().size()));
    for (std::size_t steps = i % 3; steps > 0; --steps) world.executor.Step();
  }
  world.Run();
}

std::size_t RowsIn(LedgerWorld& world, Family family) {
  const auto page = world.executor.Wait(world.memory.Scan({family, "", ""}, store::kScanRowsMax));
  return (*page)->rows.size();
}

TEST(MonthOf, CountsMonthsFromYearZero) {
  struct Row {
    const char* why;
    std::int64_t wall_ms;
    std::uint32_t year, month;
  };
  const Row rows[] = {{"the first", 0, 1970, 1},
                      {"its last millisecond", 31 * base::kDayMs - 1, 1970, 1},
                      {"the next", 31 * base::kDayMs, 1970, 2},
                      {"a leap day", 1'709'164'800'000, 2024, 2},
                      {"the day after", 1'709'251'200'000, 2024, 3},
                      {"the end of a year", 1'735'689'599'999, 2024, 12}};
  for (const Row& row : rows) {
    EXPECT_EQ(MonthOf(row.wall_ms), row.year * 12 + row.month - 1) << row.why;
  }
}

TEST(Ledger, EveryOutcomeIsOneEntryAndReadsBack) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    LedgerWorld world(seed);
    ASSERT_TRUE(world.Open().ok());
    SubmitMany(world, 60);
    EXPECT_EQ(world.ledger->size(), 60u);
    std::set<std::uint64_t> indexes;
    for (const LedgerWorld::Outcome& outcome : world.outcomes()) {
      ASSERT_TRUE(outcome.recorded->ok());
      indexes.insert((*outcome.recorded)->index);
      EXPECT_EQ(outcome.had_receipt,
                outcome.look.person && outcome.look.decision == Decision::kAllow);
    }
    EXPECT_EQ(indexes.size(), 60u);
    EXPECT_EQ(*indexes.rbegin(), 59u);
    EXPECT_EQ(world.Audit(), "");
  }
}

// Of a refusal without a person too: the subject's half looks like everybody's.
TEST(Ledger, ALeafDoesNotTellWhetherThereIsAPerson) {
  LedgerWorld world(4);
  ASSERT_TRUE(world.Open().ok());
  for (std::size_t i = 0; i < 40; ++i) {
    Look look;
    if (i % 2 == 0) look.person = i % LedgerWorld::kPeople;
    world.Submit(look);
  }
  world.Run();
  const auto leaves = world.executor.Wait(world.ledger->ReadLeaves(0, 40));
  ASSERT_TRUE(leaves->ok());
  std::set<std::string> commitments, tags;
  for (const Leaf& leaf : **leaves) {
    commitments.insert(base::ToHex(ByteView(leaf).subspan(2, 32)));
    tags.insert(base::ToHex(ByteView(leaf).subspan(66, 16)));
  }
  EXPECT_EQ(commitments.size(), 40u);
  EXPECT_EQ(tags.size(), 40u);
  EXPECT_FALSE(commitments.contains(std::string(64, '0')));
  EXPECT_FALSE(tags.contains(std::string(32, '0')));
}

TEST(Ledger, TheSameStaysTrueFoldedAndReopened) {
  LedgerWorld world(3);
  ASSERT_TRUE(world.Open().ok());
  for (int round = 0; round < 3; ++round) {
    SCOPED_TRACE(round);
    SubmitMany(world, 40);
    EXPECT_EQ(world.Audit(), "") << "in the tail";
    EXPECT_GT(RowsIn(world, Family::kSegments), 0u);
    ASSERT_TRUE(world.executor.Wait(world.ledger->Fold())->ok());
    EXPECT_EQ(world.Audit(), "") << "folded";
    EXPECT_EQ(RowsIn(world, Family::kSegments), 0u);
    SubmitMany(world, 10);
    EXPECT_EQ(world.Audit(), "") << "folded and tail";
    world.Close();
    ASSERT_TRUE(world.Open().ok());
    EXPECT_EQ(world.ledger->size(), 50u * (round + 1));
    EXPECT_EQ(world.Audit(), "") << "reopened";
  }
}

TEST(Ledger, FoldsByItselfWhileItWrites) {
  LedgerWorld world(4, 16);
  ASSERT_TRUE(world.Open().ok());
  SubmitMany(world, 200);
  EXPECT_GT(RowsIn(world, Family::kTrail), 50u);
  EXPECT_EQ(world.Audit(), "");
  world.Close();
  ASSERT_TRUE(world.Open().ok());
  EXPECT_EQ(world.Audit(), "");
}

TEST(Ledger, APrefetchedNumberIsUsedOnlyWhileItHolds) {
  struct Case {
    const char* why;
    bool entry_between, fold_between;
    bool cache_heads;
  };
  constexpr Case kCases[] = {
      {"nothing happened: the number holds", false, false, true},
      {"an entry came: the tail knows better", true, false, false},
      {"an entry came: memory knows better", true, false, true},
      {"an entry came and left the tail with a fold: read again", true, true, false},
      {"the same, and still in memory", true, true, true},
      {"a fold alone: read again", false, true, false},
  };
  for (const Case& c : kCases) {
    LedgerWorld world(5);
    world.cache_heads = c.cache_heads;
    ASSERT_TRUE(world.Open().ok());
    world.Submit({.agent = 0, .person = 1});
    world.Run();
    ASSERT_TRUE(world.executor.Wait(world.ledger->Fold())->ok());
    world.Close();
    ASSERT_TRUE(world.Open().ok()) << "nothing of the person is in memory now";
    const auto prefetched = world.Prefetch(1);
    ASSERT_TRUE(prefetched.ok() && prefetched->has_value()) << c.why;
    EXPECT_EQ((*prefetched)->next, 1u);
    if (c.entry_between) world.Submit({.agent = 1, .person = 1});
    if (!c.entry_between) world.Submit({.agent = 1, .person = 2});
    world.Run();
    if (c.fold_between) {
      ASSERT_TRUE(world.executor.Wait(world.ledger->Fold())->ok());
    }
    world.Submit({.agent = 0, .person = 1, .prefetched = **prefetched});
    world.Run();
    EXPECT_EQ(world.Audit(), "") << c.why;
    EXPECT_FALSE(world.Prefetch(1)->has_value()) << "it is in memory";
  }
}

// The number and what proves it are read one after the other, outside the committer.
TEST(Ledger, AFoldBesideAPrefetchIsNoDamage) {
  constexpr std::uint64_t kSeeds = 400;
  std::size_t overtaken = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    LedgerWorld world(seed, 1);  // folds after every entry
    world.cache_heads = seed % 2 == 0;
    ASSERT_TRUE(world.Open().ok());
    std::optional<Result<std::optional<PrefetchedHead>>> prefetched;
    world.Submit({.agent = 1, .person = 1});
    world.BeginPrefetch(1, prefetched);
    world.Run();
    ASSERT_TRUE(prefetched.has_value() && prefetched->ok()) << seed;
    overtaken += (*prefetched)->has_value() ? 0 : 1;
    world.Submit({.agent = 0, .person = 1, .prefetched = **prefetched});
    world.Run();
    ASSERT_EQ(world.Audit(), "") << seed;
  }
  EXPECT_GT(overtaken, 0u);
  EXPECT_LT(overtaken, kSeeds) << "some are as if nothing else happened";
}

TEST(Ledger, ARolledBackEntryLeavesNoTrace) {
  LedgerWorld world(5);
  ASSERT_TRUE(world.Open().ok());
  for (std::size_t i = 0; i < 40; ++i) {
    Look look = LookNumber(i);
    look.fail_after_stage = i % 3 == 1;
    world.Submit(look);
  }
  world.Run();
  std::uint64_t kept = 0;
  for (const LedgerWorld::Outcome& outcome : world.outcomes()) {
    kept += outcome.recorded->ok() ? 1 : 0;
    EXPECT_EQ(outcome.recorded->ok(), !outcome.look.fail_after_stage);
  }
  EXPECT_EQ(world.ledger->size(), kept);
  EXPECT_EQ(world.Audit(), "");
}

TEST(Ledger, AReceiptOpensTheReadersOwnHalfOfTheLeaf) {
  LedgerWorld world(6);
  ASSERT_TRUE(world.Open().ok());
  LedgerWorld::Outcome& outcome = world.Submit({1, 2, Decision::kAllow, false});
  world.Run();
  const Recorded& recorded = **outcome.recorded;
  const auto randomness = crypto::Secret<32>::FromBytes(recorded.actor_randomness);
  const crypto::Digest commitment = Commit(*randomness, "actor", recorded.actor_part);
  EXPECT_EQ(base::ToHex(commitment), base::ToHex(ByteView(recorded.leaf).subspan(34, 32)));
  const Result<ActorPart> part = ParseActorPart(recorded.actor_part);
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part->time_ms, recorded.time_ms);
  EXPECT_EQ(part->shown_commitment,
            world.agent_key(1).ShownCommitment(recorded.entry_id, {1, 2, 3}, {FieldId(0x101)}));
  EXPECT_EQ(recorded.batch->first_index, 0u);
  EXPECT_EQ(recorded.batch->size_after, 1u);
}

TEST(Ledger, WithoutTheMonthsKeyNothingIsDecided) {
  LedgerWorld world(7);
  ASSERT_TRUE(world.Open().ok());
  SubmitMany(world, 5);
  world.months.available = false;
  world.clock.Advance(40 * base::kDayMs);
  LedgerWorld::Outcome& outcome = world.Submit({0, 0, Decision::kAllow, false});
  world.Run();
  EXPECT_EQ(outcome.recorded->error().code(), Code::kUnavailable);
  EXPECT_EQ(world.ledger->size(), 5u);
  world.months.available = true;
  world.Submit({0, 0, Decision::kAllow, false});
  world.Run();
  EXPECT_EQ(world.ledger->size(), 6u);
  EXPECT_EQ(world.Audit(), "");
}

TEST(Ledger, ExpiredRecordsAreLeftOutAndTheTreeStands) {
  LedgerWorld world(8);
  ASSERT_TRUE(world.Open().ok());
  for (int i = 0; i < 3; ++i) world.Submit({0, 0, Decision::kAllow, false});
  world.Run();
  const std::uint32_t month = MonthOf(world.clock.wall_ms());
  world.clock.Advance(40 * base::kDayMs);
  for (int i = 0; i < 2; ++i) world.Submit({0, 0, Decision::kAllow, false});
  world.Run();
  ASSERT_TRUE(world.months.DestroyMonth(month).ok());
  const auto trail = world.executor.Wait(world.ledger->ReadTrail(world.person_key(0), 5, 10));
  ASSERT_TRUE(trail->ok());
  ASSERT_EQ((*trail)->size(), 2u);
  EXPECT_EQ((**trail)[0].n, 4u);
  EXPECT_EQ((**trail)[1].n, 3u);
  const auto all = world.executor.Wait(world.ledger->ReadRecords(0, 5));
  EXPECT_EQ((*all).error().code(), Code::kNotFound);
  const auto late = world.executor.Wait(world.ledger->ReadRecords(3, 5));
  ASSERT_TRUE(late->ok());
  EXPECT_EQ((*late)->size(), 2u);
  const auto leaves = world.executor.Wait(world.ledger->ReadLeaves(0, 5));
  EXPECT_EQ((*leaves)->size(), 5u);
}

TEST(Ledger, ReadsEveryWindowOfLeavesAndRecords) {
  LedgerWorld world(9);
  ASSERT_TRUE(world.Open().ok());
  SubmitMany(world, 30);
  const auto all = world.executor.Wait(world.ledger->ReadLeaves(0, 100));
  ASSERT_EQ((*all)->size(), 30u);
  for (std::uint64_t first = 0; first <= 31; ++first) {
    for (std::size_t count : {0, 1, 2, 7, 40}) {
      const std::size_t want = first >= 30 ? 0 : std::min<std::size_t>(count, 30 - first);
      const auto leaves = world.executor.Wait(world.ledger->ReadLeaves(first, count));
      const auto records = world.executor.Wait(world.ledger->ReadRecords(first, count));
      ASSERT_TRUE(leaves->ok() && records->ok());
      ASSERT_EQ((*leaves)->size(), want);
      ASSERT_EQ((*records)->size(), want);
      for (std::size_t i = 0; i < want; ++i) EXPECT_EQ((**leaves)[i], (**all)[first + i]);
    }
  }
}

TEST(Ledger, NothingIsSignedBeforeOthersAreAsked) {
  LedgerWorld world(12);
  int asked = 0;
  world.before_signing = [&](const tlog::VerifierKey& key, const std::string& published,
                             const tlog::Head& durable) -> Status {
    ++asked;
    EXPECT_EQ(key.name(), "log.test/people");
    EXPECT_EQ(durable.size == 0, published.empty());
    if (durable.size == 0) return Ok();
    EXPECT_EQ(tlog::OpenCheckpoint(published, key)->head.size, 10u);
    EXPECT_EQ(durable.size, 15u);
    return Error{Code::kCorrupt, "they know another log"};
  };
  ASSERT_TRUE(world.Open().ok());
  SubmitMany(world, 10);
  ASSERT_TRUE(world.ledger->Publish().ok());
  const std::string kept = world.ledger->checkpoint();
  SubmitMany(world, 5);
  world.Close();
  const Status opened = world.Open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().text(), "they know another log");
  EXPECT_EQ(world.ledger, nullptr);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(AsText(*world.files.Read(world.directory.path() + "/signed")), kept);
  world.before_signing = nullptr;
  ASSERT_TRUE(world.Open().ok());
  EXPECT_EQ(world.Audit(), "");
}

TEST(Ledger, OneThatRefusesMakesNoEntryAndSignsNothing) {
  LedgerWorld world(13);
  ASSERT_TRUE(world.Open().ok());
  SubmitMany(world, 10);
  const std::string last = world.ledger->checkpoint();
  world.ledger->Refuse();
  const LedgerWorld::Outcome& refused = world.Submit(Look{0, 1});
  world.Run();
  ASSERT_TRUE(refused.recorded.has_value());
  ASSERT_FALSE(refused.recorded->ok());
  EXPECT_EQ(refused.recorded->error().code(), Code::kUnavailable);
  EXPECT_EQ(world.ledger->size(), 10u);
  EXPECT_EQ(world.ledger->checkpoint(), last);
  world.Close();
  ASSERT_TRUE(world.Open().ok());
  EXPECT_EQ(world.Audit(), "");
}

TEST(Ledger, PublishKeepsWhatWasSigned) {
  LedgerWorld world(10);
  ASSERT_TRUE(world.Open().ok());
  SubmitMany(world, 10);
  ASSERT_TRUE(world.ledger->Publish().ok());
  const std::string path = world.directory.path() + "/signed";
  EXPECT_EQ(AsText(*world.files.Read(path)), world.ledger->checkpoint());
  SubmitMany(world, 10);
  world.Close();
  ASSERT_TRUE(world.Open().ok()) << "longer than what was signed";
  EXPECT_EQ(world.Audit(), "");
}

}  // namespace
}  // namespace cloison::ledger
