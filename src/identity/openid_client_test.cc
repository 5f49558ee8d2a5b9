// The OpenID client against a provider that lies, hangs, or is gone: every answer is ours to make.
#include "identity/openid_client.h"

#include <gtest/gtest.h>

#include <set>

#include "base/testing/manual_clock.h"
#include "base/testing/memory_files.h"
#include "base/testing/seeded_random.h"
#include "identity/internal/id_token.h"
#include "identity/sign_ins.h"
#include "identity/testing/forge.h"
#include "identity/testing/scripted_provider.h"
#include "net/url.h"

namespace cloison::identity {
namespace {

using testing::Json;

constexpr char kIssuer[] = "https://provider.example";
constexpr char kToken[] = "https://provider.example/token";
constexpr char kUserInfo[] = "https://provider.example/userinfo";
constexpr char kIssuersToml[] = R"(version = 1
[[issuer]]
alias = "agency"
kind = "KIND"
url = "https://provider.example"
algorithms = ["ES256"]
discovery = false
[issuer.endpoints]
jwks = "https://provider.example/jwks"
authorization = "https://provider.example/authorize"
token = "https://provider.example/token"
userinfo = "https://provider.example/userinfo"
[issuer.client]
id = "vault"
authentication = "client_secret_basic"
secret_file = "secret"
scopes = ["openid"]
acr_values = ["eidas2"]
claims = '{"id_token":{"amr":null}}'
)";

struct OpenIdClientTest : ::testing::Test {
  void Make(const std::string& kind) {
    std::string toml = kIssuersToml;
    toml.replace(toml.find("KIND"), 4, kind);
    std::vector<std::string> problems;
    issuers = std::move(*ParseIssuers(toml, {}, problems));
    CLOISON_CHECK(base::WriteWhole(files, "secret", AsBytes("s3cret\n")).ok());
    http.Serve("https://provider.example/jwks",
               testing::KeySet({testing::PublishedJwk(key, "k1")}));
    keys.emplace(ProviderKeysParts{issuers, http, files, clock, events});
    keys->Step();
    calls.emplace(http, clock, events);
    client.emplace(OpenIdParts{issuers, *keys, *calls, files, clock, random},
                   "https://vault.example");
    ASSERT_TRUE(client->Start(problems).ok());
  }

  std::int64_t now_s() const { return clock.wall_ms() / 1000; }
  Json Claims(const Attempt& attempt) const {
    return {{"iss", kIssuer},  {"sub", "alice"},        {"aud", "vault"},
            {"iat", now_s()},  {"exp", now_s() + 300},  {"nonce", attempt.nonce},
            {"acr", "eidas2"}, {"amr", {"pwd", "otp"}}, {"auth_time", now_s() - 5}};
  }
  std::string IdToken(const Json& claims) const {
    return testing::Signed(Json{{"alg", "ES256"}, {"kid", "k1"}}, claims, key);
  }
  void ServeTokens(const std::string& id_token) {
    ServeJson(
        kToken,
        Json{{"access_token", "opaque"}, {"token_type", "Bearer"}, {"id_token", id_token}}.dump());
  }
  void ServeJson(const std::string& at, const std::string& body, int status = 200,
                 const std::string& type = "application/json; charset=utf-8") {
    net::Response answer;
    answer.status = status;
    answer.headers.Add("content-type", type);
    answer.body = body;
    http.Script(at, [answer] { return Result<net::Response>(answer); });
  }
  Attempt Begin(bool step_up = false) {
    Result<OpenIdClient::Begun> begun = client->Begin("agency", step_up);
    CLOISON_CHECK(begun.ok());
    url = begun->url;
    return begun->attempt;
  }
  Result<Identified> Finish(const Attempt& attempt) {
    return base::SyncWait(client->Finish(attempt, "a-code"));
  }
  std::uint64_t Lies() { return calls->MetAt("agency").lies; }
  bool IsOut() { return calls->IsOut("agency", keys->CameMs(0)); }

  base::testing::ManualClock clock;
  base::testing::SeededRandom random{11};
  base::testing::MemoryFiles files;
  testing::ScriptedProvider http;
  testing::CountedEvents events;
  const crypto::SigningKey key = testing::NewKey(crypto::KeyKind::kP256);
  Issuers issuers;
  std::optional<ProviderKeys> keys;
  std::optional<ProviderCalls> calls;
  std::optional<OpenIdClient> client;
  std::string url;
};

TEST_F(OpenIdClientTest, TheBrowserIsSentWithWhatIsListedAndNothingElse) {
  Make("agents");
  const Attempt attempt = Begin();
  const auto query = net::ParseQuery(std::string_view(url).substr(url.find('?') + 1));
  ASSERT_TRUE(query.ok());
  std::set<std::string> names;
  for (const auto& [name, value] : *query) {
    names.insert(name);
    if (name == "redirect_uri") {
      EXPECT_EQ(value, "https://vault.example/v1/sign-ins/callback/agency");
    }
    if (name == "code_challenge") {
      EXPECT_EQ(value, testing::Digest64(crypto::Sha256(AsBytes(attempt.verifier))));
    }
  }
  EXPECT_EQ(names, (std::set<std::string>{"response_type", "client_id", "redirect_uri", "scope",
                                          "state", "nonce", "code_challenge",
                                          "code_challenge_method", "acr_values", "claims"}));
  EXPECT_GE(attempt.state.size(), 32u);
  EXPECT_GE(attempt.nonce.size(), 32u);
  EXPECT_GE(attempt.verifier.size(), 43u) << "RFC 7636 section 4.1";
  Begin(true);
  EXPECT_NE(url.find("&max_age=0"), std::string::npos);
}

TEST_F(OpenIdClientTest, WhoIsProvedIsIdentified) {
  Make("agents");
  const Attempt attempt = Begin();
  Json claims = Claims(attempt);
  claims["at_hash"] = internal::AccessDigest(JwsAlgorithm::kEs256, "opaque");
  ServeTokens(IdToken(claims));
  const Result<Identified> who = Finish(attempt);
  ASSERT_TRUE(who.ok()) << who.error().text();
  EXPECT_EQ(who->principal, PrincipalIdOf(kIssuer, "alice"));
  EXPECT_EQ(who->name, "agency:alice");
  EXPECT_EQ(who->assurance.level, "eidas2");
  EXPECT_EQ(who->assurance.issuer, "agency");
  EXPECT_TRUE(who->assurance.methods.Has(Method::kOtp));
  EXPECT_EQ(who->assurance.auth_time_s, now_s() - 5);
}

TEST_F(OpenIdClientTest, ATokenThatIsWrongInOneThingIdentifiesNobody) {
  Make("agents");
  const std::int64_t now = now_s();
  const Json kAbsent;
  const struct {
    const char* why;
    const char* claim;
    Json value;  // null: absent
    bool step_up = false;
    bool lie = false;  // an honest provider never says it: it is told once, and counted
  } kRows[] = {
      {"another issuer", "iss", "https://evil.example", false, true},
      {"no issuer", "iss", kAbsent, false, true},
      {"the issuer and a slash", "iss", "https://provider.example/", false, true},
      {"for another client", "aud", "other", false, true},
      {"for nobody", "aud", kAbsent, false, true},
      {"for several, and nobody said for whom", "aud", {"vault", "other"}, false, true},
      {"made for another client", "azp", "other", false, true},
      {"no sub", "sub", kAbsent, false, true},
      {"a sub with a space", "sub", "ali ce", false, true},
      {"another nonce", "nonce", std::string(43, 'A')},
      {"no nonce", "nonce", kAbsent},
      {"expired", "exp", now - 61},
      {"never expires", "exp", kAbsent},
      {"made in a time to come", "iat", now + 61},
      {"made long ago", "iat", now - 601},
      {"nobody knows when", "iat", kAbsent},
      {"not good yet", "nbf", now + 61},
      {"another access token's", "at_hash", "AAAAAAAAAAAAAAAAAAAAAA"},
      {"proved in a time to come", "auth_time", now + 61},
      {"step-up: proved before it was asked", "auth_time", now - 61, true},
      {"step-up: nobody says when", "auth_time", kAbsent, true},
      {"exp as text", "exp", "tomorrow", false, true},
  };
  int told = 0;
  for (const auto& row : kRows) {
    const Attempt attempt = Begin(row.step_up);
    Json claims = Claims(attempt);
    if (row.value.is_null()) {
      claims.erase(row.claim);
    } else {
      claims[row.claim] = row.value;
    }
    ServeTokens(IdToken(claims));
    const Result<Identified> who = Finish(attempt);
    EXPECT_TRUE(!who.ok() && who.error().code() == Code::kDenied) << row.why;
    told += row.lie ? 1 : 0;
    EXPECT_EQ(events.count("sign_in_provider_out"), told) << row.why;
    const Attempt good = Begin();
    ServeTokens(IdToken(Claims(good)));
    ASSERT_TRUE(Finish(good).ok()) << row.why << ": it is honest again";
    EXPECT_EQ(Lies(), told) << row.why << ": which hides nothing";
    EXPECT_FALSE(IsOut()) << row.why << ": it answered";
  }
}

TEST_F(OpenIdClientTest, ATokenThatNobodyRegisteredSignedIdentifiesNobody) {
  Make("agents");
  ASSERT_TRUE(keys->Start().ok());  // a key that is not there is fetched
  const Attempt attempt = Begin();
  const Json claims = Claims(attempt);
  const crypto::SigningKey other = testing::NewKey(crypto::KeyKind::kP256);
  const crypto::SigningKey rsa = testing::NewKey(crypto::KeyKind::kRsa);
  const std::string good = IdToken(claims);
  const struct {
    const char* why;
    std::string token;
    bool lie = true;
    std::int64_t after_ms = kKeysRefreshMsMin;  // the row before: the keys may be fetched again
  } kRows[] = {
      {"another key under the same name",
       testing::Signed(Json{{"alg", "ES256"}, {"kid", "k1"}}, claims, other)},
      {"an algorithm that is not registered",
       testing::Signed(Json{{"alg", "RS256"}, {"kid", "k1"}}, claims, rsa)},
      {"none", crypto::ToBase64Url(AsBytes(R"({"alg":"none"})")) + "." +
                   crypto::ToBase64Url(AsBytes(claims.dump())) + "."},
      {"an access token",
       testing::Signed(Json{{"alg", "ES256"}, {"kid", "k1"}, {"typ", "at+jwt"}}, claims, key),
       false},
      {"a signature cut off", good.substr(0, good.rfind('.') + 1)},
      {"not a token", "x"},
      {"a key that nobody published",
       testing::Signed(Json{{"alg", "ES256"}, {"kid", "k2"}}, claims, other)},
      {"a key that may be newer than the keys",
       testing::Signed(Json{{"alg", "ES256"}, {"kid", "k3"}}, claims, other), false, 0},
  };
  constexpr int kTriesMax = 20;
  std::uint64_t lies = 0;
  for (const auto& row : kRows) {
    lies += row.lie ? 1 : 0;
    // A key that was missed is looked for by a thread as soon as it may: where that comes between
    // the clock and the token, the token may be newer than the keys, and is told of the next time.
    for (int tries = 0; tries == 0 || (Lies() < lies && tries < kTriesMax); ++tries) {
      clock.Advance(row.after_ms);
      ServeTokens(row.token);
      EXPECT_FALSE(Finish(attempt).ok()) << row.why;
    }
    EXPECT_EQ(Lies(), lies) << row.why;
  }
  ServeTokens(good);
  EXPECT_TRUE(Finish(attempt).ok());
}

TEST_F(OpenIdClientTest, LevelsThatAreNoneAreNone) {
  Make("agents");
  const struct {
    const char* why;
    Json acr;
  } kRows[] = {
      {"absent", Json()},
      {"a list", {"eidas2"}},
      {"unknown", "eidas4"},
      {"weak", "eidas1"},
      {"an e-mail code that is called MFA", "eidas1-mfa"},
      {"another case", "EIDAS2"},
  };
  for (const auto& row : kRows) {
    const Attempt attempt = Begin();
    Json claims = Claims(attempt);
    claims["acr"] = row.acr;
    if (row.acr.is_null()) claims.erase("acr");
    ServeTokens(IdToken(claims));
    const Result<Identified> who = Finish(attempt);
    ASSERT_TRUE(who.ok()) << row.why;
    EXPECT_NE(who->assurance.level, "eidas2") << row.why;
    EXPECT_NE(who->assurance.level, "eidas3") << row.why;
  }
}

TEST_F(OpenIdClientTest, AnswersThatAreNoTokensIdentifyNobody) {
  Make("agents");
  const Attempt attempt = Begin();
  const std::string good =
      Json{{"access_token", "opaque"}, {"id_token", IdToken(Claims(attempt))}}.dump();
  const struct {
    const char* why;
    std::string body;
    int status;
    const char* type;
  } kRows[] = {
      {"the code is refused", R"({"error":"invalid_grant"})", 400, "application/json"},
      {"a page", "<html>", 200, "text/html"},
      {"right, but not called JSON", good, 200, "text/plain"},
      {"right, but created", good, 201, "application/json"},
      {"no ID token", R"({"access_token":"x"})", 200, "application/json"},
      {"no access token", R"({"id_token":"x"})", 200, "application/json"},
      {"a list", "[]", 200, "application/json"},
      {"two ID tokens", R"({"access_token":"x","id_token":"a","id_token":"b"})", 200,
       "application/json"},
  };
  for (const auto& row : kRows) {
    ServeJson(kToken, row.body, row.status, row.type);
    const Result<Identified> who = Finish(attempt);
    ASSERT_FALSE(who.ok()) << row.why;
    EXPECT_EQ(who.error().code(), Code::kDenied) << row.why;
  }
  EXPECT_EQ(events.count("sign_in_provider_out"), 1) << "told once, however often it lies";
  EXPECT_EQ(Lies(), 6u) << "all but a code that is refused, and a status that is not asked for";
}

TEST_F(OpenIdClientTest, AProviderThatIsOutIsToldOnceRefusedQuicklyAndLookedAtAgain) {
  Make("agents");
  const Attempt attempt = Begin();
  const Error kErrors[] = {{Code::kUnavailable, "too slow"},
                           {Code::kDenied, "a redirect"},
                           {Code::kExhausted, "5 MB"},
                           {Code::kCorrupt, "not HTTP"}};
  int asked = 0;
  for (const Error& error : kErrors) {
    http.Fail(kToken, error);
    const Result<Identified> who = Finish(attempt);
    ASSERT_FALSE(who.ok());
    EXPECT_EQ(who.error().code(), Code::kUnavailable) << error.text();
    EXPECT_EQ(http.asked(kToken), ++asked);
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(Finish(attempt).ok());
    EXPECT_EQ(http.asked(kToken), asked) << "within two seconds nobody waits for it again";
    clock.Advance(kOutMs);
  }
  EXPECT_EQ(events.count("sign_in_provider_out"), 1);
  EXPECT_EQ(events.count("sign_in_provider_back"), 0);
  EXPECT_TRUE(IsOut());
  EXPECT_FALSE(calls->IsOut("another", 0));
  EXPECT_EQ(calls->MetAt("agency").failures, 4u) << "what was not sent is no failure";
  EXPECT_EQ(calls->MetAt("another").failures, 0u);
  ServeTokens(IdToken(Claims(attempt)));
  EXPECT_TRUE(Finish(attempt).ok());
  EXPECT_EQ(events.count("sign_in_provider_back"), 1);
  EXPECT_FALSE(IsOut());
  http.Fail(kToken, kErrors[0]);
  EXPECT_FALSE(Finish(attempt).ok());
  EXPECT_EQ(events.count("sign_in_provider_out"), 2) << "another outage";
}

// Nobody need sign in before the next outage is another.
TEST_F(OpenIdClientTest, AnOutageIsOverWithAnAnswerOrWithKeys) {
  Make("agents");
  const Attempt attempt = Begin();
  const auto goes_out = [&] {
    http.Fail(kToken, Error{Code::kUnavailable, "too slow"});
    EXPECT_FALSE(Finish(attempt).ok());
    EXPECT_TRUE(IsOut());
  };
  goes_out();
  clock.Advance(kOutMs);
  EXPECT_TRUE(IsOut()) << "time alone ends nothing";
  ServeJson(kToken, R"({"error":"invalid_grant"})", 400);
  EXPECT_FALSE(Finish(attempt).ok());
  EXPECT_FALSE(IsOut()) << "it answered, though nobody signed in";

  goes_out();
  clock.Advance(kKeysRefreshMs);
  http.Fail("https://provider.example/jwks", Error{Code::kUnavailable, "too slow"});
  keys->Step();
  EXPECT_TRUE(IsOut()) << "the keys did not come";
  http.Serve("https://provider.example/jwks", testing::KeySet({testing::PublishedJwk(key, "k1")}));
  clock.Advance(kKeysRetryMs);
  keys->Step();
  EXPECT_FALSE(IsOut()) << "the keys came";
  goes_out();
  EXPECT_EQ(calls->MetAt("agency").failures, 3u);
  EXPECT_EQ(Lies(), 0u);
}

TEST_F(OpenIdClientTest, CitizensAreWhoTheUserInformationSays) {
  Make("citizens");
  const Attempt attempt = Begin();
  ServeTokens(IdToken(Claims(attempt)));
  const Json good = {
      {"sub", "alice"},         {"family_name", "DUBOIS"},   {"given_name", "Ada Eve"},
      {"gender", "female"},     {"birthdate", "1980-02-29"}, {"birthplace", "75107"},
      {"birthcountry", "99100"}};
  const auto signed_for = [&](const std::string& audience, const char* but = "") {
    Json claims = good;
    claims["iss"] = kIssuer;
    claims["aud"] = audience;
    claims.erase(but);
    return IdToken(claims);
  };
  const auto without = [&](const char* name, const Json& value) {
    Json claims = good;
    claims[name] = value;
    if (value.is_null()) claims.erase(name);
    return claims.dump();
  };
  const struct {
    const char* why;
    std::string body;
    const char* type;
    bool good;
    bool lie = false;  // a pivot that is not whole is none
  } kRows[] = {
      {"as JSON", good.dump(), "application/json", true},
      {"signed", signed_for("vault"), "application/jwt", true},
      {"signed for another client", signed_for("other"), "application/jwt", false, true},
      {"signed, and called JSON", signed_for("vault"), "application/json", false, true},
      {"a list", "[]", "application/json", false, true},
      {"about somebody else", without("sub", "bob"), "application/json", false, true},
      {"about nobody", without("sub", Json()), "application/json", false, true},
      {"no birth name", without("family_name", Json()), "application/json", false},
      {"an empty birth name", without("family_name", ""), "application/json", false},
      {"no given name", without("given_name", Json()), "application/json", false},
      {"no gender", without("gender", Json()), "application/json", false},
      {"no country", without("birthcountry", Json()), "application/json", false},
      {"no country, signed", signed_for("vault", "birthcountry"), "application/jwt", false},
      {"a year alone", without("birthdate", "1980"), "application/json", false},
      {"a number for a place", without("birthplace", 75107), "application/json", false},
      {"born abroad", without("birthplace", ""), "application/json", true},
      {"a page", "<html>", "text/html", false, true},
  };
  std::uint64_t lies = 0;
  for (const auto& row : kRows) {
    ServeJson(kUserInfo, row.body, 200, row.type);
    const Result<Identified> who = Finish(attempt);
    EXPECT_EQ(who.ok(), row.good) << row.why;
    lies += row.lie ? 1 : 0;
    EXPECT_EQ(Lies(), lies) << row.why;
    if (who.ok()) {
      ASSERT_NE(who->pivot, nullptr);
      EXPECT_EQ(who->pivot->birth_name, "DUBOIS");
    }
  }
  ServeJson(kUserInfo, good.dump(), 401);
  EXPECT_FALSE(Finish(attempt).ok()) << "the access token is not taken";
}

TEST(IdTokenTest, AccessDigestsAreThoseOfTheStandard) {
  // OpenID Connect Core appendix A.3 (RS256).
  EXPECT_EQ(
      internal::AccessDigest(JwsAlgorithm::kRs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
      "77QmUPtjPfzWtF2AnpK9RQ");
}

// ---- sign-ins under way, without HTTP

struct SignInsTest : ::testing::Test {
  base::testing::ManualClock clock;
  base::testing::SeededRandom random{5};
  SignIns sign_ins{
      clock,
      random,
      {.sign_ins_max = 8, .of_network_max = 3, .of_wide_network_max = 4, .greedy_network = 2}};

  Result<SignIns::Begun> Begin(std::uint8_t network, const std::string& state) {
    return BeginFrom(ByteArray<8>{4, network}, state);
  }
  Result<SignIns::Begun> BeginFrom(const ByteArray<8>& network, const std::string& state) {
    Beginning beginning;
    beginning.key = {Bound::kDpop, crypto::Digest{1}};
    beginning.network = network;
    OpenIdClient::Begun at_provider;
    at_provider.attempt.state = state;
    return sign_ins.Begin(beginning, at_provider);
  }
  static Identified Who(std::uint8_t n) {
    return {PrincipalId(ByteArray<16>{n}), "a:b", IssuerKind::kAgents, Assurance::Internal()};
  }
};

// Strangers who begin sign-ins without end take each other's places, not those of who comes after.
TEST_F(SignInsTest, TheOldestOfTheGreediestMakesRoom) {
  const auto honest = Begin(9, "honest");
  std::vector<Result<SignIns::Begun>> flood;
  for (int i = 0; i < 4; ++i) flood.push_back(Begin(1, "of one network"));
  EXPECT_EQ(sign_ins.size(), 4u) << "a network has its share";
  for (std::uint8_t i = 0; i < 6; ++i) {
    flood.push_back(BeginFrom(ByteArray<8>{6, 0x20, 1, 1, 1, 1, 1, i}, "of one /48"));
  }
  EXPECT_EQ(sign_ins.size(), 8u) << "and a wider one";
  const auto staff = Begin(8, "staff");
  ASSERT_TRUE(staff.ok()) << "a newcomer has a place";
  EXPECT_EQ(sign_ins.size(), 8u);
  EXPECT_TRUE(sign_ins.Start(honest->ticket).ok()) << "the oldest of all, of no greedy network";
  EXPECT_TRUE(sign_ins.Start(staff->ticket).ok());
  const bool kept[] = {false, true, true, true, false, false, false, true, true, true};
  for (std::size_t i = 0; i < flood.size(); ++i) {
    EXPECT_EQ(sign_ins.Start(flood[i]->ticket).ok(), kept[i]) << i;
  }
}

TEST_F(SignInsTest, WithoutAGreedyNetworkTheOldestOfAllMakesRoom) {
  std::vector<Result<SignIns::Begun>> begun;
  for (std::uint8_t i = 0; i < 9; ++i) begun.push_back(Begin(i, "a"));
  EXPECT_EQ(sign_ins.size(), 8u);
  EXPECT_FALSE(sign_ins.Start(begun[0]->ticket).ok());
  for (std::uint8_t i = 1; i < 9; ++i) EXPECT_TRUE(sign_ins.Start(begun[i]->ticket).ok());
}

// Who is back from the provider is nobody's to push out.
TEST_F(SignInsTest, AreBoundedAndTheLateMakeRoom) {
  for (std::uint8_t i = 0; i < 8; ++i) {
    const std::string state = "state" + std::to_string(i);
    const auto begun = Begin(i, state);
    ASSERT_TRUE(begun.ok());
    const auto started = sign_ins.Start(begun->ticket);
    ASSERT_TRUE(started.ok());
    ASSERT_TRUE(sign_ins.Return(state, started->browser).ok());
  }
  const Result<SignIns::Begun> full = Begin(9, "full");
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code(), Code::kExhausted);
  clock.Advance(kSignInMs);
  EXPECT_TRUE(Begin(1, "late").ok());
  EXPECT_EQ(sign_ins.size(), 1u);
}

TEST_F(SignInsTest, EachStepIsGoodOnceInOrderAndInTime) {
  const BoundKey key{Bound::kDpop, crypto::Digest{1}};
  const Result<SignIns::Begun> begun = Begin(1, "state");
  ASSERT_TRUE(begun.ok());
  EXPECT_FALSE(sign_ins.Return("state", "").ok()) << "not started";
  const Result<SignIns::Started> started = sign_ins.Start(begun->ticket);
  ASSERT_TRUE(started.ok());
  EXPECT_FALSE(sign_ins.Start(begun->ticket).ok()) << "the ticket was used";
  const Result<SignIns::Returned> returned = sign_ins.Return("state", started->browser);
  ASSERT_TRUE(returned.ok());
  EXPECT_FALSE(sign_ins.Return("state", started->browser).ok()) << "came back twice";
  const Result<std::string> handle = sign_ins.Identify(returned->at, Who(1));
  ASSERT_TRUE(handle.ok());
  EXPECT_FALSE(sign_ins.Identify(returned->at, Who(2)).ok()) << "identified twice";
  EXPECT_TRUE(sign_ins.Redeem(*handle, begun->id, key).ok());
  EXPECT_FALSE(sign_ins.Redeem(*handle, begun->id, key).ok()) << "the handle was used";
  const Result<SignIns::Begun> slow = Begin(1, "slow");
  clock.Advance(kSignInMs);
  EXPECT_FALSE(sign_ins.Start(slow->ticket).ok()) << "ten minutes later";
}

TEST_F(SignInsTest, AHandleIsNothingWithoutItsKeyItsIdAndItsBrowser) {
  const BoundKey key{Bound::kDpop, crypto::Digest{1}};
  const struct {
    const char* why;
    BoundKey key;
    bool own_id, own_browser, good;
  } kRows[] = {
      {"all of them", key, true, true, true},
      {"another key", {Bound::kDpop, crypto::Digest{2}}, true, true, false},
      {"the same digest of a certificate",
       {Bound::kCertificate, crypto::Digest{1}},
       true,
       true,
       false},
      {"another id", key, false, true, false},
      {"another browser", key, true, false, false},
  };
  for (const auto& row : kRows) {
    const Result<SignIns::Begun> begun = Begin(1, "s");
    const Result<SignIns::Started> started = sign_ins.Start(begun->ticket);
    const Result<SignIns::Returned> returned =
        sign_ins.Return("s", row.own_browser ? started->browser : std::string(43, 'A'));
    EXPECT_EQ(returned.ok(), row.own_browser) << row.why;
    if (!returned.ok()) continue;
    const Result<std::string> handle = sign_ins.Identify(returned->at, Who(1));
    const std::string id = row.own_id ? begun->id : "sin_" + std::string(43, 'A');
    EXPECT_EQ(sign_ins.Redeem(*handle, id, row.key).ok(), row.good) << row.why;
  }
}

TEST_F(SignInsTest, NobodyElseStepsUpASession) {
  Beginning beginning;
  beginning.who = PrincipalId(ByteArray<16>{1});
  beginning.session = SessionId(ByteArray<16>{1});
  OpenIdClient::Begun at_provider;
  at_provider.attempt.state = "s";
  const Result<SignIns::Begun> begun = sign_ins.Begin(beginning, at_provider);
  const Result<SignIns::Started> started = sign_ins.Start(begun->ticket);
  const Result<SignIns::Returned> returned = sign_ins.Return("s", started->browser);
  const Result<std::string> handle = sign_ins.Identify(returned->at, Who(2));
  EXPECT_FALSE(sign_ins.Redeem(*handle, begun->id, BoundKey{}).ok());
}

TEST_F(SignInsTest, WhatAKeyBeganDoesNotEndWithoutIt) {
  const Result<SignIns::Begun> begun = Begin(1, "s");
  const Result<SignIns::Started> started = sign_ins.Start(begun->ticket);
  const Result<SignIns::Returned> returned = sign_ins.Return("s", started->browser);
  ASSERT_TRUE(returned.ok());
  EXPECT_FALSE(sign_ins.TakeKeyless(returned->at, Who(1)).ok());
  EXPECT_TRUE(sign_ins.Identify(returned->at, Who(1)).ok()) << "and goes on with it";
}

}  // namespace
}  // namespace cloison::identity
