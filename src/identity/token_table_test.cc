// The table of wrong tokens: every way to be wrong that we could think of, each changing one thing
// of a request that is let in (its twin, at the top of each test), refused with the right reason.
#include "identity/testing/token_world.h"

namespace cloison::identity {
namespace {

using namespace testing;  // the world

TEST_F(TokenTable, LetsInWhatIsRight) {
  const auto who = Present(Good());
  ASSERT_TRUE(who.ok()) << who.error().text();
  EXPECT_EQ(who->principal, PrincipalIdOf("https://sso.example/realms/agents", "u-1"));
  EXPECT_EQ(who->principal, *sign_in_.Named("sso:u-1"));
  EXPECT_EQ(who->client, ClientIdOf("case-app"));
  EXPECT_EQ(who->assurance.actor, Actor::kHuman);
  EXPECT_EQ(who->assurance.level, "eidas2");
  EXPECT_EQ(who->assurance.methods, Methods().Add(Method::kPassword).Add(Method::kHardware));
  EXPECT_EQ(who->assurance.auth_time_s, kNow - 60);
  EXPECT_EQ(who->assurance.issuer, "sso");

  ASSERT_TRUE(Present(GoodByCertificate()).ok());
  ASSERT_TRUE(Present(GoodOfKeycloak()).ok());
  Shown edwards = Good();
  edwards.signer = &TheKeys().edwards;
  edwards.header = {{"alg", "EdDSA"}, {"typ", "application/at+jwt"}, {"kid", "ed"}};
  EXPECT_TRUE(Present(edwards).ok());
  Shown both = Good();
  both.claims["cnf"]["x5t#S256"] = Digest64(kCertificate);
  both.certificate = kCertificate;
  EXPECT_TRUE(Present(both).ok()) << "bound twice, shown both";
}

TEST_F(TokenTable, RefusesWhatIsNoToken) {
  const auto part = [](int which, std::string to) {
    return [which, to](Shown& shown) {
      shown.token_text = [which, to](const std::string& token) {
        const std::size_t first = token.find('.'), second = token.find('.', first + 1);
        if (which == 0) return to + token.substr(first);
        if (which == 1) return token.substr(0, first + 1) + to + token.substr(second);
        return token.substr(0, second + 1) + to;
      };
    };
  };
  const auto text = [](std::function<std::string(const std::string&)> change) {
    return [change](Shown& shown) { shown.token_text = change; };
  };
  Refuses(
      {
          {"no scheme", [](Shown& s) { s.scheme = ""; }, "an access token is needed"},
          {"another scheme", [](Shown& s) { s.scheme = "Basic "; }, "an access token is needed"},
          {"two spaces", [](Shown& s) { s.scheme = "DPoP  "; },
           "the token's header is not base64url"},
          {"too long",
           text([](const std::string& t) { return t + std::string(kJwsBytesMax, 'A'); }),
           "the token is too long"},
          {"two parts", text([](const std::string& t) { return t.substr(0, t.rfind('.')); }),
           "the token does not have three parts"},
          {"four parts", text([](const std::string& t) { return t + ".e30"; }),
           "the token does not have three parts"},
          {"five parts, as JWE", text([](const std::string& t) { return t + ".e30.e30"; }),
           "the token does not have three parts"},
          {"JSON serialization", text([](const std::string&) { return R"({"payload":"e30"})"; }),
           "the token does not have three parts"},
          {"padding in the header", part(0, "eyJhbGciOiJFUzI1NiJ9=="),
           "the token's header is not base64url"},
          {"a space in the payload", part(1, "e3 0"), "the token's payload is not base64url"},
          {"standard base64 in the signature", part(2, "+/+/"),
           "the token's signature is not base64url"},
          {"no signature", part(2, ""), "the token's signature is not base64url"},
          {"a short signature", part(2, "AAAA"), "the token's signature does not verify"},
          {"no header", part(0, ""), "the token's header is not strict JSON"},
          {"a header that is a list", part(0, "W10"), "the token's header is not strict JSON"},
          {"a trailing bit of base64", text([](const std::string& t) {
             std::string out = t;  // 64 bytes end in 2 characters of 6 and 4 bits
             out.back() = out.back() == 'B' ? 'C' : 'B';
             return out;
           }),
           "the token's signature is not base64url"},
      },
      [this] { return Good(); });
}

TEST_F(TokenTable, RefusesHeaders) {
  constexpr const char* kAlgorithm = "the token's algorithm is none that is accepted";
  constexpr const char* kNotItsOwn = "the token's algorithm is not the issuer's";
  constexpr const char* kType = "the token is no access token";
  const auto header = [](const char* key, Json value) {
    return [key, value](Shown& shown) { shown.header[key] = value; };
  };
  Refuses(
      {
          {"alg none", header("alg", "none"), kAlgorithm},
          {"alg None", header("alg", "None"), kAlgorithm},
          {"alg HS256, with the public key as its secret", header("alg", "HS256"), kAlgorithm},
          {"alg in lower case", header("alg", "es256"), kAlgorithm},
          {"alg ES256K", header("alg", "ES256K"), kAlgorithm},
          {"alg RS1", header("alg", "RS1"), kAlgorithm},
          {"no alg", [](Shown& s) { s.header.erase("alg"); }, kAlgorithm},
          {"alg a list", header("alg", {"ES256"}),
           "a member of the token's header is no short text"},
          {"an algorithm that is not registered for the issuer", header("alg", "RS256"),
           kNotItsOwn},
          {"rightly signed with one that is not registered",
           [](Shown& s) {
             s.signer = &TheKeys().rsa;
             s.header = {{"alg", "RS256"}, {"typ", "at+jwt"}, {"kid", "rs"}};
           },
           kNotItsOwn},
          {"another registered algorithm than the key's", header("alg", "EdDSA"),
           "the issuer has no such key"},
          {"the header says RSA-PSS, the key is for RS256",
           [](Shown& s) {
             s.header["alg"] = "PS256";
             s.header["kid"] = "rs";
           },
           "the issuer has no such key"},
          {"typ JWT: an ID token would do", header("typ", "JWT"), kType},
          {"no typ", [](Shown& s) { s.header.erase("typ"); }, kType},
          {"typ of a proof", header("typ", "dpop+jwt"), kType},
          {"typ of a logout token", header("typ", "logout+jwt"), kType},
          {"crit", header("crit", {"exp"}), "the token's header asks for an extension"},
          {"crit that is empty", header("crit", Json::array()),
           "the token's header asks for an extension"},
          {"b64 false", header("b64", false), "the token's header asks for an extension"},
          {"a kid of nobody", header("kid", "k9"), "the issuer has no such key"},
          {"a kid that is a path", header("kid", "../../etc/passwd"), "the issuer has no such key"},
          {"a kid that is a number", header("kid", 1),
           "a member of the token's header is no short text"},
          {"a key that is for encryption",
           [](Shown& s) {
             s.signer = &TheKeys().stranger;
             s.header["kid"] = "enc";
           },
           "the issuer has no such key"},
          {"signed by a stranger who brings the key along",
           [](Shown& s) {
             s.signer = &TheKeys().stranger;
             s.header["jwk"] = Json::parse(PublicJwk(TheKeys().stranger));
           },
           "the token's signature does not verify"},
          {"signed by a stranger, with a URL of the key",
           [](Shown& s) {
             s.signer = &TheKeys().stranger;
             s.header["jku"] = "https://stranger.example/certs";
             s.header["x5u"] = "https://stranger.example/cert";
           },
           "the token's signature does not verify"},
          {"signed with the client's key", [](Shown& s) { s.signer = &TheKeys().client; },
           "the token's signature does not verify"},
          {"a header of 4 KiB", header("x", std::string(5'000, 'x')),
           "the token's header is not strict JSON"},
      },
      [this] { return Good(); });
}

TEST_F(TokenTable, RefusesAMemberTwice) {
  const std::string claims = Good().claims.dump();
  Refuses(
      {{"iss twice, the second another",
        [&claims](Shown& s) {
          s.payload = claims.substr(0, claims.size() - 1) + R"(,"iss":"https://kc.example"})";
        },
        "the token's claims are not strict JSON"},
       {"sub twice, once escaped",
        [&claims](Shown& s) {
          s.payload = claims.substr(0, claims.size() - 1) + ",\"s\\u0075b\":\"u-2\"}";
        },
        "the token's claims are not strict JSON"},
       {"text after the claims", [&claims](Shown& s) { s.payload = claims + "{}"; },
        "the token's claims are not strict JSON"},
       {"no claims", [](Shown& s) { s.payload = ""; }, "the token's claims are not strict JSON"},
       {"claims that are a list", [](Shown& s) { s.payload = "[]"; }, "the token names no issuer"}},
      [this] { return Good(); });
}

TEST_F(TokenTable, RefusesClaims) {
  constexpr const char* kIssuer = "no access token of this issuer is taken";
  constexpr const char* kAudience = "the token is for another audience";
  constexpr const char* kType = "a claim of the token has another type";
  constexpr const char* kTime = "a time of the token is no time";
  const auto set = [](const char* key, Json value) {
    return [key, value](Shown& shown) { shown.claims[key] = value; };
  };
  const auto drop = [](const char* key) {
    return [key](Shown& shown) { shown.claims.erase(key); };
  };
  Refuses(
      {
          {"no iss", drop("iss"), "the token names no issuer"},
          {"an iss of nobody", set("iss", "https://else.example"), kIssuer},
          {"the iss with a slash more", set("iss", "https://sso.example/realms/agents/"), kIssuer},
          {"the iss in capitals", set("iss", "https://SSO.example/realms/agents"), kIssuer},
          {"an issuer whose tokens are not taken, same keys", set("iss", "https://browser.example"),
           kIssuer},
          {"no aud", drop("aud"), kAudience},
          {"another aud", set("aud", "https://other.example"), kAudience},
          {"a list without us", set("aud", {"account", "other"}), kAudience},
          {"an empty list", set("aud", Json::array()), kAudience},
          {"the aud as a prefix", set("aud", "https://vault.example.evil"), kAudience},
          {"an aud that is a number", set("aud", 1), kType},
          {"a list with a number", set("aud", {"cloison", 1}), kType},
          {"no exp", drop("exp"), "the token never expires"},
          {"expired", set("exp", kNow - kSkewSeconds), "the token expired"},
          {"exp as a text", set("exp", "1700000300"), kTime},
          {"exp negative", set("exp", -1), kTime},
          {"exp beyond all times", set("exp", 1e300), kTime},
          {"a life of an hour", set("exp", kNow + 3'600), "the token lives too long"},
          {"a life one second too long", set("exp", kNow + 601), "the token lives too long"},
          {"a life of nothing", set("exp", kNow), "the token lives too long"},
          {"no iat", drop("iat"), "the token has no iat"},
          {"iat to come", set("iat", kNow + kSkewSeconds + 1), "the token comes from the future"},
          {"nbf to come", set("nbf", kNow + kSkewSeconds + 1), "the token is not valid yet"},
          {"nbf as a text", set("nbf", "now"), kTime},
          {"auth_time to come: a step-up that holds for long",
           set("auth_time", kNow + kSkewSeconds + 1), "the token's auth_time is to come"},
          {"auth_time as a text", set("auth_time", "now"), kTime},
          {"no sub", drop("sub"), "the token has no sub that is one"},
          {"a sub with a space", set("sub", "u 1"), "the token has no sub that is one"},
          {"a sub that is a number", set("sub", 1), kType},
          {"a sub of 256 bytes", set("sub", std::string(256, 'u')),
           "the token has no sub that is one"},
          {"no jti", drop("jti"), "the token has no jti"},
          {"no client", drop("client_id"), "the token is of a client that is not registered"},
          {"a client of nobody", set("client_id", "evil-app"),
           "the token is of a client that is not registered"},
          {"the client in azp alone, as RFC 9068 has it not",
           [](Shown& s) {
             s.claims.erase("client_id");
             s.claims["azp"] = "case-app";
           },
           "the token is of a client that is not registered"},
          {"an unbound bearer", drop("cnf"), "the token is bound to no key"},
          {"a binding that we don't know", set("cnf", {{"kid", "x"}}),
           "the token is bound to no key"},
          {"a binding that is a text", set("cnf", "x"), kType},
          {"a thumbprint of 31 bytes", set("cnf", {{"jkt", std::string(42, 'A')}}),
           "the token's binding is no digest"},
          {"a thumbprint with padding", set("cnf", {{"jkt", std::string(43, 'A') + "="}}),
           "the token's binding is no digest"},
          {"the client's own sub, as with client credentials",
           [](Shown& s) {
             s.claims["sub"] = "unregistered-job";
             s.claims["client_id"] = "unregistered-job";
           },
           "the application is not registered"},
      },
      [this] { return Good(); });
}

TEST_F(TokenTable, RefusesBindings) {
  constexpr const char* kCertificateReason = "the token is bound to another certificate";
  Refuses(
      {
          {"no certificate", [](Shown& s) { s.certificate.reset(); }, kCertificateReason},
          {"another certificate", [](Shown& s) { s.certificate = crypto::Digest{1}; },
           kCertificateReason},
          {"under the scheme of proofs",
           [](Shown& s) {
             s.scheme = "DPoP ";
             s.send_proof = true;
           },
           "the token is not of this scheme"},
          {"bound to a key, shown as a bearer with the certificate",
           [](Shown& s) { s.claims["cnf"] = {{"jkt", Digest64(ThumbprintOf(TheKeys().client))}}; },
           "the token is not of this scheme"},
          {"bound twice, shown as a bearer",
           [](Shown& s) { s.claims["cnf"]["jkt"] = Digest64(ThumbprintOf(TheKeys().client)); },
           "the token is not of this scheme"},
          {"bound twice, the certificate missing",
           [](Shown& s) {
             s.claims["cnf"]["jkt"] = Digest64(ThumbprintOf(TheKeys().client));
             s.scheme = "DPoP ";
             s.send_proof = true;
             s.certificate.reset();
           },
           kCertificateReason},
      },
      [this] { return GoodByCertificate(); });
}

TEST_F(TokenTable, RefusesKeycloaksUnlessTheEntrySaysSo) {
  const auto header = [](const char* key, Json value) {
    return [key, value](Shown& shown) { shown.header[key] = value; };
  };
  Refuses(
      {
          {"typ at+jwt where JWT is said", header("typ", "at+jwt"), "the token is no access token"},
          {"a logout token", header("typ", "logout+jwt"), "the token is no access token"},
          {"RSA-PSS where RS256 is said", header("alg", "PS256"),
           "the token's algorithm is not the issuer's"},
          {"the other issuer's key",
           [](Shown& s) {
             s.signer = &TheKeys().issuer;
             s.header = {{"alg", "ES256"}, {"typ", "JWT"}, {"kid", "k1"}};
           },
           "the token's algorithm is not the issuer's"},
          {"an ID token", [](Shown& s) { s.claims["typ"] = "ID"; }, "the token is no access token"},
          {"a refresh token", [](Shown& s) { s.claims["typ"] = "Refresh"; },
           "the token is no access token"},
          {"no claim typ", [](Shown& s) { s.claims.erase("typ"); }, "the token is no access token"},
          {"azp of nobody", [](Shown& s) { s.claims["azp"] = "evil-app"; },
           "the token is of a client that is not registered"},
          {"client_id of nobody, though azp is right",
           [](Shown& s) { s.claims["client_id"] = "evil-app"; },
           "the token is of a client that is not registered"},
      },
      [this] { return GoodOfKeycloak(); });
}

TEST_F(TokenTable, RefusesProofs) {
  constexpr const char* kAddress = "the proof is for another address";
  constexpr const char* kIat = "the proof is too old, or comes from the future";
  constexpr const char* kNonce = "the proof needs a nonce of this server";
  constexpr const char* kKey = "the proof has no public key";
  constexpr const char* kNoToken = "the proof is no signed token";
  const auto set = [](const char* key, Json value) {
    return [key, value](Shown& shown) { shown.proof_claims[key] = value; };
  };
  const auto header = [](const char* key, Json value) {
    return [key, value](Shown& shown) { shown.proof_header[key] = value; };
  };
  const std::string vault(kOrigin);
  Refuses(
      {
          {"none", [](Shown& s) { s.send_proof = false; }, "a proof of possession is needed"},
          {"the token itself",
           [](Shown& s) { s.proof_text = [](const std::string&) { return "e30.e30.AA"; }; },
           kNoToken},
          {"too long",
           [](Shown& s) {
             s.proof_text = [](const std::string& t) {
               return t + std::string(kProofBytesMax, 'A');
             };
           },
           "the proof is too long"},
          {"two proofs, joined by a comma",
           [](Shown& s) { s.proof_text = [](const std::string& t) { return t + ", " + t; }; },
           kNoToken},
          {"alg none", header("alg", "none"), kNoToken},
          {"alg HS256", header("alg", "HS256"), kNoToken},
          {"typ JWT", header("typ", "JWT"), "the token is no proof"},
          {"no typ", [](Shown& s) { s.proof_header.erase("typ"); }, "the token is no proof"},
          {"no jwk", [](Shown& s) { s.proof_header.erase("jwk"); }, kKey},
          {"a jwk with its private part",
           [](Shown& s) { s.proof_header["jwk"]["d"] = Digest64(kCertificate); }, kKey},
          {"a symmetric jwk", header("jwk", {{"kty", "oct"}, {"k", "AAAA"}}), kKey},
          {"a jwk beside the curve",
           [](Shown& s) { s.proof_header["jwk"]["x"] = s.proof_header["jwk"]["y"]; }, kKey},
          {"a jwk that is a text", header("jwk", "x"), kKey},
          {"a jwk for encryption", [](Shown& s) { s.proof_header["jwk"]["use"] = "enc"; },
           "the proof's signature does not verify"},
          {"signed with another key than its jwk", [](Shown& s) { s.prover = &TheKeys().stranger; },
           "the proof's signature does not verify"},
          {"a thief's own key, rightly proven",
           [](Shown& s) {
             s.prover = &TheKeys().stranger;
             s.proof_header = ProofHeader(TheKeys().stranger);
           },
           "the token is bound to another key"},
          {"no jti", [](Shown& s) { s.proof_claims.erase("jti"); }, "the proof has no jti"},
          {"a jti of 129 bytes", set("jti", std::string(129, 'j')), "the proof has no jti"},
          {"another method", set("htm", "GET"), "the proof is for another method"},
          {"the method in lower case", set("htm", "post"), "the proof is for another method"},
          {"no htm", [](Shown& s) { s.proof_claims.erase("htm"); },
           "the proof is for another method"},
          {"another path", set("htu", vault + "/v1/lookups"), kAddress},
          {"another host", set("htu", "https://vault.example.evil/v1/disclosures"), kAddress},
          {"http", set("htu", "http://vault.example/v1/disclosures"), kAddress},
          {"another port", set("htu", "https://vault.example:8443/v1/disclosures"), kAddress},
          {"the path alone", set("htu", "/v1/disclosures"), kAddress},
          {"a slash more", set("htu", vault + "/v1/disclosures/"), kAddress},
          {"no htu", [](Shown& s) { s.proof_claims.erase("htu"); }, kAddress},
          {"sent elsewhere than it is for", [](Shown& s) { s.path = "/v1/people"; }, kAddress},
          {"no iat", [](Shown& s) { s.proof_claims.erase("iat"); }, kIat},
          {"61 seconds old", set("iat", kNow - kSkewSeconds - 1), kIat},
          {"61 seconds to come", set("iat", kNow + kSkewSeconds + 1), kIat},
          {"iat as a text", set("iat", "now"), kIat},
          {"no ath", set("ath", nullptr), "the proof is for another access token"},
          {"the ath of another token", set("ath", Digest64(kCertificate)),
           "the proof is for another access token"},
          {"no nonce", [](Shown& s) { s.proof_claims.erase("nonce"); }, kNonce},
          {"a nonce of nobody", set("nonce", "AAAA"), kNonce},
      },
      [this] { return Good(); });
}

TEST_F(TokenTable, SaysWhatMayBeDoneAboutIt) {
  Shown shown = Good();
  shown.proof_claims.erase("nonce");
  EXPECT_EQ(RemedyOf(Present(shown).error()), Remedy::kDpopNonce);
  shown = Good();
  shown.proof_claims["htm"] = "GET";
  EXPECT_EQ(RemedyOf(Present(shown).error()), Remedy::kDpopProof);
  shown = Good();
  shown.claims["aud"] = "x";
  EXPECT_EQ(RemedyOf(Present(shown).error()), Remedy::kNone);
}

TEST_F(TokenTable, AProofIsGoodOnce) {
  const Shown shown = Good();
  ASSERT_TRUE(Present(shown).ok());
  const auto again = Present(shown);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().text(), "the proof was used before");
  Shown elsewhere = shown;
  elsewhere.claims["jti"] = "t-2";
  EXPECT_FALSE(Present(elsewhere).ok()) << "with another token of the same key";
  Shown other = shown;
  other.proof_claims["jti"] = "another";
  EXPECT_TRUE(Present(other).ok());
}

TEST_F(TokenTable, ARefusedProofIsNotSpent) {
  Shown shown = Good();
  shown.claims["aud"] = "x";
  const Json proof = shown.proof_claims;
  EXPECT_FALSE(Present(shown).ok());
  Shown right = Good();
  right.proof_claims = proof;
  EXPECT_TRUE(Present(right).ok());
}

TEST_F(TokenTable, LevelsAndMethodsThatTheGateRefuses) {
  struct LevelRow {
    const char* why;
    Json acr, amr;
    const char* level;
    bool trap;  // nothing but passwords and codes by mail
  };
  const LevelRow rows[] = {
      {"strong", "urn:sso:strong", {"pwd", "webauthn"}, "eidas2", false},
      {"a card", "urn:sso:card", {"hwk"}, "eidas3", false},
      {"the e-mail code", "eidas1-mfa", {"pwd", "mail"}, "eidas1", true},
      {"the e-mail code, said to be MFA", "eidas1-mfa", {"pwd", "mail", "mfa"}, "eidas1", true},
      {"the e-mail code at a level that is claimed",
       "urn:sso:strong",
       {"pwd", "mail"},
       "eidas2",
       true},
      {"the e-mail code beside an authenticator",
       "urn:sso:strong",
       {"pwd", "mail", "otp"},
       "eidas2",
       true},
      {"the e-mail code beside a card", "urn:sso:card", {"hwk", "mail", "pwd"}, "eidas3", true},
      {"a mailbox beside an authenticator, without a password",
       "urn:sso:strong",
       {"mail", "otp"},
       "eidas2",
       false},
      {"missing", nullptr, nullptr, "", true},
      {"a list", {"urn:sso:strong"}, {"otp"}, "", false},
      {"a number", 2, {"otp"}, "", false},
      {"a level of ours, which the issuer's map has not", "eidas2", {"otp"}, "", false},
      {"unknown", "urn:sso:new", {"otp"}, "", false},
      {"in capitals", "URN:SSO:STRONG", {"otp"}, "", false},
      {"methods as a text", "urn:sso:strong", "hwk", "eidas2", true},
      {"methods with a number among them", "urn:sso:strong", {"hwk", 1}, "eidas2", true},
      {"methods of nobody", "urn:sso:strong", {"mfa", "HWK"}, "eidas2", true},
  };
  for (const LevelRow& row : rows) {
    Shown shown = Good();
    shown.claims["acr"] = row.acr;
    shown.claims["amr"] = row.amr;
    const auto who = Present(shown);
    ASSERT_TRUE(who.ok()) << row.why << ": " << who.error().text();
    EXPECT_EQ(who->assurance.level, row.level) << row.why;
    EXPECT_EQ(who->assurance.methods.IsMailTrap(), row.trap) << row.why;
    // What a role asks by default: one of two levels, and a method that is more than a mailbox.
    const bool enough = (who->assurance.level == "eidas2" || who->assurance.level == "eidas3") &&
                        !who->assurance.methods.IsMailTrap();
    const std::string_view why = row.why;
    EXPECT_EQ(enough, why == "strong" || why == "a card" || why.starts_with("a mailbox")) << why;
  }
}

TEST_F(TokenTable, AnApplicationIsKnownByItsOwnKey) {
  const auto of_application = [this] {
    Shown shown = Good();
    shown.claims["sub"] = "night-job";
    shown.claims["client_id"] = "night-job";
    shown.claims["cnf"] = {{"jkt", Digest64(ThumbprintOf(TheKeys().application))}};
    shown.prover = &TheKeys().application;
    shown.proof_header = ProofHeader(TheKeys().application);
    return shown;
  };
  const auto who = Present(of_application());
  ASSERT_TRUE(who.ok()) << who.error().text();
  EXPECT_EQ(who->assurance.actor, Actor::kApplication);
  EXPECT_EQ(who->client, ClientIdOf("night-job"));
  EXPECT_EQ(who->principal, *sign_in_.Named("sso:night-job"));

  Shown stolen = of_application();  // its credential, another key (Urssaf, 2026)
  stolen.claims["cnf"] = {{"jkt", Digest64(ThumbprintOf(TheKeys().client))}};
  stolen.prover = &TheKeys().client;
  stolen.proof_header = ProofHeader(TheKeys().client);
  EXPECT_EQ(Present(stolen).error().text(),
            "the token is bound to a key that is not the application's");
  Shown by_certificate = of_application();
  by_certificate.claims["cnf"] = {{"x5t#S256", Digest64(kAppCertificate)}};
  by_certificate.scheme = "Bearer ";
  by_certificate.certificate = kAppCertificate;
  EXPECT_TRUE(Present(by_certificate).ok());
}

// Of who works in an application the register remembers the application, not its certificate, which
// is renewed each year; of who has a key of their own, that key.
TEST_F(TokenTable, AnApplicationsKeyIsRememberedByItsName) {
  Shown inside = GoodByCertificate();
  inside.claims["cnf"] = {{"x5t#S256", Digest64(kAppCertificate)}};
  inside.certificate = kAppCertificate;
  const auto agent = Present(inside);
  ASSERT_TRUE(agent.ok()) << agent.error().text();
  EXPECT_EQ(agent->token_key, ClientKeyName("night-job"));
  const auto own = Present(Good());
  ASSERT_TRUE(own.ok());
  EXPECT_EQ(own->token_key, ThumbprintOf(TheKeys().client));
}

TEST_F(TokenTable, AKnownTokenStillExpiresAndStaysBound) {
  ASSERT_TRUE(Present(GoodAgain()).ok());
  ASSERT_EQ(sign_in_.cached(), 1u);
  Shown unproven = GoodAgain();
  unproven.send_proof = false;
  EXPECT_FALSE(Present(unproven).ok());
  const auto later = [this](std::int64_t seconds) {
    Shown shown = GoodAgain();
    shown.proof_claims["iat"] = kNow + seconds;
    return shown;
  };
  clock_.Advance((300 + kSkewSeconds - 1) * 1000);
  EXPECT_TRUE(Present(later(300 + kSkewSeconds)).ok());
  EXPECT_EQ(sign_in_.cached(), 1u) << "the same token";
  clock_.Advance(1000);
  EXPECT_EQ(Present(later(300 + kSkewSeconds)).error().text(), "the token expired");
}

TEST_F(TokenTable, AKnownTokenFallsWithItsKey) {
  ASSERT_TRUE(Present(GoodAgain()).ok());
  provider_.Serve("https://sso.example/certs", KeySet({PublishedJwk(TheKeys().stranger, "k2")}));
  clock_.Advance(1000);
  const auto again = [this] {
    Shown shown = GoodAgain();
    shown.claims["exp"] = kNow + 599;
    shown.claims["iat"] = kNow;
    shown.proof_claims["iat"] = clock_.wall_ms() / 1000;
    return Present(shown);
  };
  ASSERT_TRUE(again().ok()) << "until the set is fetched again";
  ASSERT_TRUE(again().ok());
  ASSERT_EQ(sign_in_.cached(), 2u) << "this token and the one before";
  clock_.Advance(kKeysRefreshMs);
  keys_.Step();
  EXPECT_EQ(again().error().text(), "the issuer has no such key");
}

TEST_F(TokenTable, KeepsABoundedNumberOfTokens) {
  constexpr std::size_t kMax = 4;
  JwtSignIn sign_in({issuers_, keys_, nonces_, proofs_, clock_, std::string(kOrigin)}, kMax);
  net::Peer peer;
  peer.certificate_sha256 = kCertificate;
  for (int i = 0; i < 10; ++i) {
    Shown shown = GoodByCertificate();
    shown.claims["jti"] = std::to_string(i);
    const std::string authorization = "Bearer " + Signed(shown.header, shown.claims, *shown.signer);
    EXPECT_TRUE(sign_in.Verify({authorization, {}, {}, net::Method::kGet, "/v1/me", peer}).ok());
    EXPECT_LE(sign_in.cached(), kMax);
  }
  const std::size_t before = sign_in.cached();
  EXPECT_FALSE(sign_in.Verify({"Bearer e30.e30.AA", {}, {}, net::Method::kGet, "/", peer}).ok());
  EXPECT_EQ(sign_in.cached(), before) << "what is refused is not kept";
}

}  // namespace
}  // namespace cloison::identity
