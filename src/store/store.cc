#include "store/store.h"

namespace cloison::store {

std::string_view FamilyName(Family family) {
  switch (family) {
    case Family::kMeta: return "meta";
    case Family::kPeople: return "people";
    case Family::kIndex: return "index";
    case Family::kPrincipals: return "principals";
    case Family::kSeen: return "seen";
    case Family::kCaseload: return "caseload";
    case Family::kFrames: return "frames";
    case Family::kRecords: return "records";
    case Family::kSegments: return "segments";
    case Family::kTrail: return "trail";
    case Family::kActivity: return "activity";
    case Family::kHeads: return "heads";
    case Family::kPolicies: return "policies";
    case Family::kSchemas: return "schemas";
    case Family::kIdempotency: return "idempotency";
    case Family::kOperations: return "operations";
    case Family::kOutbox: return "outbox";
    case Family::kOrganisations: return "organisations";
    case Family::kHolds: return "holds";
    case Family::kIncidents: return "incidents";
    case Family::kApprovals: return "approvals";
    case Family::kExplanations: return "explanations";
    case Family::kCredentials: return "credentials";
    case Family::kCeilings: return "ceilings";
    case Family::kJobs: return "jobs";
    case Family::kCases: return "cases";
    case Family::kPools: return "pools";
    case Family::kDecoys: return "decoys";
    case Family::kLearnt: return "learnt";
    case Family::kPersonKeys: return "person_keys";
    case Family::kAud: return "aud";
    case Family::kWrappedKeys: return "wrapped_keys";
  }
  return "";
}

}  // namespace cloison::store
