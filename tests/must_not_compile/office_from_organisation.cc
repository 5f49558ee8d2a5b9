// Both are numbers of 32 bits; one is not the other.
#include "base/ids.h"

void Move(cloison::OfficeId& office, cloison::OrganisationId organisation) {
  office = cloison::OfficeId(organisation.value() + 1);
#ifdef MUST_NOT_COMPILE
  office = organisation;  // BAD
#endif
}
