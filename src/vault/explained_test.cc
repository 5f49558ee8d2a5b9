// Why an agent may open a person: caseloads in quarantine, explanations, emergencies, and what a
// hijacked application gains by assigning strangers.
#include <gtest/gtest.h>

#include <algorithm>

#include "access/caseload_requests.h"
#include "access/explanations.h"
#include "base/testing/seeded_random.h"
#include "vault/embedded.h"
#include "vault/testing/explained_world.h"

namespace cloison::vault {
namespace {

using access::Assignment;
using access::Counter;
using access::ExplanationKind;
using access::NewExplanation;
using access::Window;
using testing::Explained;
using testing::kAgent;
using testing::TestVault;
using testing::Word;

TEST_F(Explained, AFreshPairCountsAsOffTheCaseloadForSevenDays) {
  ASSERT_EQ(Open(stranger_), "not_available");
  ASSERT_EQ(Assign("app.case", stranger_), "shown");
  EXPECT_EQ(Open(stranger_), "shown") << "the relation is there";
  EXPECT_EQ(OffToday(), 1u);
  vault_.clock.Advance(access::kQuarantineMs - 1);
  EXPECT_EQ(OffToday(), 0u) << "a day has passed";
  EXPECT_EQ(Open(stranger_), "shown");
  EXPECT_EQ(OffToday(), 1u);
  vault_.clock.Advance(base::kDayMs + 1);
  EXPECT_EQ(Open(stranger_), "shown");
  EXPECT_EQ(OffToday(), 0u) << "seven days are over";
}

TEST_F(Explained, AssigningAgainDoesNotBeginTheQuarantineAnew) {
  ASSERT_EQ(Assign("app.case", stranger_), "shown");
  vault_.clock.Advance(access::kQuarantineMs);
  const std::uint64_t entries = vault_.vault().ledger().size();
  ASSERT_EQ(Assign("app.case", stranger_), "shown");
  EXPECT_EQ(vault_.vault().ledger().size(), entries + 1) << "one entry, about nobody";
  EXPECT_EQ(Open(stranger_), "shown");
  EXPECT_EQ(OffToday(), 0u);
}

TEST_F(Explained, AnotherConfirms) {
  ASSERT_EQ(Assign("app.case", stranger_), "shown");
  EXPECT_EQ(Confirm("app.case", stranger_), "no_right") << "who wrote it";
  EXPECT_EQ(Confirm(kAgent, stranger_), "no_right") << "who reads";
  EXPECT_EQ(Open(stranger_), "shown");
  EXPECT_EQ(OffToday(), 1u);
  vault_.clock.Advance(base::kDayMs + 1);
  ASSERT_EQ(Confirm("manager.a", stranger_), "shown");
  EXPECT_EQ(Open(stranger_), "shown");
  EXPECT_EQ(OffToday(), 0u);
  EXPECT_EQ(Confirm("manager.a", Strangers(1)[0]), "not_available") << "who is not on it";
}

TEST_F(Explained, WrittenByAnotherAndForAsLongAsItLasts) {
  struct Row {
    const char* why;
    const char* who;
    NewExplanation what;
    const char* want;
  };
  NewExplanation to_oneself = Of(ExplanationKind::kTicket, stranger_, "app.case");
  NewExplanation nobody = Of(ExplanationKind::kTicket, stranger_);
  nobody.person = "not a code";
  const Row rows[] = {
      {"who reads", kAgent, Of(ExplanationKind::kTicket, stranger_), "no_right"},
      {"who manages", "manager.a", Of(ExplanationKind::kTicket, stranger_), "no_right"},
      {"for itself", "app.case", to_oneself, "not_available"},
      {"of nobody", "app.case", nobody, "not_available"},
      {"for somebody else's agent", "app.case",
       Of(ExplanationKind::kTicket, stranger_, "adviser.ce"), "not_available"},
      {"for nobody's agent", "app.case", Of(ExplanationKind::kTicket, stranger_, "nobody.here"),
       "not_available"},
      {"an emergency is one's own", "app.case", Of(ExplanationKind::kEmergency, stranger_),
       "error"},
      {"a second person answers", "app.case", Of(ExplanationKind::kSecondPerson, stranger_),
       "error"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Write(row.who, {row.what}), row.want) << row.why;
    EXPECT_EQ(Open(stranger_), "not_available") << row.why;
  }
  ASSERT_EQ(Write("app.case", {Of(ExplanationKind::kTicket, stranger_)}), "shown");
  EXPECT_EQ(Open(stranger_), "shown");
  EXPECT_EQ(OffToday(), 1u) << "explained, and off the caseload";
  EXPECT_EQ(Open(stranger_, "adviser.ft.003"), "not_available") << "another agent";
  EXPECT_EQ(Word(vault_.DiscloseAs(kAgent, stranger_, {"bank.iban"}, "support")), "not_available")
      << "what is granted to the caseload alone";
  vault_.clock.Advance(7 * base::kDayMs - 1);
  EXPECT_EQ(Open(stranger_), "shown");
  vault_.clock.Advance(1);
  EXPECT_EQ(Open(stranger_), "not_available");
}

TEST_F(Explained, CeilingsArePerReaderAndPerWriter) {
  const std::vector<PersonId> people = Strangers(45);
  std::vector<NewExplanation> forty, more;
  for (std::size_t i = 0; i < 40; ++i) forty.push_back(Of(ExplanationKind::kTicket, people[i]));
  more = {Of(ExplanationKind::kTicket, people[40])};
  ASSERT_EQ(Write("app.case", forty), "shown");
  EXPECT_EQ(Write("app.case", more), "budget_spent");
  EXPECT_EQ(Open(people[40]), "not_available") << "nothing of it was written";
  EXPECT_EQ(Write("app.case", forty), "shown") << "what is there says nothing new";
  EXPECT_EQ(Write("app.case", {Of(ExplanationKind::kContact, people[40])}), "shown")
      << "another kind";
  EXPECT_EQ(Write("app.case", {Of(ExplanationKind::kTicket, people[40], "adviser.ft.003")}),
            "shown")
      << "another reader";
  vault_.clock.Advance(25 * base::kHourMs);
  EXPECT_EQ(Write("app.case", more), "shown");
}

TEST_F(Explained, AnEmergencyIsLookedAtBySomebodyElse) {
  const std::string code = CodeOf(stranger_);
  EXPECT_EQ(Word(Declare("app.case", code)), "no_right");
  EXPECT_EQ(Word(Declare("manager.a", code)), "no_right");
  EXPECT_EQ(Word(Declare(kAgent, "not a code")), "not_available");
  ASSERT_EQ(Word(Declare(kAgent, code)), "shown");
  EXPECT_EQ(Open(stranger_), "shown");
  EXPECT_EQ(OffToday(), 1u);
  vault_.clock.Advance(4 * base::kHourMs);
  EXPECT_EQ(Open(stranger_), "not_available") << "it has lasted";

  access::Explanations& explanations = vault_.gate().explanations();
  EXPECT_EQ(Word(vault_.Wait(explanations.ListReviews(vault_.As(kAgent)))), "no_right");
  const auto listed = vault_.Wait(explanations.ListReviews(vault_.As("manager.a")));
  ASSERT_EQ(Word(listed), "shown");
  const auto& pending = std::get<access::Explanations::Reviews>(*listed).pending;
  ASSERT_EQ(pending.size(), 1u);
  EXPECT_EQ(pending[0].agent, DemoPrincipalId(kAgent));
  EXPECT_EQ(pending[0].reason, "the phone rings");
  EXPECT_EQ(records::PersonCode(pending[0].code).Text(), code);
  const std::uint64_t place = pending[0].place;
  const auto close = [&](std::string_view who) {
    return Word(vault_.Wait(explanations.CloseReview(vault_.As(who), place, true)));
  };
  EXPECT_EQ(close(kAgent), "no_right");
  EXPECT_EQ(close("manager.a"), "shown");
  EXPECT_EQ(close("manager.a"), "not_available") << "once";
}

TEST_F(Explained, FiveEmergenciesADay) {
  const std::vector<PersonId> people = Strangers(6);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(Word(Declare(kAgent, CodeOf(people[i]))), "shown") << i;
  }
  EXPECT_EQ(Word(Declare(kAgent, CodeOf(people[5]))), "budget_spent");
  EXPECT_EQ(Open(people[5]), "not_available");
  vault_.clock.Advance(25 * base::kHourMs);
  EXPECT_EQ(Word(Declare(kAgent, CodeOf(people[5]))), "shown");
}

TEST_F(Explained, AnEmergencyThatNobodyLooksAtIsAnEvent) {
  ASSERT_EQ(Word(Declare(kAgent, CodeOf(stranger_))), "shown");
  const auto sweep = [this] {
    EXPECT_TRUE(vault_.Wait(vault_.gate().explanations().Sweep(vault_.executor)).ok());
    return vault_.events.Count("emergencies_not_reviewed");
  };
  EXPECT_EQ(sweep(), 0u);
  vault_.clock.Advance(access::kReviewDueMs - base::kHourMs);
  EXPECT_EQ(sweep(), 0u);
  vault_.clock.Advance(base::kHourMs);
  EXPECT_EQ(sweep(), 1u);
  EXPECT_EQ(sweep(), 1u) << "said once";
}

// What is known of a person goes with them; nobody else's does.
TEST_F(Explained, EverythingGoesWithAnErasedPerson) {
  // Tallies name nobody.
  const auto pairs = [this] {
    return std::ranges::count_if(vault_.Rows(store::Family::kCaseload),
                                 [](const store::KeyedRow& row) { return row.key[0] != 2; });
  };
  const auto before = pairs();
  ASSERT_EQ(Assign("app.case", stranger_), "shown");
  ASSERT_EQ(Write("app.case", {Of(ExplanationKind::kTicket, stranger_, "adviser.ft.003")}),
            "shown");
  ASSERT_EQ(Word(Declare("adviser.ft.002", CodeOf(stranger_))), "shown");
  EXPECT_EQ(pairs(), before + 6);
  EXPECT_EQ(vault_.Rows(store::Family::kExplanations).size(), 2u);
  const std::string code = vault_.CodeFor("officer.privacy", stranger_);
  ASSERT_EQ(Word(vault_.EraseAs("officer.privacy", code, 1)), "shown");
  EXPECT_EQ(vault_.Rows(store::Family::kExplanations).size(), 0u);
  EXPECT_EQ(pairs(), before);
}

TEST_F(Explained, WhatHasEndedIsSwept) {
  ASSERT_EQ(Write("app.case", {Of(ExplanationKind::kTicket, stranger_)}), "shown");
  const std::size_t rows = vault_.Rows(store::Family::kCaseload).size();
  const auto sweep_a_day = [this] {
    for (int hour = 0; hour < 24; ++hour) {
      EXPECT_TRUE(vault_.Wait(vault_.gate().explanations().Sweep(vault_.executor)).ok());
      vault_.clock.Advance(base::kHourMs);
    }
  };
  sweep_a_day();
  EXPECT_EQ(vault_.Rows(store::Family::kCaseload).size(), rows) << "it holds";
  vault_.clock.Advance(7 * base::kDayMs);
  sweep_a_day();
  EXPECT_EQ(vault_.Rows(store::Family::kCaseload).size(), rows - 2) << "both ways";
}

// A hijacked application assigns strangers to a hijacked agent (attack A7): as many a day as the
// agent may be given, and each counts as off the caseload for seven days.
TEST_F(Explained, LaunderingIsBounded) {
  const std::vector<PersonId> all = [this] {
    std::vector<PersonId> out = Strangers(150);
    for (const PersonId& person : vault_.CaseloadOf("adviser.ft.003")) out.push_back(person);
    return out;
  }();
  ASSERT_EQ(all.size(), 300u);
  std::size_t assigned = 0, opened = 0;
  std::vector<std::size_t> by_day;
  for (int day = 0; day < 6; ++day) {
    std::size_t today = 0;
    for (std::size_t i = assigned; i < all.size(); ++i) {
      if (Assign("app.case", all[i]) != "shown") break;
      ++assigned;
      ++today;
    }
    EXPECT_LE(today, access::kNewPairsPerAgentDayMax) << "day " << day;
    // Greedy, each hour of a working day.
    for (int hour = 0; hour < 8; ++hour) {
      for (; opened < assigned && Open(all[opened]) == "shown"; ++opened) {
      }
      vault_.clock.Advance(base::kHourMs);
    }
    vault_.clock.Advance(17 * base::kHourMs);
    by_day.push_back(opened);
  }
  // The table of the class: 30 off the caseload a day, 80 a week, whoever was assigned.
  EXPECT_EQ(by_day, (std::vector<std::size_t>{30, 60, 80, 80, 80, 80}));
  EXPECT_EQ(assigned, 6u * access::kNewPairsPerAgentDayMax);
}

// People who stand before the agent have windows of their own; the class keeps its own.
TEST_F(Explained, APresenceHasWindowsOfItsOwn) {
  const std::vector<PersonId> people = Strangers(60);
  std::vector<NewExplanation> all;
  for (const PersonId& person : people) all.push_back(Of(ExplanationKind::kPresence, person));
  ASSERT_EQ(Write("app.case", all), "shown");
  const auto left = [this](Counter counter) {
    const auto own = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As(kAgent)));
    return std::get<access::Capabilities>(*own).budget->left[static_cast<std::size_t>(counter)];
  };
  const auto opened = left(Counter::kOpened), glimpsed = left(Counter::kGlimpsed);
  for (std::size_t i = 0; i < 40; ++i) ASSERT_EQ(Open(people[i]), "shown") << i;
  EXPECT_EQ(Open(people[0]), "shown") << "who was shown already is free";
  const auto spent = vault_.DiscloseAs(kAgent, people[40], {"contact.email"}, "support");
  ASSERT_EQ(Word(spent), "budget_spent");
  EXPECT_EQ(testing::RefusalOf(spent).rule, "budget/presence/opened/hour");
  EXPECT_GT(testing::RefusalOf(spent).retry_after_ms, 0);
  EXPECT_EQ(left(Counter::kOpened), opened);
  EXPECT_EQ(left(Counter::kGlimpsed), glimpsed);
  EXPECT_EQ(OffToday(), 0u);
  // A restart gives nothing back; nor does it take from the class.
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Open(people[40]), "budget_spent");
  EXPECT_EQ(Open(people[1]), "shown");
  EXPECT_EQ(left(Counter::kOpened), opened);
  // After an hour there is room again, until the presence is over.
  vault_.clock.Advance(base::kHourMs + 1);
  EXPECT_EQ(Open(people[40]), "shown");
  vault_.clock.Advance(base::kHourMs);
  EXPECT_EQ(Open(people[41]), "not_available");
  // The same person as somebody of the caseload: a showing of the class, counted there.
  ASSERT_EQ(Assign("app.case", people[0]), "shown");
  EXPECT_EQ(Open(people[0]), "shown");
  EXPECT_EQ(OffToday(), 1u);
}

// A month later nothing of the presences is kept, and the rows still add up.
TEST_F(Explained, PresencesArePruned) {
  const std::vector<PersonId> people = Strangers(10);
  std::vector<NewExplanation> all;
  for (const PersonId& person : people) all.push_back(Of(ExplanationKind::kPresence, person));
  ASSERT_EQ(Write("app.case", all), "shown");
  const std::size_t before = vault_.Rows(store::Family::kSeen).size();
  for (const PersonId& person : people) ASSERT_EQ(Open(person), "shown");
  EXPECT_EQ(vault_.Rows(store::Family::kSeen).size(), before + 10);
  vault_.clock.Advance(40 * base::kDayMs);
  const PersonId own = vault_.CaseloadOf(kAgent)[0];
  for (int i = 0; i < 70; ++i) ASSERT_EQ(Open(own), "shown");
  EXPECT_LE(vault_.Rows(store::Family::kSeen).size(), before + 1);
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Open(own), "shown");
}

TEST_F(Explained, TheOwnCaseloadIsShownTwiceADay) {
  const auto overview = [this](std::string_view who = kAgent) {
    return vault_.Wait(vault_.gate().explanations().OwnCaseload(vault_.As(who)));
  };
  ASSERT_EQ(Assign("app.case", stranger_), "shown");
  const auto own = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As(kAgent)));
  const auto first = overview();
  ASSERT_EQ(Word(first), "shown");
  const auto& shown = std::get<access::Explanations::Overview>(*first);
  EXPECT_EQ(shown.people.size(), 150u) << "not who is in quarantine";
  EXPECT_EQ(shown.budget->left, std::get<access::Capabilities>(*own).budget->left);
  for (const access::ShownRecord& person : shown.people) {
    EXPECT_EQ(person.recorded.size(), 1u);
    EXPECT_NE(person.code.Text(), CodeOf(stranger_));
    for (const records::OpenedValue& value : person.values) {
      EXPECT_NE(AsText(value.text.Reveal()).find('*'), std::string_view::npos) << "masked";
      break;
    }
  }
  EXPECT_EQ(Word(overview()), "shown");
  const auto third = overview();
  ASSERT_EQ(Word(third), "budget_spent");
  EXPECT_EQ(testing::RefusalOf(third).rule, "budget/overview/glimpsed/hour");
  vault_.clock.Advance(base::kHourMs + 1);
  EXPECT_EQ(testing::RefusalOf(overview()).rule, "budget/overview/glimpsed/day");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Word(overview()), "budget_spent");
  vault_.clock.Advance(base::kDayMs);
  EXPECT_EQ(Word(overview()), "shown");
  EXPECT_EQ(Word(overview("manager.a")), "no_right");
  EXPECT_EQ(Word(overview("app.case")), "no_right");
}

// Whoever has had theirs costs no more than a refusal: nobody's pair is read for it. Seen by pairs
// that do not open.
TEST_F(Explained, AnOverviewThatIsRefusedReadsNobody) {
  const auto overview = [this](std::string_view who) {
    return vault_.Wait(vault_.gate().explanations().OwnCaseload(vault_.As(who)));
  };
  ASSERT_EQ(Word(overview(kAgent)), "shown");
  ASSERT_EQ(Word(overview(kAgent)), "shown");
  std::vector<store::KeyedRow> rows = vault_.Rows(store::Family::kCaseload);
  ASSERT_FALSE(rows.empty());
  for (store::KeyedRow& row : rows) row.row.value.back() ^= 1;
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Overwrite(store::Family::kCaseload, rows);
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(Word(overview(kAgent)), "budget_spent");
  EXPECT_EQ(Word(overview("manager.a")), "no_right");
  vault_.clock.Advance(base::kDayMs + base::kHourMs);
  const auto read = overview(kAgent);
  ASSERT_FALSE(read.ok()) << "one that is allowed does read them";
  EXPECT_EQ(read.error().code(), Code::kCorrupt);
}

// However many requests there are at once.
TEST_F(Explained, CeilingsAreExactAtOnce) {
  const std::vector<PersonId> people = Strangers(120);
  std::size_t shown = 0, spent = 0;
  const auto assign = [this, &shown, &spent](Assignment one, std::string key) -> Task<void> {
    std::vector<Assignment> all{std::move(one)};
    access::Gate::Once once{std::move(key), {1}};
    const auto outcome =
        co_await vault_.gate().Assign(vault_.As("app.case"), std::move(all), std::move(once));
    shown += Word(outcome) == "shown" ? 1 : 0;
    spent += Word(outcome) == "budget_spent" ? 1 : 0;
  };
  for (std::size_t i = 0; i < people.size(); ++i) {
    base::Detach(assign(To(people[i]), "at-once-" + std::to_string(i)));
  }
  vault_.executor.RunAll();
  EXPECT_EQ(shown, access::kNewPairsPerAgentDayMax);
  EXPECT_EQ(spent, people.size() - shown);
}

// With those of the set-up: nobody follows more than a thousand.
TEST_F(Explained, NobodyFollowsMoreThanAThousand) {
  std::vector<PersonId> others;
  const std::vector<PersonId> own = vault_.CaseloadOf(kAgent);
  for (const PersonId& person : vault_.world().people) {
    if (std::ranges::find(own, person) == own.end()) others.push_back(person);
  }
  std::size_t followed = own.size(), at = 0;
  while (followed < access::kCaseloadMax) {
    std::vector<Assignment> all;
    for (std::size_t i = 0; i < access::kNewPairsPerAgentDayMax; ++i) {
      all.push_back(To(others[at++]));
    }
    ASSERT_EQ(Word(AssignAll("app.case", all)), "shown");
    followed += all.size();
    vault_.clock.Advance(25 * base::kHourMs);
  }
  const auto more = AssignAll("app.case", {To(others[at])});
  ASSERT_EQ(Word(more), "budget_spent");
  EXPECT_EQ(testing::RefusalOf(more).rule, "ceiling/caseload/people");
  Assignment gone = To(others[0]);
  gone.remove = true;
  ASSERT_EQ(Word(AssignAll("app.case", {gone})), "shown");
  EXPECT_EQ(Assign("app.case", others[at]), "shown");
}

// What a pair counts as, over random clocks, restarts and changes, beside the rule said plainly.
TEST_F(Explained, QuarantineOverRandomClocks) {
  struct Plain {
    std::int64_t since_ms;
    bool confirmed;
  };
  std::size_t fresh = 0, settled = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    base::testing::SeededRandom random(seed);
    const PersonId person = Strangers(20)[seed];
    std::optional<Plain> plain;
    for (int step = 0; step < 60; ++step) {
      vault_.clock.Advance(static_cast<std::int64_t>(random.Below(3 * base::kDayMs)));
      const std::int64_t now_ms = vault_.vault().committer().Now().budget_ms;
      switch (random.Below(6)) {
        case 0:
        case 1:
          ASSERT_EQ(Assign("app.case", person), "shown");
          if (!plain.has_value()) plain = Plain{now_ms, false};
          break;
        case 2:
          ASSERT_EQ(Confirm("manager.a", person), plain.has_value() ? "shown" : "not_available");
          if (plain.has_value()) plain->confirmed = true;
          break;
        case 3: {
          Assignment gone = To(person);
          gone.remove = true;
          ASSERT_EQ(Word(AssignAll("app.case", {gone})),
                    plain.has_value() ? "shown" : "not_available");
          plain.reset();
          break;
        }
        case 4: ASSERT_TRUE(vault_.Reopen().ok()); break;
        default: vault_.clock.StepWall(static_cast<std::int64_t>(random.Below(base::kDayMs)));
      }
      access::Standing want{};
      if (plain.has_value()) {
        const bool on = plain->confirmed || now_ms - plain->since_ms >= 7 * base::kDayMs;
        want = {access::Relation::kCaseload,
                on ? access::Counted::kOnCaseload : access::Counted::kOffCaseload};
        ++(on ? settled : fresh);
      }
      const access::Caseload caseload(vault_.vault().state());
      const store::Key key = caseload.PairKey(DemoPrincipalId(kAgent), person);
      const auto rows = vault_.Wait(vault_.main_store.MultiGet({key}, store::ReadMode::kAny));
      const auto pair = caseload.Open(key, rows->front());
      const access::Standing is =
          pair.ok() ? access::StandingOf(*pair, now_ms) : access::Standing{};
      ASSERT_EQ(is, want) << "seed " << seed << " step " << step;
    }
  }
  EXPECT_GT(fresh, 10u);
  EXPECT_GT(settled, 10u);
}

TEST_F(Explained, AskingForAccessTellsNothing) {
  access::Explanations& explanations = vault_.gate().explanations();
  const auto ask = [&](std::string_view who, const std::string& person) {
    return vault_.Wait(explanations.AskAccess(vault_.As(who), person, "sent by Lyon", Once()));
  };
  const std::string nobody = vault_.CodeFor(kAgent, PersonId(ByteArray<8>{9, 9, 9, 9}));
  const auto real = ask(kAgent, CodeOf(stranger_)), none = ask(kAgent, nobody);
  ASSERT_EQ(Word(real), "shown");
  ASSERT_EQ(Word(none), "shown");
  EXPECT_EQ(Word(ask("app.case", CodeOf(stranger_))), "no_right");
  EXPECT_EQ(Open(stranger_), "not_available") << "asked, not answered";
  const auto number = [](const auto& outcome) {
    return std::get<access::Approvals::Shown>(*outcome).approval.number;
  };
  const auto approve = [&](std::string_view who, std::uint64_t which) {
    return Word(vault_.Wait(vault_.gate().approvals().Approve(vault_.As(who), which)));
  };
  EXPECT_NE(approve(kAgent, number(real)), "shown") << "who asked";
  ASSERT_EQ(approve("manager.a", number(none)), "shown") << "nobody, and nobody is told";
  ASSERT_EQ(approve("manager.a", number(real)), "shown");
  EXPECT_EQ(Open(stranger_), "shown");
  EXPECT_EQ(OffToday(), 1u) << "explained, and off the caseload";
  EXPECT_EQ(Open(stranger_, "adviser.ft.003"), "not_available") << "for who asked alone";
  vault_.clock.Advance(7 * base::kDayMs);
  EXPECT_EQ(Open(stranger_), "not_available");
  std::size_t asked = 0;
  while (asked < 20 && Word(ask(kAgent, nobody)) == "shown") ++asked;
  EXPECT_EQ(asked, access::kAccessRequestsPerDayMax);
}

}  // namespace
}  // namespace cloison::vault
