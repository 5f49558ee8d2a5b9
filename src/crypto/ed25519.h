// Ed25519 (RFC 8032): signatures of checkpoints, tokens of development mode, policies.
#ifndef CLOISON_CRYPTO_ED25519_H_
#define CLOISON_CRYPTO_ED25519_H_

#include "base/bytes.h"
#include "crypto/secret.h"

namespace cloison::crypto {

using Ed25519PublicKey = ByteArray<32>;
using Ed25519Signature = ByteArray<64>;

// Signs. An HSM and a file key are both Signers. Threads: any.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual Ed25519PublicKey public_key() const = 0;
  virtual Result<Ed25519Signature> Sign(
      ByteView message) const = 0;  // kUnavailable: the key is out of reach
};

class Ed25519Signer final : public Signer {
 public:
  explicit Ed25519Signer(const Secret<32>& seed);  // RFC 8032 private key
  Ed25519PublicKey public_key() const override { return public_key_; }
  Result<Ed25519Signature> Sign(ByteView message) const override;  // about 20 us

 private:
  Secret<64> key_;
  Ed25519PublicKey public_key_;
};

// About 50 us. Refuses non-canonical and small-order keys as libsodium does.
bool VerifyEd25519(const Ed25519PublicKey& key, ByteView message, ByteView signature);
// A canonical point of the prime-order group: what an honest key always is. About 50 us.
bool IsEd25519PublicKey(ByteView key);

}  // namespace cloison::crypto

#endif  // CLOISON_CRYPTO_ED25519_H_
