#include "commit/committer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <utility>

#include "base/testing/manual_clock.h"
#include "base/testing/seeded_executor.h"
#include "base/testing/seeded_random.h"
#include "commit/testing/scripted_work.h"
#include "store/memory/memory_store.h"
#include "store/testing/fault_store.h"

namespace cloison::commit {
namespace {

using base::testing::ManualClock;
using base::testing::SeededExecutor;
using store::Family;
using store::Key;
using testing::ScriptedWork;
using Outcome = std::optional<Result<store::Version>>;

const Key kCounter{Family::kSeen, "counter"};

Key KeyOf(std::string name) {
  return Key{Family::kSeen, std::move(name)};
}

std::uint64_t NumberIn(const store::Row& row) {
  return row.present() ? base::LoadBig(row.value) : 0;
}

Result<Staged> CountOne(Staging& staging) {
  staging.Put(kCounter, base::ToBytes(base::BigU64(NumberIn(staging.Get(kCounter)) + 1)));
  return Staged::kDone;
}

// Counts what it is told; its entries are numbers.
class CountingParticipant final : public Participant {
 public:
  Task<Status> Prepare(Staging&) override { co_return prepared; }
  void Begin(const Staging&) override { entries = 0; }
  std::size_t Mark() const override { return entries; }
  void Rollback(std::size_t mark) override { entries = mark; }
  void Close(Staging& staging) override {
    total += entries;
    staging.Put(KeyOf("total"), base::ToBytes(base::BigU64(total)));
  }
  void Committed(const Durable& durable) override { committed = durable.version(); }

  Status prepared = Ok();
  std::size_t entries = 0;
  std::size_t total = 0;
  store::Version committed = 0;
};

class CommitterTest : public ::testing::Test {
 protected:
  explicit CommitterTest(std::uint64_t seed = 1) : executor_(seed) {
    Committer::Options options;
    options.on_fatal = [this] { ++fatal_; };
    auto opened = executor_.Wait(Committer::Open(faulty_, executor_, clock_, options));
    committer_ = std::move(**opened);
  }
  ~CommitterTest() override {
    base::Detach(committer_->Stop());
    executor_.RunAll();
  }

  // Submits; what it ends with is in the outcome once the executor has run.
  Outcome& Submit(ScriptedWork::Stager stager, Lane lane = Lane::kNormal,
                  std::vector<Key> keys = {kCounter}) {
    outcomes_.emplace_back();
    auto work = std::make_unique<ScriptedWork>(lane, std::move(keys), std::move(stager));
    base::Detach(testing::Into(committer_->Submit(std::move(work), executor_), outcomes_.back()));
    return outcomes_.back();
  }
  store::Row Read(Key key) {
    std::vector<Key> keys{std::move(key)};
    auto rows = executor_.Wait(store_.MultiGet(std::move(keys), store::ReadMode::kAny));
    return (*rows)->front();
  }

  SeededExecutor executor_;
  ManualClock clock_;
  store::MemoryStore store_{&executor_};
  store::testing::FaultStore faulty_{store_};
  int fatal_ = 0;
  std::deque<Outcome> outcomes_;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterTest, WorksOfOneBatchSeeEachOther) {
  for (int i = 0; i < 20; ++i) Submit(CountOne);
  executor_.RunAll();
  EXPECT_EQ(NumberIn(Read(kCounter)), 20u);
  for (const Outcome& outcome : outcomes_) EXPECT_EQ(**outcome, 1u) << "all in one commit";
  EXPECT_EQ(committer_->durable_version(), 1u);
  EXPECT_TRUE(Read({Family::kMeta, kClockRow}).present());
}

TEST_F(CommitterTest, WhatArrivesMeanwhileIsTheNextBatch) {
  for (int i = 0; i < 50; ++i) {
    Submit(CountOne);
    for (int steps = i % 4; steps > 0; --steps) executor_.Step();
  }
  executor_.RunAll();
  EXPECT_EQ(NumberIn(Read(kCounter)), 50u);
  EXPECT_GT(committer_->stats().batches.value(), 1u);
  EXPECT_LT(committer_->stats().batches.value(), 50u);
  EXPECT_EQ(committer_->durable_version(), store_.last_version());
}

TEST_F(CommitterTest, ARefusedWorkLeavesNoTrace) {
  CountingParticipant participant;
  committer_->Join(participant);
  Submit(CountOne);
  Outcome& refused = Submit([&participant](Staging& staging) -> Result<Staged> {
    participant.entries += 3;
    staging.Put(kCounter, Bytes(8, 0xff));
    staging.Put(KeyOf("new"), Bytes{1});
    staging.Delete(kCounter);
    return Error{Code::kDenied, "no"};
  });
  Submit([&participant](Staging& staging) {
    participant.entries += 1;
    return CountOne(staging);
  });
  executor_.RunAll();
  EXPECT_EQ(refused->error().code(), Code::kDenied);
  EXPECT_EQ(NumberIn(Read(kCounter)), 2u);
  EXPECT_FALSE(Read(KeyOf("new")).present());
  EXPECT_EQ(participant.total, 1u);
  EXPECT_EQ(participant.committed, 1u);
}

TEST_F(CommitterTest, LanesGoInTheirOrderAndBulkIsLimited) {
  std::string order;
  const auto note = [&order](char name) {
    return [&order, name](Staging& staging) {
      order.push_back(name);
      return CountOne(staging);
    };
  };
  for (int i = 0; i < 6; ++i) Submit(note('b'), Lane::kBulk);
  Submit(note('n'), Lane::kNormal);
  Submit(note('m'), Lane::kNormal);
  Submit(note('c'), Lane::kCaseload);
  Submit(note('u'), Lane::kUrgent);
  executor_.RunAll();
  EXPECT_EQ(order, "ucnmbbbbbb");
  EXPECT_EQ(committer_->stats().batches.value(), 2u) << "two of the six waited";
}

// Whoever keeps one lane full takes no other lane's place in the batch.
TEST_F(CommitterTest, AFullLaneLeavesTheOthersTheirShare) {
  struct Row {
    std::string why;
    Lane full;
    Lane waiting;
    std::size_t kept;  // of the waiting lane, in the first batch
  };
  const Row rows[] = {
      {"misses without end do not keep approvals out", Lane::kCaseload, Lane::kNormal, 64},
      {"nor jobs", Lane::kCaseload, Lane::kBulk, 4},
      {"freezes without end do not keep looks out", Lane::kUrgent, Lane::kCaseload, 64},
      {"the lane that goes first is served first", Lane::kNormal, Lane::kCaseload, 100},
  };
  for (const Row& row : rows) {
    const std::uint64_t batches_before = committer_->stats().batches.value();
    std::size_t in_first = 0, served = 0;
    const auto waiting = [&](Staging& staging) {
      in_first += committer_->stats().batches.value() == batches_before + 1 ? 1 : 0;
      ++served;
      return CountOne(staging);
    };
    for (std::size_t i = 0; i < 2 * kBatchWorksMax; ++i) Submit(CountOne, row.full);
    for (int i = 0; i < 100; ++i) Submit(waiting, row.waiting);
    executor_.RunAll();
    EXPECT_EQ(in_first, row.kept) << row.why;
    EXPECT_EQ(served, 100u) << row.why;
  }
}

TEST_F(CommitterTest, AgainGoesFirstInTheNextBatch) {
  std::string order;
  Submit(CountOne);
  int tries = 0;
  Outcome& again = Submit([&](Staging& staging) -> Result<Staged> {
    order.push_back('a');
    staging.Put(KeyOf("try" + std::to_string(tries)), Bytes{1});
    return ++tries == 1 ? Result<Staged>(Staged::kAgain) : CountOne(staging);
  });
  for (int i = 0; i < 3; ++i) executor_.Step();
  Submit(
      [&](Staging& staging) {
        order.push_back('u');
        return CountOne(staging);
      },
      Lane::kUrgent);
  executor_.RunAll();
  EXPECT_EQ(order.substr(0, 2), "aa");
  EXPECT_EQ(**again, 2u);
  EXPECT_FALSE(Read(KeyOf("try0")).present());
  EXPECT_TRUE(Read(KeyOf("try1")).present());
  EXPECT_EQ(NumberIn(Read(kCounter)), 3u);
}

// Nor do they make it larger than a batch is, with what the lanes have to themselves.
TEST_F(CommitterTest, ABatchOfThoseThatGoAgainIsNoLarger) {
  std::map<std::uint64_t, std::size_t> works;  // by batch
  std::size_t served = 0;
  const auto note = [&] { ++works[committer_->stats().batches.value()]; };
  for (std::size_t i = 0; i < kBatchWorksMax; ++i) {
    Submit([&note, &served, first = true](Staging& staging) mutable -> Result<Staged> {
      note();
      if (std::exchange(first, false)) return Staged::kAgain;
      ++served;
      return CountOne(staging);
    });
  }
  executor_.Step();  // these are the first batch
  for (const Lane lane : {Lane::kUrgent, Lane::kCaseload, Lane::kNormal, Lane::kBulk}) {
    for (int i = 0; i < 100; ++i) {
      Submit(
          [&](Staging& staging) {
            note();
            ++served;
            return CountOne(staging);
          },
          lane);
    }
  }
  executor_.RunAll();
  EXPECT_EQ(served, kBatchWorksMax + 400);
  EXPECT_EQ(works.begin()->second, kBatchWorksMax);
  EXPECT_EQ(std::next(works.begin())->second, kBatchWorksMax) << "again, and of each lane";
  for (const auto& [batch, count] : works) EXPECT_LE(count, kBatchWorksMax) << batch;
}

TEST_F(CommitterTest, NothingStagedIsNotCommitted) {
  Outcome& nothing = Submit([](Staging&) -> Result<Staged> { return Staged::kDone; });
  executor_.RunAll();
  EXPECT_EQ(**nothing, 0u);
  EXPECT_EQ(store_.last_version(), 0u);
}

TEST_F(CommitterTest, TooManyRowsAreRefused) {
  const auto put = [](std::size_t count) {
    return [count](Staging& staging) -> Result<Staged> {
      for (std::size_t i = 0; i < count; ++i) {
        staging.Put(KeyOf("row" + std::to_string(i)), Bytes{1});
      }
      return Staged::kDone;
    };
  };
  Outcome& most = Submit(put(kWorkRowsMax));
  Outcome& more = Submit(put(kWorkRowsMax + 1));
  executor_.RunAll();
  EXPECT_TRUE(most->ok());
  EXPECT_EQ(more->error().code(), Code::kExhausted);
  EXPECT_FALSE(Read(KeyOf("row" + std::to_string(kWorkRowsMax))).present());
}

TEST_F(CommitterTest, AFailedPrepareEndsTheBatchAlone) {
  CountingParticipant participant;
  committer_->Join(participant);
  participant.prepared = Error{Code::kUnavailable, "not now"};
  Outcome& lost = Submit(CountOne);
  executor_.RunAll();
  EXPECT_EQ(lost->error().code(), Code::kUnavailable);
  participant.prepared = Ok();
  Outcome& kept = Submit(CountOne);
  executor_.RunAll();
  EXPECT_TRUE(kept->ok());
  EXPECT_EQ(NumberIn(Read(kCounter)), 1u);
}

TEST_F(CommitterTest, AReadThatFailsEndsItsWorkAlone) {
  faulty_.Arm(store::testing::Call::kRead, 1, store::testing::Fault::kNotApplied);
  Outcome& lost = Submit(CountOne);
  Outcome& kept = Submit(CountOne);
  executor_.RunAll();
  EXPECT_EQ(lost->error().code(), Code::kUnavailable);
  EXPECT_TRUE(kept->ok());
  EXPECT_EQ(NumberIn(Read(kCounter)), 1u);
}

TEST_F(CommitterTest, AFailedCommitIsFatalForAll) {
  using store::testing::Fault;
  for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
    SCOPED_TRACE(static_cast<int>(how));
    Committer::Options options;
    options.on_fatal = [this] { ++fatal_; };
    fatal_ = 0;
    committer_ = std::move(**executor_.Wait(Committer::Open(faulty_, executor_, clock_, options)));
    outcomes_.clear();
    faulty_.Arm(store::testing::Call::kCommit, 1, how);
    const std::uint64_t before = NumberIn(Read(kCounter));
    Submit(CountOne);
    Submit([](Staging&) -> Result<Staged> { return Error{Code::kDenied, "no"}; });
    for (int i = 0; i < 4; ++i) executor_.Step();
    Submit(CountOne);
    executor_.RunAll();
    Submit(CountOne);
    for (const Outcome& outcome : outcomes_) {
      ASSERT_TRUE(outcome.has_value());
      EXPECT_EQ(outcome->error().code(), Code::kUnknownOutcome);
    }
    EXPECT_EQ(fatal_, 1);
    EXPECT_TRUE(committer_->failed());
    const std::uint64_t happened = how == Fault::kAppliedButReported ? 1 : 0;
    EXPECT_EQ(NumberIn(Read(kCounter)), before + happened);
  }
}

TEST_F(CommitterTest, AbandonedItDoesWhatWaitsAndNoMore) {
  Submit(CountOne);
  committer_->Abandon();
  committer_->Abandon();
  EXPECT_TRUE(committer_->failed());
  EXPECT_EQ(Submit(CountOne)->error().code(), Code::kUnknownOutcome);
  executor_.RunAll();
  EXPECT_TRUE(outcomes_[0]->ok());
  EXPECT_EQ(NumberIn(Read(kCounter)), 1u);
  EXPECT_EQ(fatal_, 1) << "the process is told once";
}

TEST_F(CommitterTest, AbandonedItStillTellsOfAFailedCommit) {
  Submit(CountOne);
  committer_->Abandon();
  faulty_.Arm(store::testing::Call::kCommit, 1, store::testing::Fault::kNotApplied);
  executor_.RunAll();
  EXPECT_EQ(outcomes_[0]->error().code(), Code::kUnknownOutcome);
  EXPECT_EQ(fatal_, 1);
}

TEST_F(CommitterTest, StopFinishesWhatWaits) {
  Submit(CountOne);
  bool stopped = false;
  base::Detach([](Committer& committer, bool& done) -> Task<void> {
    co_await committer.Stop();
    done = true;
  }(*committer_, stopped));
  EXPECT_FALSE(stopped);
  Outcome& late = Submit(CountOne);
  EXPECT_EQ(late->error().code(), Code::kUnavailable);
  executor_.RunAll();
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(outcomes_[0]->ok());
  EXPECT_EQ(NumberIn(Read(kCounter)), 1u);
}

TEST_F(CommitterTest, AFullLaneRefusesAndTheOthersDoNot) {
  for (std::size_t i = 0; i < kQueueWorksMax; ++i) Submit(CountOne);
  EXPECT_EQ(Submit(CountOne).value().error().code(), Code::kExhausted);
  EXPECT_FALSE(Submit(CountOne, Lane::kUrgent).has_value()) << "queued";
  executor_.RunAll();
  EXPECT_EQ(NumberIn(Read(kCounter)), kQueueWorksMax + 1);
}

// A clock row that no commit follows is never older than what was decided with it.
TEST_F(CommitterTest, TimeGoesOnOverARestart) {
  Submit(CountOne);
  executor_.RunAll();
  const BatchTime before = committer_->Now();
  clock_.Advance(1000);
  clock_.StepWall(-5000);
  auto opened = executor_.Wait(Committer::Open(store_, executor_, clock_, {}));
  EXPECT_EQ((**opened)->Now().budget_ms, before.budget_ms + 1000);
  EXPECT_EQ((**opened)->Now().wall_ms, before.wall_ms);
}

// Budgets hang on the clock row: it is ours and it is there, or nothing is decided.
TEST(SealedClock, AMeddledRowIsRefused) {
  SeededExecutor executor(3);
  ManualClock clock;
  base::testing::SeededRandom random(3);
  const SealedState sealed(RegisterId(7), 1, crypto::Secret<32>(random), random);
  store::MemoryStore store{&executor};
  Committer::Options options;
  options.sealed = &sealed;
  const auto open = [&](Committer::Options how) {
    return std::move(*executor.Wait(Committer::Open(store, executor, clock, std::move(how))));
  };
  const Key clock_key{Family::kMeta, kClockRow};
  const auto put = [&store, &executor, &clock_key](std::optional<Bytes> value) {
    store::WriteSet writes;
    if (value.has_value()) {
      writes.puts.push_back({clock_key, std::move(*value)});
    } else {
      writes.deletes.push_back(clock_key);
    }
    ASSERT_TRUE(executor.Wait(store.Commit(std::move(writes)))->ok());
  };
  Bytes row, ahead;
  {
    auto committer = std::move(*open(options));
    EXPECT_TRUE(committer->began_empty());
    std::vector<Key> keys{kCounter};
    auto work = std::make_unique<ScriptedWork>(Lane::kNormal, std::move(keys), CountOne);
    Outcome outcome;
    base::Detach(testing::Into(committer->Submit(std::move(work), executor), outcome));
    executor.RunAll();
    ASSERT_TRUE(outcome->ok());
    std::vector<Key> of_row{clock_key};
    auto rows = executor.Wait(store.MultiGet(std::move(of_row), store::ReadMode::kAny));
    row = (*rows)->front().value;
    clock.Advance(31 * base::kDayMs);
    auto later = TimeKeeper::Open(clock, {});
    (void)later->Next();
    ahead = later->Row();
    base::Detach(committer->Stop());
    executor.RunAll();
  }
  Bytes changed = row;
  changed.back() ^= 1;
  struct Row {
    const char* why;
    std::optional<Bytes> value;
    Code want;
  };
  const Row kRows[] = {{"a month ahead, in plain", ahead, Code::kCorrupt},
                       {"a bit of it", changed, Code::kCorrupt},
                       {"empty", Bytes{}, Code::kCorrupt},
                       {"gone", std::nullopt, Code::kCorrupt}};
  for (const Row& one : kRows) {
    put(one.value);
    const auto opened = open(options);
    ASSERT_FALSE(opened.ok()) << one.why;
    EXPECT_EQ(opened.error().code(), one.want) << one.why;
  }
  put(row);
  const auto opened = open(options);
  ASSERT_TRUE(opened.ok()) << "as it was";
  EXPECT_FALSE((*opened)->began_empty());
}

TEST(CommitterThreads, ManySubmittersOneCount) {
  constexpr int kSubmitters = 4;
  constexpr int kWorksEach = 500;
  ManualClock clock;
  base::ThreadPool reads(2);
  store::MemoryStore store(&reads);  // answers on threads that are not the committer's
  base::ThreadPool lane(1);
  base::ThreadPool homes(kSubmitters);
  Committer::Options options;
  auto committer = std::move(*base::SyncWait(Committer::Open(store, lane, clock, options)));
  const auto submit = [](Committer& to, base::Executor& home) -> Task<int> {
    co_await home.Schedule();
    int done = 0;
    for (int i = 0; i < kWorksEach; ++i) {
      std::vector<Key> keys{kCounter};
      auto work = std::make_unique<ScriptedWork>(Lane::kNormal, std::move(keys), CountOne);
      const auto version = co_await to.Submit(std::move(work), home);
      done += version.ok() ? 1 : 0;
    }
    co_return done;
  };
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  for (int i = 0; i < kSubmitters; ++i) {
    threads.emplace_back([&] { done += base::SyncWait(submit(*committer, homes)); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, kSubmitters * kWorksEach);
  const auto stop = [](Committer& which) -> Task<bool> {
    co_await which.Stop();
    co_return true;
  };
  EXPECT_TRUE(base::SyncWait(stop(*committer)));
  std::vector<Key> keys{kCounter};
  auto rows = base::SyncWait(store.MultiGet(std::move(keys), store::ReadMode::kAny));
  EXPECT_EQ(NumberIn(rows->front()), static_cast<std::uint64_t>(kSubmitters * kWorksEach));
}

}  // namespace
}  // namespace cloison::commit
