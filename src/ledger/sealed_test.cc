// Sealed accesses in the ledger: entries like any other, in a tag space that the person's own key
// does not reach; and what the reading of one entry, and of a page with expired ones, gives.
#include <gtest/gtest.h>

#include "ledger/testing/ledger_world.h"

namespace cloison::ledger {
namespace {

using store::Family;
using testing::LedgerWorld;
using testing::Look;

constexpr std::size_t kPerson = 1;

class Sealed : public ::testing::Test {
 protected:
  Sealed() { EXPECT_TRUE(world_.Open().ok()); }
  Recorded LookAt(bool sealed) {
    LedgerWorld::Outcome& outcome =
        world_.Submit({.agent = 0, .person = kPerson, .sealed = sealed});
    world_.Run();
    EXPECT_TRUE(outcome.recorded->ok());
    return **outcome.recorded;
  }
  Code CodeOfLook() {
    LedgerWorld::Outcome& outcome = world_.Submit({.agent = 0, .person = kPerson, .sealed = true});
    world_.Run();
    return outcome.recorded->ok() ? Code::kConflict : outcome.recorded->error().code();
  }
  Result<std::uint64_t> Head() {
    return *world_.executor.Wait(world_.ledger->HeadOf(world_.person_key(kPerson)));
  }
  Result<std::uint64_t> SealedHead() {
    return *world_.executor.Wait(world_.ledger->HeadOf(world_.sealed_key(kPerson)));
  }
  std::vector<TrailEntry> Trail() {
    auto trail = world_.executor.Wait(
        world_.ledger->ReadTrail(world_.person_key(kPerson), 100, std::size_t{100}));
    EXPECT_TRUE(trail->ok());
    return std::move(**trail);
  }
  Result<std::vector<TrailEntry>> SealedTrail() {
    return *world_.executor.Wait(
        world_.ledger->ReadSealedTrail(world_.sealed_key(kPerson), 100, std::size_t{100}));
  }
  void Fold() { ASSERT_TRUE(world_.executor.Wait(world_.ledger->Fold())->ok()); }
  void Reopen() {
    world_.Close();
    ASSERT_TRUE(world_.Open().ok());
  }
  std::vector<store::KeyedRow> Rows(Family family) {
    const auto page =
        world_.executor.Wait(world_.memory.Scan({family, "", ""}, store::kScanRowsMax));
    return (*page)->rows;
  }
  void Delete(Family family, const std::string& key) {
    store::WriteSet writes;
    writes.deletes.push_back({family, key});
    ASSERT_TRUE(world_.executor.Wait(world_.memory.Commit(std::move(writes)))->ok());
  }

  LedgerWorld world_{41};
};

TEST_F(Sealed, TakesNoNumberOfThePersonsOwn) {
  const bool kSealed[] = {true, false, true, true, false, true};
  std::vector<std::uint64_t> open, sealed;
  for (const bool is_sealed : kSealed) {
    (is_sealed ? sealed : open).push_back(LookAt(is_sealed).index);
    EXPECT_EQ(*Head(), open.size());
    EXPECT_EQ(*SealedHead(), sealed.size());
  }
  for (const char* when : {"in the tail", "folded", "reopened"}) {
    SCOPED_TRACE(when);
    const std::vector<TrailEntry> trail = Trail();
    ASSERT_EQ(trail.size(), open.size());
    for (std::size_t i = 0; i < open.size(); ++i) {
      EXPECT_EQ(trail[trail.size() - 1 - i].index, open[i]);
      EXPECT_FALSE(trail[i].record.sealed_n.has_value());
    }
    const auto hidden = SealedTrail();
    ASSERT_TRUE(hidden.ok());
    ASSERT_EQ(hidden->size(), sealed.size());
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      const TrailEntry& entry = (*hidden)[sealed.size() - 1 - i];
      EXPECT_EQ(entry.index, sealed[i]);
      EXPECT_EQ(entry.n, i);
      EXPECT_EQ(entry.record.sealed_n, i);
      EXPECT_TRUE(Opens(world_.person_key(kPerson), entry)) << "C_subj as of any entry";
      EXPECT_FALSE(Opens(world_.person_key(kPerson + 1), entry));
    }
    EXPECT_EQ(world_.Audit(), "");
    if (std::string_view(when) == "in the tail") Fold();
    if (std::string_view(when) == "folded") Reopen();
  }
}

// Whoever has the person's keys, and all tags that they make, finds nothing.
TEST_F(Sealed, HasNoTagThatThePersonsKeyMakes) {
  for (int i = 0; i < 8; ++i) LookAt(i % 2 == 0);
  const auto leaves = world_.executor.Wait(world_.ledger->ReadLeaves(0, 100));
  std::set<std::string> own, hidden;
  for (std::uint64_t n = 0; n < 1'000; ++n) {
    own.insert(base::ToHex(world_.person_key(kPerson).TagOf(n)));
    hidden.insert(base::ToHex(world_.sealed_key(kPerson).TagOf(n)));
  }
  std::size_t found = 0, found_hidden = 0;
  for (const Leaf& leaf : **leaves) {
    found += own.count(base::ToHex(ByteView(leaf).subspan(66, 16)));
    found_hidden += hidden.count(base::ToHex(ByteView(leaf).subspan(66, 16)));
  }
  EXPECT_EQ(found, 4u);
  EXPECT_EQ(found_hidden, 4u);
}

TEST_F(Sealed, OfAnotherPersonIsAnotherSpace) {
  LookAt(true);
  const auto others = world_.executor.Wait(
      world_.ledger->ReadSealedTrail(world_.sealed_key(kPerson + 1), 100, std::size_t{100}));
  ASSERT_TRUE(others->ok());
  EXPECT_TRUE((*others)->empty());
  EXPECT_EQ(**world_.executor.Wait(world_.ledger->HeadOf(world_.sealed_key(kPerson + 1))), 0u);
}

TEST_F(Sealed, AHeadRolledBackOrGoneIsRefused) {
  struct Case {
    const char* why;
    bool rolled_back;  // else gone
  };
  for (const Case& c : {Case{"rolled back", true}, Case{"gone", false}}) {
    SCOPED_TRACE(c.why);
    LedgerWorld world(42);
    ASSERT_TRUE(world.Open().ok());
    const auto look = [&world] {
      LedgerWorld::Outcome& outcome = world.Submit({.agent = 0, .person = kPerson, .sealed = true});
      world.Run();
      return outcome.recorded->ok() ? Code::kConflict : outcome.recorded->error().code();
    };
    ASSERT_EQ(look(), Code::kConflict) << "recorded";
    ASSERT_TRUE(world.executor.Wait(world.ledger->Fold())->ok());
    const auto page =
        world.executor.Wait(world.memory.Scan({Family::kHeads, "", ""}, store::kScanRowsMax));
    ASSERT_EQ((*page)->rows.size(), 1u) << "of the sealed space alone";
    ASSERT_EQ(look(), Code::kConflict);
    ASSERT_TRUE(world.executor.Wait(world.ledger->Fold())->ok());
    world.Close();
    store::WriteSet writes;
    const store::Key key{Family::kHeads, (*page)->rows[0].key};
    if (c.rolled_back) writes.puts.push_back({key, (*page)->rows[0].row.value});
    if (!c.rolled_back) writes.deletes.push_back(key);
    ASSERT_TRUE(world.executor.Wait(world.memory.Commit(std::move(writes)))->ok());
    ASSERT_TRUE(world.Open().ok());
    EXPECT_EQ(look(), Code::kCorrupt) << "no number is given twice";
    const auto head = world.executor.Wait(world.ledger->HeadOf(world.sealed_key(kPerson)));
    EXPECT_EQ(head->error().code(), Code::kCorrupt);
  }
}

TEST_F(Sealed, AnEntryTakenOutIsAGapInM) {
  for (int i = 0; i < 4; ++i) LookAt(true);
  Fold();
  world_.Close();
  Delete(Family::kTrail, std::string(AsText(world_.sealed_key(kPerson).TagOf(1))));
  ASSERT_TRUE(world_.Open().ok());
  const auto trail = SealedTrail();
  ASSERT_TRUE(trail.ok());
  std::vector<std::uint64_t> numbers;
  for (const TrailEntry& entry : *trail) numbers.push_back(entry.n);
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{3, 2, 0}));
  world_.Close();
  Delete(Family::kTrail, std::string(AsText(world_.sealed_key(kPerson).TagOf(3))));
  ASSERT_TRUE(world_.Open().ok());
  EXPECT_EQ(CodeOfLook(), Code::kCorrupt) << "the newest can't be taken away unseen";
}

// Whoever walks m without the person's key is not shown another access of the same person.
TEST_F(Sealed, ARecordSaysItsOwnNumber) {
  LookAt(true);
  LookAt(true);
  world_.Close();
  const std::vector<store::KeyedRow> records = Rows(Family::kRecords);
  ASSERT_EQ(records.size(), 2u);
  store::WriteSet writes;
  writes.puts.push_back({{Family::kRecords, records[0].key}, records[1].row.value});
  writes.puts.push_back({{Family::kRecords, records[1].key}, records[0].row.value});
  ASSERT_TRUE(world_.executor.Wait(world_.memory.Commit(std::move(writes)))->ok());
  ASSERT_TRUE(world_.Open().ok());
  const auto trail = SealedTrail();
  ASSERT_FALSE(trail.ok());
  EXPECT_EQ(trail.error().code(), Code::kCorrupt);
}

// A key of somebody else's sealed space would hide the entry from whoever walks this person's.
TEST(SealedDeathTest, ASealedKeyIsOfThePersonOfTheEntry) {
  LedgerWorld world(43);
  ASSERT_TRUE(world.Open().ok());
  EntryDraft draft{Kind::kDisclosure,
                   std::nullopt,
                   EntryDraft::Actor{PrincipalId({1}), &world.agent_key(0), 0, {}, {}, ""},
                   Decision::kAllow,
                   "",
                   "",
                   {},
                   {},
                   "",
                   0};
  draft.subject =
      EntryDraft::Subject{PersonId(ByteArray<8>{}), &world.person_key(0), 1, {}, Form::kPlain, {},
                          &world.sealed_key(1)};
  EXPECT_DEATH(world.ledger->Stage(std::move(draft)), "sealed->aud");
}

TEST_F(Sealed, OneEntryIsReadByItsIndex) {
  const Recorded open = LookAt(false), sealed = LookAt(true);
  world_.Submit({.agent = 1, .person = {}, .decision = Decision::kMiss});
  world_.Run();
  struct Row {
    const char* why;
    std::uint64_t index;
    bool there, about_somebody, sealed;
  };
  const Row kRows[] = {{"an open one", open.index, true, true, false},
                       {"a sealed one", sealed.index, true, true, true},
                       {"about nobody", 2, true, false, false},
                       {"the next one", 3, false, false, false},
                       {"no index at all", UINT64_MAX, false, false, false}};
  for (const Row& row : kRows) {
    const auto read = *world_.executor.Wait(world_.ledger->ReadEntry(row.index));
    ASSERT_EQ(read.ok(), row.there) << row.why;
    if (!row.there) {
      EXPECT_EQ(read.error().code(), Code::kNotFound) << row.why;
      continue;
    }
    ASSERT_TRUE(read->has_value()) << row.why;
    EXPECT_EQ((*read)->index, row.index) << row.why;
    EXPECT_EQ((*read)->subject.has_value(), row.about_somebody) << row.why;
    EXPECT_EQ((*read)->record.sealed_n.has_value(), row.sealed) << row.why;
  }
}

// So that a citizen can be shown the actor part by one who does not look up whose it is.
TEST_F(Sealed, TheRecordHoldsTheOpeningOfTheActorPart) {
  const Recorded recorded = LookAt(false);
  const auto read = *world_.executor.Wait(world_.ledger->ReadEntry(recorded.index));
  EXPECT_EQ((*read)->record.actor_randomness, recorded.actor_randomness);
  const auto opening = crypto::Secret<32>::FromBytes(*(*read)->record.actor_randomness);
  EXPECT_EQ(base::ToHex(Commit(*opening, "actor", (*read)->record.actor_part)),
            base::ToHex(ByteView(recorded.leaf).subspan(34, 32)));
}

TEST_F(Sealed, APageTellsWhatHasExpired) {
  const Recorded first = LookAt(false), second = LookAt(false);
  LookAt(true);
  const std::uint32_t month = MonthOf(world_.clock.wall_ms());
  world_.clock.Advance(40 * base::kDayMs);
  const Recorded third = LookAt(false);
  ASSERT_TRUE(world_.months.DestroyMonth(month).ok());
  const auto page = *world_.executor.Wait(
      world_.ledger->ReadTrailPage(world_.person_key(kPerson), 3, std::size_t{2}));
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->entries.size(), 1u);
  EXPECT_EQ(page->entries[0].index, third.index);
  EXPECT_EQ(page->entries[0].leaf, third.leaf);
  ASSERT_EQ(page->expired.size(), 1u) << "of the two that were asked for";
  EXPECT_EQ(page->expired[0].n, 1u);
  EXPECT_EQ(page->expired[0].index, second.index);
  EXPECT_EQ(page->expired[0].leaf, second.leaf);
  const auto entry = *world_.executor.Wait(world_.ledger->ReadEntry(first.index));
  ASSERT_TRUE(entry.ok());
  EXPECT_FALSE(entry->has_value()) << "expired";
  const auto hidden = SealedTrail();
  ASSERT_TRUE(hidden.ok());
  EXPECT_TRUE(hidden->empty());
}

}  // namespace
}  // namespace cloison::ledger
