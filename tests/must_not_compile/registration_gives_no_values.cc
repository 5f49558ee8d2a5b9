// A registration keeps its indexed values to itself.
#include "records/people.h"

std::size_t Registered(const cloison::records::Registration& registration) {
#ifdef MUST_NOT_COMPILE
  return registration.posted_.front().criterion.canonical.size();  // BAD
#endif
  return registration.fields().size();
}
