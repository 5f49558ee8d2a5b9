// Base64 and base64url (RFC 4648 sections 4 and 5), strict: one byte string has one text.
//
// Fails    kInvalid: a character outside the alphabet (white space too), a wrong length, padding
//          where the form has none or none where it must, bits after the last byte that are not 0.
// Threads  any. Cost: about 1 ns per byte. Not constant-time: no secrets through here. The caller
//          limits the size.
#ifndef CLOISON_CRYPTO_BASE64_H_
#define CLOISON_CRYPTO_BASE64_H_

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cloison::crypto {

std::string ToBase64(ByteView bytes);  // with '='
Result<Bytes> FromBase64(std::string_view text);

std::string ToBase64Url(ByteView bytes);  // without '='
Result<Bytes> FromBase64Url(std::string_view text);

}  // namespace cloison::crypto

#endif  // CLOISON_CRYPTO_BASE64_H_
