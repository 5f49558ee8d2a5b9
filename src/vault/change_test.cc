// Changes through the gate: registration, update, erasure, assignment; and what a restart or a
// meddled store finds.
#include <gtest/gtest.h>

#include <algorithm>

#include "store/testing/fault_store.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using testing::TestVault;
using testing::Word;

const TestVault::Texts kAnna = {{"identity.birth_name", "Dupré"},
                                {"identity.first_name", "Anna"},
                                {"civil_number.nir", "284127645108993"},
                                {"contact.phone", "06 39 98 00 01"}};

std::string CodeOf(const access::Outcome<access::Registered>& outcome) {
  return std::get<access::Registered>(*outcome).code.Text();
}

access::Outcome<access::Gate::Assigned> Assign(TestVault& vault, std::string_view who,
                                               std::string_view agent, const std::string& code,
                                               const std::string& key) {
  access::Assignment assignment{DemoPrincipalId(agent), code, std::nullopt, false};
  access::Gate::Once once{key, base::ToBytes(AsBytes(code + std::string(agent)))};
  std::vector<access::Assignment> all{assignment};
  return vault.Wait(vault.gate().Assign(vault.As(who), std::move(all), std::move(once)));
}

TEST(Gate, RegistersOncePerKeyAndOncePerPerson) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  EXPECT_EQ(Word(vault.RegisterAs("adviser.ft", kAnna, "k0")), "no_right");
  const auto first = vault.RegisterAs("app.case", kAnna, "k1");
  ASSERT_EQ(Word(first), "shown");
  const auto again = vault.RegisterAs("app.case", kAnna, "k1");
  ASSERT_EQ(Word(again), "shown");
  EXPECT_EQ(CodeOf(again), CodeOf(first));
  const auto same_person = vault.RegisterAs("app.case", kAnna, "k2");
  ASSERT_EQ(Word(same_person), "exists");
  EXPECT_EQ(testing::RefusalOf(same_person).existing->Text(), CodeOf(first));
  TestVault::Texts other = kAnna;
  other[1].second = "Hanna";
  const auto other_body = vault.RegisterAs("app.case", other, "k1");
  ASSERT_FALSE(other_body.ok());
  EXPECT_EQ(other_body.error().code(), Code::kConflict);
  const auto nameless = vault.RegisterAs("app.case", {{"contact.phone", "0639980002"}}, "k3");
  ASSERT_FALSE(nameless.ok());
  EXPECT_EQ(nameless.error().code(), Code::kInvalid);
  EXPECT_EQ(Word(vault.RegisterAs("app.case", kAnna, "")), "error");

  const auto found = vault.LookUpAs("adviser.ft", "phone", "+33639980001", "reception");
  ASSERT_EQ(Word(found), "shown");
  const auto& rows = std::get<access::LookedUp>(*found).rows;
  const bool there = std::any_of(rows.begin(), rows.end(), [&first](const auto& row) {
    return row.code.Text() == CodeOf(first);
  });
  EXPECT_TRUE(there);
  ASSERT_TRUE(vault.Wait(vault.vault().person_keys().Flush(vault.executor)).ok());
  EXPECT_TRUE(vault.Wait(vault.vault().person_keys().Intents())->empty())
      << "keys of those not registered are gone";
}

TEST(Gate, SixtyFourRegistrationsOfOnePersonMakeOne) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  std::vector<access::Outcome<access::Registered>> outcomes;
  const auto run = [](TestVault& world, int i,
                      std::vector<access::Outcome<access::Registered>>& out) -> Task<void> {
    access::Outcome<access::Registered> one =
        co_await world.RegisterTask("app.case", kAnna, "parallel-" + std::to_string(i));
    out.push_back(std::move(one));
  };
  for (int i = 0; i < 64; ++i) base::Detach(run(vault, i, outcomes));
  vault.executor.RunAll();
  ASSERT_EQ(outcomes.size(), 64u);
  std::string code;
  int registered = 0;
  for (const auto& outcome : outcomes) {
    if (Word(outcome) != "shown") continue;
    ++registered;
    code = CodeOf(outcome);
  }
  EXPECT_EQ(registered, 1);
  for (const auto& outcome : outcomes) {
    if (Word(outcome) == "shown") continue;
    ASSERT_EQ(Word(outcome), "exists") << (outcome.ok() ? "" : outcome.error().text());
    EXPECT_EQ(testing::RefusalOf(outcome).existing->Text(), code);
  }
}

TEST(Gate, SixtyFourTimesTheSameKeyIsOneAnswer) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  std::vector<std::string> codes;
  const auto run = [](TestVault& world, std::vector<std::string>& out) -> Task<void> {
    const access::Outcome<access::Registered> one =
        co_await world.RegisterTask("app.case", kAnna, "one-key");
    out.push_back(Word(one) == "shown" ? CodeOf(one) : std::string(Word(one)));
  };
  for (int i = 0; i < 64; ++i) base::Detach(run(vault, codes));
  vault.executor.RunAll();
  ASSERT_EQ(codes.size(), 64u);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), codes[0]), 64);
  EXPECT_EQ(codes[0].size(), 19u) << codes[0];
}

// It asks nothing and pays nothing: it must not even take as long as there are people to look at.
TEST(Gate, AUsedKeyLooksAtNobody) {
  TestVault vault;
  store::testing::FaultStore watched(vault.main_store);
  vault.over_main = &watched;
  ASSERT_TRUE(vault.Start().ok());
  TestVault::Texts other = kAnna;
  other[1].second = "Hanna";
  const auto looks = [&](const TestVault::Texts& texts, const std::string& key) {
    const std::size_t pages = watched.AskedOf(store::Family::kIndex);
    const std::size_t people = watched.AskedOf(store::Family::kPeople);
    (void)vault.RegisterAs("app.case", texts, key);
    return watched.AskedOf(store::Family::kIndex) + watched.AskedOf(store::Family::kPeople) -
           pages - people;
  };
  EXPECT_GT(looks(kAnna, "k1"), 0u);
  EXPECT_EQ(looks(other, "k1"), 0u) << "with another body";
  EXPECT_GT(looks(other, "k2"), 0u) << "with a key of its own";
  ASSERT_TRUE(vault.Stop().ok());
}

// Sixteen at once with one key: one is registered, the others ask for nothing and look at nobody.
TEST(Gate, KeysUnderWayAtOnceLookOnce) {
  TestVault vault;
  store::testing::FaultStore watched(vault.main_store);
  vault.over_main = &watched;
  ASSERT_TRUE(vault.Start().ok());
  const auto run = [](TestVault& world, std::string name, std::string key,
                      std::vector<std::string_view>& out) -> Task<void> {
    TestVault::Texts texts = {{"identity.birth_name", "Exemple"},
                              {"identity.first_name", name},
                              {"contact.email", name + "@example.org"}};
    out.push_back(Word(co_await world.RegisterTask("app.case", texts, key)));
  };
  std::vector<std::string_view> words;
  const auto pages_of = [&](int count, const std::string& key) {
    const std::size_t before = watched.AskedOf(store::Family::kIndex);
    words.clear();
    for (int i = 0; i < count; ++i) {
      base::Detach(run(vault, key + std::string(static_cast<std::size_t>(i), 'a'), key, words));
    }
    vault.executor.RunAll();
    return watched.AskedOf(store::Family::kIndex) - before;
  };
  const std::size_t of_one = pages_of(1, "Anna");
  ASSERT_GT(of_one, 0u);
  EXPECT_LT(pages_of(16, "Berta"), 2 * of_one);
  EXPECT_EQ(std::ranges::count(words, std::string_view("shown")), 1);
  EXPECT_EQ(std::ranges::count(words, std::string_view("error")), 15)
      << "another body under the key";
  ASSERT_TRUE(vault.Stop().ok());
}

TEST(Gate, UpdatesTheVersionThatWasRead) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const auto made = vault.RegisterAs("app.case", kAnna, "k1");
  ASSERT_EQ(Word(made), "shown");
  const std::string code = CodeOf(made);
  struct Row {
    const char* why;
    const char* who;
    std::string code;
    std::uint64_t version;
    TestVault::Texts texts;
    std::string_view want;
  };
  const Row kRows[] = {
      {"an adviser may not", "adviser.ft", code, 1, {{"contact.phone", "0639980002"}}, "no_right"},
      {"nobody", "app.case", "not a code", 1, {{"contact.phone", "0639980002"}}, "not_available"},
      {"a version to come", "app.case", code, 2, {{"contact.phone", "0639980002"}}, "changed"},
      {"nothing differs", "app.case", code, 1, {{"contact.phone", "0639980001"}}, "error"},
      {"a required value goes", "app.case", code, 1, {{"identity.first_name", ""}}, "error"},
      {"the NIR of somebody else",
       "app.case",
       code,
       1,
       {{"civil_number.nir", vault.world().stranger.nir}},
       "exists"},
      {"good", "app.case", code, 1, {{"contact.phone", "0639980002"}}, "shown"},
      {"the old version", "app.case", code, 1, {{"contact.phone", "0639980003"}}, "changed"},
      {"emptied", "app.case", code, 2, {{"contact.phone", ""}}, "shown"},
      {"set again", "app.case", code, 3, {{"contact.email", "anna@example.org"}}, "shown"},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(Word(vault.UpdateAs(row.who, row.code, row.version, row.texts)), row.want);
  }
  ASSERT_EQ(Word(Assign(vault, "app.case", "adviser.ft", code, "a1")), "shown");
  const auto shown =
      vault.DiscloseCodesAs("adviser.ft", {code}, {"contact.phone", "contact.email"}, "support");
  ASSERT_EQ(Word(shown), "shown");
  const access::ShownRecord& record = std::get<access::Disclosed>(*shown).records.at(0);
  EXPECT_EQ(record.version, 4u);
  ASSERT_EQ(record.values.size(), 1u) << "the emptied phone is left out";
  EXPECT_EQ(AsText(record.values[0].text.Reveal()), "anna@example.org");
  EXPECT_TRUE(std::get<access::LookedUp>(
                  *vault.LookUpAs("adviser.ft", "email", "anna@example.org", "support"))
                  .rows.size() == 1);
}

// Somebody's number in an update is answered, charged and recorded as in a registration.
TEST(Gate, ATakenNumberInAnUpdateIsAGlimpse) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const DemoPerson& other = vault.world().citizen_one;
  const auto made = vault.RegisterAs("app.case", kAnna, "k1");
  ASSERT_EQ(Word(made), "shown");
  const auto taken = vault.UpdateAs("app.case", CodeOf(made), 1, {{"civil_number.nir", other.nir}});
  ASSERT_EQ(Word(taken), "exists");
  const access::Refusal& refusal = testing::RefusalOf(taken);
  EXPECT_EQ(refusal.existing->Text(), vault.CodeFor("app.case", other.person));
  EXPECT_EQ(refusal.budget->left[static_cast<std::size_t>(access::Counter::kGlimpsed)][0], 499u);
  const auto stale = vault.UpdateAs("app.case", CodeOf(made), 7, {{"civil_number.nir", other.nir}});
  EXPECT_EQ(Word(stale), "changed");
  const auto trail = vault.TrailOf("citizen.one");
  ASSERT_EQ(Word(trail), "shown");
  ASSERT_EQ(std::get<access::Trail>(*trail).looks.size(), 2u);
  EXPECT_EQ(std::get<access::Trail>(*trail).looks[1].form, ledger::Form::kExists);
}

TEST(Gate, AnIdempotencyKeyIsForgottenAfterADay) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  ASSERT_EQ(Word(vault.RegisterAs("app.case", kAnna, "k1")), "shown");
  vault.clock.Advance(base::kDayMs - 1'000);
  EXPECT_EQ(Word(vault.RegisterAs("app.case", kAnna, "k1")), "shown");
  ASSERT_TRUE(vault.Wait(vault.gate().PruneIdempotency(vault.executor)).ok());
  EXPECT_EQ(vault.Rows(store::Family::kIdempotency).size(), 1u);
  vault.clock.Advance(2'000);
  EXPECT_EQ(Word(vault.RegisterAs("app.case", kAnna, "k1")), "exists");
  ASSERT_TRUE(vault.Wait(vault.gate().PruneIdempotency(vault.executor)).ok());
  EXPECT_TRUE(vault.Rows(store::Family::kIdempotency).empty());
}

TEST(Gate, ATelephoneOfManyShowsNobody) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const auto rows = [&vault] {
    const auto found = vault.LookUpAs("adviser.ft", "phone", "+33 1 23 45 67 89", "reception");
    CLOISON_CHECK(Word(found) == "shown");
    return std::get<access::LookedUp>(*found).rows.size();
  };
  EXPECT_EQ(rows(), 0u);
  // 10 fill the page of an answer; past 400 the number is no criterion at all.
  for (int i = 1; i <= 402; ++i) {
    const auto made = vault.RegisterAs("app.case",
                                       {{"identity.birth_name", "Standard"},
                                        {"identity.first_name", "Anna"},
                                        {"contact.phone", "0123456789"}},
                                       "phone-" + std::to_string(i));
    ASSERT_EQ(Word(made), "shown") << i;
    if (i == 10) {
      EXPECT_EQ(rows(), 10u);
    }
    if (i == 11 || i == 402) {
      EXPECT_EQ(rows(), 0u) << i;
    }
  }
}

TEST(Gate, AssigningOpensAndEndsACaseload) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId stranger = vault.world().stranger.person;
  const std::string code = vault.CodeFor("app.case", stranger);
  const auto read = [&vault, &stranger] {
    return vault.DiscloseAs("adviser.ft", stranger, {"contact.email"}, "support");
  };
  EXPECT_EQ(Word(read()), "not_available");
  EXPECT_EQ(Word(Assign(vault, "adviser.ft", "adviser.ft", code, "a0")), "no_right")
      << "nobody gives themself a reason";
  EXPECT_EQ(Word(Assign(vault, "app.case", "nobody.here", code, "a1")), "not_available");
  EXPECT_EQ(Word(Assign(vault, "app.case", "adviser.ft", "not a code", "a2")), "not_available");
  ASSERT_EQ(Word(Assign(vault, "app.case", "adviser.ft", code, "a3")), "shown");
  EXPECT_EQ(Word(read()), "shown");
  access::Assignment end{DemoPrincipalId("adviser.ft"), code, std::nullopt, true};
  std::vector<access::Assignment> all{end};
  access::Gate::Once once{"a4", {1}};
  ASSERT_EQ(
      Word(vault.Wait(vault.gate().Assign(vault.As("app.case"), std::move(all), std::move(once)))),
      "shown");
  EXPECT_EQ(Word(read()), "not_available");
  // Until a time: then it is over by itself.
  access::Assignment until{DemoPrincipalId("adviser.ft"), code,
                           vault.vault().committer().Now().budget_ms + base::kHourMs, false};
  std::vector<access::Assignment> for_an_hour{until};
  access::Gate::Once other{"a5", {2}};
  ASSERT_EQ(Word(vault.Wait(vault.gate().Assign(vault.As("app.case"), std::move(for_an_hour),
                                                std::move(other)))),
            "shown");
  EXPECT_EQ(Word(read()), "shown");
  vault.clock.Advance(base::kHourMs + 1);
  EXPECT_EQ(Word(read()), "not_available");
}

TEST(Gate, ErasesForEver) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const DemoPerson person = vault.world().citizen_one;
  const std::string code = vault.CodeFor("adviser.ft", person.person);
  EXPECT_EQ(Word(vault.EraseAs("adviser.ft", code, 1)), "no_right");
  EXPECT_EQ(Word(vault.EraseAs("officer.security", code, 1)), "no_right");
  EXPECT_EQ(Word(vault.EraseAs("officer.privacy", code, 9)), "changed");
  EXPECT_EQ(
      Word(vault.EraseAs("officer.privacy",
                         vault.CodeFor("officer.privacy", PersonId(ByteArray<8>{9, 9, 9, 9})), 1)),
      "not_available");
  const std::size_t pairs = vault.Rows(store::Family::kCaseload).size();
  ASSERT_EQ(Word(vault.EraseAs("officer.privacy", code, 1)), "shown");
  EXPECT_EQ(vault.Rows(store::Family::kCaseload).size(), pairs - 2) << "both ways";
  const auto gone = [&vault, &person, &code] {
    EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person.person, {"contact.phone"}, "support")),
              "not_available");
    EXPECT_EQ(Word(vault.DiscloseOwn("citizen.one", {"contact.phone"})), "not_available");
    EXPECT_EQ(Word(vault.TrailOf("citizen.one")), "no_right");
    EXPECT_EQ(Word(vault.EraseAs("officer.privacy", code, 1)), "not_available");
    const auto found = vault.LookUpAs("adviser.ft", "nir", person.nir, "reception");
    ASSERT_EQ(Word(found), "shown");
    EXPECT_TRUE(std::get<access::LookedUp>(*found).rows.empty());
    EXPECT_FALSE(vault.Wait(vault.vault().person_keys().Load(person.person)).ok());
  };
  gone();
  ASSERT_TRUE(vault.Reopen().ok());
  gone();
  // The number is free for whoever registers it.
  const auto again = vault.RegisterAs("app.case",
                                      {{"identity.birth_name", "Neuve"},
                                       {"identity.first_name", "Anna"},
                                       {"civil_number.nir", person.nir}},
                                      "again");
  ASSERT_EQ(Word(again), "shown");
  EXPECT_NE(CodeOf(again), code);
}

// The power went between the journal and the commit: the start ends what was decided.
TEST(Gate, AnErasureInTheJournalIsFinishedAtStart) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const DemoPerson person = vault.world().of_adviser_ft;
  {
    const auto sighting = vault.Wait(vault.vault().people().Sight(person.person));
    ASSERT_TRUE(sighting.ok());
    const auto journal =
        keys::EraseJournal::Open(vault.files, vault.directory.path() + "/register/erase-journal",
                                 vault.vault().state(), vault.random);
    ASSERT_TRUE(journal.ok());
    ASSERT_TRUE((*journal)->Append({person.person, sighting->key.aud(), 0}).ok());
  }
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person.person, {"contact.phone"}, "support")),
            "shown");
  ASSERT_TRUE(vault.Reopen().ok());
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person.person, {"contact.phone"}, "support")),
            "not_available");
  EXPECT_FALSE(vault.Wait(vault.vault().person_keys().Load(person.person)).ok());
  const std::uint64_t size = vault.vault().ledger().size();
  ASSERT_TRUE(vault.Reopen().ok());
  EXPECT_EQ(vault.vault().ledger().size(), size) << "finished once";
}

// The power went between the key and the record: the key is nobody's and goes.
TEST(Gate, AKeyWithoutARecordIsSweptAtStart) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const auto key = vault.Wait(vault.vault().person_keys().Create(vault.executor));
  ASSERT_TRUE(key.ok());
  ASSERT_TRUE(vault.Reopen().ok());
  EXPECT_TRUE(vault.Wait(vault.vault().person_keys().Intents())->empty());
  EXPECT_FALSE(vault.Wait(vault.vault().person_keys().Load(key->person())).ok());
  const auto registered = vault.RegisterAs("app.case", kAnna, "k1");
  ASSERT_EQ(Word(registered), "shown");
  ASSERT_TRUE(vault.Reopen().ok());
  EXPECT_EQ(Word(vault.UpdateAs("app.case", CodeOf(registered), 1, {{"contact.phone", ""}})),
            "shown")
      << "a key with a record stays";
}

TEST(Gate, ARestartForgetsNothing) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const std::vector<PersonId> followed = vault.CaseloadOf("adviser.ft");
  for (std::size_t i = 0; i < 60; ++i) {
    ASSERT_EQ(Word(vault.DiscloseAs("adviser.ft", followed[i], {"contact.phone"}, "support")),
              "shown");
  }
  const auto before = vault.TrailOf("citizen.one");
  ASSERT_EQ(Word(before), "shown");
  const std::uint64_t size = vault.vault().ledger().size();
  for (int restart = 0; restart < 2; ++restart) {
    ASSERT_TRUE(vault.Reopen().ok());
    EXPECT_GE(vault.vault().ledger().size(), size);
    EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", followed[60], {"contact.phone"}, "support")),
              "budget_spent");
    EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", followed[0], {"contact.phone"}, "support")),
              "shown");
  }
  const auto after = vault.TrailOf("citizen.one");
  ASSERT_EQ(Word(after), "shown");
  EXPECT_EQ(std::get<access::Trail>(*after).looks.size(),
            std::get<access::Trail>(*before).looks.size() + 1);
  // A reboot lets no budget time pass, whatever the wall clock says.
  ASSERT_TRUE(vault.Stop().ok());
  vault.clock.Reboot(30 * base::kDayMs);
  ASSERT_TRUE(vault.Open().ok());
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", followed[60], {"contact.phone"}, "support")),
            "budget_spent");
}

TEST(Gate, AStepOfTheWallClockOpensNothing) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const std::vector<PersonId> followed = vault.CaseloadOf("adviser.ft");
  for (std::size_t i = 0; i < 60; ++i) {
    ASSERT_EQ(Word(vault.DiscloseAs("adviser.ft", followed[i], {"contact.phone"}, "support")),
              "shown");
  }
  for (const std::int64_t step : {base::kDayMs, -3 * base::kDayMs, 400 * base::kDayMs}) {
    vault.clock.StepWall(step);
    EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", followed[60], {"contact.phone"}, "support")),
              "budget_spent");
  }
}

TEST(Gate, MeddledBudgetsAreNoticed) {
  enum class How { kThinned, kAllGone, kRolledBack };
  for (const How how : {How::kThinned, How::kAllGone, How::kRolledBack}) {
    SCOPED_TRACE(static_cast<int>(how));
    TestVault vault;
    ASSERT_TRUE(vault.Start().ok());
    const std::vector<PersonId> followed = vault.CaseloadOf("adviser.ft");
    const auto open = [&vault, &followed](std::size_t i) {
      return vault.DiscloseAs("adviser.ft", followed[i], {"contact.phone"}, "support");
    };
    for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(Word(open(i)), "shown");
    const auto old_seen = vault.Rows(store::Family::kSeen);
    const auto old_principals = vault.Rows(store::Family::kPrincipals);
    for (std::size_t i = 3; i < 6; ++i) ASSERT_EQ(Word(open(i)), "shown");
    ASSERT_TRUE(vault.Stop().ok());
    if (how == How::kThinned) {
      vault.Delete(store::Family::kSeen, vault.Rows(store::Family::kSeen).front().key);
    } else if (how == How::kAllGone) {
      vault.Overwrite(store::Family::kSeen, {});
    } else {
      vault.Overwrite(store::Family::kSeen, old_seen);
      vault.Overwrite(store::Family::kPrincipals, old_principals);
    }
    const Status opened = vault.Open();
    if (how == How::kRolledBack) {
      ASSERT_FALSE(opened.ok()) << "the ledger says how far all principals are";
      EXPECT_EQ(opened.error().code(), Code::kCorrupt);
      continue;
    }
    ASSERT_TRUE(opened.ok());
    const auto refused = open(0);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), Code::kCorrupt);
    EXPECT_GT(vault.gate().stats().corrupt.value(), 0u);
    EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft.002", vault.CaseloadOf("adviser.ft.002")[0],
                                    {"contact.phone"}, "support")),
              "shown")
        << "the others go on";
  }
}

TEST(Gate, MeddledRecordsShowNothing) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  ASSERT_TRUE(vault.Stop().ok());
  std::vector<store::KeyedRow> rows = vault.Rows(store::Family::kPeople);
  for (std::size_t i = 0; i + 1 < rows.size(); i += 2) {
    std::swap(rows[i].row.value, rows[i + 1].row.value);
  }
  vault.Overwrite(store::Family::kPeople, rows);
  ASSERT_TRUE(vault.Open().ok());
  const auto refused = vault.DiscloseAs("adviser.ft", vault.world().of_adviser_ft.person,
                                        {"contact.phone"}, "support");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kCorrupt);
}

TEST(Vault, IsCreatedOnceAndOpensOnlyWithItsKeys) {
  TestVault vault;
  EXPECT_FALSE(vault.Open().ok()) << "never created";
  ASSERT_TRUE(vault.Create().ok());
  const Status again = vault.Create();
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code(), Code::kConflict);
  vault.objects.SetReachable(false);
  const Status sealed = vault.Open();
  ASSERT_FALSE(sealed.ok());
  EXPECT_EQ(sealed.error().code(), Code::kUnavailable);
  vault.objects.SetReachable(true);
  ASSERT_TRUE(vault.Open().ok());
  EXPECT_EQ(vault.vault().ledger().size(), 1u) << "the enrolment of the system";
}

// Whoever asks for a register that is there learns so, and nothing is signed or written for it.
TEST(Vault, CreatingOneThatIsThereChangesNothing) {
  TestVault vault;
  ASSERT_TRUE(vault.Create().ok());
  const std::string path = SignedPath(vault.MakeSettings().directory);
  const Bytes older = *vault.files.Read(path);
  ASSERT_TRUE(vault.Open().ok());
  std::vector<access::PrincipalInfo> infos;
  infos.push_back({DemoPrincipalId("adviser.ft"), OrganisationId(1), std::nullopt, "adviser", "a",
                   false, std::nullopt});
  ASSERT_TRUE(vault.Wait(vault.gate().Enrol(std::move(infos), vault.executor)).ok());
  ASSERT_TRUE(vault.Stop().ok());
  ASSERT_NE(*vault.files.Read(path), older);
  ASSERT_TRUE(base::WriteWhole(vault.files, path, older).ok());
  EXPECT_EQ(vault.Create().error().code(), Code::kConflict);
  EXPECT_EQ(*vault.files.Read(path), older);
}

TEST(Vault, RefusalsOfNobodiesAreWrittenInAggregate) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const std::uint64_t before = vault.vault().ledger().size();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Word(vault.Wait(vault.gate().OwnCapabilities(vault.As("nobody.here")))),
              "not_enrolled");
  }
  EXPECT_EQ(vault.vault().ledger().size(), before);
  ASSERT_TRUE(vault.Wait(vault.gate().FlushAggregates(vault.executor)).ok());
  EXPECT_EQ(vault.vault().ledger().size(), before + 1);
  ASSERT_TRUE(vault.Wait(vault.gate().FlushAggregates(vault.executor)).ok());
  EXPECT_EQ(vault.vault().ledger().size(), before + 1);
}

}  // namespace
}  // namespace cloison::vault
