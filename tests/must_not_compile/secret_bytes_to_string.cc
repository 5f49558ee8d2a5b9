// A string is not wiped: making one of a plain value takes Reveal(), which reviews look for.
#include <string>

#include "crypto/secret.h"

std::string Text(const cloison::crypto::SecretBytes& value) {
#ifdef MUST_NOT_COMPILE
  return std::string(value);  // BAD
#endif
  return std::string(cloison::AsText(value.Reveal()));
}
