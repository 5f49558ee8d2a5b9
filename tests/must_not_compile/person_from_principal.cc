// Who acts is never whom the record is about.
#include "base/ids.h"

cloison::PersonId Of(const cloison::PrincipalId& principal, const cloison::PersonId& person) {
#ifdef MUST_NOT_COMPILE
  return cloison::PersonId(principal);  // BAD
#endif
  static_cast<void>(principal);
  return cloison::PersonId(person);
}
