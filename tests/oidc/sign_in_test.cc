// Sign-in against a certified provider: what works, and what must not.
#include <gtest/gtest.h>

#include <set>

#include "crypto/base64.h"
#include "crypto/certificate.h"
#include "tests/oidc/world.h"

namespace cloison::oidc {
namespace {

using net::Method;

// One provider and one server for all tests: each signs in people of its own.
World& TheWorld() {
  static World* const world = new World();  // ends with the process: the provider's child too
  return *world;
}

OpenedSession SignInAs(const std::string& sub, const ProofKey& key) {
  TheWorld().Enrol(TheWorld().provider().agents(), sub, "adviser");
  OpenedSession opened = TheWorld().SignIn(key, {.sub = sub});
  EXPECT_EQ(opened.status, 201) << opened.body.dump();
  return opened;
}

constexpr char kOwn[] = "/v1/me/capabilities";

TEST(SignInTest, AnEnrolledAgentGetsASessionBoundToItsKey) {
  World& world = TheWorld();
  const ProofKey key;
  const OpenedSession opened = SignInAs("alice", key);
  EXPECT_EQ(opened.body["principal"], "agents:alice");
  EXPECT_EQ(opened.body["level"], "eidas2");
  EXPECT_EQ(opened.body["methods"], json({"pwd", "otp"}));
  EXPECT_EQ(opened.body["key"], "dpop");
  const std::string token = opened.body["token"];
  EXPECT_EQ(world.Get(key, token, kOwn).status, 200);
  const net::Response current = world.Get(key, token, "/v1/sessions/current");
  EXPECT_EQ(json::parse(current.body)["principal"], "agents:alice") << current.body;
}

TEST(SignInTest, LevelsAndMethodsThatARoleDoesNotTakeGetNoSession) {
  World& world = TheWorld();
  const struct {
    const char* why;
    const char* sub;
    const char* acr;
    const char* amr;
    const char* code;
  } kRows[] = {
      {"no level", "level.none", "", "pwd,otp", "sign_in_too_weak"},
      {"an e-mail code that is called MFA", "level.mail", "eidas1-mfa", "pwd,mail",
       "sign_in_too_weak"},
      {"a level too low", "level.low", "eidas1", "pwd,otp", "sign_in_too_weak"},
      {"a level that nobody knows", "level.unknown", "eidas9", "pwd,otp", "sign_in_too_weak"},
      {"a mailbox, whatever level is claimed", "level.trap", "eidas2", "pwd,mail",
       "sign_in_too_weak"},
      {"no methods", "level.nomethod", "eidas2", "", "sign_in_too_weak"},
      {"a method of no meaning", "level.mfa", "eidas3", "mfa", "sign_in_too_weak"},
  };
  for (const auto& row : kRows) {
    const std::size_t before = world.api().production().desk().sessions.size();
    world.Enrol(world.provider().agents(), row.sub, "adviser");
    const ProofKey key;
    const OpenedSession opened =
        world.SignIn(key, {.sub = row.sub, .acr = row.acr, .amr = row.amr});
    EXPECT_EQ(opened.status, 403) << row.why << opened.body.dump();
    EXPECT_EQ(Code(opened.response), row.code) << row.why;
    EXPECT_EQ(world.api().production().desk().sessions.size(), before) << row.why;
  }
}

TEST(SignInTest, AnIdentityThatNobodyEnrolledIsNobody) {
  const ProofKey key;
  const OpenedSession opened = TheWorld().SignIn(key, {.sub = "stranger", .acr = "eidas3"});
  EXPECT_EQ(opened.status, 403) << opened.body.dump();
  EXPECT_EQ(Code(opened.response), "not_enrolled");
}

TEST(SignInTest, AUserWhoRefusesGoesBackWithoutAHandle) {
  const ProofKey key;
  const OpenedSession opened = TheWorld().SignIn(key, {.sub = "denier", .denies = true});
  EXPECT_EQ(opened.body["ended_at"], std::string(World::kReturn) + "?error=denied");
}

// ---- the table of sessions

struct Shown {  // what a request shows of a session
  std::string token, proof_for, proof_method = "GET";
  std::string scheme = "DPoP ";
};

TEST(SessionTest, AStolenTokenOpensNothing) {
  World& world = TheWorld();
  const ProofKey key, other;
  const OpenedSession opened = SignInAs("victim", key);
  const std::string token = opened.body["token"];
  std::string flipped = token;
  flipped[10] = flipped[10] == 'A' ? 'B' : 'A';
  const auto ask = [&](const std::string& authorization, const std::string& proof) {
    api::testing::Ask one{"", Method::kGet, kOwn};
    if (!authorization.empty()) one.headers.emplace_back("authorization", authorization);
    if (!proof.empty()) one.headers.emplace_back("dpop", proof);
    return world.api().Send(one);
  };
  const std::string url = world.url(kOwn);
  const std::string used = key.Proof("GET", url, world.nonce(), token);
  EXPECT_EQ(ask("DPoP " + token, used).status, 200);
  const struct {
    const char* why;
    std::string authorization, proof;
  } kRows[] = {
      {"no proof", "DPoP " + token, ""},
      {"as a bearer without proof", "Bearer " + token, ""},
      {"another key's proof", "DPoP " + token, other.Proof("GET", url, world.nonce(), token)},
      {"a proof used before", "DPoP " + token, used},
      {"a proof without the token's digest", "DPoP " + token, key.Proof("GET", url, world.nonce())},
      {"a proof for another token", "DPoP " + token, key.Proof("GET", url, world.nonce(), flipped)},
      {"a proof of another method", "DPoP " + token, key.Proof("POST", url, world.nonce(), token)},
      {"a proof of another path", "DPoP " + token,
       key.Proof("GET", world.url("/v1/me/disclosures"), world.nonce(), token)},
      {"a proof for another server", "DPoP " + token,
       key.Proof("GET", std::string("https://evil.example") + kOwn, world.nonce(), token)},
      {"a proof without nonce", "DPoP " + token, key.Proof("GET", url, "", token)},
      {"a nonce of nobody", "DPoP " + token, key.Proof("GET", url, std::string(22, 'A'), token)},
      {"a token one letter off", "DPoP " + flipped, key.Proof("GET", url, world.nonce(), flipped)},
      {"half a token", "DPoP " + token.substr(0, 24),
       key.Proof("GET", url, world.nonce(), token.substr(0, 24))},
      {"a token and a letter", "DPoP " + token + "A",
       key.Proof("GET", url, world.nonce(), token + "A")},
      {"the prefix alone", "DPoP cls_", key.Proof("GET", url, world.nonce(), "cls_")},
      {"another scheme", "Basic " + token, key.Proof("GET", url, world.nonce(), token)},
      {"nothing at all", "", ""},
      {"a proof and no token", "", key.Proof("GET", url, world.nonce())},
  };
  for (const auto& row : kRows) {
    const net::Response answer = ask(row.authorization, row.proof);
    EXPECT_EQ(answer.status, 401) << row.why << answer.body;
    EXPECT_EQ(Code(answer), "unauthenticated") << row.why;
  }
  api::testing::Ask in_cookie{"", Method::kGet, kOwn};
  in_cookie.headers = {{"cookie", "__Host-cloison=" + token},
                       {"dpop", key.Proof("GET", url, world.nonce(), token)}};
  EXPECT_EQ(world.api().Send(in_cookie).status, 401) << "a header's token in a cookie";
  EXPECT_EQ(world.Get(key, token, kOwn).status, 200) << "and its owner still has it";
}

TEST(SessionTest, IdleAndOldSessionsAreDead) {
  World& world = TheWorld();
  const ProofKey key;
  const std::string token = SignInAs("sleeper", key).body["token"];
  world.api().clock().Advance(identity::kSessionIdleMs - 1'000);
  EXPECT_EQ(world.Get(key, token, "/v1/sessions/current").status, 200) << "within 15 minutes";
  world.api().clock().Advance(identity::kSessionIdleMs);
  EXPECT_EQ(world.Get(key, token, "/v1/sessions/current").status, 401) << "idle";
  const std::string busy = world.SignIn(key, {.sub = "sleeper"}).body.value("token", "");
  for (int i = 0; i < 32 * 15; ++i) {
    world.api().clock().Advance(base::kMinuteMs);
    if (i % 14 == 0 && i < 470) world.Get(key, busy, "/v1/sessions/current");
  }
  EXPECT_EQ(world.Get(key, busy, "/v1/sessions/current").status, 401) << "8 hours old";
}

TEST(SessionTest, AFrozenPrincipalsSessionsEndAtOnce) {
  World& world = TheWorld();
  const ProofKey key, officer_key;
  const std::string token = SignInAs("suspect", key).body["token"];
  world.Enrol(world.provider().agents(), "guard", "security-officer");
  const OpenedSession guard = world.SignIn(officer_key, {.sub = "guard"});
  ASSERT_EQ(guard.status, 201) << guard.body.dump();
  const std::string guards = guard.body["token"];
  const net::Response frozen =
      world.Send(officer_key, guards, Method::kPost, "/v1/principals:freeze",
                 R"({"principal":"agents:suspect"})");
  ASSERT_EQ(frozen.status, 200) << frozen.body;
  EXPECT_EQ(world.Get(key, token, kOwn).status, 401) << "the session is gone, not merely refused";
  const OpenedSession again = world.SignIn(key, {.sub = "suspect"});
  EXPECT_EQ(again.status, 403) << again.body.dump();
  EXPECT_EQ(Code(again.response), "principal_frozen");
}

TEST(SessionTest, WhoWasFrozenElsewhereLosesItsSessionsWithinFiveSeconds) {
  World& world = TheWorld();
  const ProofKey key;
  const std::string token = SignInAs("suspect.2", key).body["token"];
  access::Gate& gate = world.api().vault().gate();
  world.Enrol(world.provider().agents(), "guard.2", "security-officer");
  const access::Caller guard{world.PrincipalOf(world.provider().agents(), "guard.2"),
                             SessionId(ByteArray<16>{}), ClientId(0), world.api().home(),
                             identity::Assurance::Internal()};
  const PrincipalId suspect = world.PrincipalOf(world.provider().agents(), "suspect.2");
  const auto frozen = base::SyncWait(gate.Freeze(guard, suspect, true));
  ASSERT_TRUE(frozen.ok() && std::holds_alternative<access::Gate::Froze>(*frozen));
  for (int second = 0; second < 4; ++second) {
    EXPECT_TRUE(base::SyncWait(world.api().production().Follow(gate)).ok());
  }
  EXPECT_FALSE(world.api()
                   .production()
                   .desk()
                   .sessions.Find(identity::Sessions::DigestOf(token))
                   .has_value());
}

TEST(SessionTest, AnEndedSessionIsDead) {
  World& world = TheWorld();
  const ProofKey key;
  const std::string token = SignInAs("leaver", key).body["token"];
  EXPECT_EQ(world.Send(key, token, Method::kPost, "/v1/sessions:end", "{}").status, 200);
  EXPECT_EQ(world.Get(key, token, kOwn).status, 401);
}

TEST(SessionTest, StepUpAsksAgainAndKeepsTheSession) {
  World& world = TheWorld();
  const ProofKey key;
  const std::string token = SignInAs("climber", key).body["token"];
  const auto before =
      world.api().production().desk().sessions.Find(identity::Sessions::DigestOf(token));
  ASSERT_TRUE(before.has_value());
  const OpenedSession begun = world.Begin(key,
                                          {{"issuer", "agents"},
                                           {"client", "console"},
                                           {"return_url", World::kReturn},
                                           {"step_up", true}},
                                          token);
  ASSERT_EQ(begun.status, 201) << begun.body.dump();
  Browser browser = world.NewBrowser();
  const net::Response start = browser.Get(begun.body["url"]);
  EXPECT_EQ(QueryOf(std::string(start.headers.get("location")), "max_age"), "0");
  const std::string back = browser.SignIn(std::string(start.headers.get("location")),
                                          {.sub = "climber"}, World::kReturn);
  const OpenedSession opened = world.Open(key, begun.body["sign_in"], QueryOf(back, "handle"));
  ASSERT_EQ(opened.status, 201) << opened.body.dump();
  const std::string renewed = opened.body["token"];
  EXPECT_EQ(world.Get(key, token, kOwn).status, 401) << "the token before is dead";
  EXPECT_EQ(world.Get(key, renewed, kOwn).status, 200);
  const auto after =
      world.api().production().desk().sessions.Find(identity::Sessions::DigestOf(renewed));
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->id, before->id);
}

// ---- sign-ins that somebody meddles with

struct UnderWay {
  OpenedSession begun;
  std::string back;  // with the handle
};
UnderWay ComeBack(const ProofKey& key, const std::string& sub) {
  World& world = TheWorld();
  world.Enrol(world.provider().agents(), sub, "adviser");
  UnderWay out{
      world.Begin(key,
                  {{"issuer", "agents"}, {"client", "console"}, {"return_url", World::kReturn}}),
      ""};
  EXPECT_EQ(out.begun.status, 201) << out.begun.body.dump();
  Browser browser = world.NewBrowser();
  out.back = browser.SignIn(out.begun.body["url"], {.sub = sub}, World::kReturn);
  EXPECT_NE(QueryOf(out.back, "handle"), "") << out.back;
  return out;
}

TEST(MeddlingTest, AHandleIsGoodOnceForItsSignInAndItsKey) {
  World& world = TheWorld();
  const ProofKey key, other;
  const UnderWay one = ComeBack(key, "handle.1"), two = ComeBack(key, "handle.2");
  const std::string id_1 = one.begun.body["sign_in"], id_2 = two.begun.body["sign_in"];
  EXPECT_EQ(world.Open(key, id_2, QueryOf(one.back, "handle")).status, 401) << "another sign-in's";
  EXPECT_EQ(world.Open(key, id_1, QueryOf(one.back, "handle")).status, 401) << "used up by that";
  EXPECT_EQ(world.Open(other, id_2, QueryOf(two.back, "handle")).status, 401) << "another key";
  EXPECT_EQ(world.Open(key, id_2, QueryOf(two.back, "handle")).status, 401) << "used up by that";
  const UnderWay three = ComeBack(key, "handle.3");
  const std::string handle = QueryOf(three.back, "handle");
  EXPECT_EQ(world.Open(key, three.begun.body["sign_in"], handle).status, 201);
  EXPECT_EQ(world.Open(key, three.begun.body["sign_in"], handle).status, 401) << "replayed";
  const UnderWay late = ComeBack(key, "handle.4");
  world.api().clock().Advance(identity::kHandleMs);
  EXPECT_EQ(world.Open(key, late.begun.body["sign_in"], QueryOf(late.back, "handle")).status, 401)
      << "a minute later";
}

TEST(MeddlingTest, OnlyTheBrowserThatBeganComesBack) {
  World& world = TheWorld();
  const ProofKey key;
  const OpenedSession begun = world.Begin(
      key, {{"issuer", "agents"}, {"client", "console"}, {"return_url", World::kReturn}});
  ASSERT_EQ(begun.status, 201);
  Browser attacker = world.NewBrowser(), victim = world.NewBrowser();
  const std::string callback = world.url("/v1/sign-ins/callback/");
  const std::string location = attacker.SignIn(begun.body["url"], {.sub = "mallory"}, callback);
  ASSERT_TRUE(location.starts_with(callback)) << location;
  EXPECT_EQ(victim.Get(location).status, 401) << "the attacker's code in a victim's browser";
  EXPECT_EQ(attacker.Get(location).status, 401) << "the state is used up by that";
  Browser second = world.NewBrowser();
  EXPECT_EQ(second.Get(begun.body["url"]).status, 401) << "the ticket was used";
}

TEST(MeddlingTest, StateCodeIssuerAndPathBelongTogether) {
  World& world = TheWorld();
  const std::string callback = world.url("/v1/sign-ins/callback/");
  const struct {
    const char* why;
    const char* from;
    const char* to;
    int status;
    const char* ends;
  } kRows[] = {
      {"another state", "state=", "state=A", 401, ""},
      {"a code of nobody", "code=", "code=A", 303,
       "error=refused&error_description=the%20provider%20refused%20the%20code"},
      {"no code", "code=", "kode=", 303, "error=denied"},
      {"another provider's redirect URI", "/callback/agents?", "/callback/citizens?", 303,
       "error=refused"},
      {"another issuer", "iss=https", "iss=https%3A%2F%2Fevil.example%2F&was=https", 303,
       "error=refused"},
  };
  for (const auto& row : kRows) {
    const ProofKey key;
    const OpenedSession begun = world.Begin(
        key, {{"issuer", "agents"}, {"client", "console"}, {"return_url", World::kReturn}});
    ASSERT_EQ(begun.status, 201);
    Browser browser = world.NewBrowser();
    std::string url = browser.SignIn(begun.body["url"], {.sub = "alice"}, callback);
    const std::size_t at = url.find(row.from);
    ASSERT_NE(at, std::string::npos) << row.why << url;
    url.replace(at, std::string(row.from).size(), row.to);
    const net::Response answer = browser.Get(url);
    EXPECT_EQ(answer.status, row.status) << row.why << answer.body;
    EXPECT_TRUE(answer.headers.get("location").ends_with(row.ends)) << row.why;
  }
}

TEST(MeddlingTest, ACodeIsGoodOnce) {
  World& world = TheWorld();
  const ProofKey key;
  const auto begin = [&] {
    return world.Begin(
        key, {{"issuer", "agents"}, {"client", "console"}, {"return_url", World::kReturn}});
  };
  const std::string callback = world.url("/v1/sign-ins/callback/");
  Browser first = world.NewBrowser(), second = world.NewBrowser();
  const std::string one = first.SignIn(begin().body["url"], {.sub = "alice"}, callback);
  EXPECT_NE(QueryOf(std::string(first.Get(one).headers.get("location")), "handle"), "");
  std::string two = second.SignIn(begin().body["url"], {.sub = "alice"}, callback);
  const std::size_t at = two.find("code=");
  two.replace(at, two.find('&', at) - at, "code=" + QueryOf(one, "code"));
  EXPECT_TRUE(
      second.Get(two).headers.get("location").ends_with("the%20provider%20refused%20the%20code"))
      << "a code that was used, in a sign-in of its own";
}

TEST(MeddlingTest, WhoBeginsMustProveAKeyAndComeBackToARegisteredPlace) {
  World& world = TheWorld();
  const ProofKey key;
  const std::string good = World::kReturn;
  const struct {
    const char* why;
    json body;
    int status;
  } kRows[] = {
      {"registered, another port of the loopback",
       {{"issuer", "agents"}, {"client", "console"}, {"return_url", "http://127.0.0.1:9/back"}},
       201},
      {"another path",
       {{"issuer", "agents"}, {"client", "console"}, {"return_url", "http://127.0.0.1:9/other"}},
       422},
      {"another host",
       {{"issuer", "agents"}, {"client", "console"}, {"return_url", "http://127.0.0.2:9/back"}},
       422},
      {"somebody's server",
       {{"issuer", "agents"}, {"client", "console"}, {"return_url", "https://evil.example/back"}},
       422},
      {"registered for another client",
       {{"issuer", "agents"}, {"client", "console"}, {"return_url", "https://case.example/back"}},
       422},
      {"user information before the host",
       {{"issuer", "agents"},
        {"client", "console"},
        {"return_url", "http://127.0.0.1:7777@evil.example/back"}},
       422},
      {"a longer path",
       {{"issuer", "agents"}, {"client", "console"}, {"return_url", good + "/x"}},
       422},
      {"a query that was not registered",
       {{"issuer", "agents"}, {"client", "console"}, {"return_url", good + "?x=1"}},
       422},
      {"no such provider",
       {{"issuer", "nobody"}, {"client", "console"}, {"return_url", good}},
       422},
      {"no such client", {{"issuer", "agents"}, {"client", "nobody"}, {"return_url", good}}, 403},
      {"no client", {{"issuer", "agents"}, {"return_url", good}}, 403},
      {"an application that has a certificate, without it",
       {{"issuer", "agents"}, {"client", "case"}, {"return_url", "https://case.example/back"}},
       403},
      {"a cookie for a page that is not ours",
       {{"issuer", "agents"}, {"client", "console"}, {"return_url", good}, {"carrier", "cookie"}},
       422},
      {"an unknown key",
       {{"issuer", "agents"}, {"client", "console"}, {"return_url", good}, {"redirect_uri", good}},
       422},
  };
  for (const auto& row : kRows) {
    const OpenedSession begun = world.Begin(key, row.body);
    EXPECT_EQ(begun.status, row.status) << row.why << begun.body.dump();
  }
  api::testing::Ask bare{
      "", Method::kPost, "/v1/sign-ins",
      json{{"issuer", "agents"}, {"client", "console"}, {"return_url", good}}.dump()};
  const net::Response refused = world.api().Send(bare);
  EXPECT_EQ(refused.status, 401) << "no key";
  EXPECT_FALSE(refused.headers.get("dpop-nonce").empty());
}

// ---- applications, consoles

TEST(ApplicationTest, ASessionBoundToACertificateNeedsIt) {
  World& world = TheWorld();
  world.Enrol(world.provider().agents(), "agent.of.case", "adviser");
  const json body = {{"issuer", "agents"}, {"return_url", "https://case.example/back"}};
  const auto send = [&](const std::string& who, const std::string& path, const std::string& text,
                        const std::string& token) {
    api::testing::Ask ask{who, text.empty() ? Method::kGet : Method::kPost, path, text};
    ask.headers.emplace_back("authorization", token.empty() ? "" : "Bearer " + token);
    return world.api().Send(ask);
  };
  const net::Response begun = send("app.case", "/v1/sign-ins", body.dump(), "");
  ASSERT_EQ(begun.status, 201) << begun.body;
  Browser browser = world.NewBrowser();
  const std::string back = browser.SignIn(json::parse(begun.body)["url"], {.sub = "agent.of.case"},
                                          "https://case.example/back");
  const json redeem = {{"sign_in", json::parse(begun.body)["sign_in"]},
                       {"handle", QueryOf(back, "handle")}};
  const net::Response opened = send("app.case", "/v1/sessions", redeem.dump(), "");
  ASSERT_EQ(opened.status, 201) << opened.body;
  const std::string token = json::parse(opened.body)["token"];
  EXPECT_EQ(json::parse(opened.body)["key"], "certificate");
  EXPECT_EQ(send("app.case", kOwn, "", token).status, 200);
  EXPECT_EQ(send("adviser.ft", kOwn, "", token).status, 401) << "another certificate";
  EXPECT_EQ(send("", kOwn, "", token).status, 401) << "no certificate";
}

TEST(ApplicationTest, AnApplicationIsAPrincipalByItsCertificateAndIsShownNobody) {
  World& world = TheWorld();
  world.Enrol(world.provider().agents(), "case", "case-application");
  api::testing::Ask own{"app.case", Method::kGet, kOwn};
  own.headers.emplace_back("authorization", "");
  const net::Response answer = world.api().Send(own);
  EXPECT_EQ(answer.status, 200) << answer.body;
  api::testing::Ask look{"app.case", Method::kPost, "/v1/lookups",
                         R"({"criterion":"email","value":"x@example.org","purpose":"support"})"};
  look.headers.emplace_back("authorization", "");
  EXPECT_NE(world.api().Send(look).status, 200);
  own.who = "adviser.ft";
  EXPECT_EQ(world.api().Send(own).status, 401) << "a certificate that is not registered";
}

// A JWT access token that the provider bound to `key`, by client credentials.
std::string AccessTokenOf(const ProofKey& key) {
  World& world = TheWorld();
  const std::string url = world.provider().agents() + "/token";
  net::ClientOptions options;
  options.port = net::ParseUrl(url)->port;
  options.ca_pem = world.provider().ca_pem();
  base::SystemClock clock;
  net::HttpClient client(std::move(options), clock);
  std::string nonce;
  for (int i = 0; i < 2; ++i) {
    net::Request request = net::MakeRequest(
        Method::kPost, "/token",
        "grant_type=client_credentials&scope=vault&resource=" + net::PercentEncode(world.url("")));
    request.headers.Add("content-type", "application/x-www-form-urlencoded");
    request.headers.Add("authorization",
                        "Basic " + crypto::ToBase64(AsBytes("payroll:payroll-secret")));
    request.headers.Add("dpop", key.Proof("POST", url, nonce));
    const Result<net::Response> answer = client.Send(request);
    if (!answer.ok()) return "";
    nonce = answer->headers.get("dpop-nonce");
    if (answer->status == 200) return json::parse(answer->body)["access_token"];
  }
  return "";
}

TEST(ApplicationTest, AKeyBoundAccessTokenOfAProviderIsTakenWithItsKeyAlone) {
  World& world = TheWorld();
  world.Enrol(world.provider().agents(), "payroll", "case-application");
  const ProofKey& key = world.payroll();
  const ProofKey other;
  const std::string token = AccessTokenOf(key);
  ASSERT_NE(token, "");
  const net::Response first = world.Get(key, token, kOwn);
  const net::Response answer = first.status == 401 ? world.Get(key, token, kOwn) : first;
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(world.Get(other, token, kOwn).status, 401) << "another key";
  api::testing::Ask bearer{"", Method::kGet, kOwn};
  bearer.headers.emplace_back("authorization", "Bearer " + token);
  EXPECT_EQ(world.api().Send(bearer).status, 401) << "as a bearer";
}

TEST(ConsoleTest, ACookieOfAConsoleNeedsItsKeyToo) {
  World& world = TheWorld();
  world.Enrol(world.provider().agents(), "console.user", "adviser");
  const ProofKey key, other;
  const std::string page = world.url("/console");
  const OpenedSession begun = world.Begin(
      key,
      {{"issuer", "agents"}, {"client", "console"}, {"return_url", page}, {"carrier", "cookie"}});
  ASSERT_EQ(begun.status, 201) << begun.body.dump();
  Browser browser = world.NewBrowser();
  const std::string back = browser.SignIn(begun.body["url"], {.sub = "console.user"}, page);
  const OpenedSession opened = world.Open(key, begun.body["sign_in"], QueryOf(back, "handle"));
  ASSERT_EQ(opened.status, 201) << opened.body.dump();
  EXPECT_FALSE(opened.body.contains("token"));
  const std::string cookie(opened.response.headers.get("set-cookie"));
  for (const char* part :
       {"__Host-cloison=cls_", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"}) {
    EXPECT_NE(cookie.find(part), std::string::npos) << part << cookie;
  }
  const std::string pair = cookie.substr(0, cookie.find(';'));
  const std::string token = pair.substr(pair.find('=') + 1);
  const auto ask = [&](const std::string& proof) {
    api::testing::Ask one{"", Method::kGet, kOwn};
    one.headers.emplace_back("cookie", pair);
    if (!proof.empty()) one.headers.emplace_back("dpop", proof);
    return world.api().Send(one).status;
  };
  const std::string url = world.url(kOwn);
  EXPECT_EQ(ask(key.Proof("GET", url, world.nonce(), token)), 200);
  EXPECT_EQ(ask(""), 401) << "the cookie alone";
  EXPECT_EQ(ask(other.Proof("GET", url, world.nonce(), token)), 401) << "another key";
}

// ---- the provider changes

TEST(ProviderTest, KeysThatRotateAreFetchedAndOldOnesAreNotTrusted) {
  World& world = TheWorld();
  const ProofKey key;
  SignInAs("rotation", key);
  world.provider().Restart();  // new keys, at once
  std::this_thread::sleep_for(std::chrono::milliseconds(identity::kKeysRefreshMsMin + 500));
  const OpenedSession opened = world.SignIn(key, {.sub = "rotation"});
  EXPECT_EQ(opened.status, 201) << opened.body.dump();
}

}  // namespace
}  // namespace cloison::oidc
