// Claims come out of what a key signed, never out of what a stranger sent.
#include "identity/jwt_claims.h"

namespace identity = cloison::identity;

cloison::Result<identity::JwtClaims> Read(const identity::UnverifiedJws& shown,
                                          const identity::VerifiedJws& proven) {
#ifdef MUST_NOT_COMPILE
  return identity::ReadClaims(shown);  // BAD
#endif
  static_cast<void>(shown);
  return identity::ReadClaims(proven);
}
