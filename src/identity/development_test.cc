// What development sign-in refuses, as a table; and what it accepts.
#include "identity/development.h"

#include <gtest/gtest.h>

#include "base/testing/manual_clock.h"
#include "base/testing/seeded_random.h"
#include "crypto/base64.h"
#include "identity/testing/showing.h"

namespace cloison::identity {
namespace {

using testing::Showing;

constexpr std::int64_t kNow = 1'700'000'000;
constexpr std::string_view kHeader = R"({"alg":"EdDSA","typ":"at+jwt"})";
constexpr std::string_view kSession = "AAECAwQFBgcICQoLDA0ODw";
const crypto::Digest kCertificate = crypto::Sha256(AsBytes("certificate"));

std::string Binding(const crypto::Digest& certificate = kCertificate) {
  return R"("cnf":{"x5t#S256":")" + crypto::ToBase64Url(certificate) + "\"}";
}

struct Times {
  std::int64_t iat = kNow, nbf = kNow, exp = kNow + 3600;
};

std::string Payload(const std::string& issuer = "cloison-dev",
                    const std::string& sub = "adviser.ft", const std::string& aud = "\"cloison\"",
                    Times times = {}, const std::string& rest = Binding()) {
  return R"({"iss":")" + issuer + R"(","sub":")" + sub + R"(","aud":)" + aud +
         ",\"iat\":" + std::to_string(times.iat) + ",\"nbf\":" + std::to_string(times.nbf) +
         ",\"exp\":" + std::to_string(times.exp) + ",\"jti\":\"" + std::string(kSession) + "\"," +
         rest + "}";
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CLOISON_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

class DevelopmentSignInTest : public ::testing::Test {
 protected:
  DevelopmentSignInTest() { peer_.certificate_sha256 = kCertificate; }

  std::string Signed(std::string_view header, std::string_view payload) const {
    std::string token =
        crypto::ToBase64Url(AsBytes(header)) + "." + crypto::ToBase64Url(AsBytes(payload));
    const auto signature = signer_.Sign(AsBytes(token));
    return token + "." + crypto::ToBase64Url(*signature);
  }
  std::string Good() const { return Signed(kHeader, Payload()); }

  base::testing::ManualClock clock_{kNow * 1000};
  base::testing::SeededRandom random_{1};
  crypto::Ed25519Signer signer_{crypto::Secret<32>(random_)};
  DevelopmentSignIn sign_in_{signer_.public_key(), clock_};
  net::Peer peer_;
};

TEST_F(DevelopmentSignInTest, AcceptsItsIssuersTokens) {
  const DevelopmentIssuer issuer(signer_, clock_, random_);
  const auto token = issuer.Issue("adviser.ft", kCertificate);
  ASSERT_TRUE(token.ok());
  for (const std::string_view scheme : {"Bearer ", "bearer ", "BEARER "}) {
    const auto who = sign_in_.Verify(Showing(std::string(scheme) + *token, peer_));
    ASSERT_TRUE(who.ok()) << who.error().text();
    EXPECT_EQ(who->principal, DevelopmentPrincipalId("adviser.ft"));
    EXPECT_EQ(who->client.value(), base::LoadBig({kCertificate.data(), 4}));
  }
  const auto other = issuer.Issue("adviser.ft", kCertificate);
  EXPECT_NE(sign_in_.Verify(Showing("Bearer " + *other, peer_))->session,
            sign_in_.Verify(Showing("Bearer " + *token, peer_))->session);
}

TEST_F(DevelopmentSignInTest, APrincipalsNumberIsItsNamesDigest) {
  // printf 'cloison-dev/adviser.ft' | sha256sum
  EXPECT_EQ(base::ToHex(DevelopmentPrincipalId("adviser.ft").bytes()),
            base::ToHex(crypto::Truncate<16>(crypto::Sha256(AsBytes("cloison-dev/adviser.ft")))));
}

TEST_F(DevelopmentSignInTest, RefusesTokens) {
  const std::string good = Good();
  const std::size_t dot = good.find('.');
  const std::string unsigned_part = good.substr(0, good.rfind('.'));
  const crypto::Digest other = crypto::Sha256(AsBytes("another certificate"));
  struct Row {
    const char* why;
    std::string token;
  };
  const Row rows[] = {
      {"empty", ""},
      {"no parts", "abc"},
      {"two parts", unsigned_part},
      {"an empty signature", unsigned_part + "."},
      {"four parts", good + ".AA"},
      {"a space inside", Replaced(good, ".", ". ")},
      {"padding", good + "="},
      {"a cut signature", good.substr(0, good.size() - 4)},
      {"a changed signature", good.substr(0, good.size() - 6) + "AAAAAA"},
      {"a changed payload", Replaced(good, good.substr(dot + 3, 2), "AA")},
      {"too long", good + std::string(kTokenBytesMax, 'A')},
      {"algorithm none", Signed(R"({"alg":"none","typ":"at+jwt"})", Payload())},
      {"algorithm none, unsigned",
       crypto::ToBase64Url(AsBytes(R"({"alg":"none","typ":"at+jwt"})")) +
           good.substr(dot, good.rfind('.') - dot) + "."},
      {"an HMAC", Signed(R"({"alg":"HS256","typ":"at+jwt"})", Payload())},
      {"another curve", Signed(R"({"alg":"ES256","typ":"at+jwt"})", Payload())},
      {"the algorithm in lower case", Signed(R"({"alg":"eddsa","typ":"at+jwt"})", Payload())},
      {"no algorithm", Signed(R"({"typ":"at+jwt"})", Payload())},
      {"no type", Signed(R"({"alg":"EdDSA"})", Payload())},
      {"an ID token's type", Signed(R"({"alg":"EdDSA","typ":"JWT"})", Payload())},
      {"critical headers", Signed(R"({"alg":"EdDSA","typ":"at+jwt","crit":["b64"]})", Payload())},
      {"a key of its own", Signed(R"({"alg":"EdDSA","typ":"at+jwt","jwk":{}})", Payload())},
      {"a key to fetch", Signed(R"({"alg":"EdDSA","typ":"at+jwt","jku":"https://a"})", Payload())},
      {"the algorithm twice", Signed(R"({"alg":"EdDSA","alg":"EdDSA","typ":"at+jwt"})", Payload())},
      {"a header that is a list", Signed("[]", Payload())},
      {"a payload that is text", Signed(kHeader, "\"adviser.ft\"")},
      {"a payload that is not JSON", Signed(kHeader, Payload() + ",")},
      {"the subject twice",
       Signed(kHeader, Replaced(Payload(), "\"sub\"", "\"sub\":\"manager.a\",\"sub\""))},
      {"another issuer", Signed(kHeader, Payload("cloison"))},
      {"another audience", Signed(kHeader, Payload("cloison-dev", "adviser.ft", "\"other\""))},
      {"a list of audiences",
       Signed(kHeader, Payload("cloison-dev", "adviser.ft", "[\"cloison\"]"))},
      {"no subject", Signed(kHeader, Replaced(Payload(), "\"sub\":\"adviser.ft\",", ""))},
      {"a subject that is no name", Signed(kHeader, Payload("cloison-dev", "Adviser FT"))},
      {"a subject that is too long", Signed(kHeader, Payload("cloison-dev", std::string(65, 'a')))},
      {"an unknown claim", Signed(kHeader, Replaced(Payload(), "{", "{\"scope\":\"all\","))},
      {"expired", Signed(kHeader, Payload("cloison-dev", "adviser.ft", "\"cloison\"",
                                          {kNow - 3600, kNow - 3600, kNow - 60}))},
      {"not yet", Signed(kHeader, Payload("cloison-dev", "adviser.ft", "\"cloison\"",
                                          {kNow, kNow + 61, kNow + 3600}))},
      {"from the future", Signed(kHeader, Payload("cloison-dev", "adviser.ft", "\"cloison\"",
                                                  {kNow + 61, kNow, kNow + 3600}))},
      {"for more than eight hours",
       Signed(kHeader, Payload("cloison-dev", "adviser.ft", "\"cloison\"",
                               {kNow, kNow, kNow + kDevelopmentTokenSeconds + 1}))},
      {"ends before it begins",
       Signed(kHeader, Payload("cloison-dev", "adviser.ft", "\"cloison\"", {kNow, kNow, kNow}))},
      {"a time that is text",
       Signed(kHeader, Replaced(Payload(), "\"iat\":" + std::to_string(kNow),
                                "\"iat\":\"" + std::to_string(kNow) + "\""))},
      {"a time with a point", Signed(kHeader, Replaced(Payload(), "\"exp\":",
                                                       "\"exp\":9"
                                                       "9999999999999"))},
      {"no session", Signed(kHeader, Replaced(Payload(), "\"jti\"", "\"jtx\""))},
      {"a short session", Signed(kHeader, Replaced(Payload(), kSession, "AAEC"))},
      {"not bound",
       Signed(kHeader, Payload("cloison-dev", "adviser.ft", "\"cloison\"", {}, "\"cnf\":{}"))},
      {"bound in another way", Signed(kHeader, Payload("cloison-dev", "adviser.ft", "\"cloison\"",
                                                       {}, R"("cnf":{"jkt":"AA"})"))},
      {"bound to another certificate",
       Signed(kHeader, Payload("cloison-dev", "adviser.ft", "\"cloison\"", {}, Binding(other)))},
  };
  for (const Row& row : rows) {
    const auto who = sign_in_.Verify(Showing("Bearer " + row.token, peer_));
    EXPECT_FALSE(who.ok()) << row.why;
    if (!who.ok()) {
      EXPECT_EQ(who.error().code(), Code::kDenied) << row.why;
    }
  }
  EXPECT_TRUE(sign_in_.Verify(Showing("Bearer " + good, peer_)).ok());
}

TEST_F(DevelopmentSignInTest, JudgesTimesToTheSecond) {
  constexpr std::int64_t kLife = kDevelopmentTokenSeconds;
  struct Row {
    const char* why;
    Times times;
    bool accepted;
  };
  const Row rows[] = {
      {"the last second of the leeway", {kNow - 100, kNow - 100, kNow - 59}, true},
      {"expired by the leeway", {kNow - 100, kNow - 100, kNow - 60}, false},
      {"expired by a second more", {kNow - 100, kNow - 100, kNow - 61}, false},
      {"not valid for the leeway yet", {kNow, kNow + 60, kNow + 3600}, true},
      {"not valid for a second more", {kNow, kNow + 61, kNow + 3600}, false},
      {"issued in the leeway", {kNow + 60, kNow, kNow + 3600}, true},
      {"issued a second later", {kNow + 61, kNow, kNow + 3600}, false},
      {"the longest life", {kNow, kNow, kNow + kLife}, true},
      {"a second longer", {kNow, kNow, kNow + kLife + 1}, false},
      {"the shortest life", {kNow, kNow, kNow + 1}, true},
      {"no life", {kNow, kNow, kNow}, false},
  };
  for (const Row& row : rows) {
    const std::string token =
        Signed(kHeader, Payload("cloison-dev", "adviser.ft", "\"cloison\"", row.times));
    EXPECT_EQ(sign_in_.Verify(Showing("Bearer " + token, peer_)).ok(), row.accepted) << row.why;
  }
}

TEST_F(DevelopmentSignInTest, RefusesAnothersSignature) {
  base::testing::SeededRandom random(2);
  const crypto::Ed25519Signer other{crypto::Secret<32>(random)};
  const DevelopmentIssuer issuer(other, clock_, random);
  EXPECT_FALSE(
      sign_in_.Verify(Showing("Bearer " + *issuer.Issue("adviser.ft", kCertificate), peer_)).ok());
}

TEST_F(DevelopmentSignInTest, RefusesConnections) {
  const std::string good = "Bearer " + Good();
  struct Row {
    const char* why;
    std::string authorization;
    net::AddressClass address;
    std::optional<crypto::Digest> certificate;
  };
  using net::AddressClass;
  const Row rows[] = {
      {"from a private network", good, AddressClass::kPrivate, kCertificate},
      {"from anywhere", good, AddressClass::kPublic, kCertificate},
      {"without a certificate", good, AddressClass::kLoopback, std::nullopt},
      {"with another certificate", good, AddressClass::kLoopback, crypto::Sha256(AsBytes("x"))},
      {"no header", "", AddressClass::kLoopback, kCertificate},
      {"the scheme alone", "Bearer ", AddressClass::kLoopback, kCertificate},
      {"another scheme", "Basic YTpi", AddressClass::kLoopback, kCertificate},
      {"no scheme", Good(), AddressClass::kLoopback, kCertificate},
      {"two spaces", "Bearer  " + Good(), AddressClass::kLoopback, kCertificate},
  };
  ASSERT_TRUE(
      sign_in_.Verify(Showing(good, peer_)).ok());  // known by now: the refusals hold all the same
  for (const Row& row : rows) {
    net::Peer peer;
    peer.address = row.address;
    peer.certificate_sha256 = row.certificate;
    EXPECT_FALSE(sign_in_.Verify(Showing(row.authorization, peer)).ok()) << row.why;
  }
}

TEST_F(DevelopmentSignInTest, AKnownTokenStillExpires) {
  const std::string good = "Bearer " + Good();
  ASSERT_TRUE(sign_in_.Verify(Showing(good, peer_)).ok());
  clock_.Advance((3600 + kSkewSeconds - 1) * 1000);
  EXPECT_TRUE(sign_in_.Verify(Showing(good, peer_)).ok());
  clock_.Advance(1000);
  EXPECT_FALSE(sign_in_.Verify(Showing(good, peer_)).ok());
}

TEST_F(DevelopmentSignInTest, KeepsABoundedNumberOfTokens) {
  constexpr std::size_t kMax = 8;
  DevelopmentSignIn sign_in(signer_.public_key(), clock_, kMax);
  const DevelopmentIssuer issuer(signer_, clock_, random_);
  const std::string first = "Bearer " + *issuer.Issue("adviser.ft", kCertificate);
  EXPECT_TRUE(sign_in.Verify(Showing(first, peer_)).ok());
  for (std::size_t i = 0; i < 3 * kMax; ++i) {
    EXPECT_TRUE(
        sign_in.Verify(Showing("Bearer " + *issuer.Issue("adviser.ft", kCertificate), peer_)).ok());
    EXPECT_LE(sign_in.cached(), kMax);
  }
  EXPECT_TRUE(sign_in.Verify(Showing(first, peer_)).ok()) << "forgotten, not refused";
  const std::size_t before = sign_in.cached();
  EXPECT_FALSE(sign_in.Verify(Showing("Bearer " + Good() + "x", peer_)).ok());
  EXPECT_EQ(sign_in.cached(), before) << "what is refused is not kept";
}

}  // namespace
}  // namespace cloison::identity
