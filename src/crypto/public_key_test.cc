// Keys that others signed with: what is no key is refused when it is made, and a signature is read
// one way only. The published vectors of C2SP/wycheproof (dac1dd47, Apache-2.0) are among the rows.
#include "crypto/public_key.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/base64.h"
#include "crypto/signing_key.h"

namespace cloison::crypto {
namespace {

using nlohmann::json;

Bytes Hex(const std::string& text) {
  return *base::FromHex(text);
}
Bytes Url(const json& text) {
  return *FromBase64Url(text.get<std::string>());
}

TEST(Wycheproof, EcdsaP256PlainSignatures) {
  std::ifstream file("tests/vectors/wycheproof/ecdsa_secp256r1_sha256_p1363_test.json");
  ASSERT_TRUE(file.is_open());
  int accepted = 0, refused = 0;
  const json parsed = json::parse(file);
  for (const json& group : parsed["testGroups"]) {
    const json& point = group["publicKey"];
    // The x and y of a JWK have full width; this file's bare numbers don't always.
    const Bytes uncompressed = Hex(point["uncompressed"]);
    ASSERT_EQ(uncompressed.size(), 65u);
    const auto key =
        PublicKey::P256(ByteView(uncompressed).subspan(1, 32), ByteView(uncompressed).subspan(33));
    ASSERT_TRUE(key.ok());
    for (const json& test : group["tests"]) {
      const bool valid = test["result"] == "valid";
      EXPECT_EQ(key->Verify(SignatureScheme::kEs256, Hex(test["msg"]), Hex(test["sig"])), valid)
          << test["tcId"] << " " << test["comment"];
      ++(valid ? accepted : refused);
    }
  }
  EXPECT_EQ(accepted, 173);
  EXPECT_EQ(refused, 89);
}

constexpr SignatureScheme kSchemes[] = {SignatureScheme::kEs256, SignatureScheme::kEs384,
                                        SignatureScheme::kRs256, SignatureScheme::kPs256,
                                        SignatureScheme::kEd25519};

TEST(SigningKey, WhatOneSignsItsPublicHalfVerifiesAndNoOther) {
  const Bytes message = {1, 2, 3};
  for (const SignatureScheme scheme : kSchemes) {
    const auto key = SigningKey::Generate(KindFor(scheme));
    const auto other = SigningKey::Generate(KindFor(scheme));
    ASSERT_TRUE(key.ok() && other.ok());
    const auto signature = key->Sign(scheme, message);
    ASSERT_TRUE(signature.ok());
    EXPECT_TRUE(key->public_key().Verify(scheme, message, *signature));
    EXPECT_FALSE(key->public_key().Verify(scheme, Bytes{1, 2}, *signature));
    EXPECT_FALSE(other->public_key().Verify(scheme, message, *signature));
    Bytes longer = *signature;
    longer.push_back(0);
    EXPECT_FALSE(key->public_key().Verify(scheme, message, longer)) << "a byte more";
    EXPECT_FALSE(key->public_key().Verify(scheme, message,
                                          ByteView(*signature).first(signature->size() - 1)))
        << "a byte less";
    for (const SignatureScheme another : kSchemes) {
      if (another == scheme) continue;
      EXPECT_FALSE(key->public_key().Verify(another, message, *signature))
          << "read as another scheme";
      EXPECT_EQ(key->Sign(another, message).ok(), KindFor(another) == key->kind());
    }
  }
}

TEST(PublicKey, RefusesPoints) {
  const auto key = SigningKey::Generate(KeyKind::kP256);
  ASSERT_TRUE(key.ok());
  const PublicParts parts = key->public_parts();
  EXPECT_TRUE(PublicKey::P256(parts.first, parts.second).ok());
  Bytes off = parts.second;
  off.back() ^= 1;
  Bytes wide = {0};
  base::AppendBytes(wide, parts.first);
  // p of the curve: x = p is 0 once reduced.
  const Bytes p = Hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
  struct Row {
    const char* why;
    Bytes x, y;
  };
  const Row rows[] = {
      {"beside the curve", parts.first, off},
      {"swapped", parts.second, parts.first},
      {"a leading zero", wide, parts.second},
      {"short", Bytes(31, 1), parts.second},
      {"nothing", {}, {}},
      {"zero", Bytes(32, 0), Bytes(32, 0)},
      {"a coordinate of the field's size", p, parts.second},
      {"of the larger curve", Bytes(48, 1), Bytes(48, 1)},
  };
  for (const Row& row : rows) EXPECT_FALSE(PublicKey::P256(row.x, row.y).ok()) << row.why;
}

TEST(PublicKey, RefusesRsaKeys) {
  const auto key = SigningKey::Generate(KeyKind::kRsa);
  ASSERT_TRUE(key.ok());
  const Bytes n = key->public_parts().first;
  const Bytes e = key->public_parts().second;
  ASSERT_TRUE(PublicKey::Rsa(n, e).ok());
  EXPECT_TRUE(PublicKey::Rsa(n, Bytes{3}).ok()) << "small, and sound with what is verified here";
  const auto of_bits = [](std::size_t bits) {
    Bytes out(bits / 8, 0xff);
    out[1] = 0xfd;  // not 2^k - 1
    return out;
  };
  EXPECT_TRUE(PublicKey::Rsa(of_bits(8192), e).ok()) << "the largest";
  Bytes even = n;
  even.back() &= 0xfe;
  Bytes short_by_a_bit = n;
  short_by_a_bit[0] = 0x7f;
  Bytes zero_before = {0};
  base::AppendBytes(zero_before, n);
  struct Row {
    const char* why;
    Bytes n, e;
  };
  const Row rows[] = {
      {"1024 bits", of_bits(1024), e},
      {"2047 bits", short_by_a_bit, e},
      {"8200 bits", of_bits(8200), e},
      {"an even modulus", even, e},
      {"a leading zero", zero_before, e},
      {"no modulus", {}, e},
      {"exponent 1: anything verifies", n, {1}},
      {"exponent 0", n, {0}},
      {"an even exponent", n, {1, 0, 0}},
      {"no exponent", n, {}},
      {"an exponent with a leading zero", n, {0, 1, 0, 1}},
      {"an exponent of 33 bits", n, {1, 0, 0, 0, 1}},
  };
  for (const Row& row : rows) EXPECT_FALSE(PublicKey::Rsa(row.n, row.e).ok()) << row.why;
}

TEST(PublicKey, RefusesTheModulusOfABrokenChip) {
  std::ifstream file("tests/vectors/wycheproof/json_web_key_test.json");
  ASSERT_TRUE(file.is_open());
  int seen = 0;
  const json parsed = json::parse(file);
  for (const json& group : parsed["testGroups"]) {
    if (group["comment"] != "jws_rsa_roca_key") continue;
    const json& key = group["public"]["keys"][0];
    EXPECT_FALSE(PublicKey::Rsa(Url(key["n"]), Url(key["e"])).ok());
    ++seen;
  }
  EXPECT_EQ(seen, 1);
}

TEST(PublicKey, RefusesEd25519Keys) {
  const auto key = SigningKey::Generate(KeyKind::kEd25519);
  ASSERT_TRUE(key.ok());
  ASSERT_TRUE(PublicKey::Ed25519(key->public_parts().first).ok());
  Bytes one(32, 0);
  one[0] = 1;
  struct Row {
    const char* why;
    Bytes key;
  };
  const Row rows[] = {
      {"the neutral element", one},
      {"order 4", Bytes(32, 0)},
      {"order 8", Hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")},
      {"not canonical: p + 1",
       Hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")},
      {"short", Bytes(31, 7)},
      {"long", Bytes(33, 7)},
  };
  for (const Row& row : rows) EXPECT_FALSE(PublicKey::Ed25519(row.key).ok()) << row.why;
}

TEST(SigningKey, ReadsOnePemAlone) {
  constexpr std::string_view kPem =
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
      "-----END PRIVATE KEY-----\n";  // RFC 8032 section 7.1, test 1
  const auto key = SigningKey::FromPem(AsBytes(kPem));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->public_parts().first,
            Hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  EXPECT_FALSE(SigningKey::FromPem(AsBytes(std::string(kPem) + std::string(kPem))).ok()) << "two";
  EXPECT_FALSE(SigningKey::FromPem(AsBytes("")).ok());
  EXPECT_FALSE(SigningKey::FromPem(AsBytes(std::string(70'000, '-'))).ok());
}

}  // namespace
}  // namespace cloison::crypto
