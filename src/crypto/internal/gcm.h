// AES-256-GCM of a chosen library: the bytes are the same, the price is not. Short texts cost less
// than half in libsodium, long ones less in OpenSSL (docs/design/0003-sealed-box.md); libsodium has
// it only where the machine has the instructions.
//
// Threads: any. `key` has 32 bytes, `nonce` 12.
#ifndef CLOISON_CRYPTO_INTERNAL_GCM_H_
#define CLOISON_CRYPTO_INTERNAL_GCM_H_

#include "base/bytes.h"

namespace cloison::crypto::internal {

enum class GcmBy { kSodium, kOpenSsl };
bool HasGcm(GcmBy by);
// CHECK that it is there.
void GcmSeal(GcmBy by, ByteView key, ByteView nonce, ByteView aad, ByteView plain,
             std::uint8_t* ct_and_tag);
bool GcmOpen(GcmBy by, ByteView key, ByteView nonce, ByteView aad, ByteView ct_and_tag,
             std::uint8_t* plain);

}  // namespace cloison::crypto::internal

#endif  // CLOISON_CRYPTO_INTERNAL_GCM_H_
