// Whom a body looks for: criteria of a look-up, or what a card says.
#ifndef CLOISON_API_INTERNAL_CRITERIA_H_
#define CLOISON_API_INTERNAL_CRITERIA_H_

#include "access/explanations.h"
#include "api/internal/body.h"

namespace cloison::api::internal {

// `criteria` of the body; faults go to it.
void ReadCriteria(const Call& call, Body& body, access::LookupRequest& out);
// The same of `card`: one identifier, and maybe a birth date.
void ReadCard(const Call& call, Body& body, const codec::JsonValue& card, access::Card& out);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_CRITERIA_H_
