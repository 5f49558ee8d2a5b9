// A private key has one owner.
#include "crypto/signing_key.h"

namespace crypto = cloison::crypto;

crypto::SigningKey Take(crypto::SigningKey& key) {
#ifdef MUST_NOT_COMPILE
  return key;  // BAD
#endif
  return std::move(key);
}
