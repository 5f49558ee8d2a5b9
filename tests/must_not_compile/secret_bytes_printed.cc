// A plain value cannot reach a log by accident.
#include <iostream>

#include "crypto/secret.h"

void Print(const cloison::crypto::SecretBytes& value) {
  std::cout << value.size();
#ifdef MUST_NOT_COMPILE
  std::cout << value;  // BAD
#endif
}
