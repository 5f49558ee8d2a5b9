// A plain value exists once.
#include "crypto/secret.h"

cloison::crypto::SecretBytes Keep(cloison::crypto::SecretBytes& value) {
#ifdef MUST_NOT_COMPILE
  return value;  // BAD
#endif
  return std::move(value);
}
