// A person's id has no text: it cannot reach a log by accident.
#include <iostream>

#include "base/ids.h"

void Print(const cloison::PersonId& person, const cloison::RegisterId& in) {
  std::cout << in.value();
#ifdef MUST_NOT_COMPILE
  std::cout << person;  // BAD
#endif
  static_cast<void>(person);
}
