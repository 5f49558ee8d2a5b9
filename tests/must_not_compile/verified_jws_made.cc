// Verify alone makes what counts as signed.
#include "identity/jws.h"

namespace identity = cloison::identity;

identity::VerifiedJws Keep(identity::VerifiedJws proven, std::string payload) {
#ifdef MUST_NOT_COMPILE
  return identity::VerifiedJws(proven.header(), payload);  // BAD
#endif
  static_cast<void>(payload);
  return proven;
}
