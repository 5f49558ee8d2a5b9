// A code's text becomes a person through an organisation's key alone.
#include "records/codes.h"

cloison::Result<cloison::PersonId> Named(const cloison::records::Codes& codes,
                                         std::string_view text) {
#ifdef MUST_NOT_COMPILE
  return cloison::PersonId(text);  // BAD
#endif
  return codes.Decode(cloison::OrganisationId(1), text);
}
