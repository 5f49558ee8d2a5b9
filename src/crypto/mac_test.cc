// SHA-256, HMAC and HKDF beside the published vectors (wycheproof_test.cc): lengths, parts, keys.
#include "crypto/mac.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/testing/seeded_random.h"

namespace cloison::crypto {
namespace {

using base::testing::SeededRandom;

TEST(Mac, PartsAreOneMessage) {
  const Bytes key(20, 0x0b);  // RFC 4231, test case 1
  const std::string want = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
  EXPECT_EQ(base::ToHex(HmacRaw(key, {AsBytes("Hi There")})), want);
  EXPECT_EQ(base::ToHex(HmacRaw(key, {AsBytes("Hi "), {}, AsBytes("There")})), want);
  EXPECT_EQ(Sha256({AsBytes("a"), AsBytes("bc")}), Sha256(AsBytes("abc")));
  EXPECT_EQ(base::ToHex(Sha256(AsBytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// Short messages are padded by us: each length, in parts, as the library hashes it whole.
TEST(Mac, EveryLengthIsAsTheLibraryHashesIt) {
  SeededRandom random(9);
  const Bytes key(32, 0x0b);
  for (std::size_t size = 0; size <= 300; ++size) {
    Bytes message(size);
    random.Fill(message);
    const ByteView first = ByteView(message).first(size / 3);
    const ByteView rest = ByteView(message).subspan(size / 3);
    Digest want{};
    unsigned length = 0;
    ASSERT_EQ(EVP_Digest(message.data(), size, want.data(), &length, EVP_sha256(), nullptr), 1);
    EXPECT_EQ(Sha256({first, rest}), want) << size;
    ASSERT_NE(HMAC(EVP_sha256(), key.data(), 32, message.data(), size, want.data(), &length),
              nullptr);
    EXPECT_EQ(HmacRaw(key, {first, {}, rest}), want) << size;
  }
}

// Around the ends of SHA-256's blocks: a key that is kept gives what one used once does, each time.
TEST(Mac, AKeptKeyGivesTheSame) {
  const auto key = Secret<32>::FromBytes(Bytes(32, 0x0b));
  ASSERT_TRUE(key.ok());
  HmacKey made(*key);
  const HmacKey kept(std::move(made));
  for (const std::size_t size : {0u, 1u, 55u, 56u, 63u, 64u, 65u, 119u, 120u, 128u, 1000u}) {
    const Bytes message(size, 0x5a);
    const Digest want = HmacRaw(key->Reveal(), {message});
    EXPECT_EQ(kept.Mac({message}), want) << size;
    EXPECT_EQ(kept.Mac({ByteView(message).first(size / 2), ByteView(message).subspan(size / 2)}),
              want)
        << size;
    Bytes longer = message;
    longer.push_back(0);
    EXPECT_NE(kept.Mac({longer}), want) << size;
  }
  for (const std::size_t size : {0u, 1u, 31u, 32u, 33u, 64u, 65u, 255u * 32u}) {
    Bytes want(size), given(size);
    ExpandInto(key->Reveal(), AsBytes("info"), want);
    kept.ExpandInto(AsBytes("info"), given);
    EXPECT_EQ(given, want) << size;
  }
  EXPECT_EQ(HmacKey(Secret<32>()).Mac({}), Hmac(Secret<32>(), {}));
  EXPECT_NE(HmacKey(Secret<32>()).Mac({}), kept.Mac({}));
}

}  // namespace
}  // namespace cloison::crypto
