// Access tokens as strictly read JWTs: one header form, one claim set, EdDSA alone.
//
//   {"alg":"EdDSA","typ":"at+jwt"}
//   {"iss","sub","aud","iat","nbf","exp","jti","cnf":{"x5t#S256"}}   all required, no other
//
// Refused: any other algorithm, header or claim (crit, jku, kid ...), a key twice, a list of
// audiences, padding, white space around, a fourth part.
//
// Threads  pure functions.
// Source   RFC 7515, RFC 7519, RFC 8037 (EdDSA), RFC 8725 (best practices), RFC 8705 section 3.1
//          (certificate binding), RFC 9068 (at+jwt).
#ifndef CLOISON_IDENTITY_TOKEN_H_
#define CLOISON_IDENTITY_TOKEN_H_

#include <string>
#include <string_view>

#include "base/ids.h"
#include "crypto/ed25519.h"
#include "crypto/mac.h"

namespace cloison::identity {

inline constexpr std::size_t kTokenBytesMax = 2'048;
inline constexpr std::size_t kSubjectBytesMax = 64;

struct Claims {
  std::string issuer;
  std::string subject;
  std::string audience;
  std::int64_t issued_s = 0;
  std::int64_t not_before_s = 0;
  std::int64_t expires_s = 0;
  SessionId session{ByteArray<16>{}};  // jti
  crypto::Digest certificate{};        // cnf.x5t#S256
};

// kUnavailable: the signer is out of reach.
Result<std::string> SignToken(const Claims& claims, const crypto::Signer& signer);
// The claims of a token that `key` signed. Times, names and binding are the caller's to judge.
// kDenied, with a literal reason.
Result<Claims> ReadToken(std::string_view token, const crypto::Ed25519PublicKey& key);

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_TOKEN_H_
