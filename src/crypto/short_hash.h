// SipHash-2-4: 64 bits under a key, for tables and pseudonyms that an outsider can neither collide
// on purpose nor compute. Not a MAC for what lasts: 64 bits are too few.
//
// Threads  any. Cost: 20 ns for 20 bytes. Cannot fail.
// Source   Aumasson and Bernstein, "SipHash: a fast short-input PRF".
#ifndef CLOISON_CRYPTO_SHORT_HASH_H_
#define CLOISON_CRYPTO_SHORT_HASH_H_

#include "base/bytes.h"

namespace cloison::crypto {

class ShortHash {
 public:
  // The key is of one run: whoever has it can tell whose pseudonym one is.
  explicit ShortHash(const ByteArray<16>& key) : key_(key) {}
  ~ShortHash();
  ShortHash(const ShortHash&) = default;
  ShortHash& operator=(const ShortHash&) = default;

  std::uint64_t Of(ByteView bytes) const;

 private:
  ByteArray<16> key_;
};

}  // namespace cloison::crypto

#endif  // CLOISON_CRYPTO_SHORT_HASH_H_
