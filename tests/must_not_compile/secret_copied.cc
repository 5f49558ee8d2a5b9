// A key exists once, unless Duplicate() says otherwise.
#include "crypto/secret.h"

cloison::crypto::Secret<32> Keep(const cloison::crypto::Secret<32>& key) {
#ifdef MUST_NOT_COMPILE
  return key;  // BAD
#endif
  return key.Duplicate();
}
