// A private key that signs as JOSE writes it: the vault's own, as the client of an issuer
// (private_key_jwt, RFC 7523), and those of tests.
//
// Size  the key stays in OpenSSL's memory and is wiped there. Use  move-only.
// Threads  Sign: any. Cost: ES256 30 us, RS256 700 us (2048 bits), Ed25519 20 us.
#ifndef CLOISON_CRYPTO_SIGNING_KEY_H_
#define CLOISON_CRYPTO_SIGNING_KEY_H_

#include <memory>

#include "crypto/public_key.h"

namespace cloison::crypto {

// What a JWK writes of a public key: x and y of a point, n and e of RSA, x of Ed25519.
struct PublicParts {
  KeyKind kind;
  Bytes first;   // x or n
  Bytes second;  // y or e; empty for Ed25519
};

class SigningKey {
 public:
  // From PKCS#8 or SEC 1 in PEM, not encrypted; exactly one. kInvalid: not such a key, or one that
  // PublicKey would refuse.
  static Result<SigningKey> FromPem(ByteView pem);
  // kUnavailable: OpenSSL failed. RSA keys have 2048 bits.
  static Result<SigningKey> Generate(KeyKind kind);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  KeyKind kind() const;
  PublicParts public_parts() const;
  PublicKey public_key() const;
  // kInvalid: a scheme for another kind of key. kUnavailable: OpenSSL failed.
  Result<Bytes> Sign(SignatureScheme scheme, ByteView message) const;

 private:
  struct Impl;
  explicit SigningKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cloison::crypto

#endif  // CLOISON_CRYPTO_SIGNING_KEY_H_
