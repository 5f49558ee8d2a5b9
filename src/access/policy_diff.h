// What another policy changes: who gains and who loses what. Pure; threads: any.
//
// Two policies that decide the same have no difference, however they are written: one grant of a
// compartment or one of each of its fields, a grant for everybody or one for each organisation that
// there is. Names of purposes' texts count, since people are told them.
#ifndef CLOISON_ACCESS_POLICY_DIFF_H_
#define CLOISON_ACCESS_POLICY_DIFF_H_

#include <string>
#include <vector>

#include "access/policy.h"

namespace cloison::access {

enum class DiffKind : std::uint8_t { kGains, kLoses, kChanges };
std::string_view Name(DiffKind kind);  // "gains", "loses", "changes"

struct PolicyDifference {
  DiffKind kind;
  std::string about;  // "grant", "right", "cap", "role", "purpose", "organisation", "office",
                      // "ceiling", "explanation", "approval", "archive"
  // Of grants and their like; "" and nothing where it means nothing.
  std::optional<OrganisationId> organisation = {};  // nothing: every other one
  std::string role = {};
  std::string purpose = {};
  std::string relation = {};
  std::vector<std::string> fields = {};
  std::string before = {}, after = {};  // "masked", "plain"; "": none
  std::string name = {};                // "opened/day"
};

// In the order of organisations, roles, purposes, relations. Cost: organisations times roles times
// purposes times relations times fields.
std::vector<PolicyDifference> Diff(const Policy& before, const Policy& after,
                                   const records::Schema& schema);
// All that a policy lets whom do, as if there had been none before.
std::vector<PolicyDifference> Whole(const Policy& policy, const records::Schema& schema);
// One line: "organisation 1, adviser, support, caseload: gains contact.phone plain (was masked)".
std::string Print(const PolicyDifference& difference);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_POLICY_DIFF_H_
