// Whether a sign-in is enough for what it asks: level, methods, freshness. Pure.
#ifndef CLOISON_ACCESS_INTERNAL_ASSURANCE_CHECK_H_
#define CLOISON_ACCESS_INTERNAL_ASSURANCE_CHECK_H_

#include <cstdint>
#include <span>
#include <string>

#include "identity/assurance.h"

namespace cloison::access::internal {

// What a role asks of a sign-in.
struct SignInDemand {
  std::span<const std::string> levels;  // one of them
  identity::Methods methods;            // at least one of them
};
// Before there is a role: eidas2 or eidas3; any method but a password and codes by mail or text.
const SignInDemand& DefaultDemand();

// A human needs a level of the role's and a method of the role's, and more than a password and a
// mailbox whatever level is claimed. A cookie needs the level; an application has its bound key.
// Development and internal callers pass.
bool IsStrongEnough(const identity::Assurance& assurance, const SignInDemand& demand);

// Whether who asks proved it at most `fresh_s` seconds ago, and not in a time to come (a minute is
// forgiven). Of a human, or a cookie; others have nothing to prove again.
bool IsFresh(const identity::Assurance& assurance, std::int64_t wall_ms, std::int64_t fresh_s);
// Whether they did so at `since_ms` (wall clock) or later.
bool IsProvenSince(const identity::Assurance& assurance, std::int64_t since_ms);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_ASSURANCE_CHECK_H_
