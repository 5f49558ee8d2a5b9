// Why an agent may open a person: caseloads in quarantine, explanations, emergencies, and what a
// hijacked application gains by assigning strangers.
#include <gtest/gtest.h>

#include <algorithm>

#include "access/explanations.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Assignment;
using access::Counter;
using access::ExplanationKind;
using access::NewExplanation;
using access::Window;
using testing::TestVault;
using testing::Word;

constexpr char kAgent[] = "adviser.ft";

class Explained : public ::testing::Test {
 protected:
  Explained() {
    CLOISON_CHECK(vault_.Start().ok());
    stranger_ = vault_.world().stranger.person;
  }

  access::Gate::Once Once() { return {"key-" + std::to_string(++keys_), {1}}; }
  std::string CodeOf(const PersonId& person) { return vault_.CodeFor(kAgent, person); }
  Assignment To(const PersonId& person, std::string_view agent = kAgent) {
    return {DemoPrincipalId(agent), CodeOf(person), std::nullopt, false, false};
  }
  auto AssignAll(std::string_view who, std::vector<Assignment> all) {
    return vault_.Wait(vault_.gate().Assign(vault_.As(who), std::move(all), Once()));
  }
  std::string_view Assign(std::string_view who, const PersonId& person) {
    return Word(AssignAll(who, {To(person)}));
  }
  std::string_view Confirm(std::string_view who, const PersonId& person) {
    Assignment one = To(person);
    one.confirm = true;
    return Word(AssignAll(who, {one}));
  }
  std::string_view Write(std::string_view who, std::vector<NewExplanation> all) {
    return Word(
        vault_.Wait(vault_.gate().explanations().Write(vault_.As(who), std::move(all), Once())));
  }
  NewExplanation Of(ExplanationKind kind, const PersonId& person, std::string_view agent = kAgent) {
    return {DemoPrincipalId(agent), CodeOf(person), kind, std::nullopt, "T-17"};
  }
  auto Declare(std::string_view who, const std::string& code) {
    return vault_.Wait(vault_.gate().explanations().DeclareEmergency(vault_.As(who), code,
                                                                     "the phone rings", Once()));
  }
  std::string_view Open(const PersonId& person, std::string_view who = kAgent) {
    return Word(vault_.DiscloseAs(who, person, {"contact.email"}, "support"));
  }
  // Off the caseload: opened in the last day.
  std::uint32_t OffToday(std::string_view who = kAgent) {
    const auto own = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As(who)));
    const access::BudgetLeft& budget = std::get<access::Capabilities>(*own).budget;
    return budget.caps.cap(Counter::kOpenedOff, Window::kDay) -
           budget.left[static_cast<std::size_t>(Counter::kOpenedOff)]
                      [static_cast<std::size_t>(Window::kDay)];
  }
  // People who are on nobody's caseload.
  std::vector<PersonId> Strangers(std::size_t count) {
    std::vector<PersonId> out;
    for (const PersonId& person : vault_.CaseloadOf("adviser.ft.002")) {
      if (out.size() < count) out.push_back(person);
    }
    return out;
  }

  TestVault vault_;
  PersonId stranger_{ByteArray<8>{}};
  int keys_ = 0;
};

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

}  // namespace
}  // namespace cloison::vault
