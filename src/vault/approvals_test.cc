// What takes two people, through a whole vault: the theft of December 2025, every order of steps in
// a small world, keys that nobody saw, budgets that are lower or higher for a while.
#include "access/approvals.h"

#include <gtest/gtest.h>

#include <set>

#include "access/person_requests.h"
#include "access/principal_requests.h"
#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using access::ChangeRequest;
using access::Counter;
using access::EnrolRequest;
using access::RaiseRequest;
using access::UnfreezeRequest;
using access::Window;
using approvals::State;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

const Approvals::Shown& Shown(const access::Outcome<Approvals::Shown>& outcome) {
  CLOISON_CHECK(outcome.ok() && std::holds_alternative<Approvals::Shown>(*outcome));
  return std::get<Approvals::Shown>(*outcome);
}

class ApprovalsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(vault_.Start().ok()); }

  EnrolRequest Newcomer(std::string_view name, std::string role = "adviser") {
    EnrolRequest request;
    request.who = DemoPrincipalId(name);
    request.office = OfficeId(101);
    request.role = std::move(role);
    request.label = std::string(name);
    return request;
  }
  access::Outcome<Approvals::Shown> AskEnrol(std::string_view asker, std::string_view name,
                                             std::string role = "adviser") {
    return vault_.AskAs(asker, "enrol", Encode(Newcomer(name, std::move(role))));
  }
  // Enrolled by both managers. CHECKs it.
  void Enrol(const EnrolRequest& request) {
    const auto asked = vault_.AskAs("manager.a", "enrol", Encode(request));
    const auto agreed = vault_.ApproveAs("manager.b", Shown(asked).approval.number);
    CLOISON_CHECK(Word(agreed) == "shown");
  }
  // Whether a look at `whom` loads them.
  bool IsLoadedBy(std::string_view who, std::string_view whom) {
    EXPECT_TRUE(vault_.Reopen().ok());
    const PrincipalId id = vault_.As(whom).principal;
    (void)vault_.Wait(vault_.gate().approvals().LookAt(vault_.As(who), id));
    return vault_.gate().principals().Peek(id) != nullptr;
  }
  // As one of France Travail, of a person whom they do not follow.
  std::string_view LookAt(std::string_view who, const PersonId& person) {
    return Word(vault_.DiscloseCodesAs(who, {vault_.CodeFor("adviser.ft", person)},
                                       {"identity.birth_name"}, "reception"));
  }
  std::string_view Look(std::string_view who) {
    return LookAt(who, vault_.world().stranger.person);
  }
  std::uint32_t CapOf(std::string_view who, Counter counter, Window window) {
    const auto outcome = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As(who)));
    CLOISON_CHECK(outcome.ok() && std::holds_alternative<access::Capabilities>(*outcome));
    return std::get<access::Capabilities>(*outcome).budget->caps.cap(counter, window);
  }
  access::PrincipalInfo Info(std::string_view who) {
    const auto info = vault_.Wait(vault_.gate().Find(DemoPrincipalId(who)));
    CLOISON_CHECK(info.ok());
    return *info;
  }
  access::Caller Human(std::string_view who, std::string level, identity::Method method,
                       std::int64_t age_s) {
    access::Caller caller = vault_.As(who);
    caller.assurance = {identity::Actor::kHuman,
                        std::move(level),
                        {},
                        vault_.clock.wall_ms() / 1000 - age_s,
                        "idp"};
    caller.assurance.methods.Add(identity::Method::kPassword).Add(method);
    return caller;
  }

  TestVault vault_;
};

// An account is loaded with all that it was shown: only for who may look at it.
TEST_F(ApprovalsTest, WhoMayNotLookAtAnAccountLoadsNothingOfIt) {
  EXPECT_TRUE(IsLoadedBy("manager.a", "adviser.ft"));
  EXPECT_FALSE(IsLoadedBy("adviser.ce", "adviser.ft")) << "no right";
  EXPECT_FALSE(IsLoadedBy("citizen.one", "adviser.ft")) << "no right";
  ASSERT_EQ(Word(vault_.FreezeAs("officer.security", "manager.a", true)), "shown");
  EXPECT_FALSE(IsLoadedBy("manager.a", "adviser.ft")) << "frozen";
}

TEST_F(ApprovalsTest, AgreeingTakesAFreshProof) {
  const auto asked = AskEnrol("manager.a", "adviser.new");
  const std::uint64_t number = Shown(asked).approval.number;
  const auto approve = [&](std::int64_t age_s) {
    access::Caller caller = Human("manager.b", "eidas2", identity::Method::kOtp, age_s);
    return vault_.Wait(vault_.gate().approvals().Approve(caller, number));
  };
  EXPECT_EQ(Word(approve(8 * 3600)), "step_up") << "a session that was left open";
  EXPECT_EQ(Word(approve(60)), "shown");
}

// France Travail, December 2025: the account of somebody who manages accounts is taken over and
// makes two accounts, which sign in with two factors and read.
TEST_F(ApprovalsTest, December2025ShowsNobody) {
  for (const char* made : {"made.one", "made.two"}) {
    const auto asked = AskEnrol("manager.a", made);
    ASSERT_EQ(Word(asked), "shown");
    EXPECT_EQ(Shown(asked).approval.state, State::kPending);
    EXPECT_EQ(Word(vault_.ApproveAs("manager.a", Shown(asked).approval.number)), "no_right");
    EXPECT_EQ(Word(vault_.ApproveAs(made, Shown(asked).approval.number)), "not_enrolled");
    EXPECT_EQ(Look(made), "not_enrolled");
  }
  // Nor does the manager's own account read, get a right, or get it for whom it has at hand.
  EXPECT_EQ(Look("manager.a"), "purpose_refused");
  ChangeRequest wider;
  wider.who = DemoPrincipalId("manager.a");
  wider.role = "adviser";
  EXPECT_EQ(Word(vault_.AskAs("manager.a", "change", Encode(wider))), "no_right");
  EXPECT_EQ(vault_.gate().stats().disclosed_people.value(), 0u);
  // A second human who agrees is what it takes; and then somebody is told.
  EXPECT_EQ(Word(vault_.ApproveAs("manager.b", 1)), "shown");
  EXPECT_EQ(Look("made.one"), "shown");
  EXPECT_EQ(Look("made.two"), "not_enrolled");
  EXPECT_EQ(vault_.events.Count("principal_enrolled"), 1u);
}

TEST_F(ApprovalsTest, WhoAgreesAndWhoDoesNot) {
  // Two more managers: one under manager.a, one of Cap Emploi.
  EnrolRequest under = Newcomer("manager.c", "manager");
  under.manager = DemoPrincipalId("manager.a");
  Enrol(under);
  std::vector<access::PrincipalInfo> infos{
      {DemoPrincipalId("manager.ce"), OrganisationId(2), std::nullopt, "manager", "manager.ce"}};
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  const std::uint64_t number = Shown(AskEnrol("manager.a", "new.here")).approval.number;
  const struct {
    const char* why;
    const char* who;
    const char* word;
    const char* rule;
  } kRows[] = {
      {"whoever asked", "manager.a", "no_right", "approval/same_principal"},
      {"enrolled today, and under whoever asked", "manager.c", "no_right", "approval/too_fresh"},
      {"of another organisation", "manager.ce", "not_available", "not-available"},
      {"an officer of another kind", "officer.security", "not_available", "not-available"},
      {"an adviser", "adviser.ft", "not_available", "not-available"},
      {"whom it is about", "new.here", "not_enrolled", "not-enrolled"},
  };
  for (const auto& row : kRows) {
    const auto outcome = vault_.ApproveAs(row.who, number);
    ASSERT_EQ(Word(outcome), row.word) << row.why;
    EXPECT_EQ(RefusalOf(outcome).rule, row.rule) << row.why;
  }
  vault_.clock.Advance(31 * base::kDayMs);
  const std::uint64_t later = Shown(AskEnrol("manager.a", "new.there")).approval.number;
  EXPECT_EQ(RefusalOf(vault_.ApproveAs("manager.c", later)).rule, "approval/in_chain")
      << "no longer fresh, and still under whoever asked";
  EXPECT_EQ(Word(vault_.ApproveAs("manager.b", number)), "decided") << "expired long ago";
  EXPECT_EQ(Word(vault_.ApproveAs("manager.b", later)), "shown");
  EXPECT_EQ(Word(vault_.ApproveAs("manager.b", later)), "shown") << "again: the same answer";
  EXPECT_EQ(Word(vault_.DenyAs("manager.b", later)), "decided");
  EXPECT_EQ(Word(vault_.ApproveAs("manager.b", 999)), "not_available");
}

TEST_F(ApprovalsTest, WhoeverAskedMustStillBeOneWhoMay) {
  const std::uint64_t number = Shown(AskEnrol("manager.a", "new.here")).approval.number;
  ASSERT_EQ(Word(vault_.FreezeAs("officer.security", "manager.a", true)), "shown");
  const auto refused = vault_.ApproveAs("manager.b", number);
  ASSERT_EQ(Word(refused), "decided");
  EXPECT_EQ(RefusalOf(refused).rule, "approval/asker");
  EXPECT_EQ(Look("new.here"), "not_enrolled");
  EXPECT_EQ(Word(vault_.DenyAs("manager.b", number)), "shown");
}

TEST_F(ApprovalsTest, OneHumanCountsOnce) {
  const access::HumanId human{7};
  std::vector<access::PrincipalInfo> infos;
  for (const char* name : {"manager.x", "manager.y"}) {
    access::PrincipalInfo info{DemoPrincipalId(name), OrganisationId(1), std::nullopt, "manager",
                               name};
    info.human = human;
    infos.push_back(std::move(info));
  }
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  const std::uint64_t number = Shown(AskEnrol("manager.x", "new.here")).approval.number;
  EXPECT_EQ(RefusalOf(vault_.ApproveAs("manager.y", number)).rule, "approval/same_human");
  // Their third account, which another manager asks for, is theirs to gain.
  EnrolRequest third = Newcomer("manager.z", "manager");
  third.human = human;
  const std::uint64_t own =
      Shown(vault_.AskAs("manager.a", "enrol", Encode(third))).approval.number;
  EXPECT_EQ(RefusalOf(vault_.ApproveAs("manager.y", own)).rule, "approval/gains");
  EXPECT_EQ(Word(vault_.ApproveAs("manager.b", own)), "shown");
}

TEST_F(ApprovalsTest, WhatCannotBeIsNotAskedFor) {
  EnrolRequest known = Newcomer("adviser.ft"), nobody = Newcomer("new.here"),
               past = Newcomer("new.here"), strange = Newcomer("new.here", "emperor"),
               system = Newcomer("new.here", "system"), own = Newcomer("new.here");
  nobody.manager = DemoPrincipalId("not.there");
  past.expires_ms = vault_.vault().committer().Now().budget_ms;
  own.manager = own.who;
  ChangeRequest circle, other, grown;
  grown.who = DemoPrincipalId("app.case");
  grown.role = "manager";
  circle.who = DemoPrincipalId("manager.b");
  circle.manager = DemoPrincipalId("manager.c");
  other.who = DemoPrincipalId("adviser.ce");
  other.role = "manager";
  EnrolRequest below = Newcomer("manager.c", "manager");
  below.manager = DemoPrincipalId("manager.b");
  Enrol(below);
  const std::int64_t now_ms = vault_.vault().committer().Now().budget_ms;
  const auto raise = [&](std::uint32_t cap, std::int64_t lasts_ms) {
    RaiseRequest request{DemoPrincipalId("adviser.ft"),
                         {{Counter::kOpened, Window::kDay, cap, now_ms + lasts_ms}}};
    return Encode(request);
  };
  const struct {
    const char* why;
    const char* kind;
    Bytes what;
    const char* word;
  } kRows[] = {
      {"somebody who is there", "enrol", Encode(known), "decided"},
      {"under nobody", "enrol", Encode(nobody), "error"},
      {"under oneself", "enrol", Encode(own), "error"},
      {"until now", "enrol", Encode(past), "error"},
      {"in no role", "enrol", Encode(strange), "error"},
      {"as the server itself", "enrol", Encode(system), "error"},
      {"a circle of managers", "change", Encode(circle), "error"},
      {"of another organisation", "change", Encode(other), "not_available"},
      {"a program that becomes a person", "change", Encode(grown), "error"},
      {"a raise to what there is", "raise", raise(150, base::kDayMs), "error"},
      {"a raise to more than three times", "raise", raise(451, base::kDayMs), "error"},
      {"a raise for 32 days", "raise", raise(300, 32 * base::kDayMs), "error"},
      {"a raise that has ended", "raise", raise(300, -1), "error"},
      {"somebody who is not frozen", "unfreeze",
       Encode(UnfreezeRequest{DemoPrincipalId("adviser.ft")}), "no_right"},
      {"no kind", "crown", {}, "error"},
      {"not what the kind reads", "enrol", {1, 2, 3}, "error"},
      {"a key, by name", "key",
       Encode(access::KeyRequest{DemoPrincipalId("manager.a"), access::SeenKey{}}), "decided"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(Word(vault_.AskAs("manager.a", row.kind, row.what)), row.word) << row.why;
  }
}

TEST_F(ApprovalsTest, TheListHasWhatOneMayDecide) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(Word(AskEnrol("manager.a", "new." + std::to_string(i))), "shown");
  }
  ASSERT_EQ(Word(AskEnrol("manager.b", "new.of-b")), "shown");
  const auto page = [this](std::string_view who, std::uint64_t above, std::size_t count) {
    const auto outcome =
        vault_.Wait(vault_.gate().approvals().Pending(vault_.As(who), above, count));
    CLOISON_CHECK(outcome.ok() && std::holds_alternative<Approvals::Page>(*outcome));
    return std::get<Approvals::Page>(*outcome);
  };
  std::vector<std::uint64_t> seen;
  std::uint64_t above = 0;
  for (bool more = true; more;) {
    const Approvals::Page one = page("manager.b", above, 2);
    for (const approvals::Document& item : one.items) seen.push_back(item.number);
    more = one.next.has_value();
    if (more) above = *one.next;
  }
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2, 3, 4, 5})) << "not what b asked for";
  EXPECT_EQ(page("manager.a", 0, 100).items.size(), 1u);
  EXPECT_TRUE(page("officer.security", 0, 100).items.empty());
  ASSERT_EQ(Word(vault_.DenyAs("manager.b", 2)), "shown");
  ASSERT_EQ(Word(vault_.DenyAs("manager.a", 3)), "shown") << "taken back by whoever asked";
  EXPECT_EQ(page("manager.b", 0, 100).items.size(), 3u);
  vault_.clock.Advance(8 * base::kDayMs);
  EXPECT_TRUE(page("manager.b", 0, 100).items.empty()) << "expired";
  ASSERT_TRUE(vault_.Wait(vault_.gate().approvals().Expire(vault_.executor)).ok());
  const auto read = vault_.Wait(vault_.gate().approvals().Read(vault_.As("manager.a"), 1));
  EXPECT_EQ(Shown(read).approval.state, State::kExpired);
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().approvals().Read(vault_.As("adviser.ft"), 1))),
            "not_available");
}

TEST_F(ApprovalsTest, SoManyAtOnceAndNoMore) {
  for (std::size_t i = 0; i < access::kApprovalsOpenOfOneMax; ++i) {
    ASSERT_EQ(Word(AskEnrol("manager.a", "new." + std::to_string(i))), "shown");
  }
  EXPECT_EQ(Word(AskEnrol("manager.a", "new.more")), "error");
  EXPECT_EQ(Word(AskEnrol("manager.b", "new.of-b")), "shown") << "each for themselves";
  ASSERT_EQ(Word(vault_.DenyAs("manager.a", 1)), "shown");
  EXPECT_EQ(Word(AskEnrol("manager.a", "new.more")), "shown");
}

// ---- what it does to a budget

TEST_F(ApprovalsTest, ANewPrincipalHasAThirdForAWeek) {
  Enrol(Newcomer("new.here"));
  EXPECT_EQ(CapOf("new.here", Counter::kOpened, Window::kHour), 20u);
  EXPECT_EQ(CapOf("new.here", Counter::kOpenedOff, Window::kHour), 4u);
  EXPECT_EQ(CapOf("new.here", Counter::kSensitive, Window::kDay), 16u) << "rounded down";
  const auto look_at = [this](std::size_t i) {
    return LookAt("new.here", vault_.CaseloadOf("adviser.ft")[i]);
  };
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(look_at(i), "shown");
  EXPECT_EQ(look_at(4), "budget_spent");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(look_at(4), "budget_spent") << "after a restart too";
  vault_.clock.Advance(7 * base::kDayMs + 1);
  EXPECT_EQ(CapOf("new.here", Counter::kOpened, Window::kHour), 60u);
  EXPECT_EQ(look_at(4), "shown");
}

TEST_F(ApprovalsTest, ARaiseEndsByItself) {
  const std::int64_t until_ms = vault_.vault().committer().Now().budget_ms + 2 * base::kDayMs;
  const RaiseRequest request{DemoPrincipalId("adviser.ft"),
                             {{Counter::kOpenedOff, Window::kHour, 36, until_ms}}};
  const std::uint64_t number =
      Shown(vault_.AskAs("manager.a", "raise", Encode(request))).approval.number;
  EXPECT_EQ(CapOf("adviser.ft", Counter::kOpenedOff, Window::kHour), 12u);
  ASSERT_EQ(Word(vault_.ApproveAs("manager.b", number)), "shown");
  EXPECT_EQ(CapOf("adviser.ft", Counter::kOpenedOff, Window::kHour), 36u);
  EXPECT_EQ(CapOf("adviser.ft", Counter::kOpened, Window::kHour), 60u) << "that one cap alone";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(CapOf("adviser.ft", Counter::kOpenedOff, Window::kHour), 36u);
  const std::vector<PersonId> others = vault_.CaseloadOf("adviser.ft.002");
  const auto look_at = [&](std::size_t i) {
    return Word(vault_.DiscloseAs("adviser.ft", others[i], {"identity.birth_name"}, "reception"));
  };
  for (std::size_t i = 0; i < 30; ++i) ASSERT_EQ(look_at(i), "shown") << i;
  vault_.clock.Advance(2 * base::kDayMs);
  EXPECT_EQ(CapOf("adviser.ft", Counter::kOpenedOff, Window::kHour), 12u);
}

TEST_F(ApprovalsTest, AnEnrolmentEnds) {
  EnrolRequest request = Newcomer("new.here");
  request.expires_ms = vault_.vault().committer().Now().budget_ms + base::kDayMs;
  Enrol(request);
  EXPECT_EQ(Look("new.here"), "shown");
  vault_.clock.Advance(base::kDayMs);
  EXPECT_EQ(Look("new.here"), "expired");
  EXPECT_EQ(Word(vault_.LookUpAs("new.here", "email", "a@example.org", "reception")), "expired");
  ChangeRequest longer;
  longer.who = DemoPrincipalId("new.here");
  longer.expires_ms.emplace();
  const std::uint64_t number =
      Shown(vault_.AskAs("manager.b", "change", Encode(longer))).approval.number;
  ASSERT_EQ(Word(vault_.ApproveAs("manager.a", number)), "shown");
  EXPECT_EQ(Look("new.here"), "shown");
}

TEST_F(ApprovalsTest, AChangeIsWhatWasAskedForAndOutlivesARestart) {
  ChangeRequest change;
  change.who = DemoPrincipalId("adviser.ft");
  change.role = "investigator";
  change.office.emplace(OfficeId(102));
  change.manager.emplace(DemoPrincipalId("manager.a"));
  const std::uint64_t number =
      Shown(vault_.AskAs("manager.a", "change", Encode(change))).approval.number;
  EXPECT_EQ(Info("adviser.ft").role, "adviser");
  ASSERT_EQ(Word(vault_.ApproveAs("manager.b", number)), "shown");
  ASSERT_TRUE(vault_.Reopen().ok());
  const access::PrincipalInfo after = Info("adviser.ft");
  EXPECT_EQ(after.role, "investigator");
  EXPECT_EQ(after.office, OfficeId(102));
  EXPECT_EQ(after.manager, DemoPrincipalId("manager.a"));
  EXPECT_EQ(CapOf("adviser.ft", Counter::kOpened, Window::kHour), 5u) << "of the new class";
}

// ---- sign-in

TEST_F(ApprovalsTest, HowOneSignedInIsHeldAgainstTheRole) {
  using identity::Method;
  const struct {
    const char* why;
    const char* level;
    Method method;
    const char* word;
  } kRows[] = {
      {"a strong level and a key", "eidas2", Method::kHardware, "shown"},
      {"the strongest", "eidas3", Method::kSmartCard, "shown"},
      {"a code by mail, whatever level is claimed", "eidas2", Method::kMail, "too_weak"},
      {"a code by text", "eidas3", Method::kSms, "too_weak"},
      {"a password alone", "eidas2", Method::kPassword, "too_weak"},
      {"the derogation of the mailbox", "eidas1-mfa", Method::kMail, "too_weak"},
      {"a weak level with a key", "eidas1", Method::kHardware, "too_weak"},
      {"no level", "", Method::kHardware, "too_weak"},
      {"a level nobody knows", "eidas4", Method::kHardware, "too_weak"},
  };
  const std::string code = vault_.CodeFor("adviser.ft", vault_.world().stranger.person);
  for (const auto& row : kRows) {
    access::DisclosureRequest request{
        {code}, vault_.Fields({"identity.birth_name"}), {"reception", "case-1"}};
    const auto outcome = vault_.Wait(
        vault_.gate().Disclose(Human("adviser.ft", row.level, row.method, 60), std::move(request)));
    EXPECT_EQ(Word(outcome), row.word) << row.why;
  }
  for (const auto actor : {identity::Actor::kApplication, identity::Actor::kCookie}) {
    access::Caller caller = Human("adviser.ft", "eidas2", Method::kHardware, 60);
    caller.assurance.actor = actor;
    access::DisclosureRequest request{
        {code}, vault_.Fields({"identity.birth_name"}), {"reception", "case-1"}};
    const auto outcome = vault_.Wait(vault_.gate().Disclose(caller, std::move(request)));
    EXPECT_EQ(Word(outcome), actor == identity::Actor::kCookie ? "too_weak" : "no_right");
  }
}

// What a role asks is in the policy.
TEST(SignInOfARole, IsWhatThePolicySays) {
  const DemoSize size = testing::SmallWorld();
  std::string toml(DemoPolicyToml());
  const std::string adviser = "name = \"adviser\"\n";
  toml.insert(toml.find(adviser) + adviser.size(), "levels = [\"eidas3\"]\nmethods = [\"hwk\"]\n");
  std::vector<std::string> problems;
  auto policy = access::Policy::Parse(toml, *DemoSchema(size), &problems);
  ASSERT_TRUE(policy.ok()) << (problems.empty() ? "" : problems.front());
  TestVault vault(size);
  vault.policy = *policy;
  ASSERT_TRUE(vault.Start().ok());
  const auto as = [&vault](const char* level, identity::Method method) {
    access::Caller caller = vault.As("adviser.ft");
    caller.assurance = {identity::Actor::kHuman, level, {}, vault.clock.wall_ms() / 1000, "idp"};
    caller.assurance.methods.Add(method);
    return Word(vault.Wait(vault.gate().OwnCapabilities(caller)));
  };
  EXPECT_EQ(as("eidas3", identity::Method::kHardware), "shown");
  EXPECT_EQ(as("eidas2", identity::Method::kHardware), "too_weak") << "enough for others";
  EXPECT_EQ(as("eidas3", identity::Method::kOtp), "too_weak");
}

TEST_F(ApprovalsTest, AnUnseenKeyIsNotTakenAsItIs) {
  using identity::Method;
  const ByteArray<8> office{1}, home{2};
  const auto open = [this](std::uint8_t key, const ByteArray<8>& network, std::int64_t age_s) {
    return vault_.Wait(
        vault_.gate().OpenSession(Human("adviser.ft", "eidas2", Method::kHardware, age_s),
                                  access::SeenKey{ByteArray<32>{key}, network}));
  };
  EXPECT_EQ(Word(open(1, office, 3'600)), "step_up") << "the first key of a dormant account";
  EXPECT_EQ(Word(open(1, office, 10)), "shown");
  vault_.clock.Advance(base::kDayMs + 1);
  EXPECT_EQ(Word(open(1, home, 3'600)), "shown") << "a known key, wherever";
  EXPECT_EQ(CapOf("adviser.ft", Counter::kOpened, Window::kHour), 60u);
  EXPECT_EQ(Word(open(2, office, 301)), "step_up") << "a proof of five minutes ago at most";
  EXPECT_EQ(Word(open(2, office, -61)), "step_up") << "nor one of a time to come";
  const auto second = open(2, office, 10);
  ASSERT_EQ(Word(second), "shown");
  EXPECT_TRUE(std::get<access::SessionOpened>(*second).unseen_key);
  EXPECT_EQ(CapOf("adviser.ft", Counter::kOpened, Window::kHour), 20u) << "a third";
  vault_.clock.Advance(base::kDayMs + 1);
  EXPECT_EQ(CapOf("adviser.ft", Counter::kOpened, Window::kHour), 60u) << "for a day";
  // A key and a network that nobody saw: what a help desk that was talked into it gives.
  const ByteArray<8> abroad{3};
  EXPECT_EQ(Word(open(3, abroad, 301)), "step_up");
  const auto waits = open(3, abroad, 10);
  ASSERT_EQ(Word(waits), "approval_required");
  const std::uint64_t number = RefusalOf(waits).approval.value();
  const auto again = open(3, abroad, 10);
  EXPECT_EQ(RefusalOf(again).approval, number) << "one approval, however often";
  EXPECT_EQ(Word(vault_.ApproveAs("adviser.ft", number)), "no_right");
  EXPECT_EQ(Word(open(3, abroad, 10)), "approval_required");
  ASSERT_EQ(Word(vault_.ApproveAs("manager.b", number)), "shown");
  EXPECT_EQ(Word(open(3, abroad, 3'600)), "shown");
  EXPECT_EQ(CapOf("adviser.ft", Counter::kOpened, Window::kHour), 20u);
  EXPECT_EQ(vault_.events.Count("sign_in_waits_for_approval"), 1u);
  EXPECT_EQ(vault_.events.Count("sign_in_with_unseen_key"), 2u);
}

// ---- every order of steps in a small world

enum class Step { kAsk, kApproveByA, kApproveByB, kDenyByB, kExpire, kFreezeA, kFreezeB };
constexpr Step kSteps[] = {Step::kAsk,    Step::kApproveByA, Step::kApproveByB, Step::kDenyByB,
                           Step::kExpire, Step::kFreezeA,    Step::kFreezeB};

// Who is enrolled, by rights: asked by a (not frozen), agreed to by b (not frozen), in time, before
// anybody denied it.
bool OughtToBe(const std::vector<Step>& order) {
  bool asked = false, open = false, frozen_a = false, frozen_b = false;
  for (const Step step : order) {
    if (step == Step::kFreezeA) frozen_a = true;
    if (step == Step::kFreezeB) frozen_b = true;
    if (step == Step::kAsk && !asked && !frozen_a) asked = open = true;
    if (step == Step::kExpire || (step == Step::kDenyByB && !frozen_b)) open = false;
    if (step == Step::kApproveByB && open && !frozen_b && !frozen_a) return true;
  }
  return false;
}

TEST_F(ApprovalsTest, NoOrderOfStepsGivesOneHumanARight) {
  std::vector<std::string> managers;
  std::size_t orders = 0, enrolled = 0;
  for (std::size_t code = 0; code < 7 * 7 * 7 * 7 * 7; ++code) {
    std::vector<Step> order;
    for (std::size_t rest = code, i = 0; i < 5; ++i, rest /= 7) order.push_back(kSteps[rest % 7]);
    // Once each, and only orders in which somebody asks first or second: the rest do nothing.
    const std::set<Step> once(order.begin(), order.end());
    const bool asks = order[0] == Step::kAsk || order[1] == Step::kAsk;
    if (once.size() != order.size() || !asks) continue;
    const std::string n = std::to_string(code);
    // One officer freezes so many a day.
    vault_.clock.Advance(6 * base::kHourMs);
    std::vector<access::PrincipalInfo> infos;
    for (const std::string& name : {"a." + n, "b." + n}) {
      infos.push_back({DemoPrincipalId(name), OrganisationId(1), std::nullopt, "manager", name});
    }
    ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
    std::uint64_t number = 0;
    for (const Step step : order) {
      if (step == Step::kAsk) {
        const auto asked = AskEnrol("a." + n, "new." + n);
        if (Word(asked) == "shown") number = Shown(asked).approval.number;
      }
      if (step == Step::kApproveByA && number > 0) (void)vault_.ApproveAs("a." + n, number);
      if (step == Step::kApproveByB && number > 0) (void)vault_.ApproveAs("b." + n, number);
      if (step == Step::kDenyByB && number > 0) (void)vault_.DenyAs("b." + n, number);
      if (step == Step::kExpire) vault_.clock.Advance(approvals::kLastsDefaultMs);
      if (step == Step::kFreezeA) (void)vault_.FreezeAs("officer.security", "a." + n, true);
      if (step == Step::kFreezeB) (void)vault_.FreezeAs("officer.security", "b." + n, true);
    }
    const bool is = Look("new." + n) != "not_enrolled";
    EXPECT_EQ(is, OughtToBe(order)) << n;
    ++orders;
    if (is) ++enrolled;
  }
  EXPECT_EQ(orders, 2u * 6 * 5 * 4 * 3);
  EXPECT_GT(enrolled, 10u);
}

// An erasure that was agreed to is done once, and stays done.
TEST_F(ApprovalsTest, AnErasureThatWasAgreedToIsDone) {
  const PersonId person = vault_.world().of_adviser_ft.person;
  const std::string code = vault_.CodeFor("officer.privacy", person);
  access::Gate::Once once{"k", {}};
  const auto asked = vault_.Wait(vault_.gate().approvals().AskErase(
      vault_.As("officer.privacy"), code, 1, {"erase", "case-1"}, std::move(once)));
  ASSERT_EQ(Word(asked), "shown");
  EXPECT_EQ(Word(vault_.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "shown")
      << "nobody has agreed";
  const std::uint64_t number = Shown(asked).approval.number;
  ASSERT_EQ(Word(vault_.ApproveAs("officer.privacy.b", number)), "shown");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Word(vault_.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")),
            "not_available");
  const auto read =
      vault_.Wait(vault_.gate().approvals().Read(vault_.As("officer.privacy"), number));
  EXPECT_EQ(Shown(read).approval.state, State::kUsed);
  EXPECT_EQ(Word(vault_.ApproveAs("officer.privacy.b", number)), "shown");
}

TEST_F(ApprovalsTest, OneOfficerAloneDoesNothing) {
  const std::string code = vault_.CodeFor("officer.privacy", vault_.world().of_adviser_ft.person);
  const auto erased =
      vault_.Wait(vault_.gate().Erase(vault_.As("officer.privacy"), code, 1, {"erase", "case-1"}));
  EXPECT_EQ(Word(erased), "approval_required");
  access::Gate::Once once{"u", {}};
  const auto unsealed = vault_.Wait(
      vault_.gate().Unseal(vault_.As("officer.security"), 1, {"unseal", "o"}, std::move(once)));
  EXPECT_EQ(Word(unsealed), "approval_required");
  ASSERT_EQ(Word(vault_.FreezeAs("officer.security", "adviser.ft", true)), "shown");
  const auto freed = vault_.Wait(
      vault_.gate().Freeze(vault_.As("officer.security"), DemoPrincipalId("adviser.ft"), false));
  EXPECT_EQ(Word(freed), "approval_required");
  EXPECT_EQ(Look("adviser.ft"), "frozen");
  const Bytes what = Encode(UnfreezeRequest{DemoPrincipalId("adviser.ft")});
  const std::uint64_t number =
      Shown(vault_.AskAs("officer.security", "unfreeze", what)).approval.number;
  EXPECT_EQ(Look("adviser.ft"), "frozen");
  ASSERT_EQ(Word(vault_.ApproveAs("officer.security.b", number)), "shown");
  EXPECT_EQ(Look("adviser.ft"), "shown");
}

}  // namespace
}  // namespace cloison::vault
