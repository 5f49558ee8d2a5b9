// Every commit and every run of the ledger fails once, both ways; crashes fall between any two
// jobs; rows are lost, swapped and changed. What is left must be whole, or refused.
#include <gtest/gtest.h>

#include "ledger/internal/frame.h"
#include "ledger/ledger.h"
#include "ledger/testing/ledger_world.h"

namespace cloison::ledger {
namespace {

using store::Family;
using store::testing::Call;
using store::testing::Fault;
using testing::LedgerWorld;
using testing::Look;

Look LookNumber(std::size_t i) {
  Look look;
  look.agent = i % LedgerWorld::kAgents;
  if (i % 5 != 4) look.person = i % LedgerWorld::kPeople;
  look.sealed = look.person && i % 6 == 2;
  return look;
}

void Submit(LedgerWorld& world, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    world.Submit(LookNumber(i));
    world.executor.Step();
  }
}

std::uint64_t Given(const LedgerWorld& world) {
  std::uint64_t given = 0;
  for (const auto& outcome : const_cast<LedgerWorld&>(world).outcomes()) {
    if (outcome.recorded && outcome.recorded->ok()) ++given;
  }
  return given;
}

// Runs three rounds of looks and folds with one fault; true when it fired.
bool RunWithFault(Call call, int nth, Fault how) {
  LedgerWorld world(static_cast<std::uint64_t>(nth), 8);
  EXPECT_TRUE(world.Open().ok());
  world.store.Arm(call, nth, how);
  for (int round = 0; round < 3; ++round) {
    Submit(world, 12);
    world.Run();
    if (world.committer->failed()) {
      world.Close();
      const Status opened = world.Open();
      EXPECT_TRUE(opened.ok()) << "a fault must leave what can be opened";
      if (!opened.ok()) return false;
    }
  }
  const auto folded = world.executor.Wait(world.ledger->Fold());
  EXPECT_TRUE(folded.has_value());
  world.Close();
  const bool fired = world.store.fired();
  // A fault that has not fired yet must not meet the audit.
  world.store.Arm(Call::kCommit, 1'000'000, how);
  EXPECT_TRUE(world.Open().ok());
  EXPECT_EQ(world.Audit(), "");
  EXPECT_GE(world.ledger->size(), Given(world));
  return fired;
}

TEST(LedgerFaults, EachCommitAndRunFailsOnce) {
  for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
    int nth = 1;
    for (; RunWithFault(Call::kCommit, nth, how); ++nth) {
      if (HasFailure()) FAIL() << "commit " << nth << ", fault " << static_cast<int>(how);
    }
    EXPECT_GT(nth, 10);
  }
}

TEST(LedgerFaults, EachReadFailsOnce) {
  int nth = 1;
  for (; RunWithFault(Call::kRead, nth, Fault::kNotApplied); ++nth) {
    if (HasFailure()) FAIL() << "read " << nth;
  }
  EXPECT_GT(nth, 10);
}

// A crash after each number of jobs, folds in between.
TEST(LedgerFaults, ACrashBetweenAnyTwoJobs) {
  bool all_ran = false;
  for (int jobs = 1; !all_ran; ++jobs) {
    LedgerWorld world(17, 8);
    ASSERT_TRUE(world.Open().ok());
    for (std::size_t i = 0; i < 24; ++i) world.Submit(LookNumber(i));
    int left = jobs;
    while (left > 0 && world.executor.Step()) --left;
    all_ran = left > 0;
    const std::uint64_t given = Given(world);
    world.Crash();
    ASSERT_TRUE(world.Open().ok()) << "after " << jobs << " jobs";
    ASSERT_GE(world.ledger->size(), given) << "after " << jobs << " jobs";
    ASSERT_EQ(world.Audit(), "") << "after " << jobs << " jobs";
    Submit(world, 6);
    world.Run();
    ASSERT_TRUE(world.executor.Wait(world.ledger->Fold())->ok());
    ASSERT_EQ(world.Audit(), "") << "going on after " << jobs << " jobs";
  }
}

// A crash at each job of one fold.
TEST(LedgerFaults, ACrashInsideAFold) {
  bool done = false;
  for (int jobs = 0; !done; ++jobs) {
    LedgerWorld world(23);
    ASSERT_TRUE(world.Open().ok());
    Submit(world, 30);
    world.Run();
    base::Detach([](Ledger& ledger, bool& out) -> Task<void> {
      out = (co_await ledger.Fold()).ok();
    }(*world.ledger, done));
    for (int i = 0; i < jobs && !done; ++i) world.executor.Step();
    world.Crash();
    ASSERT_TRUE(world.Open().ok());
    ASSERT_EQ(world.ledger->size(), 30u);
    ASSERT_EQ(world.Audit(), "") << "after " << jobs << " jobs of the fold";
  }
}

class LedgerDamage : public ::testing::Test {
 protected:
  LedgerDamage() {
    EXPECT_TRUE(world_.Open().ok());
    for (int round = 0; round < 4; ++round) {
      Submit(world_, 6);
      world_.Run();
      if (round == 1) {
        EXPECT_TRUE(world_.executor.Wait(world_.ledger->Fold())->ok());
      }
      if (round == 2) {
        EXPECT_TRUE(world_.ledger->Publish().ok());
      }
    }
    world_.Close();
  }
  std::vector<store::KeyedRow> Rows(Family family) {
    const auto page =
        world_.executor.Wait(world_.memory.Scan({family, "", ""}, store::kScanRowsMax));
    return (*page)->rows;
  }
  void Write(store::WriteSet writes) {
    ASSERT_TRUE(world_.executor.Wait(world_.memory.Commit(std::move(writes)))->ok());
  }
  void Delete(Family family, const std::string& key) {
    store::WriteSet writes;
    writes.deletes.push_back({family, key});
    Write(std::move(writes));
  }
  void Put(Family family, const std::string& key, Bytes value) {
    store::WriteSet writes;
    writes.puts.push_back({{family, key}, std::move(value)});
    Write(std::move(writes));
  }
  void ExpectRefused(const char* why) {
    const Status opened = world_.Open();
    ASSERT_FALSE(opened.ok()) << why;
    EXPECT_EQ(opened.error().code(), Code::kCorrupt) << why;
  }

  LedgerWorld world_{31};
};

TEST_F(LedgerDamage, OpensUndamaged) {
  ASSERT_GE(Rows(Family::kSegments).size(), 2u);
  EXPECT_TRUE(world_.Open().ok());
}

// Every kind of change to every segment that is not folded yet: refused, and the place is named.
TEST_F(LedgerDamage, ASegmentIsNamedByTheFirstEntryOfItsBatch) {
  const std::vector<store::KeyedRow> rows = Rows(Family::kSegments);
  ASSERT_GE(rows.size(), 2u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Bytes& good = rows[i].row.value;
    Bytes flipped = good;
    flipped[good.size() / 2] ^= 1;
    const struct {
      const char* why;
      std::optional<Bytes> value;
    } changes[] = {
        {"dropped", std::nullopt},
        {"flipped", flipped},
        {"truncated", Bytes(good.begin(), good.end() - 1)},
        {"another's", rows[(i + 1) % rows.size()].row.value},
        {"emptied", Bytes{}},
    };
    for (const auto& change : changes) {
      SCOPED_TRACE(change.why);
      if (change.value.has_value()) {
        Put(Family::kSegments, rows[i].key, *change.value);
      } else {
        Delete(Family::kSegments, rows[i].key);
      }
      const Status opened = world_.Open();
      ASSERT_FALSE(opened.ok());
      EXPECT_EQ(opened.error().code(), Code::kCorrupt);
      EXPECT_EQ(opened.error().detail(),
                static_cast<std::int64_t>(base::LoadBig(AsBytes(rows[i].key))));
      world_.Crash();
      Put(Family::kSegments, rows[i].key, good);
    }
  }
}

TEST_F(LedgerDamage, ALostSegment) {
  Delete(Family::kSegments, Rows(Family::kSegments).front().key);
  ExpectRefused("the first");
}

TEST_F(LedgerDamage, TheLastBatchLost) {
  Delete(Family::kSegments, Rows(Family::kSegments).back().key);
  Delete(Family::kFrames, Rows(Family::kFrames).back().key);
  ExpectRefused("the frontier knows of it");
}

TEST_F(LedgerDamage, ALostFrame) {
  Delete(Family::kFrames, Rows(Family::kFrames).back().key);
  ExpectRefused("the last");
}

TEST_F(LedgerDamage, AFrameTooMany) {
  Put(Family::kFrames, std::string(AsText(base::BigU64(24))),
      Rows(Family::kFrames).back().row.value);
  ExpectRefused("beyond the frontier");
}

TEST_F(LedgerDamage, EveryByteOfALeaf) {
  const store::KeyedRow last = Rows(Family::kFrames).back();
  for (std::size_t i = 0; i < last.row.value.size(); ++i) {
    Bytes bad = last.row.value;
    bad[i] ^= 0x10;
    Put(Family::kFrames, last.key, bad);
    ExpectRefused("a bit of the last frame");
    if (HasFailure()) FAIL() << "byte " << i;
  }
}

TEST_F(LedgerDamage, ALostFrontier) {
  Delete(Family::kMeta, "frontier");
  ExpectRefused("no frontier over entries");
}

TEST_F(LedgerDamage, ALostFoldPosition) {
  Delete(Family::kMeta, "folded");
  ExpectRefused("segments do not begin at the start");
}

TEST_F(LedgerDamage, EverythingLostButWhatWasSigned) {
  for (const Family family : {Family::kSegments, Family::kFrames}) {
    store::WriteSet writes;
    writes.range_deletes.push_back({family, "", ""});
    Write(std::move(writes));
  }
  Delete(Family::kMeta, "frontier");
  Delete(Family::kMeta, "folded");
  ExpectRefused("a whole but empty log below the last size signed");
}

TEST_F(LedgerDamage, ASignedSizeThatIsGone) {
  ASSERT_TRUE(world_.files.Remove(world_.directory.path() + "/signed").ok());
  ExpectRefused("any shorter log would do");
}

TEST_F(LedgerDamage, LostMonths) {
  Delete(Family::kMeta, "months");
  ExpectRefused("nobody could tell what has expired");
}

TEST_F(LedgerDamage, ASignedSizeThatCannotBeRead) {
  const std::string path = world_.directory.path() + "/signed";
  Bytes note = *world_.files.Read(path);
  note[note.size() / 2] ^= 1;
  ASSERT_TRUE(base::WriteWhole(world_.files, path, note).ok());
  ExpectRefused("not what was signed");
}

TEST_F(LedgerDamage, AnotherLogOfTheSameSize) {
  LedgerWorld other(77);
  ASSERT_TRUE(other.Open().ok());
  Submit(other, 24);
  other.Run();
  ASSERT_TRUE(other.ledger->Publish().ok());
  const Bytes note = *other.files.Read(other.directory.path() + "/signed");
  ASSERT_TRUE(base::WriteWhole(world_.files, world_.directory.path() + "/signed", note).ok());
  ExpectRefused("the same size, another root");
}

TEST_F(LedgerDamage, AChangedRecordIsRefusedWhenRead) {
  const store::KeyedRow last = Rows(Family::kRecords).back();
  Bytes bad = last.row.value;
  bad.back() ^= 1;
  Put(Family::kRecords, last.key, bad);
  ASSERT_TRUE(world_.Open().ok());
  const auto read = world_.executor.Wait(world_.ledger->ReadRecords(23, 1));
  EXPECT_EQ((*read).error().code(), Code::kCorrupt);
}

// Neither may pass for records that have expired.
TEST_F(LedgerDamage, LostRecordsAndRecordsOfAnotherMonthAreRefusedWhenRead) {
  constexpr std::size_t kMonthAt = 4;
  for (const bool lost : {true, false}) {
    SCOPED_TRACE(lost);
    const store::KeyedRow last = Rows(Family::kRecords).back();
    if (lost) {
      Delete(Family::kRecords, last.key);
    } else {
      Bytes bad = last.row.value;
      bad[kMonthAt] ^= 1;
      Put(Family::kRecords, last.key, bad);
    }
    ASSERT_TRUE(world_.Open().ok());
    const auto read = world_.executor.Wait(world_.ledger->ReadRecords(23, 1));
    EXPECT_EQ((*read).error().code(), Code::kCorrupt);
    const auto trail =
        world_.executor.Wait(world_.ledger->ReadTrail(world_.person_key(1), 100, 100));
    ASSERT_FALSE(trail->ok()) << "the last entry is of this person";
    EXPECT_EQ(trail->error().code(), Code::kCorrupt);
    world_.Close();
    Put(Family::kRecords, last.key, last.row.value);
  }
}

TEST_F(LedgerDamage, SwappedRecordsAreRefusedWhenRead) {
  const std::vector<store::KeyedRow> records = Rows(Family::kRecords);
  ASSERT_GE(records.size(), 2u);
  Put(Family::kRecords, records[0].key, records[1].row.value);
  Put(Family::kRecords, records[1].key, records[0].row.value);
  ASSERT_TRUE(world_.Open().ok());
  EXPECT_NE(world_.Audit(), "");
}

TEST_F(LedgerDamage, ARecordOfAnotherLeafOfItsBatchIsRefusedWhenRead) {
  store::WriteSet writes;
  for (const store::KeyedRow& row : Rows(Family::kRecords)) {
    const auto records = internal::ParseRecords(row.row.value);
    ASSERT_TRUE(records.ok());
    const std::size_t count = records->sealed.size();
    Bytes moved;  // each to its neighbour's place
    for (std::size_t i = 0; i < count; ++i) {
      const ByteView sealed = records->sealed[(i + 1) % count];
      base::AppendU32(moved, static_cast<std::uint32_t>(sealed.size()));
      base::AppendBytes(moved, sealed);
    }
    writes.puts.push_back(store::Put{{Family::kRecords, row.key},
                                     internal::EncodeRecords(records->month, count, moved)});
  }
  Write(std::move(writes));
  ASSERT_TRUE(world_.Open().ok());
  // Not only to the auditor, who knows what was written: the ledger itself gives none of it.
  const auto activity = world_.executor.Wait(
      world_.ledger->ReadActivity(world_.agent_key(0), std::uint64_t{24}, kReadEntriesMax));
  ASSERT_FALSE(activity->ok());
  EXPECT_EQ(activity->error().code(), Code::kCorrupt);
}

// A person's head and trail, once folded, are rows that anybody who can write may change.
class FoldedDamage : public LedgerDamage {
 protected:
  FoldedDamage() {
    EXPECT_TRUE(world_.Open().ok());
    EXPECT_TRUE(world_.executor.Wait(world_.ledger->Fold())->ok());
    EXPECT_TRUE(world_.ledger->Publish().ok());
    old_heads_ = Rows(Family::kHeads);
    for (std::size_t i = 0; i < 2 * LedgerWorld::kPeople; ++i) {
      world_.Submit(Look{0, i % LedgerWorld::kPeople});
    }
    world_.Run();
    EXPECT_TRUE(world_.executor.Wait(world_.ledger->Fold())->ok());
    world_.Close();
  }
  std::string TrailKey(std::uint64_t n) const {
    return std::string(AsText(world_.person_key(1).TagOf(n)));
  }
  Result<std::uint64_t> Head() {
    return *world_.executor.Wait(world_.ledger->HeadOf(world_.person_key(1)));
  }
  // A further entry about the person.
  Code LookAgain() {
    LedgerWorld::Outcome& outcome = world_.Submit(Look{0, 1});
    world_.Run();
    return outcome.recorded->ok() ? Code::kConflict : outcome.recorded->error().code();
  }
  void ExpectNoNumber() {
    ASSERT_TRUE(world_.Open().ok());
    const Result<std::uint64_t> head = Head();
    ASSERT_FALSE(head.ok());
    EXPECT_EQ(head.error().code(), Code::kCorrupt);
    EXPECT_EQ(LookAgain(), Code::kCorrupt) << "no tag is given twice";
  }

  std::vector<store::KeyedRow> old_heads_;
};

TEST_F(FoldedDamage, GoesOnUndamaged) {
  ASSERT_TRUE(world_.Open().ok());
  EXPECT_EQ(world_.Audit(), "");
  EXPECT_EQ(LookAgain(), Code::kConflict) << "it was recorded";
}

TEST_F(FoldedDamage, AHeadRolledBackAlone) {
  for (const store::KeyedRow& row : old_heads_) Put(Family::kHeads, row.key, row.row.value);
  ExpectNoNumber();
}

TEST_F(FoldedDamage, AHeadThatIsGone) {
  for (const store::KeyedRow& row : old_heads_) Delete(Family::kHeads, row.key);
  ExpectNoNumber();
}

TEST_F(FoldedDamage, TheLastEntryOfATrailGone) {
  ASSERT_TRUE(world_.Open().ok());
  const std::uint64_t next = *Head();
  world_.Close();
  Delete(Family::kTrail, TrailKey(next - 1));
  ExpectNoNumber();
}

TEST_F(FoldedDamage, AnEntryInsideATrailGoneIsAGap) {
  ASSERT_TRUE(world_.Open().ok());
  const std::uint64_t next = *Head();
  world_.Close();
  ASSERT_GE(next, 3u);
  Delete(Family::kTrail, TrailKey(1));
  ASSERT_TRUE(world_.Open().ok());
  const auto trail =
      world_.executor.Wait(world_.ledger->ReadTrail(world_.person_key(1), next, next));
  ASSERT_TRUE(trail->ok());
  std::set<std::uint64_t> numbers;
  for (const TrailEntry& entry : **trail) numbers.insert(entry.n);
  EXPECT_EQ(numbers.size(), next - 1);
  EXPECT_FALSE(numbers.contains(1));
}

}  // namespace
}  // namespace cloison::ledger
