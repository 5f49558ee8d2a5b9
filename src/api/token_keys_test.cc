// Key-bound tokens of issuers meet the gate before they are used: once for each principal, key and
// network.
#include <gtest/gtest.h>

#include "access/founding.h"
#include "access/principal_requests.h"
#include "api/handler.h"
#include "api/testing/token_desk.h"

namespace cloison::api {
namespace {

using vault::testing::TestVault;

// As an issuer's token would have it.
class TokenSignIn final : public identity::SignIn {
 public:
  Result<identity::SignedIn> Verify(const identity::Presented&) override { return who; }
  Result<PrincipalId> Named(std::string_view name) const override {
    return vault::DemoPrincipalId(name);
  }
  identity::SignedIn who{PrincipalId(ByteArray<16>{}), SessionId(ByteArray<16>{1}), ClientId(1),
                         identity::Assurance::Development()};
};

class TokenKeys : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(vault_.Start().ok());
    vault_.clock.Advance(60 * base::kDayMs);
    desk_ = testing::MakeTokenDesk(vault_);
    service_.emplace(sign_in_, vault_.clock, vault_.random);
    service_->vault = &vault_.vault();
    service_->desk = &desk_->desk();
  }
  void SignIn(std::string_view who, std::uint8_t key, std::int64_t age_s) {
    sign_in_.who.principal = vault::DemoPrincipalId(who);
    sign_in_.who.token_key = ByteArray<32>{key};
    sign_in_.who.assurance = {identity::Actor::kHuman, "eidas2", {}, 0, "agents"};
    sign_in_.who.assurance.methods.Add(identity::Method::kHardware);
    sign_in_.who.assurance.auth_time_s = vault_.clock.wall_ms() / 1000 - age_s;
  }
  net::Response Ask(net::Method method, std::string path, std::uint8_t network,
                    std::string body = {}) {
    Api api(*service_);
    net::Request request;
    request.method = method;
    request.path = std::move(path);
    request.peer.network = {4, network};
    request.home = &vault_.executor;
    request.deadline_mono_us = INT64_MAX;
    if (!body.empty()) request.headers.Add("content-type", "application/json");
    request.body = std::move(body);
    return vault_.Wait(api.Handle(std::move(request)));
  }
  int Own(std::uint8_t network) {
    last_ = Ask(net::Method::kGet, "/v1/me/capabilities", network);
    return last_.status;
  }
  std::uint64_t Entries() { return vault_.vault().ledger().size(); }
  bool Says(std::string_view code) const { return last_.body.find(code) != std::string::npos; }

  TestVault vault_;
  TokenSignIn sign_in_;
  std::unique_ptr<ProductionDesk> desk_;
  std::optional<Service> service_;
  net::Response last_;
};

TEST_F(TokenKeys, MeetTheGateOnceForEachKeyAndNetwork) {
  SignIn("adviser.ft", 1, 3'600);
  EXPECT_EQ(Own(1), 401) << "the first key of an account that nobody used for long";
  EXPECT_TRUE(Says("step_up_required"));
  SignIn("adviser.ft", 1, 10);
  std::uint64_t before = Entries();
  EXPECT_EQ(Own(1), 200);
  EXPECT_EQ(Entries(), before + 1) << "it was met";
  before = Entries();
  SignIn("adviser.ft", 1, 3'600);
  EXPECT_EQ(Own(1), 200);
  EXPECT_EQ(Entries(), before) << "and is known from then on";
  EXPECT_EQ(Own(2), 200);
  EXPECT_EQ(Entries(), before + 1) << "from another network the gate learns of it";
  vault_.clock.Advance(identity::kMetMs);
  before = Entries();
  SignIn("adviser.ft", 1, 3'600);
  EXPECT_EQ(Own(1), 200);
  EXPECT_EQ(Entries(), before + 1) << "after a session's life once more";
}

TEST_F(TokenKeys, AnUnseenOneIsWhatAHelpDeskGives) {
  SignIn("adviser.ft", 1, 10);
  ASSERT_EQ(Own(1), 200);
  SignIn("adviser.ft", 2, 3'600);
  EXPECT_EQ(Own(1), 401);
  EXPECT_TRUE(Says("step_up_required"));
  SignIn("adviser.ft", 2, 10);
  EXPECT_EQ(Own(1), 200);
  EXPECT_EQ(vault_.Rows(store::Family::kOutbox).size(), 1u) << "its manager is told";
  SignIn("adviser.ft", 3, 10);
  EXPECT_EQ(Own(9), 403) << "a changed key and a changed network wait for a second person";
  EXPECT_TRUE(Says("approval_required"));
  EXPECT_EQ(Own(9), 403);
  ASSERT_EQ(vault::testing::Word(vault_.ApproveAs("manager.b", 1)), "shown");
  EXPECT_EQ(Own(9), 200);
}

// What stops a thief waits for no second person, but for a key that the register mistrusts.
TEST_F(TokenKeys, FreezingTakesAKeyThatWasMet) {
  const auto freeze = [this](std::uint8_t network) {
    last_ =
        Ask(net::Method::kPost, "/v1/principals:freeze", network, R"({"principal":"adviser.ft"})");
    return last_.status;
  };
  SignIn("officer.security", 1, 3'600);
  EXPECT_EQ(freeze(1), 401) << "dormant, and no fresh proof";
  SignIn("officer.security", 1, 10);
  EXPECT_EQ(freeze(1), 200);
  SignIn("officer.security", 2, 10);
  EXPECT_EQ(freeze(9), 403) << "an unseen key from an unseen network";
  EXPECT_TRUE(Says("approval_required"));
  SignIn("officer.security", 1, 3'600);
  EXPECT_EQ(freeze(1), 200) << "the key that was met";
}

// Counts what it is told.
class CountedFreezes final : public EmergencyFreezes {
 public:
  bool IsFrozen(const PrincipalId&) const override { return false; }
  Status Freeze(const PrincipalId&, const identity::Assurance&, const PrincipalId&) override {
    ++given;
    return Ok();
  }
  void Forget(const PrincipalId&) override { ++forgotten; }
  int given = 0, forgotten = 0;
};

// Nobody can be asked then: a stolen token's own key freezes nobody.
TEST_F(TokenKeys, WithoutALedgerAKeyThatWasNotMetFreezesNobody) {
  CountedFreezes freezes;
  service_->freezes = &freezes;
  SignIn("officer.security", 1, 10);
  ASSERT_EQ(Own(1), 200);
  service_->state = ServiceState::kRefusing;
  const auto freeze = [this](std::uint8_t network) {
    return Ask(net::Method::kPost, "/v1/principals:freeze", network,
               R"({"principal":"adviser.ft"})")
        .status;
  };
  EXPECT_EQ(freeze(1), 202);
  EXPECT_EQ(freeze(2), 403) << "from another network";
  SignIn("officer.security", 2, 10);
  EXPECT_EQ(freeze(1), 403) << "another key";
  EXPECT_EQ(freezes.given, 1);
}

// What an answer says once more is decided no second time: a freeze given since, which is in the
// file alone, holds.
TEST_F(TokenKeys, AnOldAgreementLiftsNoNewFreeze) {
  CountedFreezes freezes;
  service_->freezes = &freezes;
  ASSERT_EQ(vault::testing::Word(vault_.FreezeAs("officer.security", "adviser.ft", true)), "shown");
  const access::UnfreezeRequest unfreeze{vault::DemoPrincipalId("adviser.ft")};
  const auto asked = vault_.AskAs("officer.security", "unfreeze", Encode(unfreeze));
  ASSERT_EQ(vault::testing::Word(asked), "shown");
  const auto approve = [this] {
    return Ask(net::Method::kPost, "/v1/approvals:approve", 1, R"({"approval":"apr_1"})").status;
  };
  SignIn("officer.security.b", 1, 10);
  EXPECT_EQ(approve(), 200);
  EXPECT_EQ(freezes.forgotten, 1);
  EXPECT_EQ(approve(), 200) << "the same answer";
  EXPECT_EQ(freezes.forgotten, 1);
}

// An application's key is in the issuers file, and a session's was met when it was opened.
TEST_F(TokenKeys, WhatTheGateMetAlreadyIsNotMetAgain) {
  SignIn("app.case", 1, 3'600);
  sign_in_.who.token_key.reset();
  sign_in_.who.assurance.actor = identity::Actor::kApplication;
  const std::uint64_t before = Entries();
  EXPECT_EQ(Own(1), 200);
  EXPECT_EQ(Entries(), before);
}

// What makes two people two is said of every agent and officer.
TEST_F(TokenKeys, InProductionEveryAccountIsAHumans) {
  SignIn("manager.a", 1, 10);
  const auto enrol = [this](const char* name, const char* role, const char* human) {
    Api api(*service_);
    net::Request request;
    request.method = net::Method::kPost;
    request.path = "/v1/enrolments";
    request.home = &vault_.executor;
    request.deadline_mono_us = INT64_MAX;
    request.headers.Add("content-type", "application/json");
    request.headers.Add("idempotency-key", std::string("key-") + name);
    request.body = std::string(R"({"principal":")") + name + R"(","role":")" + role + "\"" + human +
                   R"(,"reason":"HR-1"})";
    last_ = vault_.Wait(api.Handle(std::move(request)));
    return last_.status;
  };
  EXPECT_EQ(enrol("new.agent", "adviser", ""), 422);
  EXPECT_TRUE(Says("/human"));
  EXPECT_EQ(enrol("new.officer", "manager", ""), 422);
  EXPECT_EQ(enrol("new.machine", "case-application", ""), 202) << "an application is nobody";
  EXPECT_EQ(enrol("new.human", "adviser", R"(,"human":" HR-7 ")"), 202) << last_.body;
  EXPECT_TRUE(Says(R"("human":"hr-7")")) << "whoever agrees reads whose account it is";
  EXPECT_FALSE(Says("same_as"));
  EXPECT_EQ(enrol("new.spaces", "adviser", R"(,"human":"  ")"), 422);
  access::PrincipalInfo bruno{vault::DemoPrincipalId("manager.h"), OrganisationId(1), std::nullopt,
                              "manager", "manager.h"};
  bruno.human = access::HumanIdOf(vault_.vault().state(), "HR-9");
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol({bruno}, vault_.executor)).ok());
  EXPECT_EQ(enrol("new.bruno", "adviser", R"(,"manager":"manager.h","human":"hr-9")"), 202);
  EXPECT_TRUE(Says(R"("same_as":"manager.h")")) << last_.body;
  service_->development = true;
  EXPECT_EQ(enrol("new.demo", "adviser", ""), 202);
}

}  // namespace
}  // namespace cloison::api
