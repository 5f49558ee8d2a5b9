// Keys and sets of keys, as issuers publish them and as nobody should.
#include "identity/jwk.h"

#include <gtest/gtest.h>

#include "identity/jws.h"
#include "identity/testing/forge.h"

namespace cloison::identity {
namespace {

using testing::Json;
using testing::NewKey;
using testing::PublishedJwk;

crypto::Digest DigestOf(std::string_view text) {
  crypto::Digest out{};
  const Result<Bytes> bytes = crypto::FromBase64Url(text);
  CLOISON_CHECK(bytes.ok() && bytes->size() == out.size());
  std::ranges::copy(*bytes, out.begin());
  return out;
}

TEST(Jwk, ThumbprintsOfTheStandards) {
  // RFC 7638 section 3.1.
  const auto rsa = Jwk::Parse(
      AsBytes(R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAA)"
              R"(tVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5)"
              R"(n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7)"
              R"(d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRw)"
              R"(r3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":")"
              R"(RS256","kid":"2011-04-29"})"));
  ASSERT_TRUE(rsa.ok());
  EXPECT_EQ(rsa->thumbprint(), DigestOf("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
  EXPECT_EQ(rsa->id(), "2011-04-29");
  // RFC 8037 appendix A.3.
  const auto edwards = Jwk::Parse(AsBytes(
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"));
  ASSERT_TRUE(edwards.ok());
  EXPECT_EQ(edwards->thumbprint(), DigestOf("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
}

TEST(Jwk, TheSignatureOfAStandard) {
  // RFC 8037 appendix A.4.
  const auto key = Jwk::Parse(AsBytes(
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"));
  ASSERT_TRUE(key.ok());
  const auto proven = VerifyJws(
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
      *key, JwsAlgorithm::kEdDsa);
  ASSERT_TRUE(proven.ok());
  EXPECT_EQ(proven->payload(), "Example of Ed25519 signing");
}

TEST(Jws, TheAlgorithmIsTheOneThatIsRegistered) {
  const auto signer = NewKey(crypto::KeyKind::kRsa);
  const auto key = Jwk::Parse(AsBytes(PublicJwk(signer)));
  ASSERT_TRUE(key.ok());
  const auto token = SignJws(JwsAlgorithm::kRs256, "", "payload", signer);
  ASSERT_TRUE(token.ok());
  EXPECT_TRUE(VerifyJws(*token, *key, JwsAlgorithm::kRs256).ok());
  EXPECT_FALSE(VerifyJws(*token, *key, JwsAlgorithm::kPs256).ok()) << "the same key's other one";
  EXPECT_FALSE(VerifyJws(*token, *key, JwsAlgorithm::kEs256).ok());
  const auto shown = UnverifiedJws::Parse(*token);
  ASSERT_TRUE(shown.ok());
  EXPECT_FALSE(shown->Verify(*key, {}).ok()) << "none is registered";
}

TEST(Jwk, Refuses) {
  const Json good = PublishedJwk(NewKey(crypto::KeyKind::kP256), "k");
  ASSERT_TRUE(Jwk::Parse(AsBytes(good.dump())).ok());
  const auto with = [&good](const char* key, Json value) {
    Json out = good;
    out[key] = value;
    return out.dump();
  };
  const auto without = [&good](const char* key) {
    Json out = good;
    out.erase(key);
    return out.dump();
  };
  struct Row {
    const char* why;
    std::string text;
  };
  const Row rows[] = {
      {"no JSON", "{"},
      {"a list", "[]"},
      {"no kty", without("kty")},
      {"no crv", without("crv")},
      {"no x", without("x")},
      {"no y", without("y")},
      {"a private part", with("d", "AAAA")},
      {"a private part that is empty", with("d", "")},
      {"a symmetric key", R"({"kty":"oct","k":"AAAA"})"},
      {"a symmetric part beside a point", with("k", "AAAA")},
      {"another curve", with("crv", "secp256k1")},
      {"the curve in lower case", with("crv", "p-256")},
      {"the curve of other coordinates", with("crv", "P-384")},
      {"kty RSA with a point", with("kty", "RSA")},
      {"kty in lower case", with("kty", "ec")},
      {"an agreement key",
       R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"},
      {"a coordinate with padding", with("x", good["x"].get<std::string>() + "=")},
      {"a coordinate with a zero before", with("x", "AAAA" + good["x"].get<std::string>())},
      {"kid a number", with("kid", 1)},
      {"kid too long", with("kid", std::string(kKeyIdBytesMax + 1, 'k'))},
      {"alg a list", with("alg", {"ES256"})},
      {"key_ops a text", with("key_ops", "verify")},
      {"x twice", good.dump().substr(0, good.dump().size() - 1) + R"(,"x":"AAAA"})"},
      {"more than 16 KiB", with("x5c", {std::string(kJwkBytesMax, 'A')})},
  };
  for (const Row& row : rows) EXPECT_FALSE(Jwk::Parse(AsBytes(row.text)).ok()) << row.why;
}

TEST(Jwk, FitsWhatItSaysItIsFor) {
  const Json good = PublishedJwk(NewKey(crypto::KeyKind::kRsa), "k");
  struct Row {
    const char* why;
    const char* key;
    Json value;  // null: left out
    bool rs256, ps256;
  };
  const Row rows[] = {
      {"RS256 for signatures", "kid", "k", true, false},
      {"for any algorithm", "alg", nullptr, true, true},
      {"for PSS", "alg", "PS256", false, true},
      {"for encryption, by alg", "alg", "RSA-OAEP", false, false},
      {"for encryption, by use", "use", "enc", false, false},
      {"for nothing", "use", "", false, false},
      {"no use said", "use", nullptr, true, false},
      {"to verify, by key_ops", "key_ops", {"verify"}, true, false},
      {"to sign alone, by key_ops", "key_ops", {"sign"}, false, false},
      {"for no operation", "key_ops", Json::array(), false, false},
  };
  for (const Row& row : rows) {
    Json changed = good;
    if (row.value.is_null()) changed.erase(row.key);
    if (!row.value.is_null()) changed[row.key] = row.value;
    const auto key = Jwk::Parse(AsBytes(changed.dump()));
    ASSERT_TRUE(key.ok()) << row.why;
    EXPECT_EQ(key->Fits(JwsAlgorithm::kRs256), row.rs256) << row.why;
    EXPECT_EQ(key->Fits(JwsAlgorithm::kPs256), row.ps256) << row.why;
    EXPECT_FALSE(key->Fits(JwsAlgorithm::kEs256)) << row.why;
    EXPECT_FALSE(key->Fits(JwsAlgorithm::kEdDsa)) << row.why;
  }
}

TEST(JwkSet, LeavesOutWhatIsNotOursAndNamesOneKey) {
  const auto first = NewKey(crypto::KeyKind::kP256);
  const auto second = NewKey(crypto::KeyKind::kP256);
  const auto set = JwkSet::Parse(AsBytes(testing::KeySet(
      {PublishedJwk(first, "a"), PublishedJwk(second, "b"), Json{{"kty", "oct"}, {"k", "AAAA"}},
       Json{{"kty", "RSA"}, {"n", "AAAA"}, {"e", "AQAB"}}, Json("text"), Json::object()})));
  ASSERT_TRUE(set.ok());
  EXPECT_EQ(set->keys().size(), 2u);
  EXPECT_EQ(set->left_out(), 4u);
  ASSERT_NE(set->Find("a", JwsAlgorithm::kEs256), nullptr);
  EXPECT_EQ(set->Find("a", JwsAlgorithm::kEs256)->thumbprint(), testing::ThumbprintOf(first));
  EXPECT_EQ(set->Find("A", JwsAlgorithm::kEs256), nullptr);
  EXPECT_EQ(set->Find("a", JwsAlgorithm::kRs256), nullptr);
  EXPECT_EQ(set->Find("", JwsAlgorithm::kEs256), nullptr) << "no kid, and two that fit";

  const auto alone = JwkSet::Parse(AsBytes(testing::KeySet({PublishedJwk(first, "a")})));
  ASSERT_TRUE(alone.ok());
  EXPECT_NE(alone->Find("", JwsAlgorithm::kEs256), nullptr) << "no kid, and one that fits";
  const auto twice = JwkSet::Parse(
      AsBytes(testing::KeySet({PublishedJwk(first, "a"), PublishedJwk(second, "a")})));
  ASSERT_TRUE(twice.ok());
  EXPECT_EQ(twice->Find("a", JwsAlgorithm::kEs256), nullptr) << "one name for two keys";
}

TEST(JwkSet, RefusesWhatIsNoSetAndWhatIsTooLarge) {
  const Json key = PublishedJwk(NewKey(crypto::KeyKind::kEd25519), "k");
  const auto of = [&key](std::size_t keys) {
    return testing::KeySet(std::vector<Json>(keys, key));
  };
  EXPECT_TRUE(JwkSet::Parse(AsBytes(of(kJwkSetKeysMax))).ok());
  EXPECT_TRUE(JwkSet::Parse(AsBytes(R"({"keys":[]})")).ok()) << "an issuer that trusts no key now";
  struct Row {
    const char* why;
    std::string text;
    Code code;
  };
  const Row rows[] = {
      {"nothing", "", Code::kInvalid},
      {"a page", "<html></html>", Code::kInvalid},
      {"a list", "[]", Code::kInvalid},
      {"no keys", "{}", Code::kInvalid},
      {"one key", key.dump(), Code::kInvalid},
      {"keys a table", R"({"keys":{}})", Code::kInvalid},
      {"keys twice", R"({"keys":[],"keys":[]})", Code::kInvalid},
      {"text after it", R"({"keys":[]} x)", Code::kInvalid},
      {"65 keys", of(kJwkSetKeysMax + 1), Code::kExhausted},
      {"more than 64 KiB", R"({"keys":[]})" + std::string(kJwkSetBytesMax, ' '), Code::kExhausted},
  };
  for (const Row& row : rows) {
    const auto set = JwkSet::Parse(AsBytes(row.text));
    ASSERT_FALSE(set.ok()) << row.why;
    EXPECT_EQ(set.error().code(), row.code) << row.why;
  }
}

}  // namespace
}  // namespace cloison::identity
