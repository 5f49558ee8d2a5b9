// Every way in which a token or a client certificate can be wrong, over real TLS, and beside them
// what must pass: the whole way from the handshake to the answer. The same token by token, to the
// second: identity/development_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/testing/api_world.h"
#include "crypto/base64.h"
#include "crypto/certificate.h"
#include "net/testing/raw_tls.h"

namespace cloison::api {
namespace {

using nlohmann::json;
using testing::ApiWorld;

constexpr std::string_view kHeader = R"({"alg":"EdDSA","typ":"at+jwt"})";
constexpr int kRefusedByTls = 0;  // no status: the handshake ended it

struct Credential {
  std::string certificate_pem;
  std::string private_key_pem;
};

struct Row {
  const char* why;
  Credential with;
  std::string headers;  // lines of the request, each with its end
  int status;
  const char* code = "";
  std::string target = "/v1/me/capabilities";
};

std::string Header(const std::string& value, const std::string& name = "Authorization") {
  return name + ": " + value + "\r\n";
}

class SignInTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = new ApiWorld; }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  SignInTest() : now_s_(base::SystemClock().wall_ms() / 1000) {
    const auto seed = crypto::Secret<32>::FromBytes(AsBytes(world_->Credential("issuer.key")));
    CLOISON_CHECK(seed.ok());
    issuer_.emplace(*seed);
  }

  static Credential Of(const std::string& name) {
    return {world_->Credential(name + ".pem"), world_->Credential(name + ".key")};
  }
  static std::string TokenOf(const std::string& name) {
    return world_->Credential(name + ".token");
  }
  static std::string Bearer(const std::string& token) { return Header("Bearer " + token); }

  // The claims of a good token for adviser.ft; a test breaks one.
  json Claims(const std::string& name = "adviser.ft") const {
    const auto thumbprint =
        crypto::CertificateThumbprint(AsBytes(world_->Credential(name + ".pem")));
    return {{"iss", "cloison-dev"},
            {"sub", name},
            {"aud", "cloison"},
            {"iat", now_s_},
            {"nbf", now_s_},
            {"exp", now_s_ + 3600},
            {"jti", "AAECAwQFBgcICQoLDA0ODw"},
            {"cnf", {{"x5t#S256", crypto::ToBase64Url(*thumbprint)}}}};
  }
  json With(const char* claim, const json& value) const {
    json claims = Claims();
    claims[claim] = value;
    return claims;
  }
  json Without(const char* claim) const {
    json claims = Claims();
    claims.erase(claim);
    return claims;
  }

  static std::string Parts(std::string_view header, std::string_view payload) {
    return crypto::ToBase64Url(AsBytes(header)) + "." + crypto::ToBase64Url(AsBytes(payload));
  }
  std::string Signed(std::string_view header, std::string_view payload) const {
    const std::string parts = Parts(header, payload);
    return parts + "." + crypto::ToBase64Url(*issuer_->Sign(AsBytes(parts)));
  }
  std::string Signed(const json& claims) const { return Signed(kHeader, claims.dump()); }

  // A certificate of the world's own authority, or of one that nobody knows.
  Credential Issued(const std::string& name, std::int64_t from_s, std::int64_t until_s,
                    bool foreign = false) const {
    base::SystemRandom random;
    const std::string key = world_->Credential("ca.key");
    crypto::Certificate authority{world_->Credential("ca.pem"),
                                  crypto::SecretBytes::CopyOf(AsBytes(key))};
    const crypto::CertificateRequest request{name, {}, {}, from_s, until_s};
    if (foreign) authority = *crypto::MakeAuthority(request, random);
    const auto made = crypto::IssueClientCertificate(authority, request, random);
    CLOISON_CHECK(made.ok());
    return {made->certificate_pem, std::string(AsText(made->private_key_pem.Reveal()))};
  }
  Credential SelfSigned(const std::string& name) const {
    base::SystemRandom random;
    const auto made = crypto::MakeAuthority({name, {}, {}, now_s_ - 60, now_s_ + 3600}, random);
    CLOISON_CHECK(made.ok());
    return {made->certificate_pem, std::string(AsText(made->private_key_pem.Reveal()))};
  }

  static std::string Ask(const Row& row) {
    net::testing::RawTls tls(world_->port(), row.with.certificate_pem, row.with.private_key_pem);
    tls.Send("GET " + row.target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + row.headers +
             "\r\n");
    return tls.Read();
  }

  static void Check(const Row& row) {
    const std::uint64_t before = world_->vault().ledger().size();
    const std::string answer = Ask(row);
    if (row.status == kRefusedByTls) {
      EXPECT_EQ(answer, "") << row.why;
      return;
    }
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(row.status))) << row.why << "\n"
                                                                              << answer;
    if (row.status == 200) return;
    const std::string body = answer.substr(std::min(answer.find("\r\n\r\n") + 4, answer.size()));
    const json problem = json::parse(body, nullptr, false);
    ASSERT_TRUE(problem.is_object()) << row.why << "\n" << answer;
    EXPECT_EQ(problem.value("code", ""), row.code) << row.why << "\n" << body;
    const bool says_how = answer.find("\r\nwww-authenticate: Bearer") != std::string::npos;
    EXPECT_EQ(says_how, row.status == 401) << row.why;
    if (row.status == 401 || row.status == 400) {
      EXPECT_EQ(world_->vault().ledger().size(), before) << row.why;
    }
  }
  static void CheckAll(const std::vector<Row>& rows) {
    for (const Row& row : rows) Check(row);
  }

  // Rows that differ by the token alone: all refused.
  struct TokenRow {
    const char* why;
    std::string token;
  };
  static void RefuseTokens(const std::vector<TokenRow>& rows) {
    const Credential own = Of("adviser.ft");
    for (const TokenRow& row : rows) {
      Check({row.why, own, Bearer(row.token), 401, "unauthenticated"});
    }
  }

  static ApiWorld* world_;
  std::int64_t now_s_;
  std::optional<crypto::Ed25519Signer> issuer_;
};
ApiWorld* SignInTest::world_ = nullptr;

TEST_F(SignInTest, WhatIsRightPasses) {
  const Credential own = Of("adviser.ft");
  const std::string token = TokenOf("adviser.ft");
  CheckAll({
      {"the token that was issued", own, Bearer(token), 200},
      {"a token that this test signed", own, Bearer(Signed(Claims())), 200},
      {"the scheme in capitals", own, Header("BEARER " + token), 200},
      {"the header's name in capitals", own, Header("Bearer " + token, "AUTHORIZATION"), 200},
      {"spaces around the value, which HTTP takes away", own, Header("  Bearer " + token + " "),
       200},
      {"expired within the leeway", own, Bearer(Signed([this] {
         json claims = With("exp", now_s_ - 20);
         claims["iat"] = claims["nbf"] = now_s_ - 3600;
         return claims;
       }())),
       200},
      {"valid within the leeway", own, Bearer(Signed(With("nbf", now_s_ + 50))), 200},
      {"issued within the leeway", own, Bearer(Signed(With("iat", now_s_ + 50))), 200},
      {"another principal, with what is theirs", Of("adviser.ce"), Bearer(TokenOf("adviser.ce")),
       200},
      {"what anybody may read, with nothing", {}, "", 200, "", "/v1/status"},
      {"what anybody may read, with rubbish", own, Bearer("x"), 200, "", "/v1/status"},
  });
}

TEST_F(SignInTest, TheHeader) {
  const Credential own = Of("adviser.ft");
  const std::string token = TokenOf("adviser.ft");
  const std::string bearer = "Bearer " + token;
  constexpr const char* kNobody = "unauthenticated";
  constexpr const char* kMalformed = "malformed_request";
  CheckAll({
      {"none", own, "", 401, kNobody},
      {"empty", own, Header(""), 401, kNobody},
      {"the scheme alone", own, Header("Bearer"), 401, kNobody},
      {"a scheme and a space", own, Header("Bearer "), 401, kNobody},
      {"no scheme", own, Header(token), 401, kNobody},
      {"Basic", own, Header("Basic YWR2aXNlci5mdDp4"), 401, kNobody},
      {"DPoP", own, Header("DPoP " + token), 401, kNobody},
      {"two spaces", own, Header("Bearer  " + token), 401, kNobody},
      {"a tab", own, Header("Bearer\t" + token), 401, kNobody},
      {"a colon", own, Header("Bearer: " + token), 401, kNobody},
      {"in quotes", own, Header("Bearer \"" + token + "\""), 401, kNobody},
      {"two in one", own, Header(bearer + ", " + bearer), 401, kNobody},
      {"more behind", own, Header(bearer + " x"), 401, kNobody},
      {"not ASCII", own, Header(bearer + "\xc3\xa9"), 401, kNobody},
      {"in a cookie", own, Header("access_token=" + token, "Cookie"), 401, kNobody},
      {"in the query", own, "", 401, kNobody, "/v1/me/capabilities?access_token=" + token},
      {"for a proxy", own, Header(bearer, "Proxy-Authorization"), 401, kNobody},
      {"a name that is nearly right", own, Header(bearer, "Authorization_"), 401, kNobody},
      {"longer than a token may be", own, Bearer(token + std::string(2'048, 'A')), 401, kNobody},
      {"longer than a header may be", own, Bearer(std::string(20'000, 'A')), 431,
       "headers_too_large"},
      {"twice the same", own, Header(bearer) + Header(bearer), 400, kMalformed},
      {"two tokens", own, Header(bearer) + Bearer(TokenOf("adviser.ce")), 400, kMalformed},
      {"twice, in another case", own, Header(bearer) + Header(bearer, "authorization"), 400,
       kMalformed},
      {"one that is empty, and one", own, Header("") + Header(bearer), 400, kMalformed},
      {"a space before the colon", own, Header(bearer, "Authorization "), 400, kMalformed},
      {"a folded line", own, Header("Bearer\r\n " + token), 400, kMalformed},
      {"a zero byte", own, Header(bearer + std::string(1, '\0')), 400, kMalformed},
      {"a bare line feed", own, Header("x\nAuthorization: " + bearer, "X-A"), 400, kMalformed},
      {"two lengths", own, Header(bearer) + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
       400, kMalformed},
  });
}

TEST_F(SignInTest, TheTokensForm) {
  const std::string good = Signed(Claims());
  const std::size_t first = good.find('.'), last = good.rfind('.');
  const std::string payload = Claims().dump();
  const std::string signature = good.substr(last + 1);
  const std::string other = Signed(Claims("adviser.ce"));
  const auto replaced = [](std::string text, std::size_t at, char with) {
    text[at] = with;
    return text;
  };
  RefuseTokens({
      {"rubbish", "Quetzal"},
      {"one part", good.substr(0, first)},
      {"two parts", good.substr(0, last)},
      {"four parts", good + "." + signature},
      {"an empty header", good.substr(first)},
      {"an empty payload", good.substr(0, first + 1) + good.substr(last)},
      {"an empty signature", good.substr(0, last + 1)},
      {"padding", good + "="},
      {"the other alphabet of base64", replaced(good, last + 3, '+')},
      {"a character that is in none", replaced(good, last + 3, '!')},
      {"a bit of the header", replaced(good, first - 2, good[first - 2] == 'A' ? 'B' : 'A')},
      {"a bit of the payload", replaced(good, first + 9, good[first + 9] == 'A' ? 'B' : 'A')},
      {"a bit of the signature", replaced(good, last + 9, good[last + 9] == 'A' ? 'B' : 'A')},
      {"a signature cut short", good.substr(0, good.size() - 2)},
      {"another token's signature", good.substr(0, last) + other.substr(other.rfind('.'))},
      {"another token's payload",
       good.substr(0, first) + other.substr(first, other.rfind('.') - first) + good.substr(last)},
      {"a payload that is no JSON", Signed(kHeader, payload + "x")},
      {"a payload that is a list", Signed(kHeader, "[" + payload + "]")},
      {"a payload that is empty", Signed(kHeader, "")},
      {"the subject twice", Signed(kHeader, R"({"sub":"manager.a",)" + payload.substr(1))},
      {"the binding twice", Signed(kHeader, R"({"cnf":{},)" + payload.substr(1))},
      {"a claim that nobody knows", Signed(With("scope", "all"))},
  });
}

TEST_F(SignInTest, TheTokensKeyAndAlgorithm) {
  const std::string payload = Claims().dump();
  const auto as = [&](const char* header) { return Signed(header, payload); };
  const std::string none = Parts(R"({"alg":"none","typ":"at+jwt"})", payload);
  const std::string hmac = Parts(R"({"alg":"HS256","typ":"at+jwt"})", payload);
  const crypto::Ed25519PublicKey public_key = issuer_->public_key();
  base::SystemRandom random;
  const crypto::Ed25519Signer another{crypto::Secret<32>(random)};
  const std::string parts = Parts(kHeader, payload);
  RefuseTokens({
      {"no algorithm, no signature", none + "."},
      {"no algorithm, signed all the same", as(R"({"alg":"none","typ":"at+jwt"})")},
      {"an HMAC under the public key",
       hmac + "." + crypto::ToBase64Url(crypto::HmacRaw(public_key, {AsBytes(hmac)}))},
      {"ES256", as(R"({"alg":"ES256","typ":"at+jwt"})")},
      {"RS256", as(R"({"alg":"RS256","typ":"at+jwt"})")},
      {"EdDSA in other letters", as(R"({"alg":"EDDSA","typ":"at+jwt"})")},
      {"the algorithm twice", as(R"({"alg":"none","alg":"EdDSA","typ":"at+jwt"})")},
      {"the algorithm in a list", as(R"({"alg":["EdDSA"],"typ":"at+jwt"})")},
      {"no algorithm at all", as(R"({"typ":"at+jwt"})")},
      {"an ID token", as(R"({"alg":"EdDSA","typ":"JWT"})")},
      {"no type", as(R"({"alg":"EdDSA"})")},
      {"a critical extension", as(R"({"alg":"EdDSA","typ":"at+jwt","crit":["x"],"x":1})")},
      {"a key's name", as(R"({"alg":"EdDSA","typ":"at+jwt","kid":"../../dev/null"})")},
      {"a key of its own", as(R"({"alg":"EdDSA","typ":"at+jwt","jwk":{"kty":"OKP"}})")},
      {"a key elsewhere", as(R"({"alg":"EdDSA","typ":"at+jwt","jku":"https://127.0.0.1/"})")},
      {"another key", parts + "." + crypto::ToBase64Url(*another.Sign(AsBytes(parts)))},
  });
}

TEST_F(SignInTest, TheTokensClaims) {
  const auto times = [this](std::int64_t iat, std::int64_t nbf, std::int64_t exp) {
    json claims = Claims();
    claims["iat"] = now_s_ + iat;
    claims["nbf"] = now_s_ + nbf;
    claims["exp"] = now_s_ + exp;
    return Signed(claims);
  };
  const std::string others = Claims("adviser.ce")["cnf"]["x5t#S256"];
  RefuseTokens({
      {"another issuer", Signed(With("iss", "cloison"))},
      {"no issuer", Signed(Without("iss"))},
      {"another audience", Signed(With("aud", "other"))},
      {"a list of audiences", Signed(With("aud", {"cloison"}))},
      {"no audience", Signed(Without("aud"))},
      {"no subject", Signed(Without("sub"))},
      {"an empty subject", Signed(With("sub", ""))},
      {"a subject in capitals", Signed(With("sub", "Adviser.ft"))},
      {"a subject that is a path", Signed(With("sub", "../adviser.ft"))},
      {"a subject that is too long", Signed(With("sub", std::string(65, 'a')))},
      {"expired a second beyond the leeway", times(-3600, -3600, -61)},
      {"expired yesterday", times(-90'000, -90'000, -86'400)},
      {"no end", Signed(Without("exp"))},
      {"not yet valid", times(0, 600, 3600)},
      {"from the future", times(600, 0, 3600)},
      {"no time of issue", Signed(Without("iat"))},
      {"longer than eight hours", times(0, 0, 8 * 3600 + 1)},
      {"an end before its beginning", times(30, 0, 20)},
      {"a time that is text", Signed(With("exp", std::to_string(now_s_ + 3600)))},
      {"a time with a fraction", Signed(With("exp", static_cast<double>(now_s_) + 3600.5))},
      {"a negative time", Signed(With("nbf", -1))},
      {"a time beyond all times", Signed(With("exp", 9'000'000'000'000'000'000))},
      {"no session", Signed(Without("jti"))},
      {"a short session", Signed(With("jti", "AAEC"))},
      {"no binding", Signed(Without("cnf"))},
      {"an empty binding", Signed(With("cnf", json::object()))},
      {"a binding to a key", Signed(With("cnf", {{"jkt", others}}))},
      {"a binding to a key beside it",
       Signed(With("cnf", {{"jkt", others}, {"x5t#S256", Claims()["cnf"]["x5t#S256"]}}))},
      {"a binding to another's certificate", Signed(With("cnf", {{"x5t#S256", others}}))},
      {"a binding to half a certificate",
       Signed(With("cnf", {{"x5t#S256", others.substr(0, 22)}}))},
  });
}

TEST_F(SignInTest, TheCertificate) {
  const std::string bearer = Bearer(TokenOf("adviser.ft"));
  const std::string name = "adviser.ft";
  constexpr const char* kNobody = "unauthenticated";
  const std::int64_t day = 86'400;
  const std::string told =
      Header(world_->Credential("adviser.ft.pem").substr(28, 64), "X-SSL-Cert");
  CheckAll({
      {"none", {}, bearer, 401, kNobody},
      {"none, but a header that says so", {}, bearer + told, 401, kNobody},
      {"another principal's", Of("adviser.ce"), bearer, 401, kNobody},
      {"of the same name, made anew", Issued(name, now_s_ - day, now_s_ + day), bearer, 401,
       kNobody},
      {"expired", Issued(name, now_s_ - 2 * day, now_s_ - day), bearer, kRefusedByTls},
      {"not valid yet", Issued(name, now_s_ + day, now_s_ + 2 * day), bearer, kRefusedByTls},
      {"of an authority that nobody knows", Issued(name, now_s_ - day, now_s_ + day, true), bearer,
       kRefusedByTls},
      {"signed by itself", SelfSigned(name), bearer, kRefusedByTls},
      {"a server's", Of("server"), bearer, kRefusedByTls},
      {"the authority's own", Of("ca"), bearer, kRefusedByTls},
      {"what anybody may read, with an expired one", Issued(name, now_s_ - 2 * day, now_s_ - day),
       "", kRefusedByTls, "", "/v1/status"},
  });
}

TEST_F(SignInTest, ThePrincipal) {
  const Row nobody{"nobody enrolled it", Of("nobody.enrolled"), Bearer(TokenOf("nobody.enrolled")),
                   403, "not_enrolled"};
  Check(nobody);
  const auto set = [](const char* path) {
    return world_->Send({"officer.security",
                         net::Method::kPost,
                         path,
                         R"({"principal":"adviser.ft.002"})",
                         {{"idempotency-key", world_->FreshKey()}}});
  };
  const json claims = [this] {
    json of = Claims();
    of["sub"] = "adviser.ft.002";
    return of;
  }();
  const Row frozen{"frozen", Of("adviser.ft"), Bearer(Signed(claims)), 403, "principal_frozen"};
  const Row again{"and unfrozen", Of("adviser.ft"), Bearer(Signed(claims)), 200};
  Check(again);
  ASSERT_EQ(set("/v1/principals:freeze").status, 200);
  Check(frozen);
  ASSERT_EQ(world_->Agree("officer.security.b", set("/v1/principals:unfreeze")).status, 200);
  Check(again);
}

}  // namespace
}  // namespace cloison::api
