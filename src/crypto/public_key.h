// Public keys that others signed with, and their signatures as JOSE writes them.
//
// A key is checked when it is made, so that each PublicKey is one that may be trusted to verify: a
// point on its curve and not at infinity; an RSA modulus of 2048 to 8192 bits, odd, with an odd
// exponent of 3 to 2^32, and not of the chips that ROCA broke; an Ed25519 key that is canonical and
// not of small order.
//
// Threads  values that share what is immutable: any. Cost of Verify: ES256 70 us, ES384 400 us,
//          RS256 and PS256 25 us (2048 bits), Ed25519 50 us.
// Source   FIPS 186-5; RFC 8017; RFC 8032; RFC 7518 section 3.4 (r ‖ s); SP 800-186 appendix D.
#ifndef CLOISON_CRYPTO_PUBLIC_KEY_H_
#define CLOISON_CRYPTO_PUBLIC_KEY_H_

#include <memory>

#include "base/bytes.h"

namespace cloison::crypto {

inline constexpr std::size_t kRsaBitsMin = 2048;
inline constexpr std::size_t kRsaBitsMax = 8192;

enum class KeyKind : std::uint8_t { kP256, kP384, kRsa, kEd25519 };

enum class SignatureScheme : std::uint8_t {
  kEs256,    // ECDSA, P-256, SHA-256; r ‖ s, 64 bytes
  kEs384,    // ECDSA, P-384, SHA-384; r ‖ s, 96 bytes
  kRs256,    // RSASSA-PKCS1-v1_5, SHA-256
  kPs256,    // RSASSA-PSS, SHA-256, MGF1 with SHA-256, a salt of 32 bytes
  kEd25519,  // pure EdDSA
};
KeyKind KindFor(SignatureScheme scheme);

class PublicKey {
 public:
  // kInvalid: not such a key.
  static Result<PublicKey> P256(ByteView x, ByteView y);              // 32 bytes each
  static Result<PublicKey> P384(ByteView x, ByteView y);              // 48 bytes each
  static Result<PublicKey> Rsa(ByteView modulus, ByteView exponent);  // big-endian, no leading zero
  static Result<PublicKey> Ed25519(ByteView key);                     // 32 bytes

  KeyKind kind() const;
  // False too when the scheme is for another kind of key or the length is not the scheme's.
  bool Verify(SignatureScheme scheme, ByteView message, ByteView signature) const;

 private:
  struct Impl;
  explicit PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  // Shared: caches of issuers' keys hand copies to requests, which outlive a refresh.
  std::shared_ptr<const Impl> impl_;
};

}  // namespace cloison::crypto

#endif  // CLOISON_CRYPTO_PUBLIC_KEY_H_
