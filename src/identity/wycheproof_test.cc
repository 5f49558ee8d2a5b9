// The published vectors of C2SP/wycheproof (dac1dd47, Apache-2.0) for JOSE, and where this module
// differs from them, each place with its reason: what it refuses though they accept it. It accepts
// nothing that they refuse.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "identity/jws.h"

namespace cloison::identity {
namespace {

using nlohmann::json;

constexpr const char* kNotOffered = "an algorithm that is not offered here";

// Valid for Wycheproof, refused here.
const std::map<int, const char*> kSignaturesRefused = {
    // HMAC: the verifier could sign, and confusing it with a public key is the classical attack.
    {1, kNotOffered},
    {348, kNotOffered},
    {352, kNotOffered},
    {357, kNotOffered},
    {358, kNotOffered},
    {359, kNotOffered},
    {372, kNotOffered},
    {373, kNotOffered},
    {376, kNotOffered},
    {377, kNotOffered},
    // RS384, RS512, PS384, PS512: no provider needs them; each one is code to be wrong in.
    {264, kNotOffered},
    {265, kNotOffered},
    {266, kNotOffered},
    {267, kNotOffered},
    {268, kNotOffered},
    {269, kNotOffered},
    {270, kNotOffered},
    {271, kNotOffered},
    {320, kNotOffered},
    {321, kNotOffered},
    {322, kNotOffered},
    {323, kNotOffered},
    {325, kNotOffered},
    {326, kNotOffered},
    {327, kNotOffered},
    {328, kNotOffered},
    // "ES521" is no registered name (RFC 7518 has ES512), and P-521 is not offered.
    {347, kNotOffered},
    {351, kNotOffered},
    // The file says PS256 of the key; the token (RFC 7520 section 4.2) is PS384.
    {346, kNotOffered},
    {350, kNotOffered},
};
const std::map<int, const char*> kKeysRefused = {
    {2, kNotOffered},
    {13, kNotOffered},
    {14, kNotOffered},
    {15, kNotOffered},
};
json Groups(const std::string& name) {
  std::ifstream file("tests/vectors/wycheproof/" + name + "_test.json");
  EXPECT_TRUE(file.is_open()) << name;
  return json::parse(file)["testGroups"];
}

std::string KeyText(const json& group) {
  return (group.contains("public") ? group["public"] : group["private"]).dump();
}

// As an issuer's token is judged: the algorithm is the one registered for the key.
bool Accepts(const std::string& jws, const Jwk* key, std::string_view registered) {
  const auto algorithm = JwsAlgorithmNamed(registered);
  return key != nullptr && algorithm.has_value() && VerifyJws(jws, *key, *algorithm).ok();
}

struct Counts {
  int accepted = 0, refused = 0, differing = 0;
};

void Count(const json& test, bool accepted, const char* reason, Counts& counts) {
  const bool valid = test["result"] == "valid";
  const std::string name = "tcId " + test["tcId"].dump() + " " + test["comment"].get<std::string>();
  if (reason != nullptr) {
    EXPECT_NE(accepted, valid) << name << ": no deviation any more: " << reason;
    ++counts.differing;
  } else {
    EXPECT_EQ(accepted, valid) << name;
  }
  ++(accepted ? counts.accepted : counts.refused);
}

const char* ReasonIn(const std::map<int, const char*>& reasons, const json& test) {
  const auto found = reasons.find(test["tcId"].get<int>());
  return found == reasons.end() ? nullptr : found->second;
}

TEST(Wycheproof, JsonWebSignatures) {
  Counts counts;
  const json groups = Groups("json_web_signature");
  for (const json& group : groups) {
    const auto key = Jwk::Parse(AsBytes(KeyText(group)));
    const json& written = group.contains("public") ? group["public"] : group["private"];
    for (const json& test : group["tests"]) {
      const std::string jws =
          test["jws"].is_string() ? test["jws"].get<std::string>() : test["jws"].dump();
      // A key that names no algorithm is tried with each: none may let a wrong token in.
      bool accepted = false;
      if (written.contains("alg")) {
        accepted = Accepts(jws, key.ok() ? &*key : nullptr, written["alg"].get<std::string>());
      } else {
        for (const auto algorithm : {"ES256", "ES384", "RS256", "PS256", "EdDSA"}) {
          accepted = accepted || Accepts(jws, key.ok() ? &*key : nullptr, algorithm);
        }
      }
      Count(test, accepted, ReasonIn(kSignaturesRefused, test), counts);
    }
  }
  EXPECT_EQ(counts.accepted + counts.refused, 401);
  EXPECT_EQ(counts.differing, static_cast<int>(kSignaturesRefused.size()));
  RecordProperty("accepted", counts.accepted);
}

TEST(Wycheproof, JsonWebKeys) {
  Counts counts;
  const json groups = Groups("json_web_key");
  for (const json& group : groups) {
    const auto set = JwkSet::Parse(AsBytes(KeyText(group)));
    ASSERT_TRUE(set.ok());
    for (const json& test : group["tests"]) {
      const std::string jws = test["jws"].get<std::string>();
      const auto token = UnverifiedJws::Parse(jws);
      const Jwk* const key =
          token.ok() ? set->Find(token->header().key_id, token->header().algorithm) : nullptr;
      const bool accepted = key != nullptr && VerifyJws(jws, *key, token->header().algorithm).ok();
      Count(test, accepted, ReasonIn(kKeysRefused, test), counts);
    }
  }
  EXPECT_EQ(counts.accepted + counts.refused, 26);
  EXPECT_EQ(counts.differing, static_cast<int>(kKeysRefused.size()));
}

}  // namespace
}  // namespace cloison::identity
