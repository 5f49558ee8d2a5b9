#include "crypto/ed25519.h"

#include <sodium.h>

namespace cloison::crypto {
namespace {

void StartSodium() {
  static const bool started = sodium_init() >= 0;
  CLOISON_CHECK(started);
}

}  // namespace

Ed25519Signer::Ed25519Signer(const Secret<32>& seed) {
  StartSodium();
  CLOISON_CHECK(crypto_sign_seed_keypair(public_key_.data(), key_.Reveal().data(),
                                         seed.Reveal().data()) == 0);
}

Result<Ed25519Signature> Ed25519Signer::Sign(ByteView message) const {
  Ed25519Signature signature;
  CLOISON_CHECK(crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                                     key_.Reveal().data()) == 0);
  return signature;
}

bool VerifyEd25519(const Ed25519PublicKey& key, ByteView message, ByteView signature) {
  StartSodium();
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                     key.data()) == 0;
}

bool IsEd25519PublicKey(ByteView key) {
  StartSodium();
  return key.size() == crypto_core_ed25519_BYTES &&
         crypto_core_ed25519_is_valid_point(key.data()) == 1;
}

}  // namespace cloison::crypto
