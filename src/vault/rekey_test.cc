// Another key for a person, because the one they have may be known: what is written from then on
// does not open with the old one, whatever fails in between, whoever else is at work on the record,
// and whatever old copy is put back.
#include <gtest/gtest.h>

#include <algorithm>

#include "store/testing/fault_store.h"
#include "vault/testing/rekey_world.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using approvals::State;
using store::Family;
using store::testing::Call;
using store::testing::Fault;
using testing::Ask;
using testing::ExpectSound;
using testing::KeysOf;
using testing::NumberOf;
using testing::Opens;
using testing::Sight;
using testing::TestVault;
using testing::Word;

constexpr int kCallsMax = 300;

void Put(TestVault& vault, store::Store& store, Family family,
         const std::vector<store::KeyedRow>& rows) {
  store::WriteSet writes;
  for (const store::KeyedRow& row : rows) {
    writes.puts.push_back(store::Put{{family, row.key}, row.row.value});
  }
  CLOISON_CHECK(vault.Wait(store.Commit(std::move(writes))).ok());
}

void Remove(TestVault& vault, store::Store& store, Family family,
            const std::vector<store::KeyedRow>& rows) {
  store::WriteSet writes;
  for (const store::KeyedRow& row : rows) writes.deletes.push_back({family, row.key});
  CLOISON_CHECK(vault.Wait(store.Commit(std::move(writes))).ok());
}

std::size_t RekeysIn(const access::Trail& trail) {
  return static_cast<std::size_t>(std::ranges::count_if(trail.looks, [](const access::Look& one) {
    return one.kind == ledger::Kind::kChange && one.purpose == "rekey";
  }));
}

TEST(Rekey, TwoOfficersGiveAPersonAnotherKey) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const DemoPerson person = vault.world().citizen_one;
  const std::string code = vault.CodeFor("officer.security", person.person);
  const records::Sighting before = Sight(vault, person.person);
  const std::vector<store::KeyedRow> old_keys = KeysOf(vault, person.person);
  const std::size_t pairs = vault.Rows(Family::kCaseload).size();
  const std::vector<store::KeyedRow> pages = vault.Rows(Family::kIndex);
  const auto asked = Ask(vault, "officer.security", code, "k1");
  ASSERT_EQ(Word(asked), "shown");
  EXPECT_EQ(Sight(vault, person.person).header.pkv, 1u) << "asking changes nothing";
  const auto agreed = vault.ApproveAs("officer.security.b", NumberOf(asked));
  ASSERT_EQ(Word(agreed), "shown");
  EXPECT_EQ(std::get<Approvals::Shown>(*agreed).approval.state, State::kUsed);

  const records::Sighting after = Sight(vault, person.person);
  EXPECT_EQ(after.header.pkv, 2u);
  EXPECT_EQ(after.header.seq, before.header.seq + 1);
  EXPECT_EQ(after.key.aud(), before.key.aud()) << "the name in the ledger stays";
  EXPECT_TRUE(Opens(vault, after.key, after.row));
  EXPECT_FALSE(Opens(vault, before.key, after.row)) << "the old key opens nothing new";
  EXPECT_NE(base::ToBytes(before.key.RowKey().Reveal()),
            base::ToBytes(after.key.RowKey().Reveal()));
  const std::vector<store::KeyedRow> new_keys = KeysOf(vault, person.person);
  ASSERT_EQ(new_keys.size(), 1u) << "the old one is gone";
  EXPECT_NE(new_keys[0].key, old_keys[0].key);

  // What hangs on other keys stays as it was.
  EXPECT_EQ(vault.CodeFor("officer.security", person.person), code);
  EXPECT_EQ(vault.Rows(Family::kCaseload).size(), pairs);
  const std::vector<store::KeyedRow> pages_now = vault.Rows(Family::kIndex);
  ASSERT_EQ(pages_now.size(), pages.size());
  for (std::size_t i = 0; i < pages.size(); ++i) {
    EXPECT_EQ(pages_now[i].row.value, pages[i].row.value);
  }
  EXPECT_EQ(
      std::get<access::LookedUp>(*vault.LookUpAs("adviser.ft", "nir", person.nir, "reception"))
          .rows.size(),
      1u);
  EXPECT_EQ(Word(vault.DiscloseOwn("citizen.one", {"contact.phone"})), "shown");
  const auto trail = vault.TrailOf("citizen.one");
  ASSERT_EQ(Word(trail), "shown");
  EXPECT_EQ(RekeysIn(std::get<access::Trail>(*trail)), 1u) << "the person sees it";
  ExpectSound(vault);
  EXPECT_EQ(Word(vault.DiscloseOwn("citizen.one", {"contact.phone"})), "shown");
  EXPECT_EQ(KeysOf(vault, person.person).size(), 1u);
  // Updates go on under the new key, and an erasure takes that one too.
  EXPECT_EQ(Word(vault.UpdateAs("app.case", code, 1, {{"contact.phone", "0639980077"}})),
            "changed");
  EXPECT_EQ(Word(vault.UpdateAs("app.case", code, 2, {{"contact.phone", "0639980077"}})), "shown");
  ASSERT_EQ(Word(vault.EraseAs("officer.privacy", code, 3)), "shown");
  EXPECT_TRUE(KeysOf(vault, person.person).empty());
  ExpectSound(vault);
}

TEST(Rekey, TakesTwoWithTheRightAndTheKeyThatTheyMeant) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const std::string code = vault.CodeFor("officer.security", person);
  struct Row {
    const char* why;
    const char* who;
    std::string code;
    std::string_view want;
  };
  const Row rows[] = {
      {"an adviser", "adviser.ft", code, "no_right"},
      {"an application", "app.case", code, "no_right"},
      {"another officer", "officer.privacy", code, "no_right"},
      {"nobody", "officer.security", "not a code", "not_available"},
      {"nobody's code", "officer.security",
       vault.CodeFor("officer.security", PersonId(ByteArray<8>{9, 9, 9, 9})), "not_available"},
  };
  int key = 0;
  for (const Row& row : rows) {
    EXPECT_EQ(Word(Ask(vault, row.who, row.code, std::to_string(++key))), row.want) << row.why;
  }
  const auto first = Ask(vault, "officer.security", code, "first");
  const auto second = Ask(vault, "officer.security", code, "second");
  ASSERT_EQ(Word(first), "shown");
  ASSERT_EQ(Word(second), "shown");
  EXPECT_EQ(Word(vault.ApproveAs("officer.security", NumberOf(first))), "no_right") << "alone";
  // Whoever changes the record meanwhile is no reason not to.
  ASSERT_EQ(Word(vault.UpdateAs("app.case", code, 1, {{"contact.phone", "0639980077"}})), "shown");
  EXPECT_EQ(Sight(vault, person).header.pkv, 1u) << "an update keeps the key";
  EXPECT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(first))), "shown");
  EXPECT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(second))), "changed")
      << "the key that it was about is gone";
  EXPECT_EQ(Sight(vault, person).header.pkv, 2u);
  const auto again = Ask(vault, "officer.security", code, "again");
  EXPECT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(again))), "shown");
  EXPECT_EQ(Sight(vault, person).header.pkv, 3u);
  EXPECT_EQ(KeysOf(vault, person).size(), 1u);
  ExpectSound(vault);
}

// An old backup brings back the row under the exposed key, and that key: the start takes the person
// off it again, from the journal, before anybody is served.
// `restored`: both databases are of then, so that the number of the next key is drawn again; else
// the newer key is still there.
void ExpectTakenOff(bool restored) {
  SCOPED_TRACE(restored);
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const std::string code = vault.CodeFor("officer.security", person);
  const std::vector<store::KeyedRow> old_people = vault.Rows(Family::kPeople);
  const std::vector<store::KeyedRow> old_keys = KeysOf(vault, person);
  const records::Sighting before = Sight(vault, person);
  const auto asked = Ask(vault, "officer.security", code, "k1");
  ASSERT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(asked))), "shown");
  const std::vector<store::KeyedRow> new_keys = KeysOf(vault, person);
  ASSERT_TRUE(vault.Stop().ok());
  vault.Overwrite(Family::kPeople, old_people);
  Put(vault, vault.key_store, Family::kPersonKeys, old_keys);
  if (restored) Remove(vault, vault.key_store, Family::kPersonKeys, new_keys);
  ASSERT_TRUE(vault.Open().ok());
  const records::Sighting after = Sight(vault, person);
  EXPECT_GT(after.header.pkv, 1u);
  EXPECT_TRUE(Opens(vault, after.key, after.row));
  EXPECT_FALSE(Opens(vault, before.key, after.row));
  const std::vector<store::KeyedRow> keys = KeysOf(vault, person);
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_NE(keys[0].key, old_keys[0].key);
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "shown");
  const std::uint64_t size = vault.vault().ledger().size();
  ASSERT_TRUE(vault.Reopen().ok());
  EXPECT_EQ(vault.vault().ledger().size(), size) << "once is enough";
}

TEST(Rekey, AnOldCopyIsTakenOffTheOldKeyAtStart) {
  ExpectTakenOff(false);
  ExpectTakenOff(true);
}

// A backup has the main database as it was: the key that its rows are under must be in its copy of
// the keys.
TEST(Rekey, AKeyThatABackupNeedsStaysUntilItIsTaken) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const std::string code = vault.CodeFor("officer.security", person);
  const auto asked = Ask(vault, "officer.security", code, "k1");
  {
    const keys::PersonKeys::Hold hold(vault.vault().person_keys());
    const auto agreed = vault.ApproveAs("officer.security.b", NumberOf(asked));
    ASSERT_EQ(Word(agreed), "shown");
    EXPECT_EQ(std::get<Approvals::Shown>(*agreed).approval.state, State::kApproved);
    for (const char* event : {"rekey_not_finished", "approval_not_finished"}) {
      EXPECT_EQ(vault.events.Count(event), 1u) << event;
      EXPECT_EQ(vault.events.Count(event, base::Severity::kError), 0u) << event << ": no error";
    }
    EXPECT_EQ(Sight(vault, person).header.pkv, 2u) << "the record does not wait";
    EXPECT_EQ(KeysOf(vault, person).size(), 2u);
    EXPECT_FALSE(vault.Wait(vault.gate().RetryErasures(vault.executor)).ok());
    EXPECT_EQ(KeysOf(vault, person).size(), 2u);
    EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "shown")
        << "the row says which key is its own";
  }
  EXPECT_TRUE(vault.Wait(vault.gate().RetryErasures(vault.executor)).ok());
  EXPECT_EQ(KeysOf(vault, person).size(), 1u);
  EXPECT_TRUE(vault.Wait(vault.gate().approvals().Finish(vault.executor)).ok());
  const auto read =
      vault.Wait(vault.gate().approvals().Read(vault.As("officer.security"), NumberOf(asked)));
  EXPECT_EQ(std::get<Approvals::Shown>(*read).approval.state, State::kUsed);
  EXPECT_EQ(Sight(vault, person).header.pkv, 2u);
  ExpectSound(vault);
}

// ---- faults: every call of both stores, both ways

class RekeyLife {
 public:
  RekeyLife() {
    CLOISON_CHECK(test_.Start().ok());
    person_ = test_.world().citizen_one.person;
    const auto asked =
        Ask(test_, "officer.security", test_.CodeFor("officer.security", person_), "k1");
    CLOISON_CHECK(Word(asked) == "shown");
    number_ = NumberOf(asked);
    old_.emplace(Sight(test_, person_));
    CLOISON_CHECK(test_.Stop().ok());
  }

  bool Run(bool of_keys, Call call, int nth, Fault how) {
    store::testing::FaultStore main(test_.main_store), keys(test_.key_store);
    store::testing::FaultStore& faulty = of_keys ? keys : main;
    {
      const Environment base = test_.MakeEnvironment();
      const Environment environment{
          main,        keys,         base.objects,       base.files,        base.clock,
          base.random, base.events,  base.main_executor, base.key_executor, base.background,
          base.home,   base.builders};
      bool fatal = false;
      Settings settings = test_.MakeSettings();
      settings.on_fatal = [&fatal] { fatal = true; };
      auto vault = test_.Wait(Vault::Open(environment, std::move(settings)));
      CLOISON_CHECK(vault.ok());
      faulty.Arm(call, nth, how);
      const auto outcome =
          test_.Wait((*vault)->gate().approvals().Approve(test_.As("officer.security.b"), number_));
      told_used_ = Word(outcome) == "shown" &&
                   std::get<Approvals::Shown>(*outcome).approval.state == State::kUsed;
      fired_ = faulty.fired();
      faulty.Arm(Call::kRead, INT32_MAX, Fault::kNotApplied);
      if (!fatal) {
        EXPECT_TRUE(test_.Wait((*vault)->Stop()).ok());
      }
      test_.executor.RunAll();
    }
    CLOISON_CHECK(test_.Open().ok());
    return fired_;
  }

  void Audit() {
    // Whoever was told nothing asks again; what was decided is finished by the start.
    EXPECT_EQ(Word(test_.ApproveAs("officer.security.b", number_)), "shown");
    const auto read =
        test_.Wait(test_.gate().approvals().Read(test_.As("officer.security"), number_));
    EXPECT_EQ(std::get<Approvals::Shown>(*read).approval.state, State::kUsed) << told_used_;
    const records::Sighting now = Sight(test_, person_);
    EXPECT_GT(now.header.pkv, 1u);
    EXPECT_TRUE(Opens(test_, now.key, now.row));
    EXPECT_FALSE(Opens(test_, old_->key, now.row));
    EXPECT_EQ(now.header.seq, old_->header.seq + 1) << "written once";
    EXPECT_EQ(KeysOf(test_, person_).size(), 1u) << "no key is left but the row's";
    const auto trail = test_.TrailOf("citizen.one");
    EXPECT_EQ(RekeysIn(std::get<access::Trail>(*trail)), 1u);
    ExpectSound(test_);
  }

 private:
  TestVault test_;
  PersonId person_{ByteArray<8>{}};
  std::uint64_t number_ = 0;
  std::optional<records::Sighting> old_;
  bool told_used_ = false, fired_ = false;
};

TEST(RekeyFaults, EachCallOfBothStoresFailsOnce) {
  for (const bool of_keys : {false, true}) {
    for (const Call call : {Call::kRead, Call::kCommit}) {
      for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
        if (call == Call::kRead && how != Fault::kNotApplied) continue;
        int nth = 1;
        for (bool fired = true; fired && nth < kCallsMax; ++nth) {
          SCOPED_TRACE(std::string(of_keys ? "keys" : "main") +
                       (call == Call::kRead ? " read " : " commit ") + std::to_string(nth) +
                       (how == Fault::kNotApplied ? "" : " applied"));
          RekeyLife life;
          fired = life.Run(of_keys, call, nth, how);
          life.Audit();
          ASSERT_FALSE(::testing::Test::HasFailure());
        }
        EXPECT_GT(nth, 2) << "no call was met";
      }
    }
  }
}

}  // namespace
}  // namespace cloison::vault
