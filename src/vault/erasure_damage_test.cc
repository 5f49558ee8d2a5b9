// Forgetting is real also where something is damaged: a row, a page that leads to it, a key. The
// person's keys are destroyed, the trail says so, an alarm says what was found; and nothing of this
// is done because a store did not answer.
#include <gtest/gtest.h>

#include "access/decoys.h"
#include "access/erasures.h"
#include "store/testing/fault_store.h"
#include "vault/decoy_inventor.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using access::Erasures;
using approvals::State;
using store::Family;
using store::testing::Call;
using store::testing::Fault;
using testing::TestVault;
using testing::Word;

constexpr int kCallsMax = 200;

// An erasure that two officers agreed to and that the person was told of; its day has come.
class ErasureDamage : public ::testing::Test {
 protected:
  void Prepare(TestVault& vault) {
    CLOISON_CHECK(vault.Start().ok());
    person_ = vault.world().citizen_one.person;
    aud_ = vault.Wait(vault.vault().people().Sight(person_))->key.aud();
    vault.gate().erasures().Rule(base::kDayMs, false);
    access::Gate::Once once{"e", {}};
    const auto asked = vault.Wait(vault.gate().approvals().AskErase(
        vault.As("officer.privacy"), vault.CodeFor("officer.privacy", person_), 1,
        {"erase", "case-1"}, std::move(once)));
    CLOISON_CHECK(Word(asked) == "shown");
    number_ = std::get<Approvals::Shown>(*asked).approval.number;
    CLOISON_CHECK(Word(vault.ApproveAs("officer.privacy.b", number_)) == "shown");
    CLOISON_CHECK(vault.Wait(vault.gate().erasures().Tell(vault.executor)).ok());
    vault.clock.Advance(base::kDayMs + 1);
  }
  Result<Erasures::Became> Proceed(TestVault& vault) {
    return vault.Wait(
        vault.gate().erasures().Proceed(number_, Erasures::Said::kNothing, vault.executor));
  }
  std::vector<store::KeyedRow> KeysOf(TestVault& vault) {
    const auto page = vault.Wait(vault.key_store.Scan({Family::kPersonKeys, "", ""}, 10'000));
    CLOISON_CHECK(page.ok());
    std::vector<store::KeyedRow> rows = page->rows;
    std::erase_if(rows, [this](const store::KeyedRow& row) {
      return !row.key.starts_with(AsText(person_.bytes()));
    });
    return rows;
  }
  bool HasRow(TestVault& vault) {
    std::vector<store::Key> keys(1, records::RowKeyOf(person_));
    return vault.Wait(vault.main_store.MultiGet(std::move(keys), store::ReadMode::kAny))
        ->front()
        .present();
  }
  // Erasures that the ledger tells of: of this person, and of nobody by name.
  struct Told {
    int of_person = 0, of_nobody = 0;
  };
  Told Erased(TestVault& vault) {
    Told told;
    const ledger::Ledger& log = vault.vault().ledger();
    for (std::uint64_t first = 0; first < log.size(); first += ledger::kReadEntriesMax) {
      const auto records = vault.Wait(log.ReadRecords(
          first, std::min<std::uint64_t>(ledger::kReadEntriesMax, log.size() - first)));
      CLOISON_CHECK(records.ok());
      for (const ledger::Record& record : *records) {
        if (ledger::ParseActorPart(record.actor_part)->kind != ledger::Kind::kErasure) continue;
        if (record.subject_part.empty()) {
          ++told.of_nobody;
        } else if (ledger::ParseSubjectPart(record.subject_part)->aud == aud_) {
          ++told.of_person;
        }
      }
    }
    return told;
  }
  void ExpectGone(TestVault& vault) {
    EXPECT_FALSE(HasRow(vault));
    EXPECT_TRUE(KeysOf(vault).empty()) << "a copy of the row from before would open";
    EXPECT_EQ(vault.Wait(vault.vault().person_keys().PersonOf(aud_)).error().code(),
              Code::kNotFound);
  }

  PersonId person_{ByteArray<8>{}};
  Aud aud_{ByteArray<16>{}};
  std::uint64_t number_ = 0;
};

struct Damage {
  const char* why;
  enum class What { kNothing, kBody, kVersion, kNamedKey, kPages, kKey } what;
  bool named = true;         // the entry is the person's
  bool sound_after = false;  // else the audit names what is left: a posting of nobody, or damage
};

constexpr Damage kDamages[] = {
    {"nothing", Damage::What::kNothing, true, true},
    {"a byte of a value", Damage::What::kBody},
    {"the row's version", Damage::What::kVersion},
    {"the number of the key that the row is under", Damage::What::kNamedKey},
    {"every index page", Damage::What::kPages},
    {"the key itself", Damage::What::kKey, false, true},
};

void Do(TestVault& vault, const PersonId& person, Damage::What what) {
  const std::string name(AsText(person.bytes()));
  if (what == Damage::What::kPages) {
    std::vector<store::KeyedRow> rows = vault.Rows(Family::kIndex);
    for (store::KeyedRow& row : rows) row.row.value.back() ^= 1;
    vault.Overwrite(Family::kIndex, rows);
    return;
  }
  if (what == Damage::What::kKey) {
    const auto page = vault.Wait(vault.key_store.Scan({Family::kPersonKeys, name, ""}, 1));
    store::WriteSet writes;
    store::Put put{{Family::kPersonKeys, page->rows[0].key}, page->rows[0].row.value};
    put.value.back() ^= 1;
    writes.puts.push_back(std::move(put));
    CLOISON_CHECK(vault.Wait(vault.key_store.Commit(std::move(writes))).ok());
    return;
  }
  std::vector<store::KeyedRow> rows = vault.Rows(Family::kPeople);
  for (store::KeyedRow& row : rows) {
    if (row.key != name) continue;
    switch (what) {
      case Damage::What::kBody: row.row.value.back() ^= 1; break;
      case Damage::What::kVersion: row.row.value[0] ^= 0x40; break;
      case Damage::What::kNamedKey: row.row.value[7] = 9; break;
      default: break;
    }
  }
  vault.Overwrite(Family::kPeople, rows);
}

TEST_F(ErasureDamage, KeepsNobodysKeyAlive) {
  for (const Damage& damage : kDamages) {
    SCOPED_TRACE(damage.why);
    TestVault vault;
    Prepare(vault);
    ASSERT_TRUE(vault.Stop().ok());
    Do(vault, person_, damage.what);
    ASSERT_TRUE(vault.Open().ok());
    const std::uint64_t before = vault.gate().stats().corrupt.value();
    const auto became = Proceed(vault);
    ASSERT_TRUE(became.ok()) << became.error().text();
    EXPECT_EQ(*became, Erasures::Became::kDone);
    ExpectGone(vault);
    const bool harmed = damage.what != Damage::What::kNothing;
    EXPECT_EQ(vault.gate().stats().corrupt.value() > before, harmed) << "an alarm says it";
    EXPECT_EQ(Erased(vault).of_person, damage.named ? 1 : 0);
    EXPECT_EQ(Erased(vault).of_nobody, damage.named ? 0 : 1);
    EXPECT_EQ(vault.events.Count("erasure_not_finished"), 0u);
    const std::uint64_t size = vault.vault().ledger().size();
    EXPECT_TRUE(vault.Wait(vault.gate().RetryErasures(vault.executor)).ok());
    EXPECT_EQ(vault.vault().ledger().size(), size) << "it is over";
    ASSERT_TRUE(vault.Stop().ok());
    if (!damage.sound_after) continue;
    const auto report = vault.Audit();
    ASSERT_TRUE(report.ok());
    EXPECT_FALSE(report->fault.has_value()) << report->fault->text;
    EXPECT_EQ(report->hints > 0, harmed) << "what is posted of a row that was not opened";
    // It explains one person without a row, and no more.
    vault.Delete(Family::kPeople, std::string(AsText(vault.world().stranger.person.bytes())));
    EXPECT_TRUE(vault.Audit()->fault.has_value());
  }
}

// The same where a start finds it in the journal.
TEST_F(ErasureDamage, AStartFinishesItToo) {
  for (const Damage& damage : kDamages) {
    SCOPED_TRACE(damage.why);
    TestVault vault;
    Prepare(vault);
    {
      const auto journal =
          keys::EraseJournal::Open(vault.files, vault.directory.path() + "/register/erase-journal",
                                   vault.vault().state(), vault.random);
      ASSERT_TRUE(journal.ok());
      ASSERT_TRUE((*journal)->Append({person_, aud_, 0}).ok());
    }
    ASSERT_TRUE(vault.Stop().ok());
    Do(vault, person_, damage.what);
    ASSERT_TRUE(vault.Open().ok());
    ExpectGone(vault);
    EXPECT_EQ(Erased(vault).of_person, damage.named ? 1 : 0);
    ASSERT_TRUE(vault.Stop().ok());
  }
}

TEST_F(ErasureDamage, ADamagedRecordIsToldOfAndObjectedTo) {
  TestVault vault;
  Prepare(vault);
  ASSERT_EQ(Word(vault.DenyAs("officer.privacy", number_)), "shown");
  access::Gate::Once once{"again", {}};
  vault.gate().erasures().Rule(base::kDayMs, false);
  const auto asked = vault.Wait(vault.gate().approvals().AskErase(
      vault.As("officer.privacy"), vault.CodeFor("officer.privacy", person_), 1,
      {"erase", "case-1"}, std::move(once)));
  const std::uint64_t number = std::get<Approvals::Shown>(*asked).approval.number;
  ASSERT_EQ(Word(vault.ApproveAs("officer.privacy.b", number)), "shown");
  ASSERT_TRUE(vault.Stop().ok());
  Do(vault, person_, Damage::What::kVersion);
  ASSERT_TRUE(vault.Open().ok());
  EXPECT_TRUE(vault.Wait(vault.gate().erasures().Tell(vault.executor)).ok());
  EXPECT_EQ(vault.events.Count("erasure_not_announced"), 0u);
  EXPECT_EQ(Word(vault.Wait(vault.gate().erasures().Object(vault.As("citizen.one")))), "shown");
  EXPECT_TRUE(HasRow(vault));
  ASSERT_TRUE(vault.Stop().ok());
}

// A store that does not answer says nothing about the row: it is opened when the store answers
// again, and its postings go with it.
TEST_F(ErasureDamage, AStoreThatDoesNotAnswerIsNoDamage) {
  int fired = 0;
  for (int nth = 1; nth < kCallsMax; ++nth) {
    SCOPED_TRACE(nth);
    TestVault vault;
    Prepare(vault);
    ASSERT_TRUE(vault.Stop().ok());
    store::testing::FaultStore faulty(vault.main_store);
    vault.over_main = &faulty;
    ASSERT_TRUE(vault.Open().ok());
    const std::vector<store::KeyedRow> pages = vault.Rows(Family::kIndex);
    faulty.Arm(Call::kRead, nth, Fault::kNotApplied);
    const bool done = Proceed(vault).ok();
    const bool met = faulty.fired();
    faulty.Arm(Call::kRead, INT32_MAX, Fault::kNotApplied);
    fired += met ? 1 : 0;
    if (!done) {
      (void)vault.Wait(vault.gate().RetryErasures(vault.executor));
      EXPECT_TRUE(Proceed(vault).ok());
    }
    ExpectGone(vault);
    EXPECT_EQ(vault.gate().stats().corrupt.value(), 0u);
    EXPECT_EQ(Erased(vault).of_person, 1);
    const std::vector<store::KeyedRow> now = vault.Rows(Family::kIndex);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < pages.size(); ++i) {
      changed += now[i].row.value == pages[i].row.value ? 0 : 1;
    }
    EXPECT_GT(changed, 0u) << "what was posted is taken back";
    ASSERT_TRUE(vault.Stop().ok());
    vault.over_main = &vault.main_store;
    if (!met) break;
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
  EXPECT_GT(fired, 4);
}

// What does not finish is tried once an hour, however often it failed; and it is in the journal
// once.
TEST_F(ErasureDamage, WhatDoesNotFinishDoesNotMultiply) {
  TestVault vault;
  Prepare(vault);
  const std::string journal = vault.directory.path() + "/register/erase-journal";
  const std::size_t empty = vault.files.Read(journal)->size();
  ASSERT_TRUE(vault.Stop().ok());
  std::vector<store::KeyedRow> pairs = vault.Rows(Family::kCaseload);
  for (store::KeyedRow& row : pairs) row.row.value.back() ^= 1;
  vault.Overwrite(Family::kCaseload, pairs);
  ASSERT_TRUE(vault.Open().ok());
  ASSERT_FALSE(Proceed(vault).ok()) << "a pair does not open";
  EXPECT_TRUE(KeysOf(vault).empty()) << "which keeps nobody's key";
  const std::size_t once = vault.files.Read(journal)->size();
  EXPECT_GT(once, empty);
  for (int hour = 0; hour < 3; ++hour) {
    EXPECT_FALSE(vault.Wait(vault.gate().approvals().Finish(vault.executor)).ok());
    const std::size_t before = vault.events.Count("erasure_not_finished");
    EXPECT_FALSE(vault.Wait(vault.gate().RetryErasures(vault.executor)).ok());
    EXPECT_EQ(vault.events.Count("erasure_not_finished"), before + 1);
  }
  EXPECT_EQ(vault.files.Read(journal)->size(), once);
  ASSERT_TRUE(vault.Stop().ok());
}

// The same of decoys that nobody wants any more, which no two officers agree to one by one.
TEST(ErasureDamageDecoys, OneThatDoesNotGoAtOnceIsInTheJournalOnce) {
  constexpr std::size_t kSlotBytes = 71;  // docs/format/keys.md
  TestVault vault;
  store::testing::FaultStore faulty(vault.main_store);
  vault.over_main = &faulty;
  vault.inventor = std::make_shared<GeneratedDecoys>(
      DemoSchema(testing::SmallWorld()), testing::SmallWorld().seed, DecoyNumbers{}, vault.random);
  ASSERT_TRUE(vault.Start().ok());
  const std::string journal = vault.directory.path() + "/register/erase-journal";
  const auto tend = [&vault] { return vault.Wait(vault.gate().decoys().Tend(vault.executor)); };
  int cut_short = 0;
  bool fired = true;
  for (int nth = 1; fired && nth < kCallsMax; ++nth) {
    SCOPED_TRACE(nth);
    ASSERT_TRUE(vault.TendDecoys(100).ok());
    const std::size_t decoys = vault.Decoys().size();
    ASSERT_GT(decoys, 0u);
    const auto asked = vault.AskAs("officer.security", std::string(access::kDecoysKind),
                                   Encode(access::DecoysRequest{0}));
    ASSERT_EQ(Word(asked), "shown");
    ASSERT_EQ(Word(vault.ApproveAs("officer.security.b",
                                   std::get<Approvals::Shown>(*asked).approval.number)),
              "shown");
    const std::size_t before = vault.files.Read(journal)->size();
    faulty.Arm(Call::kRead, nth, Fault::kNotApplied);
    const bool done = tend().ok();
    fired = faulty.fired();
    faulty.Arm(Call::kRead, INT32_MAX, Fault::kNotApplied);
    cut_short += !done && vault.files.Read(journal)->size() > before ? 1 : 0;
    ASSERT_TRUE(tend().ok());
    (void)vault.Wait(vault.gate().RetryErasures(vault.executor));
    EXPECT_TRUE(vault.Decoys().empty());
    EXPECT_EQ(vault.files.Read(journal)->size(), before + decoys * kSlotBytes);
  }
  EXPECT_FALSE(fired);
  EXPECT_GT(cut_short, 0) << "none failed behind the journal";
  ASSERT_TRUE(vault.Stop().ok());
}

}  // namespace
}  // namespace cloison::vault
