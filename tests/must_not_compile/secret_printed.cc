// A key cannot reach a log by accident.
#include <iostream>

#include "crypto/secret.h"

void Print(const cloison::crypto::Secret<32>& key) {
  std::cout << key.Reveal().size();
#ifdef MUST_NOT_COMPILE
  std::cout << key;  // BAD
#endif
}
