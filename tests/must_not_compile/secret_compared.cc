// == stops at the first difference, and the time says where.
#include "crypto/secret.h"

bool Same(const cloison::crypto::Secret<32>& a, const cloison::crypto::Secret<32>& b) {
#ifdef MUST_NOT_COMPILE
  return a == b;  // BAD
#endif
  return cloison::crypto::EqualConstantTime(a.Reveal(), b.Reveal());
}
