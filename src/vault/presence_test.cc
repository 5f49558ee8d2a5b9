// People who stand before the agent: windows, ceilings, step-up and questions of a family of their
// own.
#include <gtest/gtest.h>

#include "access/explanations.h"
#include "access/questions.h"
#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Counter;
using access::Window;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

constexpr char kAgent[] = "adviser.ft";
constexpr char kPhone[] = "contact.phone";

constexpr char kMatches[] = R"(
[[grant]]
role = "adviser"
purpose = "verification"
relation = "explained"
form = "matches"
fields = ["contact.phone"]
)";
constexpr char kCeiling[] = R"(
[[ceiling]]
scope = "office"
family = "presence"
bucket_minutes = 60
buckets = 24
opened = 45
)";

class Presences : public ::testing::Test {
 protected:
  void Start(const std::string& more) {
    std::vector<std::string> problems;
    auto policy =
        access::Policy::Parse(std::string(DemoPolicyToml()) + more, *DemoSchema({}), &problems);
    for (const std::string& problem : problems) ADD_FAILURE() << problem;
    ASSERT_TRUE(policy.ok());
    vault_.policy = *policy;
    ASSERT_TRUE(vault_.Start().ok());
    const DemoPrincipal& agent = vault_.Principal(kAgent);
    for (const DemoPrincipal& one : vault_.world().principals) {
      if (one.role != agent.role || one.name == agent.name) continue;
      if (one.organisation != agent.organisation) continue;
      (one.office == agent.office ? colleague_ : elsewhere_) = one.name;
    }
    people_ = vault_.CaseloadOf(elsewhere_);
  }

  // Before whom each of them stands.
  void Witness(std::string_view agent, std::size_t from, std::size_t to) {
    std::vector<access::NewExplanation> all;
    for (std::size_t i = from; i < to; ++i) {
      all.push_back({DemoPrincipalId(agent), vault_.CodeFor(agent, people_[i]),
                     access::ExplanationKind::kPresence, std::nullopt, ""});
    }
    access::Gate::Once once{"presence-" + std::to_string(++keys_), {1}};
    ASSERT_EQ(Word(vault_.Wait(
                  vault_.gate().explanations().Write(vault_.As("app.case"), std::move(all), once))),
              "shown");
  }
  access::Outcome<access::Disclosed> Open(std::size_t i, std::string_view who = kAgent,
                                          std::optional<std::int64_t> age_s = std::nullopt) {
    access::Caller caller = vault_.As(who);
    if (age_s.has_value()) {
      caller.assurance = {identity::Actor::kHuman, "eidas2", {}, 0, "test"};
      caller.assurance.methods.Add(identity::Method::kHardware);
      caller.assurance.auth_time_s = vault_.vault().committer().Now().wall_ms / 1000 - *age_s;
    }
    access::DisclosureRequest request{
        {vault_.CodeFor(who, people_[i])}, vault_.Fields({kPhone}), {"support", "A-1"}};
    return vault_.Wait(vault_.gate().Disclose(caller, std::move(request)));
  }
  access::Outcome<access::Questions::Matched> Match(std::size_t i, const std::string& value) {
    const records::FieldSpec& spec = *vault_.vault().schema().Find(kPhone);
    access::Questions::Match match{vault_.CodeFor(kAgent, people_[i]),
                                   spec.id,
                                   *vault_.vault().schema().Canonical(spec, value, true),
                                   {"verification", "A-1"}};
    return vault_.Wait(vault_.gate().questions().Matches(vault_.As(kAgent), std::move(match)));
  }
  access::BudgetLeft Budget() {
    const auto own = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As(kAgent)));
    return *std::get<access::Capabilities>(*own).budget;
  }
  static std::string Number(std::size_t i) { return "+336123456" + std::to_string(10 + i); }

  TestVault vault_;
  std::string colleague_, elsewhere_;  // of the office, and of another
  std::vector<PersonId> people_;
  int keys_ = 0;
};

TEST_F(Presences, CountBelowCeilingsOfTheirFamily) {
  Start(kCeiling);
  Witness(kAgent, 0, 30);
  Witness(colleague_, 30, 60);
  for (std::size_t i = 0; i < 25; ++i) ASSERT_EQ(Word(Open(i)), "shown") << i;
  for (std::size_t i = 30; i < 50; ++i) ASSERT_EQ(Word(Open(i, colleague_)), "shown") << i;
  for (const bool restarts : {false, true}) {
    if (restarts) {
      ASSERT_TRUE(vault_.Reopen().ok());
    }
    EXPECT_EQ(Word(Open(0)), "shown") << "who is counted is free, from the same seat";
    const auto spent = Open(25);
    ASSERT_EQ(Word(spent), "budget_spent");
    EXPECT_EQ(RefusalOf(spent).rule, "budget/office/presence/opened/day");
    EXPECT_LE(RefusalOf(spent).retry_after_ms, base::kHourMs) << "the bucket's end, no more";
    EXPECT_EQ(Word(Open(50, colleague_)), "budget_spent");
    EXPECT_EQ(Word(vault_.DiscloseAs(kAgent, vault_.CaseloadOf(kAgent)[0], {kPhone}, "support")),
              "shown")
        << "the class has ceilings of its own";
  }
}

TEST_F(Presences, AskForAFreshProofAtSeventyPercentOfADay) {
  constexpr std::int64_t kStale = 3'601, kFresh = 3'599;
  Start(kMatches);
  for (std::size_t i = 0; i < 106; ++i) {
    if (i % 35 == 0) {
      vault_.clock.Advance(base::kHourMs + 1);
      Witness(kAgent, i, i + 35);
    }
    if (i == 105) break;
    ASSERT_EQ(Word(Open(i, kAgent, kStale)), "shown") << i;
  }
  const auto stale = Open(105, kAgent, kStale);
  ASSERT_EQ(Word(stale), "step_up");
  EXPECT_EQ(RefusalOf(stale).rule, "step-up/presence/opened/day");
  EXPECT_EQ(Word(Open(105, kAgent, kFresh)), "shown");
}

TEST_F(Presences, AMatchCountsAmongThem) {
  Start(kMatches);
  Witness(kAgent, 0, 30);
  const access::BudgetLeft before = Budget();
  for (std::size_t i = 0; i < 20; ++i) {
    for (std::size_t v = 0; v < 3; ++v) ASSERT_EQ(Word(Match(i, Number(v))), "shown") << i;
  }
  EXPECT_EQ(Budget().left, before.left) << "nothing of the class";
  const auto spent = Match(20, Number(0));
  ASSERT_EQ(Word(spent), "budget_spent");
  EXPECT_EQ(RefusalOf(spent).rule, "budget/presence/glimpsed/hour");
  for (const bool restarts : {false, true}) {
    if (restarts) {
      ASSERT_TRUE(vault_.Reopen().ok());
    }
    const auto tries = Match(0, Number(3));
    ASSERT_EQ(Word(tries), "budget_spent");
    EXPECT_EQ(RefusalOf(tries).rule, "matches/wrong") << "three a person and day";
    EXPECT_EQ(Word(Match(0, Number(1))), "shown") << "known already";
  }
  // Who is there no longer is counted with those who are not: and the tries go on.
  vault_.clock.Advance(2 * base::kHourMs);
  EXPECT_EQ(RefusalOf(Match(0, Number(3))).rule, "matches/wrong");
  ASSERT_EQ(Word(Match(25, Number(0))), "shown");
  EXPECT_NE(Budget().left, before.left);
}

}  // namespace
}  // namespace cloison::vault
