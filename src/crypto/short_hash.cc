#include "crypto/short_hash.h"

#include <sodium.h>

#include "crypto/secret.h"

namespace cloison::crypto {

ShortHash::~ShortHash() {
  Wipe(key_);
}

std::uint64_t ShortHash::Of(ByteView bytes) const {
  static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8);
  ByteArray<8> out;
  crypto_shorthash(out.data(), bytes.data(), bytes.size(), key_.data());
  // SipHash gives its number with the lowest byte first.
  std::uint64_t value = 0;
  for (std::size_t i = out.size(); i > 0; --i) value = value << 8 | out[i - 1];
  return value;
}

}  // namespace cloison::crypto
