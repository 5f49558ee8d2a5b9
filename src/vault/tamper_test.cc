// Somebody who can write to the files of a stopped register puts old rows back, changes some and
// takes some away. What comes of it is refused or seen.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>

#include "access/cases.h"
#include "commit/time_keeper.h"
#include "vault/testing/test_vault.h"
#include "vault/vault.h"

namespace cloison::vault {
namespace {

using store::Family;
using testing::TestVault;
using testing::Word;

constexpr std::size_t kRowsPerCommit = 500;

// Both databases as they were.
struct Image {
  std::map<Family, std::vector<store::KeyedRow>> main, keys;
};

class Tampered : public ::testing::Test {
 protected:
  Tampered() { EXPECT_TRUE(vault_.Start().ok()); }

  std::string_view Open(std::size_t i) {
    const std::vector<PersonId> followed = vault_.CaseloadOf("adviser.ft");
    return Word(vault_.DiscloseAs("adviser.ft", followed[i], {"contact.phone"}, "support"));
  }
  std::vector<store::KeyedRow> Rows(store::Store& from, Family family) {
    std::vector<store::KeyedRow> rows;
    store::Range range{family, "", ""};
    while (true) {
      Result<store::ScanPage> page = vault_.Wait(from.Scan(range, store::kScanRowsMax));
      CLOISON_CHECK(page.ok());
      for (store::KeyedRow& row : page->rows) rows.push_back(std::move(row));
      if (!page->next.has_value()) return rows;
      range.begin = *page->next;
    }
  }
  Image Take() {
    Image image;
    for (const Family family : store::kMainFamilies) {
      image.main[family] = Rows(vault_.main_store, family);
    }
    for (const Family family : store::kKeyFamilies) {
      image.keys[family] = Rows(vault_.key_store, family);
    }
    return image;
  }
  // The family holds these rows and no others.
  void PutBack(store::Store& to, Family family, const std::vector<store::KeyedRow>& rows) {
    std::set<std::string> kept;
    store::WriteSet puts;
    const auto write = [this, &to](store::WriteSet& writes) {
      CLOISON_CHECK(vault_.Wait(to.Commit(std::exchange(writes, {}))).ok());
    };
    for (const store::KeyedRow& row : rows) {
      kept.insert(row.key);
      puts.puts.push_back(store::Put{{family, row.key}, row.row.value});
      if (puts.puts.size() == kRowsPerCommit) write(puts);
    }
    if (!puts.puts.empty()) write(puts);
    store::WriteSet gone;
    for (const store::KeyedRow& row : Rows(to, family)) {
      if (!kept.contains(row.key)) gone.deletes.push_back({family, row.key});
    }
    if (!gone.deletes.empty()) write(gone);
  }
  void PutBackRow(Family family, const Image& image, std::string_view name) {
    for (const store::KeyedRow& row : image.main.at(family)) {
      if (row.key != name) continue;
      store::WriteSet writes;
      writes.puts.push_back(store::Put{{family, row.key}, row.row.value});
      CLOISON_CHECK(vault_.Wait(vault_.main_store.Commit(std::move(writes))).ok());
    }
  }
  std::string Path(const char* name) { return vault_.directory.path() + "/register/" + name; }
  void ExpectRefused(const char* why) {
    const Status opened = vault_.Open();
    ASSERT_FALSE(opened.ok()) << why;
    EXPECT_EQ(opened.error().code(), Code::kCorrupt) << why;
  }

  TestVault vault_;
};

TEST_F(Tampered, NotAtAllOpens) {
  const Image image = Take();
  ASSERT_TRUE(vault_.Stop().ok());
  for (const auto& [family, rows] : image.main) PutBack(vault_.main_store, family, rows);
  for (const auto& [family, rows] : image.keys) PutBack(vault_.key_store, family, rows);
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(Open(0), "shown");
}

// Whoever follows a person is no stranger to them because a row is damaged: nothing is decided.
TEST_F(Tampered, APairThatDoesNotOpen) {
  ASSERT_EQ(Open(0), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  std::vector<store::KeyedRow> rows = Rows(vault_.main_store, Family::kCaseload);
  for (store::KeyedRow& row : rows) row.row.value.back() ^= 1;
  PutBack(vault_.main_store, Family::kCaseload, rows);
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(Open(0), "error");
  EXPECT_EQ(vault_.events.Count("caseload_does_not_fit"), 1u);
}

TEST_F(Tampered, AClockSetForward) {
  ASSERT_EQ(Open(0), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  base::testing::ManualClock ahead;
  ahead.Advance(31 * base::kDayMs);
  Result<commit::TimeKeeper> keeper = commit::TimeKeeper::Open(ahead, {});
  (void)keeper->Next();
  store::WriteSet writes;
  writes.puts.push_back(store::Put{{Family::kMeta, commit::kClockRow}, keeper->Row()});
  ASSERT_TRUE(vault_.Wait(vault_.main_store.Commit(std::move(writes))).ok());
  ExpectRefused("every budget would begin anew");
}

TEST_F(Tampered, AClockTakenAway) {
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Delete(Family::kMeta, commit::kClockRow);
  ExpectRefused("budget time would be the wall clock's");
}

// The oldest clock row that there is, after a reboot: budget time would go back.
TEST_F(Tampered, AnOldClockShowsNobodyNew) {
  const Image old = Take();
  vault_.clock.Advance(base::kHourMs);
  for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(Open(i), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  PutBackRow(Family::kMeta, old, commit::kClockRow);
  vault_.clock.Reboot(base::kHourMs);
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(Open(4), "error") << "the seen rows are of a time to come";
  EXPECT_GT(vault_.gate().stats().corrupt.value(), 0u);
}

TEST_F(Tampered, APrincipalRolledBackWithAllThatNamesIt) {
  enum class With { kRowsAlone, kActivityGone, kAnchorToo, kAnchorGone };
  for (const With with :
       {With::kRowsAlone, With::kActivityGone, With::kAnchorToo, With::kAnchorGone}) {
    SCOPED_TRACE(static_cast<int>(with));
    ASSERT_EQ(Open(0), "shown");
    const Image old = Take();
    for (std::size_t i = 1; i < 4; ++i) ASSERT_EQ(Open(i), "shown");
    ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
    const Image whole = Take();
    ASSERT_TRUE(vault_.Stop().ok());
    PutBack(vault_.main_store, Family::kPrincipals, old.main.at(Family::kPrincipals));
    PutBack(vault_.main_store, Family::kSeen, old.main.at(Family::kSeen));
    if (with != With::kRowsAlone) {
      PutBack(vault_.main_store, Family::kActivity, old.main.at(Family::kActivity));
    }
    if (with == With::kAnchorToo) PutBackRow(Family::kMeta, old, access::kAnchorRow);
    if (with == With::kAnchorGone) vault_.Delete(Family::kMeta, access::kAnchorRow);
    ExpectRefused("three people would not count");
    for (const auto& [family, rows] : whole.main) PutBack(vault_.main_store, family, rows);
    ASSERT_TRUE(vault_.Open().ok()) << "as it was";
  }
}

// The number of seen rows is right, and each of them is one that was written.
TEST_F(Tampered, AnOldSeenRowIsNoticed) {
  ASSERT_EQ(Open(0), "shown");
  const Image old = Take();
  vault_.clock.Advance(2 * base::kHourMs);
  ASSERT_EQ(Open(0), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  PutBack(vault_.main_store, Family::kSeen, old.main.at(Family::kSeen));
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(Open(1), "error") << "the last look would not count in this hour";
  EXPECT_GT(vault_.gate().stats().corrupt.value(), 0u);
}

// The anchor is looked at when the register opens; a principal that is loaded later is held against
// the ledger.
TEST_F(Tampered, APrincipalRolledBackUnderARunningRegister) {
  ASSERT_EQ(Open(0), "shown");
  const Image old = Take();
  for (std::size_t i = 1; i < 4; ++i) ASSERT_EQ(Open(i), "shown");
  ASSERT_TRUE(vault_.Reopen().ok());
  PutBack(vault_.main_store, Family::kPrincipals, old.main.at(Family::kPrincipals));
  PutBack(vault_.main_store, Family::kSeen, old.main.at(Family::kSeen));
  const PersonId next = vault_.CaseloadOf("adviser.ft")[4];
  const auto refused = vault_.DiscloseAs("adviser.ft", next, {"contact.phone"}, "support");
  ASSERT_FALSE(refused.ok()) << "three people would not count";
  EXPECT_EQ(refused.error().code(), Code::kCorrupt);
}

TEST_F(Tampered, APrincipalTakenAway) {
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Delete(Family::kPrincipals, vault_.Rows(Family::kPrincipals).front().key);
  ExpectRefused("enrolled again it would have a fresh budget");
}

// The alarms, and what says how many there are, as they were before the last three.
TEST_F(Tampered, AlarmsRolledBackWithTheirNumbers) {
  const auto raise = [this] {
    const access::Caller officer = vault_.As("officer.security");
    return Word(vault_.Wait(vault_.gate().cases().alarms().Test(officer)));
  };
  const Image none = Take();
  for (int i = 0; i < 2; ++i) ASSERT_EQ(raise(), "shown");
  const Image old = Take();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(raise(), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  const Image whole = Take();
  PutBack(vault_.main_store, Family::kCases, old.main.at(Family::kCases));
  ExpectRefused("three alarms would never have been");
  PutBack(vault_.main_store, Family::kCases, none.main.at(Family::kCases));
  ExpectRefused("nor any");
  PutBack(vault_.main_store, Family::kCases, whole.main.at(Family::kCases));
  PutBackRow(Family::kCases, old, "\3");
  ExpectRefused("the last three would be hidden, and written over");
  PutBackRow(Family::kCases, whole, "\3");
  ASSERT_TRUE(vault_.Open().ok()) << "as it was";
  EXPECT_EQ(raise(), "shown");
}

TEST_F(Tampered, ARegisterRolledBackWithoutItsSignedSize) {
  const Image old = Take();
  for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(Open(i), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  for (const auto& [family, rows] : old.main) PutBack(vault_.main_store, family, rows);
  ExpectRefused("shorter than what was signed");
  ASSERT_TRUE(vault_.files.Remove(Path("signed-size")).ok());
  ExpectRefused("and nobody would know");
}

TEST_F(Tampered, ALookTakenOutOfATrailIsAGap) {
  const PersonId person = vault_.world().citizen_one.person;
  const auto look = [this, &person] {
    return Word(vault_.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support"));
  };
  for (int i = 0; i < 4; ++i) ASSERT_EQ(look(), "shown");
  std::vector<std::string> rows;
  {
    const Result<keys::PersonKey> key = vault_.Wait(vault_.vault().person_keys().Load(person));
    for (std::uint64_t n = 0; n < 6; ++n) {
      rows.emplace_back(AsText(key->subject().TagOf(n)));
    }
  }
  const auto numbers = [this] {
    const auto trail = vault_.TrailOf("citizen.one");
    EXPECT_EQ(Word(trail), "shown");
    std::vector<std::uint64_t> all;
    for (const access::Look& one : std::get<access::Trail>(*trail).looks) all.push_back(one.n);
    return all;
  };
  ASSERT_EQ(numbers(), (std::vector<std::uint64_t>{4, 3, 2, 1, 0}));
  ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Delete(Family::kTrail, rows[1]);
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{5, 4, 3, 2, 0})) << "1 is missing";
  ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Delete(Family::kTrail, rows[5]);
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(Word(vault_.TrailOf("citizen.one")), "error") << "the newest can't go unnoticed";
  EXPECT_EQ(look(), "error") << "nor can its number be given again";
}

TEST_F(Tampered, AnErasedPersonDoesNotComeBack) {
  const DemoPerson person = vault_.world().of_adviser_ft;
  const std::string code = vault_.CodeFor("officer.privacy", person.person);
  const Image old = Take();
  const Bytes old_journal = *vault_.files.Read(Path("erase-journal"));
  ASSERT_EQ(Word(vault_.EraseAs("officer.privacy", code, 1)), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  // The rows that say who the person is, their keys, and a journal cut at a slot's end.
  PutBack(vault_.main_store, Family::kPeople, old.main.at(Family::kPeople));
  PutBack(vault_.main_store, Family::kIndex, old.main.at(Family::kIndex));
  PutBack(vault_.main_store, Family::kCaseload, old.main.at(Family::kCaseload));
  PutBack(vault_.key_store, Family::kPersonKeys, old.keys.at(Family::kPersonKeys));
  PutBack(vault_.key_store, Family::kAud, old.keys.at(Family::kAud));
  const Bytes journal = *vault_.files.Read(Path("erase-journal"));
  ASSERT_LT(old_journal.size(), journal.size());
  constexpr unsigned kMode = 0600;
  ASSERT_TRUE(base::WriteWhole(vault_.files, Path("erase-journal"), old_journal, kMode).ok());
  ExpectRefused("cut");
  ASSERT_TRUE(vault_.files.Remove(Path("erase-journal")).ok());
  ExpectRefused("taken away");
  ASSERT_TRUE(base::WriteWhole(vault_.files, Path("erase-journal"), journal, kMode).ok());
  ASSERT_TRUE(vault_.Open().ok()) << "with the whole journal the erasure is done again";
  EXPECT_EQ(Word(vault_.DiscloseAs("adviser.ft", person.person, {"contact.phone"}, "support")),
            "not_available");
}

}  // namespace
}  // namespace cloison::vault
