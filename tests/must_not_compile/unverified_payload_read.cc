// The payload of a token is given once it is verified.
#include "identity/jws.h"

namespace identity = cloison::identity;

std::string Payload(const identity::UnverifiedJws& shown, const identity::VerifiedJws& proven) {
#ifdef MUST_NOT_COMPILE
  return shown.payload();  // BAD
#endif
  static_cast<void>(shown);
  return proven.payload();
}
