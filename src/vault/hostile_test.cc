// What somebody with an account, or with the files, tries at the gate: to learn without being
// charged, to reach into another organisation, to stop the start.
#include <gtest/gtest.h>

#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Counter;
using access::Window;
using testing::TestVault;
using testing::Word;

const PersonId kNobody{ByteArray<8>{0xa5, 1, 2, 3, 4, 5, 6, 7}};

access::BudgetLeft BudgetOf(TestVault& vault, std::string_view who) {
  const auto own = vault.Wait(vault.gate().OwnCapabilities(vault.As(who)));
  CLOISON_CHECK(Word(own) == "shown");
  return *std::get<access::Capabilities>(*own).budget;
}

// People glimpsed in this hour, and of them off the caseload.
std::pair<std::uint32_t, std::uint32_t> GlimpsedBy(TestVault& vault, std::string_view who) {
  const access::BudgetLeft budget = BudgetOf(vault, who);
  const auto used = [&budget](Counter counter) {
    return budget.caps.cap(counter, Window::kHour) -
           budget.left[static_cast<std::size_t>(counter)][static_cast<std::size_t>(Window::kHour)];
  };
  return {used(Counter::kGlimpsed), used(Counter::kGlimpsedOff)};
}

struct Wish {
  std::string_view agent;
  std::string code;
  bool remove = false;
};

Task<access::Outcome<access::Gate::Assigned>> AssignTask(TestVault& vault, std::string_view who,
                                                         std::vector<Wish> wishes,
                                                         std::string key) {
  std::vector<access::Assignment> all;
  for (const Wish& wish : wishes) {
    all.push_back({DemoPrincipalId(wish.agent), wish.code, std::nullopt, wish.remove});
  }
  access::Gate::Once once{std::move(key), {1}};
  return vault.gate().Assign(vault.As(who), std::move(all), std::move(once));
}

access::Outcome<access::Gate::Assigned> Assign(TestVault& vault, std::string_view who,
                                               std::vector<Wish> wishes, std::string key) {
  return vault.Wait(AssignTask(vault, who, std::move(wishes), std::move(key)));
}

std::size_t FollowersOf(TestVault& vault, const PersonId& person) {
  std::string prefix(1, 1);
  prefix += vault.vault().state().Prf(store::Family::kCaseload, {person.bytes()});
  const auto rows = vault.Rows(store::Family::kCaseload);
  return static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [&](const auto& row) { return row.key.starts_with(prefix); }));
}

// Breaks a person's row so that nobody can read it; a second time mends it. Opens the vault again.
void FlipRow(TestVault& vault, const PersonId& person) {
  ASSERT_TRUE(vault.Stop().ok());
  std::vector<store::KeyedRow> rows = vault.Rows(store::Family::kPeople);
  for (store::KeyedRow& row : rows) {
    if (row.key == records::RowKeyOf(person).bytes) row.row.value[0] ^= 0xff;
  }
  vault.Overwrite(store::Family::kPeople, rows);
  ASSERT_TRUE(vault.Open().ok());
}

void Journal(TestVault& vault, const keys::EraseJournal::Item& item) {
  const auto journal =
      keys::EraseJournal::Open(vault.files, vault.directory.path() + "/register/erase-journal",
                               vault.vault().state(), vault.random);
  ASSERT_TRUE(journal.ok());
  ASSERT_TRUE((*journal)->Append(item).ok());
}

// An update compares with what is stored: only for those who may, on the record, charged.
TEST(Hostile, AnUpdateTellsNothingOfTheValues) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const DemoPerson& person = vault.world().of_adviser_ft;
  struct Row {
    const char* why;
    const char* who;
    std::string name;
    std::string_view want;
    std::uint32_t charged;
  };
  const Row kRows[] = {
      {"no right, the right value", "adviser.ft", person.first_name, "no_right", 0},
      {"no right, a wrong value", "adviser.ft", "Nobody", "no_right", 0},
      {"the right, the right value", "app.case", person.first_name, "error", 1},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const std::uint64_t before = vault.vault().ledger().size();
    const auto outcome = vault.UpdateAs(row.who, vault.CodeFor(row.who, person.person), 1,
                                        {{"identity.first_name", row.name}});
    EXPECT_EQ(Word(outcome), row.want);
    EXPECT_EQ(vault.vault().ledger().size(), before + 1) << "one entry, whatever it was";
    EXPECT_EQ(GlimpsedBy(vault, row.who), std::pair(row.charged, row.charged));
  }
}

TEST(Hostile, AnOrganisationAssignsToItsOwnAgents) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  std::vector<access::PrincipalInfo> infos{{DemoPrincipalId("app.other"), OrganisationId(2),
                                            std::nullopt, "case-application", "app.other", false,
                                            std::nullopt}};
  ASSERT_TRUE(vault.Wait(vault.gate().Enrol(std::move(infos), vault.executor)).ok());
  const PersonId stranger = vault.world().stranger.person;
  const std::string code = vault.vault().codes().Encode(OrganisationId(2), stranger)->Text();
  struct Row {
    const char* why;
    std::vector<Wish> wishes;
    std::string_view want;
  };
  const Row kRows[] = {
      {"another organisation's adviser", {{"adviser.ft", code}}, "not_available"},
      {"itself", {{"app.other", code}}, "not_available"},
      {"one of two", {{"adviser.ce", code}, {"adviser.ft", code}}, "not_available"},
      {"nobody", {{"nobody.here", code}}, "not_available"},
      {"its own", {{"adviser.ce", code}}, "shown"},
  };
  int key = 0;
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(Word(Assign(vault, "app.other", row.wishes, std::to_string(++key))), row.want);
  }
  EXPECT_EQ(FollowersOf(vault, stranger), 1u);
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", stranger, {"contact.email"}, "support")),
            "not_available");
}

TEST(Hostile, WhoeverLearnsThatSomebodyIsThereIsCharged) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId stranger = vault.world().stranger.person;
  const std::string code = vault.CodeFor("app.case", stranger);
  const std::string nobody = vault.CodeFor("app.case", kNobody);
  struct Row {
    const char* why;
    std::function<std::string_view()> ask;
    std::string_view want;
    const char* who;
    std::uint32_t charged;  // in all
    std::uint64_t entries = 1;
  };
  const Row kRows[] = {
      {"another version", [&] { return Word(vault.UpdateAs("app.case", code, 9, {})); }, "changed",
       "app.case", 1},
      {"nobody's version", [&] { return Word(vault.UpdateAs("app.case", nobody, 9, {})); },
       "not_available", "app.case", 2},
      {"off a caseload",
       [&] { return Word(Assign(vault, "app.case", {{"adviser.ft", "x", true}}, "1")); },
       "not_available", "app.case", 3},
      {"not on it",
       [&] { return Word(Assign(vault, "app.case", {{"adviser.ft.002", code, true}}, "2")); },
       "not_available", "app.case", 3},
      {"two of nobody",
       [&] {
         return Word(Assign(vault, "app.case", {{"adviser.ft", "y"}, {"adviser.ft", "z"}}, "3"));
       },
       "not_available", "app.case", 5, 2},
      {"a taken number",
       [&] {
         return Word(vault.RegisterAs("app.case",
                                      {{"identity.birth_name", "Neuve"},
                                       {"identity.first_name", "Anna"},
                                       {"civil_number.nir", vault.world().citizen_one.nir}},
                                      "4"));
       },
       "exists", "app.case", 6},
      {"erasure of another version",
       [&] { return Word(vault.EraseAs("officer.privacy", code, 9)); }, "changed",
       "officer.privacy", 1},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const std::uint64_t before = vault.vault().ledger().size();
    EXPECT_EQ(row.ask(), row.want);
    EXPECT_EQ(GlimpsedBy(vault, row.who), std::pair(row.charged, row.charged));
    EXPECT_EQ(vault.vault().ledger().size(), before + row.entries);
  }
}

// One journal item that can't be finished keeps nobody out, and is not forgotten.
TEST(Hostile, ABrokenRecordInTheJournalStopsNoStartAndIsErased) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const PersonId other = vault.CaseloadOf("adviser.ft.002")[0];
  const auto sighting = vault.Wait(vault.vault().people().Sight(person));
  ASSERT_TRUE(sighting.ok());
  Journal(vault, {person, sighting->key.aud(), 0});
  FlipRow(vault, person);
  ASSERT_FALSE(HasFatalFailure()) << "it does not start";
  EXPECT_EQ(vault.events.Count("erasure_not_finished"), 0u);
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft.002", other, {"contact.phone"}, "support")), "shown");
  EXPECT_TRUE(vault.Wait(vault.gate().RetryErasures(vault.executor)).ok());
  EXPECT_FALSE(vault.Wait(vault.vault().person_keys().Load(person)).ok());
  EXPECT_EQ(FollowersOf(vault, person), 0u);
}

TEST(Hostile, AJournalItemErasesNobodyElse) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  Journal(vault, {person, Aud(ByteArray<16>{1}), 0});
  ASSERT_TRUE(vault.Reopen().ok());
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "shown");
  EXPECT_EQ(FollowersOf(vault, person), 1u);
}

// Whoever comes first, the erasure or the assignment: nothing of the person is left.
TEST(Hostile, AnAssignmentBesideAnErasureLeavesNoPair) {
  TestVault vault;
  vault.two_people = false;
  ASSERT_TRUE(vault.Start().ok());
  const std::vector<PersonId> followed = vault.CaseloadOf("adviser.ft");
  const auto erase = [](TestVault& world, PersonId person, bool& erased) -> Task<void> {
    std::string code = world.CodeFor("officer.privacy", person);
    access::Reason reason{"erase", "case-1"};
    const auto outcome = co_await world.gate().Erase(world.As("officer.privacy"), std::move(code),
                                                     1, std::move(reason));
    erased = Word(outcome) == "shown";
  };
  const auto assign = [](TestVault& world, PersonId person, int i, int& assigned) -> Task<void> {
    std::vector<Wish> wishes{{"adviser.ft.002", world.CodeFor("app.case", person)}};
    const auto outcome =
        co_await AssignTask(world, "app.case", std::move(wishes), std::to_string(i));
    if (Word(outcome) == "shown") ++assigned;
  };
  int assigned = 0;
  for (int i = 0; i < 60; ++i) {
    SCOPED_TRACE(i);
    const PersonId person = followed[static_cast<std::size_t>(i)];
    bool erased = false;
    const bool erase_first = i % 2 == 0;
    if (erase_first) base::Detach(erase(vault, person, erased));
    if (!erase_first) base::Detach(assign(vault, person, i, assigned));
    for (int step = 0; step < i; ++step) (void)vault.executor.Step();
    if (!erase_first) base::Detach(erase(vault, person, erased));
    if (erase_first) base::Detach(assign(vault, person, i, assigned));
    vault.executor.RunAll();
    EXPECT_TRUE(erased);
    EXPECT_EQ(FollowersOf(vault, person), 0u);
  }
  EXPECT_GT(assigned, 0);
}

// That a record is broken is news only to those who may see it; to the others it is nobody's.
TEST(Hostile, ABrokenRecordIsNoOracle) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const DemoPerson person = vault.world().of_adviser_ft;
  FlipRow(vault, person.person);
  const auto look = [&vault, &person](std::string_view who) {
    return vault.DiscloseAs(who, person.person, {"contact.phone"}, "support");
  };
  const std::uint64_t before = vault.vault().ledger().size();
  EXPECT_EQ(Word(look("adviser.ft.002")), "not_available");
  EXPECT_EQ(Word(look("adviser.ce")), "not_available");
  EXPECT_EQ(vault.vault().ledger().size(), before + 2);
  EXPECT_EQ(Word(vault.LookUpAs("officer.privacy", "nir", person.nir, "support")),
            "purpose_refused");
  EXPECT_GT(vault.events.Count("record_does_not_open"), 0u) << "the alarm does not wait";
  for (const auto& outcome :
       {look("adviser.ft"),
        vault.DiscloseAs("adviser.ft.002", person.person, {"identity.first_name"}, "reception")}) {
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code(), Code::kCorrupt);
  }
  const auto update = vault.UpdateAs("app.case", vault.CodeFor("app.case", person.person), 1, {});
  ASSERT_FALSE(update.ok());
  EXPECT_EQ(update.error().code(), Code::kCorrupt) << "not nobody's";
}

TEST(Hostile, ThinnedBudgetsRaiseAnAlarm) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  ASSERT_EQ(Word(vault.DiscloseAs("adviser.ft", vault.world().of_adviser_ft.person,
                                  {"contact.phone"}, "support")),
            "shown");
  ASSERT_TRUE(vault.Stop().ok());
  vault.Overwrite(store::Family::kSeen, {});
  ASSERT_TRUE(vault.Open().ok());
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", vault.world().of_adviser_ft.person,
                                  {"contact.phone"}, "support")),
            "error");
  EXPECT_EQ(vault.events.Count("principal_state_does_not_fit"), 1u);
}

TEST(Hostile, WhatIsTooLongIsRefusedNotFatal) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const auto ask = [&](std::vector<FieldId> fields, std::string purpose, std::string case_ref) {
    access::DisclosureRequest request{{vault.CodeFor("adviser.ft", person)},
                                      std::move(fields),
                                      {std::move(purpose), std::move(case_ref)}};
    return Word(vault.Wait(vault.gate().Disclose(vault.As("adviser.ft"), std::move(request))));
  };
  const FieldId phone = vault.Fields({"contact.phone"})[0];
  EXPECT_EQ(ask({phone}, "support", std::string(128, 'x')), "shown");
  EXPECT_EQ(ask({phone}, "support", std::string(129, 'x')), "error");
  EXPECT_EQ(ask({phone}, std::string(65, 'x'), ""), "error");
  EXPECT_EQ(ask(std::vector<FieldId>(1'000, phone), "support", ""), "shown") << "one field";
  std::vector<FieldId> many;
  for (std::uint16_t i = 1; i <= 600; ++i) many.emplace_back(i);
  EXPECT_EQ(ask(many, "support", ""), "error");
}

// Holds the committer while it runs what it was given: what is submitted meanwhile is one batch.
class Hold final : public commit::Work {
 public:
  using Promise = int;
  explicit Hold(std::function<void()> meanwhile) : meanwhile_(std::move(meanwhile)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Task<Status> Load(commit::Staging&) override {
    meanwhile_();
    co_return Ok();
  }
  Result<commit::Staged> Stage(commit::Staging&) override { return commit::Staged::kDone; }
  Promise Take(const commit::Durable&) { return 0; }

 private:
  std::function<void()> meanwhile_;
};

Task<void> HoldTask(TestVault& vault, std::function<void()> meanwhile) {
  auto hold = std::make_unique<Hold>(std::move(meanwhile));
  (void)co_await vault.vault().committer().Submit(std::move(hold), vault.executor);
}

// A batch has room for 65,535 entries: what does not fit goes into the next one.
TEST(Hostile, AFloodOfAssignmentsIsTakenInTurns) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  // Each says another end than the one before, of somebody who is followed already: an entry each.
  std::vector<std::string> codes;
  for (const PersonId& person : vault.CaseloadOf("adviser.ft")) {
    codes.push_back(vault.CodeFor("app.case", person));
  }
  const std::int64_t now_ms = vault.vault().committer().Now().budget_ms;
  const auto run = [&codes, now_ms](TestVault& world, int i, int& count) -> Task<void> {
    std::vector<access::Assignment> all;
    for (std::size_t j = 0; j < access::kAssignmentsPerRequestMax; ++j) {
      const auto hours = static_cast<std::int64_t>(1 + j) + i;
      all.push_back({DemoPrincipalId("adviser.ft"), codes[j % codes.size()],
                     now_ms + hours * base::kHourMs, false, false});
    }
    access::Gate::Once once{std::to_string(i), {1}};
    const auto outcome =
        co_await world.gate().Assign(world.As("app.case"), std::move(all), std::move(once));
    if (Word(outcome) == "shown") ++count;
  };
  constexpr int kRequests = 67;
  int assigned = 0;
  const auto run_all = [&vault] { vault.executor.RunAll(); };
  base::Detach(HoldTask(vault, [&] {
    for (int i = 0; i < kRequests; ++i) base::Detach(run(vault, i, assigned));
    // The right is asked for first, beside as many of the bulk lane as a batch takes; the next
    // batch is the last of these alone, and then come the assignments.
    for (std::size_t i = 0; i < commit::kBulkWorksPerBatchMax; ++i) {
      base::Detach(HoldTask(vault, [] {}));
    }
    base::Detach(HoldTask(vault, run_all));
    vault.executor.RunAll();
  }));
  vault.executor.RunAll();
  EXPECT_EQ(assigned, kRequests);
}

}  // namespace
}  // namespace cloison::vault
