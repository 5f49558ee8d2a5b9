// What somebody else looks at, and what asks for a fresh proof: reviews, confirmations,
// emergencies, overviews, transfers.
#include <gtest/gtest.h>

#include "access/caseload_requests.h"
#include "access/explanations.h"
#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::ExplanationKind;
using access::Explanations;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

constexpr char kAgent[] = "adviser.ft";
constexpr access::HumanId kAnna{1}, kBert{2};

class Reviews : public ::testing::Test {
 protected:
  // Tickets are reviewed too.
  void SetUp() override {
    std::string toml(DemoPolicyToml());
    const std::string ticket = "kind = \"ticket\"\n";
    const std::size_t at = toml.find(ticket);
    ASSERT_NE(at, std::string::npos);
    toml.insert(at + ticket.size(), "needs_review = true\n");
    const std::string step_up = "name = \"adviser\"\nkind = \"agent\"\n";
    const std::size_t role = toml.find(step_up);
    ASSERT_NE(role, std::string::npos);
    toml.insert(role + step_up.size(), "step_up_s = 600\n");
    std::vector<std::string> problems;
    auto policy = access::Policy::Parse(toml, *DemoSchema({}), &problems);
    for (const std::string& problem : problems) ADD_FAILURE() << problem;
    ASSERT_TRUE(policy.ok());
    vault_.policy = *policy;
    ASSERT_TRUE(vault_.Start().ok());
    stranger_ = vault_.world().stranger.person;
  }
  void Enrol(std::string_view name, std::string role, access::HumanId human,
             std::uint32_t organisation = 1) {
    access::PrincipalInfo info{DemoPrincipalId(name),
                               OrganisationId(organisation),
                               {},
                               std::move(role),
                               std::string(name)};
    info.human = human;
    std::vector<access::PrincipalInfo> infos{info};
    ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  }
  access::Caller Caller(std::string_view who, std::optional<std::int64_t> age_s = {}) {
    access::Caller caller = vault_.As(kAgent);
    caller.principal = DemoPrincipalId(who);
    if (!age_s.has_value()) return caller;
    caller.assurance = {identity::Actor::kHuman, "eidas2", {}, 0, "idp"};
    caller.assurance.methods.Add(identity::Method::kHardware);
    caller.assurance.auth_time_s = vault_.clock.wall_ms() / 1000 - *age_s;
    return caller;
  }
  access::Gate::Once Once() { return {"key-" + std::to_string(++keys_), {1}}; }
  std::string Code() { return vault_.CodeFor(kAgent, stranger_); }
  auto Declare(std::string_view who, std::optional<std::int64_t> age_s = {}) {
    return vault_.Wait(vault_.gate().explanations().DeclareEmergency(Caller(who, age_s), Code(),
                                                                     "the phone rings", Once()));
  }
  std::string_view Write(std::string_view who, ExplanationKind kind, std::string_view agent) {
    std::vector<access::NewExplanation> all{
        {DemoPrincipalId(agent), Code(), kind, std::nullopt, "T-17"}};
    return Word(
        vault_.Wait(vault_.gate().explanations().Write(Caller(who), std::move(all), Once())));
  }
  std::string_view Assign(std::string_view who, std::string_view agent, bool confirm) {
    std::vector<access::Assignment> all{
        {DemoPrincipalId(agent), Code(), std::nullopt, false, confirm}};
    return Word(vault_.Wait(vault_.gate().Assign(Caller(who), std::move(all), Once())));
  }
  std::vector<access::Review> List(std::string_view who) {
    const auto outcome = vault_.Wait(vault_.gate().explanations().ListReviews(Caller(who)));
    CLOISON_CHECK(Word(outcome) == "shown");
    return std::get<Explanations::Reviews>(*outcome).pending;
  }
  std::string_view Close(std::string_view who, std::uint64_t place) {
    return Word(vault_.Wait(vault_.gate().explanations().CloseReview(Caller(who), place, true)));
  }

  TestVault vault_;
  PersonId stranger_{ByteArray<8>{}};
  int keys_ = 0;
};

TEST_F(Reviews, KindsThatNeedItAreListed) {
  ASSERT_EQ(Write("app.case", ExplanationKind::kContact, kAgent), "shown");
  EXPECT_TRUE(List("manager.a").empty()) << "a kind that nobody reviews";
  ASSERT_EQ(Write("app.case", ExplanationKind::kTicket, kAgent), "shown");
  ASSERT_EQ(Write("app.case", ExplanationKind::kTicket, kAgent), "shown") << "nothing new";
  ASSERT_EQ(Word(Declare(kAgent)), "shown");
  const auto listed = List("manager.a");
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].kind, ExplanationKind::kTicket);
  EXPECT_EQ(listed[1].kind, ExplanationKind::kEmergency);
  EXPECT_EQ(Close("manager.b", listed[0].place), "shown");
  EXPECT_EQ(List("manager.a").size(), 1u);
}

TEST_F(Reviews, EachOrganisationHasItsOwn) {
  Enrol("manager.ce", "manager", kBert, 2);
  ASSERT_EQ(Word(Declare(kAgent)), "shown");
  const auto listed = List("manager.a");
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_TRUE(List("manager.ce").empty());
  EXPECT_EQ(Close("manager.ce", listed[0].place), "not_available");
  EXPECT_EQ(Close("manager.a", listed[0].place), "shown");
}

TEST_F(Reviews, OneHumanWithTwoAccountsReviewsAndConfirmsNothingOfTheirOwn) {
  Enrol("anna.reads", "adviser", kAnna);
  Enrol("anna.manages", "manager", kAnna);
  Enrol("bert.manages", "manager", kBert);
  ASSERT_EQ(Word(Declare("anna.reads")), "shown");
  EXPECT_TRUE(List("anna.manages").empty());
  const auto listed = List("bert.manages");
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(Close("anna.manages", listed[0].place), "not_available");
  EXPECT_EQ(Close("bert.manages", listed[0].place), "shown");
  // Nor do they give themselves whom to read.
  EXPECT_EQ(Assign("anna.manages", "anna.reads", false), "not_available");
  EXPECT_EQ(Assign("anna.manages", kAgent, false), "shown");
  Enrol("anna.manages.too", "manager", kAnna);
  EXPECT_EQ(Assign("anna.manages.too", kAgent, true), "no_right") << "what they wrote";
  EXPECT_EQ(Assign("bert.manages", kAgent, true), "shown");
  ASSERT_EQ(Assign("bert.manages", "anna.reads", false), "shown");
  EXPECT_EQ(Assign("anna.manages", "anna.reads", true), "not_available") << "what they read by";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Assign("anna.manages", "anna.reads", true), "not_available") << "after a start";
}

TEST_F(Reviews, WhatAsksForAFreshProof) {
  constexpr std::int64_t kStale = 601, kFresh = 599;
  const std::uint64_t entries = vault_.vault().ledger().size();
  const auto stale = Declare(kAgent, kStale);
  ASSERT_EQ(Word(stale), "step_up");
  EXPECT_EQ(RefusalOf(stale).rule, "emergency/step-up");
  EXPECT_EQ(vault_.vault().ledger().size(), entries + 1) << "on the record, about nobody";
  EXPECT_EQ(Word(Declare(kAgent, kFresh)), "shown");
  const auto overview = [this](std::int64_t age_s) {
    return vault_.Wait(vault_.gate().explanations().OwnCaseload(Caller(kAgent, age_s)));
  };
  EXPECT_EQ(Word(overview(kStale)), "shown") << "the day's first";
  const auto second = overview(kStale);
  ASSERT_EQ(Word(second), "step_up");
  EXPECT_EQ(RefusalOf(second).rule, "step-up/overview/glimpsed/day");
  EXPECT_EQ(Word(overview(kFresh)), "shown");
  EXPECT_EQ(Word(overview(kFresh)), "budget_spent");
  vault_.clock.Advance(25 * base::kHourMs);
  EXPECT_EQ(Word(overview(kStale)), "shown");
}

TEST_F(Reviews, ATransferIsAskedForWithAFreshProof) {
  const access::TransferRequest request{DemoPrincipalId(kAgent),
                                        {DemoPrincipalId("adviser.ft.002")}};
  const auto ask = [&](std::int64_t age_s) {
    access::Approvals::Request wanted{std::string(access::kTransferKind), Encode(request), "leave"};
    return Word(vault_.Wait(
        vault_.gate().approvals().Ask(Caller("manager.a", age_s), std::move(wanted), Once())));
  };
  EXPECT_EQ(ask(3'601), "step_up");
  EXPECT_EQ(ask(10), "shown");
}

}  // namespace
}  // namespace cloison::vault
