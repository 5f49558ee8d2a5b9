// A world of tokens for tests: two issuers that make key-bound ones (the second as Keycloak does),
// one that does not, a registered application, and requests that are right until a row of a table
// changes one thing of them.
#ifndef CLOISON_IDENTITY_TESTING_TOKEN_WORLD_H_
#define CLOISON_IDENTITY_TESTING_TOKEN_WORLD_H_

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/testing/manual_clock.h"
#include "base/testing/memory_files.h"
#include "base/testing/seeded_random.h"
#include "identity/jwt_sign_in.h"
#include "identity/testing/forge.h"
#include "identity/testing/scripted_provider.h"

namespace cloison::identity::testing {

inline constexpr std::string_view kOrigin = "https://vault.example";
inline constexpr std::string_view kPath = "/v1/disclosures";
inline constexpr std::int64_t kNow = 1'700'000'000;
inline constexpr crypto::Digest kCertificate{7, 7, 7};
inline constexpr crypto::Digest kAppCertificate{8, 8, 8};

inline std::string IssuersFile(const crypto::Digest& app_key) {
  return R"(version = 1
[[issuer]]
alias = "sso"
url = "https://sso.example/realms/agents"
kind = "agents"
algorithms = ["ES256", "EdDSA", "PS256"]
audiences = ["https://vault.example", "cloison"]
access_tokens = "at+jwt"
token_clients = ["case-app", "night-job", "unregistered-job"]
token_life_s = 600
[issuer.levels]
"urn:sso:strong" = "eidas2"
"urn:sso:card" = "eidas3"
"eidas1-mfa" = "eidas1"
[issuer.methods]
webauthn = "hwk"

[[issuer]]
alias = "kc"
url = "https://kc.example/realms/agents"
kind = "agents"
algorithms = ["RS256"]
audiences = ["cloison"]
access_tokens = "JWT"
token_clients = ["case-app"]
discovery = false
endpoints = { jwks = "https://kc.example/certs" }

[[issuer]]
alias = "browser"
url = "https://browser.example"
kind = "agents"
algorithms = ["ES256"]
discovery = false
[issuer.endpoints]
jwks = "https://sso.example/certs"
authorization = "https://browser.example/a"
token = "https://browser.example/t"
[issuer.client]
id = "vault"
authentication = "client_secret_basic"
secret_file = "/s"
scopes = ["openid"]

[[client]]
name = "night-job"
principal = "sso:night-job"
certificate = ")" +
         Digest64(kAppCertificate) + "\"\nkey = \"" + Digest64(app_key) + "\"\n";
}

// One request with its token and proof, before they are signed.
struct Shown {
  Json header, claims;
  Json proof_header, proof_claims;  // ath, jwk: added when absent
  const crypto::SigningKey* signer;
  const crypto::SigningKey* prover;
  std::string scheme = "DPoP ";
  net::Method method = net::Method::kPost;
  std::string path{kPath};
  std::optional<crypto::Digest> certificate = std::nullopt;
  std::function<std::string(const std::string&)> token_text = {};  // changes it after signing
  std::function<std::string(const std::string&)> proof_text = {};
  std::optional<std::string> payload = std::nullopt;  // instead of claims
  bool send_proof = true;
};

struct Keys {
  crypto::SigningKey issuer = NewKey(crypto::KeyKind::kP256);
  crypto::SigningKey edwards = NewKey(crypto::KeyKind::kEd25519);
  crypto::SigningKey rsa = NewKey(crypto::KeyKind::kRsa);
  crypto::SigningKey stranger = NewKey(crypto::KeyKind::kP256);
  crypto::SigningKey client = NewKey(crypto::KeyKind::kP256);
  crypto::SigningKey application = NewKey(crypto::KeyKind::kP256);
};
inline const Keys& TheKeys() {  // made once: an RSA key takes a while
  static const Keys keys;
  return keys;
}

class TokenTable : public ::testing::Test {
 protected:
  TokenTable()
      : clock_(kNow * 1000),
        issuers_(Parsed()),
        keys_({issuers_, provider_, files_, clock_, events_}),
        nonces_(random_, clock_),
        sign_in_({issuers_, keys_, nonces_, proofs_, clock_, std::string(kOrigin)}) {
    provider_.Serve("https://sso.example/realms/agents/.well-known/openid-configuration",
                    R"({"issuer":"https://sso.example/realms/agents",)"
                    R"("jwks_uri":"https://sso.example/certs"})");
    Json for_encryption = PublishedJwk(TheKeys().stranger, "enc");
    for_encryption["use"] = "enc";
    provider_.Serve(
        "https://sso.example/certs",
        KeySet({PublishedJwk(TheKeys().issuer, "k1"), PublishedJwk(TheKeys().edwards, "ed"),
                PublishedJwk(TheKeys().rsa, "rs"), for_encryption}));
    provider_.Serve("https://kc.example/certs", KeySet({PublishedJwk(TheKeys().rsa, "kc1")}));
    keys_.Step();
  }

  static Issuers Parsed() {
    std::vector<std::string> problems;
    auto issuers = ParseIssuers(IssuersFile(ThumbprintOf(TheKeys().application)), {}, problems);
    for (const std::string& problem : problems) ADD_FAILURE() << problem;
    return std::move(*issuers);
  }

  // A token of an adviser, bound to the client's key, with a proof.
  Shown Good() const {
    Shown shown;
    shown.signer = &TheKeys().issuer;
    shown.prover = &TheKeys().client;
    shown.header = {{"alg", "ES256"}, {"typ", "at+jwt"}, {"kid", "k1"}};
    shown.claims = {{"iss", "https://sso.example/realms/agents"},
                    {"sub", "u-1"},
                    {"aud", "https://vault.example"},
                    {"client_id", "case-app"},
                    {"iat", kNow},
                    {"exp", kNow + 300},
                    {"jti", "t-1"},
                    {"acr", "urn:sso:strong"},
                    {"amr", {"pwd", "webauthn"}},
                    {"auth_time", kNow - 60},
                    {"cnf", {{"jkt", Digest64(ThumbprintOf(TheKeys().client))}}}};
    shown.proof_header = ProofHeader(TheKeys().client);
    shown.proof_claims =
        ProofClaims("POST", std::string(kOrigin) + std::string(kPath), kNow, nonces_.Current(), "");
    return shown;
  }
  // The same, bound to a certificate instead.
  Shown GoodByCertificate() const {
    Shown shown = Good();
    shown.claims["cnf"] = {{"x5t#S256", Digest64(kCertificate)}};
    shown.scheme = "Bearer ";
    shown.certificate = kCertificate;
    shown.send_proof = false;
    return shown;
  }
  // With a signature that is the same each time, so that it is the same token.
  Shown GoodAgain() const {
    Shown shown = Good();
    shown.signer = &TheKeys().edwards;
    shown.header = {{"alg", "EdDSA"}, {"typ", "at+jwt"}, {"kid", "ed"}};
    return shown;
  }
  Shown GoodOfKeycloak() const {
    Shown shown = Good();
    shown.signer = &TheKeys().rsa;
    shown.header = {{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "kc1"}};
    shown.claims["iss"] = "https://kc.example/realms/agents";
    shown.claims["aud"] = {"account", "cloison"};
    shown.claims.erase("client_id");
    shown.claims["azp"] = "case-app";
    shown.claims["typ"] = "DPoP";
    return shown;
  }

  Result<SignedIn> Present(Shown shown) {
    const std::string payload = shown.payload.value_or(shown.claims.dump());
    std::string token =
        Signed(shown.header.dump(), payload, *shown.signer, AlgorithmOf(*shown.signer));
    if (shown.token_text) token = shown.token_text(token);
    if (!shown.proof_claims.contains("ath")) {
      shown.proof_claims["ath"] = Digest64(crypto::Sha256(AsBytes(token)));
    }
    std::string proof = Signed(shown.proof_header, shown.proof_claims, *shown.prover);
    if (shown.proof_text) proof = shown.proof_text(proof);
    if (!shown.send_proof) proof.clear();
    net::Peer peer;
    peer.address = net::AddressClass::kPublic;
    peer.certificate_sha256 = shown.certificate;
    const std::string authorization = shown.scheme + token;
    return sign_in_.Verify({authorization, proof, {}, shown.method, shown.path, peer});
  }

  struct Row {
    const char* why;
    std::function<void(Shown&)> change;
    const char* reason;
  };
  void Refuses(const std::vector<Row>& rows, const std::function<Shown()>& good) {
    ASSERT_TRUE(Present(good()).ok()) << Present(good()).error().text();
    for (const Row& row : rows) {
      Shown shown = good();
      row.change(shown);
      const Result<SignedIn> who = Present(std::move(shown));
      ASSERT_FALSE(who.ok()) << row.why;
      EXPECT_EQ(who.error().text(), row.reason) << row.why;
    }
    EXPECT_TRUE(Present(good()).ok()) << "the twin, after all of them";
  }

  base::testing::ManualClock clock_;
  base::testing::SeededRandom random_{3};
  base::testing::MemoryFiles files_;
  ScriptedProvider provider_;
  CountedEvents events_;
  Issuers issuers_;
  ProviderKeys keys_;
  DpopNonces nonces_;
  DpopProofs proofs_;
  JwtSignIn sign_in_;
};

}  // namespace cloison::identity::testing

#endif  // CLOISON_IDENTITY_TESTING_TOKEN_WORLD_H_
