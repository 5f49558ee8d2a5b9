// Alerts: who is told, who says that somebody looked, and what goes by itself.
#include "access/alerts.h"

#include <gtest/gtest.h>

#include "access/freezes.h"
#include "access/principal_requests.h"
#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Alerts;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

constexpr access::HumanId kAnna{1};

class AlertsTest : public ::testing::Test {
 protected:
  // "adviser.ft.003" is the organisation's second contact.
  void SetUp() override {
    std::string toml(DemoPolicyToml());
    const std::string name = "name = \"France Travail\"\n";
    const std::size_t at = toml.find(name);
    ASSERT_NE(at, std::string::npos);
    toml.insert(at + name.size(), "second_contact = \"adviser.ft.003\"\n");
    std::vector<std::string> problems;
    auto policy = access::Policy::Parse(toml, *DemoSchema({}), &problems);
    for (const std::string& problem : problems) ADD_FAILURE() << problem;
    ASSERT_TRUE(policy.ok());
    vault_.policy = *policy;
    ASSERT_TRUE(vault_.Start().ok());
  }
  void Enrol(access::PrincipalInfo info) {
    info.id = DemoPrincipalId(info.label);
    std::vector<access::PrincipalInfo> infos{std::move(info)};
    ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  }
  access::PrincipalInfo Of(std::string name, std::string role, std::uint32_t organisation = 1) {
    return {DemoPrincipalId(name), OrganisationId(organisation), {}, std::move(role), name};
  }
  access::Caller Caller(std::string_view who) {
    access::Caller caller = vault_.As("adviser.ft");
    caller.principal = DemoPrincipalId(who);
    return caller;
  }
  // A first sign-in of an account that nobody used for long.
  void SignIn(std::string_view who) {
    access::SeenKey key{ByteArray<32>{1}, ByteArray<8>{4}};
    ASSERT_EQ(Word(vault_.Wait(vault_.gate().OpenSession(Caller(who), key))), "shown");
  }
  Alerts::Page List(std::string_view who, access::AlertId above = {}, std::size_t count = 100) {
    auto outcome = vault_.Wait(vault_.gate().alerts().List(Caller(who), above, count));
    CLOISON_CHECK(Word(outcome) == "shown");
    return std::get<Alerts::Page>(std::move(*outcome));
  }
  auto Acknowledge(std::string_view who, const access::AlertId& id) {
    return vault_.Wait(vault_.gate().alerts().Acknowledge(Caller(who), id));
  }
  void Prune() { EXPECT_TRUE(vault_.Wait(vault_.gate().alerts().Prune(vault_.executor)).ok()); }

  TestVault vault_;
};

TEST_F(AlertsTest, EachIsToldToWhomItIsFor) {
  access::PrincipalInfo managed = Of("old.account", "adviser");
  managed.manager = DemoPrincipalId("adviser.ft");
  Enrol(managed);
  Enrol(Of("other.account", "adviser"));
  Enrol(Of("manager.ce", "manager", 2));
  vault_.clock.Advance(60 * base::kDayMs);
  SignIn("old.account");
  vault_.clock.Advance(base::kSecondMs);
  SignIn("other.account");
  struct Row {
    const char* why;
    const char* who;
    std::size_t count;
  };
  const Row rows[] = {
      {"an officer of the organisation", "manager.a", 2},
      {"another kind of officer", "officer.security", 2},
      {"the second contact", "adviser.ft.003", 2},
      {"who manages", "adviser.ft", 1},
      {"somebody else", "adviser.ft.002", 0},
      {"whom it is about", "other.account", 0},
      {"an officer of another organisation", "manager.ce", 0},
  };
  for (const Row& row : rows) EXPECT_EQ(List(row.who).items.size(), row.count) << row.why;
  const Alerts::Told first = List("manager.a").items.front();
  EXPECT_EQ(first.alert.what, access::Alert::What::kUnseenKey);
  EXPECT_EQ(first.alert.whom, access::Alert::Whom::kManager);
  EXPECT_EQ(first.alert.about, DemoPrincipalId("old.account"));
  EXPECT_EQ(Word(Acknowledge("adviser.ft.002", first.id)), "not_available");
  EXPECT_EQ(Word(Acknowledge("manager.ce", first.id)), "not_available");
  EXPECT_EQ(Word(Acknowledge("adviser.ft", first.id)), "shown");
  EXPECT_EQ(Word(Acknowledge("manager.a", first.id)), "not_available") << "it went";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(List("manager.a").items.size(), 1u);
}

TEST_F(AlertsTest, NobodyAcknowledgesTheirOwn) {
  access::PrincipalInfo one = Of("anna.manages", "manager"), two = Of("anna.officer", "manager");
  one.human = two.human = kAnna;
  Enrol(one);
  Enrol(two);
  SignIn("anna.manages");
  const auto items = List("anna.manages").items;
  ASSERT_EQ(items.size(), 1u);
  for (const char* const who : {"anna.manages", "anna.officer"}) {
    const auto refused = Acknowledge(who, items[0].id);
    ASSERT_EQ(Word(refused), "no_right") << who;
    EXPECT_EQ(RefusalOf(refused).rule, "alerts/own");
  }
  EXPECT_EQ(Word(Acknowledge("manager.a", items[0].id)), "shown");
}

TEST_F(AlertsTest, WhoMadeAnAccountDoesNotSayThatSomebodyLooked) {
  access::PrincipalInfo other = Of("anna.other", "manager");
  Enrol(Of("manager.c", "manager"));
  access::PrincipalInfo asks = Of("anna.asks", "manager");
  asks.human = other.human = kAnna;
  Enrol(asks);
  Enrol(other);
  access::EnrolRequest request;
  request.label = "new.one";
  request.who = DemoPrincipalId(request.label);
  request.role = "adviser";
  const auto asked = vault_.AskAs("anna.asks", "enrol", Encode(request));
  ASSERT_EQ(Word(asked), "shown");
  const auto& shown = std::get<access::Approvals::Shown>(*asked);
  ASSERT_EQ(Word(vault_.ApproveAs("manager.b", shown.approval.number)), "shown");
  const auto items = List("manager.c").items;
  ASSERT_EQ(items.size(), 1u);
  for (const char* const who : {"anna.asks", "anna.other", "manager.b"}) {
    const auto refused = Acknowledge(who, items[0].id);
    ASSERT_EQ(Word(refused), "no_right") << who;
    EXPECT_EQ(RefusalOf(refused).rule, "alerts/own");
  }
  EXPECT_EQ(Word(Acknowledge("manager.c", items[0].id)), "shown");
}

// What widens what somebody may do is told like a new account, and is nobody's own to take away.
TEST_F(AlertsTest, OtherRolesRaisesAndEndsOfFreezesAreTold) {
  Enrol(Of("manager.c", "manager"));
  const auto agree = [this](const char* asks, const char* agrees, const char* kind, Bytes what) {
    const auto asked = vault_.AskAs(asks, kind, std::move(what));
    ASSERT_EQ(Word(asked), "shown") << kind;
    const auto& shown = std::get<access::Approvals::Shown>(*asked);
    ASSERT_EQ(Word(vault_.ApproveAs(agrees, shown.approval.number)), "shown") << kind;
    vault_.clock.Advance(base::kSecondMs);
  };
  const PrincipalId who = DemoPrincipalId("adviser.ft");
  access::ChangeRequest office, role;
  office.who = role.who = who;
  office.office = OfficeId(102);
  role.role = "manager";
  const std::int64_t until_ms = vault_.vault().committer().Now().budget_ms + base::kDayMs;
  const access::RaiseRequest raise{
      who, {{access::Counter::kOpened, access::Window::kDay, 300, until_ms}}};
  agree("manager.a", "manager.b", "change", Encode(office));
  agree("manager.a", "manager.b", "raise", Encode(raise));
  ASSERT_EQ(Word(vault_.FreezeAs("officer.security", "adviser.ft", true)), "shown");
  agree("officer.security", "officer.security.b", "unfreeze", Encode(access::UnfreezeRequest{who}));
  agree("manager.a", "manager.b", "change", Encode(role));
  const std::vector<PrincipalId> lifted{who};
  ASSERT_TRUE(vault_.Wait(vault_.gate().freezes().Lift("one", lifted, vault_.executor)).ok());
  using What = access::Alert::What;
  const What told[] = {What::kRaised, What::kUnfrozen, What::kOtherRole, What::kUnfrozen};
  const auto items = List("manager.c").items;
  ASSERT_EQ(items.size(), std::size(told)) << "an office is no right";
  for (std::size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(items[i].alert.what, told[i]) << i;
    EXPECT_EQ(items[i].alert.about, who);
  }
  EXPECT_EQ(Word(Acknowledge("manager.a", items[0].id)), "no_right");
  EXPECT_EQ(Word(Acknowledge("officer.security.b", items[1].id)), "no_right");
  EXPECT_EQ(Word(Acknowledge("manager.a", items[1].id)), "shown");
  EXPECT_EQ(Word(Acknowledge("manager.b", items[2].id)), "no_right");
  EXPECT_EQ(Word(Acknowledge("manager.c", items[3].id)), "shown");
}

TEST_F(AlertsTest, KeyAfterKeyIsOneAlertADay) {
  const auto sign_in = [this](std::uint8_t key) {
    const access::SeenKey seen{ByteArray<32>{key}, ByteArray<8>{4}};
    const auto opened = vault_.Wait(vault_.gate().OpenSession(Caller("adviser.ft"), seen));
    ASSERT_EQ(Word(opened), "shown");
    vault_.clock.Advance(base::kMinuteMs);
  };
  vault_.clock.Advance(60 * base::kDayMs);
  for (std::uint8_t key = 1; key <= 5; ++key) sign_in(key);
  const auto items = List("manager.a").items;
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].alert.what, access::Alert::What::kUnseenKey);
  ASSERT_EQ(Word(Acknowledge("manager.a", items[0].id)), "shown");
  sign_in(6);
  EXPECT_EQ(List("manager.a").items.size(), 1u) << "somebody looked before this one came";
  vault_.clock.Advance(base::kDayMs);
  sign_in(7);
  EXPECT_EQ(List("manager.a").items.size(), 2u);
}

TEST_F(AlertsTest, PagesAndPruning) {
  const auto enrol = [this](int i) {
    access::EnrolRequest request;
    request.label = "new." + std::to_string(i);
    request.who = DemoPrincipalId(request.label);
    request.role = "adviser";
    const auto asked = vault_.AskAs("manager.a", "enrol", Encode(request));
    const auto& shown = std::get<access::Approvals::Shown>(*asked);
    ASSERT_EQ(Word(vault_.ApproveAs("manager.b", shown.approval.number)), "shown");
  };
  for (int i = 0; i < 5; ++i) {
    enrol(i);
    vault_.clock.Advance(base::kDayMs);
  }
  std::vector<PrincipalId> about;
  access::AlertId above{};
  for (int pages = 1;; ++pages) {
    const Alerts::Page page = List("manager.b", above, 2);
    for (const Alerts::Told& told : page.items) about.push_back(told.alert.about);
    if (!page.next.has_value()) {
      EXPECT_EQ(pages, 3);
      break;
    }
    above = *page.next;
  }
  ASSERT_EQ(about.size(), 5u);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(about[i], DemoPrincipalId("new." + std::to_string(i)));
  EXPECT_FALSE(vault_.Wait(vault_.gate().alerts().List(Caller("manager.b"), {}, 101)).ok());
  Prune();
  EXPECT_EQ(List("manager.b").items.size(), 5u);
  vault_.clock.Advance(access::kAlertKeptMs - 4 * base::kDayMs);
  Prune();
  EXPECT_EQ(List("manager.b").items.size(), 4u) << "the oldest is past its time";
  vault_.clock.Advance(30 * base::kDayMs);
  Prune();
  EXPECT_TRUE(List("manager.b").items.empty());
}

}  // namespace
}  // namespace cloison::vault
