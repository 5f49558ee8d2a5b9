// The published vectors of C2SP/wycheproof (dac1dd47, Apache-2.0) for what this module offers.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/box.h"
#include "crypto/ed25519.h"
#include "crypto/ff1.h"
#include "crypto/internal/gcm.h"

namespace cloison::crypto {
namespace {

using nlohmann::json;

json Groups(const std::string& name) {
  std::ifstream file("tests/vectors/wycheproof/" + name + "_test.json");
  EXPECT_TRUE(file.is_open()) << name;
  return json::parse(file)["testGroups"];
}

Bytes Hex(const json& value) {
  return std::move(*base::FromHex(value.get<std::string>()));
}

struct Counts {
  int accepted = 0;
  int refused = 0;
};

std::string Name(const json& test) {
  return "tcId " + test["tcId"].dump() + " " + test["comment"].get<std::string>();
}

void CheckGcm(internal::GcmBy by, const json& test, Counts& counts) {
  const Bytes key = Hex(test["key"]);
  const Bytes nonce = Hex(test["iv"]);
  const Bytes aad = Hex(test["aad"]);
  const Bytes plain = Hex(test["msg"]);
  Bytes sealed = Hex(test["ct"]);
  base::AppendBytes(sealed, Hex(test["tag"]));
  const bool valid = test["result"] == "valid";

  Bytes opened(sealed.size() - 16);
  EXPECT_EQ(internal::GcmOpen(by, key, nonce, aad, sealed, opened.data()), valid) << Name(test);
  if (valid) {
    EXPECT_EQ(opened, plain) << Name(test);
  }
  Bytes made(plain.size() + 16);
  internal::GcmSeal(by, key, nonce, aad, plain, made.data());
  EXPECT_EQ(made == sealed, valid) << Name(test);
  ++(valid ? counts.accepted : counts.refused);
}

Counts CheckAllGcm(internal::GcmBy by) {
  Counts counts;
  for (const json& group : Groups("aes_gcm")) {
    if (group["keySize"] != 256 || group["ivSize"] != 96 || group["tagSize"] != 128) continue;
    for (const json& test : group["tests"]) CheckGcm(by, test, counts);
  }
  return counts;
}

TEST(Wycheproof, AesGcmOfOpenSsl) {
  const Counts counts = CheckAllGcm(internal::GcmBy::kOpenSsl);
  EXPECT_EQ(counts.accepted, 39);
  EXPECT_EQ(counts.refused, 27);
}

TEST(Wycheproof, AesGcmOfSodium) {
  if (!internal::HasGcm(internal::GcmBy::kSodium)) GTEST_SKIP() << "no AES instructions here";
  const Counts counts = CheckAllGcm(internal::GcmBy::kSodium);
  EXPECT_EQ(counts.accepted, 39);
  EXPECT_EQ(counts.refused, 27);
}

TEST(Wycheproof, HkdfSha256) {
  Counts counts;
  for (const json& group : Groups("hkdf_sha256")) {
    for (const json& test : group["tests"]) {
      if (test["size"] > 255 * 32) {  // the caller's bug here: CLOISON_CHECK
        EXPECT_EQ(test["result"], "invalid");
        ++counts.refused;
        continue;
      }
      Bytes out(test["size"].get<std::size_t>());
      HkdfInto(Hex(test["salt"]), Hex(test["ikm"]), Hex(test["info"]), out);
      EXPECT_EQ(out, Hex(test["okm"])) << Name(test);
      ++counts.accepted;
    }
  }
  EXPECT_EQ(counts.accepted, 83);
  EXPECT_EQ(counts.refused, 3);
}

TEST(Wycheproof, HmacSha256) {
  Counts counts;
  for (const json& group : Groups("hmac_sha256")) {
    for (const json& test : group["tests"]) {
      const Digest mac = HmacRaw(Hex(test["key"]), {Hex(test["msg"])});
      const Bytes tag = Hex(test["tag"]);
      const bool valid = test["result"] == "valid";
      EXPECT_EQ(EqualConstantTime(ByteView(mac).first(tag.size()), tag), valid) << Name(test);
      ++(valid ? counts.accepted : counts.refused);
    }
  }
  EXPECT_EQ(counts.accepted, 66);
  EXPECT_EQ(counts.refused, 108);
}

TEST(Wycheproof, Ed25519) {
  Counts counts;
  for (const json& group : Groups("ed25519")) {
    Ed25519PublicKey key;
    std::ranges::copy(Hex(group["publicKey"]["pk"]), key.begin());
    for (const json& test : group["tests"]) {
      const bool valid = test["result"] == "valid";
      EXPECT_EQ(VerifyEd25519(key, Hex(test["msg"]), Hex(test["sig"])), valid) << Name(test);
      ++(valid ? counts.accepted : counts.refused);
    }
  }
  EXPECT_EQ(counts.accepted, 88);
  EXPECT_EQ(counts.refused, 63);
}

struct Ff1Counts {
  int accepted = 0;
  int refused = 0;
  int too_small_for_us = 0;  // valid there; below the million of 38G revision 1
  int too_long_for_us = 0;   // valid there; above kFf1DigitsMax
  int key_sizes = 0;         // a constructor's check, not a result
};

// Digits as wycheproof writes them; -1 and other impossible ones become 65535, above any radix.
std::vector<std::uint16_t> Digits(const json& list) {
  std::vector<std::uint16_t> out;
  for (const json& digit : list) {
    const int value = digit.get<int>();
    out.push_back(value < 0 || value > 0xffff ? 0xffff : static_cast<std::uint16_t>(value));
  }
  return out;
}

bool SmallDomain(std::size_t digits, std::uint32_t radix) {
  std::uint64_t domain = 1;
  for (std::size_t i = 0; i < digits && domain < kFf1DomainMin; ++i) domain *= radix;
  return domain < kFf1DomainMin;
}

void CheckFf1(const json& test, std::uint32_t radix, Ff1Counts& counts) {
  const Bytes key = Hex(test["key"]);
  if (key.size() != 16 && key.size() != 24 && key.size() != 32) {
    ++counts.key_sizes;
    return;
  }
  const Ff1 ff1(key, radix);
  const Bytes tweak = Hex(test["tweak"]);
  const auto plain = Digits(test["msg"]);
  const auto sealed = Digits(test["ct"]);
  const auto encrypted = ff1.Encrypt(tweak, plain);
  const bool too_small = SmallDomain(plain.size(), radix);
  if (test["result"] == "invalid" || too_small || plain.size() > kFf1DigitsMax) {
    ASSERT_FALSE(encrypted.ok()) << Name(test);
    EXPECT_EQ(encrypted.error().code(), Code::kInvalid);
    ++(test["result"] == "invalid" ? counts.refused
       : too_small                 ? counts.too_small_for_us
                                   : counts.too_long_for_us);
    return;
  }
  ASSERT_TRUE(encrypted.ok()) << Name(test);
  EXPECT_EQ(*encrypted, sealed) << Name(test);
  const auto decrypted = ff1.Decrypt(tweak, sealed);
  ASSERT_TRUE(decrypted.ok()) << Name(test);
  EXPECT_EQ(*decrypted, plain) << Name(test);
  ++counts.accepted;
}

Ff1Counts CheckFf1File(const std::string& name, std::uint32_t radix) {
  Ff1Counts counts;
  for (const json& group : Groups(name)) {
    EXPECT_EQ(group["radix"], radix);
    for (const json& test : group["tests"]) CheckFf1(test, radix, counts);
  }
  return counts;
}

TEST(Wycheproof, Ff1Radix10) {
  const Ff1Counts counts = CheckFf1File("aes_ff1_radix10", 10);
  EXPECT_EQ(counts.accepted, 87 + 1392 + 1770 + 9);
  EXPECT_EQ(counts.refused, 528);
  EXPECT_EQ(counts.too_small_for_us, 12);
  EXPECT_EQ(counts.too_long_for_us, 42);
  EXPECT_EQ(counts.key_sizes, 5);
}

TEST(Wycheproof, Ff1Radix32) {
  const Ff1Counts counts = CheckFf1File("aes_ff1_radix32", 32);
  EXPECT_EQ(counts.accepted, 66 + 1056 + 1264 + 39);
  EXPECT_EQ(counts.refused, 402);
  EXPECT_EQ(counts.too_small_for_us, 6);
  EXPECT_EQ(counts.too_long_for_us, 30);
  EXPECT_EQ(counts.key_sizes, 5);
}

}  // namespace
}  // namespace cloison::crypto
