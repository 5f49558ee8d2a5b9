// What is asked for when another policy is: the signed note, then the document.
//
//   01 | u32 size, note | document
#ifndef CLOISON_ACCESS_INTERNAL_POLICY_KIND_H_
#define CLOISON_ACCESS_INTERNAL_POLICY_KIND_H_

#include "access/internal/approval_kinds.h"

namespace cloison::access::internal {

Bytes EncodePolicyWanted(std::string_view note, std::string_view document);
// The rule of the entry that says which policy is in force: "policy/2/<SHA-256 in hex>".
std::string PolicyRule(const Policy& policy);
void AddPolicyKind(Core& core);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_POLICY_KIND_H_
