// SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104), HKDF-Expand-SHA-256 (RFC 5869 section 2.3).
//
// Threads: any. Cost: 40 ns per block of 64 bytes, with SHA instructions. HMAC of up to 55 bytes is
// two blocks with a kept key and four with another, Expand the same per 32 bytes it gives. Cannot
// fail.
#ifndef CLOISON_CRYPTO_MAC_H_
#define CLOISON_CRYPTO_MAC_H_

#include <initializer_list>

#include "base/bytes.h"
#include "crypto/context.h"
#include "crypto/secret.h"

namespace cloison::crypto {

using Digest = ByteArray<32>;

Digest Sha256(std::initializer_list<ByteView> parts);
inline Digest Sha256(ByteView bytes) {
  return Sha256({bytes});
}

// A key that is kept: what HMAC hashes of the key alone is hashed once, when it is made, so a use
// costs half of Hmac's.
// Size  the two states after the key's blocks, which are as good as the key: 64 bytes of secret
//       memory, wiped. Use  move-only; a moved-from one may only be destroyed or assigned to.
class HmacKey {
 public:
  explicit HmacKey(const Secret<32>& key);

  // The parts are concatenated.
  Digest Mac(std::initializer_list<ByteView> parts) const;

  // As the free functions of the same names.
  void ExpandInto(ByteView info, std::span<std::uint8_t> out) const;
  template <std::size_t N>
  Secret<N> Expand(const Context& info) const {
    Secret<N> out;
    ExpandInto(info.view(), out.Reveal());
    return out;
  }
  template <std::size_t N>
  ByteArray<N> ExpandPublic(const Context& info) const {
    ByteArray<N> out;
    ExpandInto(info.view(), out);
    return out;
  }

 private:
  Secret<64> states_;  // inner ‖ outer
};

// With a key that is used once. The parts are concatenated.
Digest Hmac(const Secret<32>& key, std::initializer_list<ByteView> parts);
Digest HmacRaw(ByteView key,
               std::initializer_list<ByteView> parts);  // a key of any length: vectors, NK

// HX(key, info, n) of docs/format: n up to 255 * 32.
void ExpandInto(ByteView key, ByteView info, std::span<std::uint8_t> out);
template <std::size_t N>
Secret<N> Expand(const Secret<32>& key, const Context& info) {
  Secret<N> out;
  ExpandInto(key.Reveal(), info.view(), out.Reveal());
  return out;
}
// For derived values that are not keys (AUD, ids of overflow pages).
template <std::size_t N>
ByteArray<N> ExpandPublic(const Secret<32>& key, const Context& info) {
  ByteArray<N> out;
  ExpandInto(key.Reveal(), info.view(), out);
  return out;
}
// RFC 5869 whole, for its vectors.
void HkdfInto(ByteView salt, ByteView key, ByteView info, std::span<std::uint8_t> out);

// The first N bytes.
template <std::size_t N>
ByteArray<N> Truncate(const Digest& digest) {
  static_assert(N <= 32);
  ByteArray<N> out;
  for (std::size_t i = 0; i < N; ++i) out[i] = digest[i];
  return out;
}

}  // namespace cloison::crypto

#endif  // CLOISON_CRYPTO_MAC_H_
