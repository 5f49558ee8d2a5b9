// AES-256-GCM of both libraries: one cipher, whatever the size and the machine.
#include "crypto/internal/gcm.h"

#include <gtest/gtest.h>

#include "base/testing/seeded_random.h"
#include "crypto/box.h"

namespace cloison::crypto {
namespace {

using base::testing::SeededRandom;

// Which of the two does it depends on the size and the machine; what is on disk does not.
TEST(Gcm, BothLibrariesMakeAndTakeTheSameBytes) {
  using internal::GcmBy;
  if (!internal::HasGcm(GcmBy::kSodium)) GTEST_SKIP() << "no AES instructions here";
  SeededRandom random(5);
  for (std::size_t size = 0; size <= 1'100; size += size < 70 ? 1 : 103) {
    Bytes text(2 * size + 44);
    random.Fill(text);
    const ByteView key = ByteView(text).first(32), nonce = ByteView(text).subspan(32, 12);
    const ByteView aad = ByteView(text).subspan(44, size), plain = ByteView(text).last(size);
    Bytes sodium(size + 16), openssl(size + 16);
    internal::GcmSeal(GcmBy::kSodium, key, nonce, aad, plain, sodium.data());
    internal::GcmSeal(GcmBy::kOpenSsl, key, nonce, aad, plain, openssl.data());
    ASSERT_EQ(sodium, openssl) << size;
    for (const GcmBy by : {GcmBy::kSodium, GcmBy::kOpenSsl}) {
      Bytes opened(size);
      ASSERT_TRUE(internal::GcmOpen(by, key, nonce, aad, sodium, opened.data())) << size;
      EXPECT_TRUE(base::Equal(opened, plain)) << size;
      Bytes changed = sodium;
      changed[size / 2] ^= 1;
      EXPECT_FALSE(internal::GcmOpen(by, key, nonce, aad, changed, opened.data())) << size;
    }
  }
}

}  // namespace
}  // namespace cloison::crypto
