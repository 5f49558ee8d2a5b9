#include "crypto/hpke.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/testing/seeded_random.h"

namespace cloison::crypto {
namespace {

using Vector = std::map<std::string, std::string>;

std::vector<Vector> Vectors() {
  std::ifstream file("tests/vectors/hpke/base_x25519.txt");
  std::vector<Vector> out(1);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) {
      out.emplace_back();
    } else {
      out.back()[line.substr(0, colon)] = line.substr(colon + 2);
    }
  }
  return out;
}

Bytes Hex(const std::string& hex) {
  return std::move(*base::FromHex(hex));
}
RecipientSecret SecretOf(const std::string& hex) {
  return RecipientSecret(std::move(*Secret<32>::FromBytes(Hex(hex))));
}

TEST(Hpke, PublishedVectors) {
  int schedules = 0, messages = 0;
  for (Vector& vector : Vectors()) {
    SCOPED_TRACE(vector["name"]);
    const RecipientSecret ephemeral = SecretOf(vector["skEm"]), own = SecretOf(vector["skRm"]);
    EXPECT_EQ(base::ToHex(ephemeral.key().bytes()), vector["pkEm"]);
    EXPECT_EQ(base::ToHex(own.key().bytes()), vector["pkRm"]);
    const Bytes enc = Hex(vector["pkEm"]), recipient = Hex(vector["pkRm"]);
    const Bytes info = Hex(vector["info"]);
    if (vector.contains("shared_secret")) {
      const auto sent = internal::HpkeShared(ephemeral, recipient, enc, recipient);
      const auto got = internal::HpkeShared(own, enc, enc, recipient);
      ASSERT_TRUE(sent.has_value() && got.has_value());
      EXPECT_EQ(base::ToHex(sent->Reveal()), vector["shared_secret"]);
      EXPECT_EQ(base::ToHex(got->Reveal()), vector["shared_secret"]);
      const auto aead = static_cast<std::uint16_t>(std::stoi(vector["aead"]));
      const auto keys = internal::HpkeSchedule(*sent, info, aead, vector["key"].size() / 2);
      EXPECT_EQ(base::ToHex(keys.key.Reveal()), vector["key"]);
      EXPECT_EQ(base::ToHex(keys.nonce), vector["base_nonce"]);
      ++schedules;
      continue;
    }
    Bytes sealed;
    internal::HpkeSealWith(ephemeral, own.key(), info, Hex(vector["aad"]), Hex(vector["pt"]),
                           sealed);
    EXPECT_EQ(base::ToHex(sealed), vector["pkEm"] + vector["ct"]);
    const auto opened = HpkeOpen(own, info, Hex(vector["aad"]), sealed);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(base::ToHex(opened->Reveal()), vector["pt"]);
    ++messages;
  }
  EXPECT_EQ(schedules, 2);
  EXPECT_EQ(messages, 1);
}

TEST(Hpke, OpensAsItWasSealedAndNotOtherwise) {
  base::testing::SeededRandom random(7);
  const RecipientSecret own(random), other(random);
  const Bytes info{1, 2}, aad{3};
  for (const std::size_t size : {0u, 1u, 1'000u}) {
    const Bytes plain(size, 0x5a);
    Bytes sealed, again;
    HpkeSeal(own.key(), info, aad, plain, random, sealed);
    HpkeSeal(own.key(), info, aad, plain, random, again);
    EXPECT_EQ(sealed.size(), size + kHpkeOverhead);
    EXPECT_NE(sealed, again) << "a fresh key each time";
    const auto opened = HpkeOpen(own, info, aad, sealed);
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE(base::Equal(opened->Reveal(), plain));
    EXPECT_FALSE(HpkeOpen(other, info, aad, sealed).ok()) << "another recipient";
    EXPECT_FALSE(HpkeOpen(own, aad, aad, sealed).ok()) << "another info";
    EXPECT_FALSE(HpkeOpen(own, info, info, sealed).ok()) << "another aad";
    for (std::size_t at = 0; at < sealed.size(); at += size > 1 ? 97 : 1) {
      Bytes bent = sealed;
      bent[at] ^= 1;
      EXPECT_FALSE(HpkeOpen(own, info, aad, bent).ok()) << at;
    }
    sealed.pop_back();
    EXPECT_EQ(HpkeOpen(own, info, aad, sealed).error().code(), Code::kCorrupt);
  }
}

// RFC 7748 section 6.1: with these everybody knows the secret.
TEST(Hpke, NothingIsSealedToAKeyOfSmallOrder) {
  const char* const kSmall[] = {"0000000000000000000000000000000000000000000000000000000000000000",
                                "0100000000000000000000000000000000000000000000000000000000000000",
                                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
  base::testing::SeededRandom random(8);
  const RecipientSecret own(random);
  for (const char* const key : kSmall) {
    const Bytes bytes = Hex(key);
    const auto refused = RecipientKey::FromBytes(bytes);
    ASSERT_FALSE(refused.ok()) << key;
    EXPECT_EQ(refused.error().code(), Code::kInvalid);
    Bytes message = bytes;
    message.resize(bytes.size() + 40);
    EXPECT_EQ(HpkeOpen(own, {}, {}, message).error().code(), Code::kCorrupt) << key;
  }
  EXPECT_FALSE(RecipientKey::FromBytes(Bytes(31, 9)).ok());
  EXPECT_FALSE(RecipientKey::FromBytes(Bytes(33, 9)).ok());
  ASSERT_TRUE(RecipientKey::FromBytes(own.key().bytes()).ok());
}

}  // namespace
}  // namespace cloison::crypto
