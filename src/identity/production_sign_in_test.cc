#include "identity/production_sign_in.h"

#include <gtest/gtest.h>

#include "base/testing/manual_clock.h"
#include "base/testing/seeded_random.h"
#include "identity/testing/forge.h"

namespace cloison::identity {
namespace {

constexpr char kPublicUrl[] = "https://vault.example";
constexpr char kPath[] = "/v1/me/record";

class NoTokens final : public SignIn {
 public:
  Result<SignedIn> Verify(const Presented&) override {
    ++asked;
    return Error{Code::kDenied, "no tokens here"};
  }
  Result<PrincipalId> Named(std::string_view) const override {
    return Error{Code::kInvalid, "nobody"};
  }
  int asked = 0;
};

struct ProductionSignInTest : ::testing::Test {
  ProductionSignInTest() {
    const std::string toml = R"(version = 1
[[issuer]]
alias = "agency"
kind = "agents"
url = "https://provider.example"
algorithms = ["ES256"]
access_tokens = "at+jwt"
audiences = ["x"]
token_clients = ["x"]
[[client]]
name = "case"
certificate = ")" + crypto::ToBase64Url(crypto::Digest{7}) +
                             R"("
principal = "agency:case"
[[client]]
name = "quiet"
certificate = ")" + crypto::ToBase64Url(crypto::Digest{8}) +
                             "\"\n";
    std::vector<std::string> problems;
    issuers = std::move(*ParseIssuers(toml, {}, problems));
  }

  std::string Open(BoundKey bound, Carrier carrier) {
    Session session{PrincipalId(ByteArray<16>{1}),
                    sessions.NewId(),
                    ClientId(1),
                    {Actor::kHuman, "eidas2", {}}};
    session.key = bound;
    session.carrier = carrier;
    if (bound.how == Bound::kNothing) session.assurance.actor = Actor::kCookie;
    return std::move(*sessions.Open(session));
  }
  struct Shown {
    std::string authorization = {}, cookie = {}, dpop = {}, origin = {}, site = {}, form = {};
    std::optional<ByteArray<32>> certificate = {};
    net::Method method = net::Method::kGet;
  };
  Result<SignedIn> Verify(const Shown& shown) {
    net::Peer peer;
    peer.certificate_sha256 = shown.certificate;
    return sign_in.Verify({shown.authorization, shown.dpop, shown.cookie, shown.method, kPath, peer,
                           shown.origin, shown.site, shown.form});
  }
  std::string Proof(const crypto::SigningKey& by, const std::string& token) {
    const std::string url = std::string(kPublicUrl) + kPath;
    return testing::Signed(
        testing::ProofHeader(by),
        testing::ProofClaims("GET", url, clock.wall_ms() / 1000, nonces.Current(), token), by);
  }

  base::testing::ManualClock clock;
  base::testing::SeededRandom random{3};
  Issuers issuers;
  NoTokens tokens;
  Sessions sessions{clock, random};
  DpopNonces nonces{random, clock};
  DpopProofs proofs;
  ProductionSignIn sign_in{{issuers, tokens, sessions, nonces, proofs, clock}, kPublicUrl};
  const crypto::SigningKey key = testing::NewKey(crypto::KeyKind::kP256);
  const crypto::SigningKey other = testing::NewKey(crypto::KeyKind::kP256);
};

TEST_F(ProductionSignInTest, ASessionNeedsTheKeyItIsBoundTo) {
  const std::string by_key = Open({Bound::kDpop, testing::ThumbprintOf(key)}, Carrier::kHeader);
  const std::string by_certificate = Open({Bound::kCertificate, {9}}, Carrier::kHeader);
  const std::string by_both = Open({Bound::kDpop, testing::ThumbprintOf(key)}, Carrier::kCookie);
  const ByteArray<32> right{9}, wrong{10};
  const struct {
    const char* why;
    Shown shown;
    bool good;
  } kRows[] = {
      {"its key", {.authorization = "DPoP " + by_key, .dpop = Proof(key, by_key)}, true},
      {"the scheme in another case",
       {.authorization = "dpop " + by_key, .dpop = Proof(key, by_key)},
       true},
      {"another key", {.authorization = "DPoP " + by_key, .dpop = Proof(other, by_key)}, false},
      {"no proof", {.authorization = "DPoP " + by_key}, false},
      {"no proof, any certificate",
       {.authorization = "Bearer " + by_key, .certificate = right},
       false},
      {"its proof without the token",
       {.authorization = "DPoP " + by_key, .dpop = Proof(key, "")},
       false},
      {"its certificate",
       {.authorization = "Bearer " + by_certificate, .certificate = right},
       true},
      {"another certificate",
       {.authorization = "Bearer " + by_certificate, .certificate = wrong},
       false},
      {"no certificate", {.authorization = "Bearer " + by_certificate}, false},
      {"no certificate, a proof",
       {.authorization = "DPoP " + by_certificate, .dpop = Proof(key, by_certificate)},
       false},
      {"its cookie and key",
       {.cookie = "a=b; __Host-cloison=" + by_both, .dpop = Proof(key, by_both)},
       true},
      {"its cookie alone", {.cookie = "__Host-cloison=" + by_both}, false},
      {"its cookie twice",
       {.cookie = "__Host-cloison=" + by_both + "; __Host-cloison=" + by_both,
        .dpop = Proof(key, by_both)},
       false},
      {"a cookie of a longer name",
       {.cookie = "__Host-cloison2=" + by_both, .dpop = Proof(key, by_both)},
       false},
      {"a cookie's token in a header",
       {.authorization = "DPoP " + by_both, .dpop = Proof(key, by_both)},
       false},
      {"a header's token in a cookie",
       {.cookie = "__Host-cloison=" + by_key, .dpop = Proof(key, by_key)},
       false},
      {"nothing", {}, false},
  };
  for (const auto& row : kRows) EXPECT_EQ(Verify(row.shown).ok(), row.good) << row.why;
  EXPECT_EQ(tokens.asked, 0) << "a session's token is no issuer's";
  EXPECT_FALSE(Verify({.authorization = "Bearer eyJ.x.y"}).ok());
  EXPECT_EQ(tokens.asked, 1);
}

TEST_F(ProductionSignInTest, AStolenTokenKeepsNoSessionAlive) {
  const std::string token = Open({Bound::kCertificate, {9}}, Carrier::kHeader);
  for (int minute = 0; minute < 15; ++minute) {
    clock.Advance(base::kMinuteMs);
    EXPECT_FALSE(Verify({.authorization = "Bearer " + token}).ok());
  }
  EXPECT_FALSE(Verify({.authorization = "Bearer " + token, .certificate = ByteArray<32>{9}}).ok());
}

TEST_F(ProductionSignInTest, ACookieAloneNeedsItsPageToChangeSomething) {
  const std::string token = Open({}, Carrier::kCookie);
  const std::string cookie = "__Host-cloison=" + token, form = FormTokenOf(token);
  constexpr net::Method kPost = net::Method::kPost;
  const struct {
    const char* why;
    Shown shown;
    bool good;
  } kRows[] = {
      {"reading", {.cookie = cookie}, true},
      {"reading, from the bar of addresses", {.cookie = cookie, .site = "none"}, true},
      {"reading for another site", {.cookie = cookie, .site = "cross-site"}, false},
      {"reading for a sister site", {.cookie = cookie, .site = "same-site"}, false},
      {"from its page",
       {.cookie = cookie,
        .origin = kPublicUrl,
        .site = "same-origin",
        .form = form,
        .method = kPost},
       true},
      {"no form token", {.cookie = cookie, .origin = kPublicUrl, .method = kPost}, false},
      {"another's form token",
       {.cookie = cookie, .origin = kPublicUrl, .form = FormTokenOf("cls_other"), .method = kPost},
       false},
      {"no origin", {.cookie = cookie, .form = form, .method = kPost}, false},
      {"a null origin", {.cookie = cookie, .origin = "null", .form = form, .method = kPost}, false},
      {"another origin",
       {.cookie = cookie, .origin = "https://evil.example", .form = form, .method = kPost},
       false},
      {"an origin that begins alike",
       {.cookie = cookie,
        .origin = "https://vault.example.evil.example",
        .form = form,
        .method = kPost},
       false},
      {"deleting without a form token",
       {.cookie = cookie, .origin = kPublicUrl, .method = net::Method::kDelete},
       false},
  };
  for (const auto& row : kRows) {
    const Result<SignedIn> who = Verify(row.shown);
    EXPECT_EQ(who.ok(), row.good) << row.why;
    if (who.ok()) {
      EXPECT_EQ(who->assurance.actor, Actor::kCookie);
    }
  }
}

TEST_F(ProductionSignInTest, AnApplicationIsKnownByItsCertificate) {
  const Result<SignedIn> who = Verify({.certificate = ByteArray<32>{7}});
  ASSERT_TRUE(who.ok());
  EXPECT_EQ(who->assurance.actor, Actor::kApplication);
  EXPECT_EQ(who->principal, PrincipalIdOf("https://provider.example", "case"));
  EXPECT_EQ(who->client, ClientIdOf("case"));
  EXPECT_FALSE(Verify({.certificate = ByteArray<32>{8}}).ok()) << "registered, but nobody itself";
  EXPECT_FALSE(Verify({.certificate = ByteArray<32>{9}}).ok()) << "not registered";
}

}  // namespace
}  // namespace cloison::identity
