// A provider that went out is told of once, in a numbered alarm with an entry; one that lies too,
// apart from that.
#include "api/outage_alarms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "access/cases.h"
#include "api/testing/token_desk.h"
#include "identity/testing/forge.h"
#include "net/server.h"

namespace cloison::api {
namespace {

using access::Alarm;
using vault::testing::TestVault;
namespace forge = identity::testing;

using Names = std::vector<std::string>;

class OutageAlarmsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(vault_.Start().ok()); }
  access::Alarms Alarms() { return vault_.gate().cases().alarms(); }
  // The providers of all alarms so far, in their order.
  std::vector<std::string> Told() {
    std::vector<std::string> told;
    const auto alarms = vault_.Wait(Alarms().Stored(0, 100));
    CLOISON_CHECK(alarms.ok());
    for (const Alarm& alarm : *alarms) {
      EXPECT_EQ(alarm.what, Alarm::What::kProviderOut);
      EXPECT_EQ(alarm.organisation, OrganisationId(0));
      told.push_back(alarm.why);
    }
    return told;
  }

  TestVault vault_;
};

TEST_F(OutageAlarmsTest, OneAnOutage) {
  constexpr std::int64_t kHour = kOutageQuietMs;
  const struct {
    const char* why;
    std::int64_t at_ms;
    Names out;
    Names told;
  } kLooks[] = {
      {"all well", 0, {}, {}},
      {"one goes out", 1'000, {"agents"}, {"agents"}},
      {"it stays out", 2'000, {"agents"}, {"agents"}},
      {"so does another", 3'000, {"agents", "citizens"}, {"agents", "citizens"}},
      {"one is back", 4'000, {"citizens"}, {"agents", "citizens"}},
      {"and out again too soon to be told", kHour, {"agents", "citizens"}, {"agents", "citizens"}},
      {"still out when the hour is over, which is told",
       kHour + 1'000,
       {"agents", "citizens"},
       {"agents", "citizens", "agents"}},
      {"an outage of days is one", 90 * kHour, {"citizens"}, {"agents", "citizens", "agents"}},
      {"all back", 91 * kHour, {}, {"agents", "citizens", "agents"}},
      {"another", 92 * kHour, {"citizens"}, {"agents", "citizens", "agents", "citizens"}},
  };
  OutageAlarms alarms;
  const std::uint64_t entries = vault_.vault().ledger().size();
  for (const auto& look : kLooks) {
    std::vector<ProviderTroubles> all;
    for (const char* alias : {"agents", "citizens"}) {
      all.push_back({alias, std::ranges::find(look.out, alias) != look.out.end()});
    }
    ASSERT_TRUE(vault_.Wait(alarms.Tell(all, look.at_ms, Alarms(), vault_.executor)).ok());
    EXPECT_EQ(Told(), look.told) << look.why;
  }
  EXPECT_EQ(vault_.vault().ledger().size(), entries + 4) << "each has its entry";
}

// What happened between two looks, and what an outage would hide.
TEST_F(OutageAlarmsTest, EachOfTheTwoHasItsOwnHour) {
  constexpr std::int64_t kHour = kOutageQuietMs;
  const std::string out = "agents", lies = "agents/lies";
  const struct {
    const char* why;
    std::int64_t at_ms;
    ProviderTroubles met;
    Names more;  // alarms than at the look before
  } kLooks[] = {
      {"all well", 0, {"agents", false, 0, 0}, {}},
      {"out and back since", 1'000, {"agents", false, 1, 0}, {out}},
      {"all well again", 2'000, {"agents", false, 1, 0}, {}},
      {"once more, too soon to be told", 3'000, {"agents", false, 2, 0}, {}},
      {"it lies, though it was out", 4'000, {"agents", false, 2, 1}, {lies}},
      {"and more, too soon to be told", 5'000, {"agents", false, 2, 7}, {}},
      {"an hour after the first: that outage is over", kHour + 1'000, {"agents", false, 2, 7}, {}},
      {"but what it lied since is told", kHour + 4'000, {"agents", false, 2, 7}, {lies}},
      {"once", 3 * kHour, {"agents", false, 2, 7}, {}},
      {"it goes out", 4 * kHour, {"agents", true, 3, 7}, {out}},
      {"and lies while it is out", 4 * kHour + 1'000, {"agents", true, 3, 8}, {lies}},
      {"it stays out, and calls fail", 6 * kHour, {"agents", true, 9, 8}, {}},
      {"it is out no more", 7 * kHour, {"agents", false, 9, 8}, {}},
      {"both at once", 8 * kHour, {"agents", true, 10, 9}, {out, lies}},
  };
  OutageAlarms alarms;
  Names told;
  for (const auto& look : kLooks) {
    std::vector<ProviderTroubles> all{look.met};
    ASSERT_TRUE(vault_.Wait(alarms.Tell(all, look.at_ms, Alarms(), vault_.executor)).ok());
    told.insert(told.end(), look.more.begin(), look.more.end());
    EXPECT_EQ(Told(), told) << look.why;
  }
}

// A whole desk, whose provider listens nowhere.
TEST_F(OutageAlarmsTest, OfAProviderThatIsGone) {
  const auto desk = testing::MakeTokenDesk(vault_, "http://127.0.0.1:1");
  ASSERT_TRUE(desk->Start().ok());
  for (int tries = 0; tries < 3'000 && Told().empty(); ++tries) {
    ASSERT_TRUE(vault_.Wait(desk->TellOutages(Alarms(), vault_.executor)).ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_TRUE(vault_.Wait(desk->TellOutages(Alarms(), vault_.executor)).ok());
  EXPECT_EQ(Told(), std::vector<std::string>{"agents"});
}

// A provider on loopback whose tokens are what the test says, and its keys good.
class Provider final : public net::Handler {
 public:
  Provider() {
    auto server = net::Server::Start({}, *this, clock_);
    CLOISON_CHECK(server.ok());
    server_ = std::move(*server);
  }
  Task<net::Response> Handle(net::Request request) override {
    const std::lock_guard lock(mutex_);
    net::Response response;
    response.headers.Add("content-type", "application/json");
    const bool keys = request.path == "/jwks";
    response.status = keys ? 200 : status_;
    response.body = keys ? forge::KeySet({forge::PublishedJwk(key_, "k1")}) : body_;
    co_return response;
  }
  void Answer(int status, std::string body) {
    const std::lock_guard lock(mutex_);
    status_ = status;
    body_ = std::move(body);
  }
  std::string Tokens(const identity::Attempt& attempt, std::int64_t now_s) const {
    const forge::Json claims = {{"iss", url()}, {"sub", "alice"},     {"aud", "vault"},
                                {"iat", now_s}, {"exp", now_s + 300}, {"nonce", attempt.nonce}};
    const forge::Json header = {{"alg", "ES256"}, {"kid", "k1"}};
    const forge::Json tokens = {{"access_token", "opaque"},
                                {"id_token", forge::Signed(header, claims, key_)}};
    return tokens.dump();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

 private:
  base::SystemClock clock_;
  const crypto::SigningKey key_ = forge::NewKey(crypto::KeyKind::kP256);
  std::mutex mutex_;  // guards what is answered
  int status_ = 200;
  std::string body_;
  std::unique_ptr<net::Server> server_;
};

// A whole desk that signs people in there.
class DeskOutagesTest : public OutageAlarmsTest {
 protected:
  void SetUp() override {
    OutageAlarmsTest::SetUp();
    const std::string secret = vault_.directory.path() + "/secret";
    CLOISON_CHECK(base::WriteWhole(vault_.files, secret, AsBytes("s3cret")).ok());
    const std::string url = provider_.url();
    const std::string issuers = R"(version = 1
[[issuer]]
alias = "agents"
url = ")" + url + R"("
kind = "agents"
algorithms = ["ES256"]
discovery = false
[issuer.endpoints]
jwks = ")" + url + R"(/jwks"
authorization = ")" + url + R"(/authorize"
token = ")" + url + R"(/token"
[issuer.client]
id = "vault"
authentication = "client_secret_basic"
scopes = ["openid"]
secret_file = ")" + secret + "\"\n";
    std::vector<std::string> problems;
    identity::IssuersRules rules;
    rules.loopback_http = true;
    auto made = ProductionDesk::Make(
        {issuers, "https://vault.example", rules},
        {vault_.files, vault_.clock, vault_.clock, vault_.random, vault_.events}, problems);
    ASSERT_TRUE(made.ok()) << (problems.empty() ? "" : problems[0]);
    desk_ = std::move(*made);
  }

  // Whether somebody signs in who gets tokens that are good, or else this answer.
  bool SignIn(int status = 200, std::string body = "") {
    identity::OpenIdClient& client = desk_->desk().client;
    Result<identity::OpenIdClient::Begun> begun = client.Begin("agents", false);
    CLOISON_CHECK(begun.ok());
    if (body.empty()) body = provider_.Tokens(begun->attempt, vault_.clock.wall_ms() / 1000);
    provider_.Answer(status, std::move(body));
    return base::SyncWait(client.Finish(begun->attempt, "a-code")).ok();
  }
  Names Look() {
    EXPECT_TRUE(vault_.Wait(desk_->TellOutages(Alarms(), vault_.executor)).ok());
    return Told();
  }

  Provider provider_;
  std::unique_ptr<ProductionDesk> desk_;
};

// The next who signs in well does not hide what was met before.
TEST_F(DeskOutagesTest, WhatHappensBetweenTwoLooksIsTold) {
  ASSERT_TRUE(desk_->Start().ok());
  ASSERT_TRUE(SignIn());
  EXPECT_EQ(Look(), Names{});
  EXPECT_FALSE(SignIn(200, "[]")) << "no tokens: a lie";
  EXPECT_TRUE(SignIn());
  EXPECT_EQ(Look(), Names({"agents/lies"}));
  EXPECT_FALSE(SignIn(503));
  vault_.clock.Advance(identity::kOutMs);
  EXPECT_TRUE(SignIn());
  EXPECT_EQ(Look(), Names({"agents/lies", "agents"}));
  EXPECT_EQ(Look(), Names({"agents/lies", "agents"}));
}

// Nobody signs in at night. The keys that are fetched all the same say that it is back.
TEST_F(DeskOutagesTest, KeysThatComeEndAnOutage) {
  EXPECT_FALSE(SignIn(503));
  EXPECT_EQ(Look(), Names({"agents"}));
  vault_.clock.Advance(1);
  ASSERT_TRUE(desk_->Start().ok());
  for (int i = 0; i < 3'000 && desk_->desk().keys.CameMs(0) < 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(Look(), Names({"agents"}));
  vault_.clock.Advance(kOutageQuietMs);
  EXPECT_FALSE(SignIn(503));
  EXPECT_EQ(Look(), Names({"agents", "agents"})) << "another outage";
}

}  // namespace
}  // namespace cloison::api
