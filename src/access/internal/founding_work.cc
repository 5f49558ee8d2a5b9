#include "access/internal/founding_work.h"

#include "access/internal/change_works.h"
#include "access/internal/policy_works.h"
#include "access/internal/schema_works.h"

namespace cloison::access::internal {

Task<Status> FoundWork::Load(commit::Staging& staging) {
  std::vector<store::Key> keys{
      {store::Family::kPrincipals, core_.principals.RowKey(Gate::SystemPrincipal())}};
  for (const PrincipalInfo& founder : founders_) {
    keys.push_back({store::Family::kPrincipals, core_.principals.RowKey(founder.id)});
  }
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> FoundWork::Stage(commit::Staging& staging) {
  if (core_.parts.ledger.Room() < kEntriesOfOneWorkMax) return commit::Staged::kAgain;
  if (core_.parts.ledger.end() != 0 || core_.parts.policy.stored() != 0) {
    return Error{Code::kConflict, "the register has begun"};
  }
  PrincipalInfo system{Gate::SystemPrincipal(), OrganisationId(0), std::nullopt, "system",
                       "system"};
  CLOISON_TRY(StageEnrolment(core_, staging, std::move(system), "enrol"));
  StageBySystem(core_, staging, "bootstrap",
                "bootstrap " + base::ToHex(crypto::Sha256(AsBytes(note_))));
  for (const PrincipalInfo& founder : founders_) {
    CLOISON_TRY(StageEnrolment(core_, staging, founder, "enrol/founder"));
  }
  StageFirstPolicy(core_, staging, note_);
  StageFirstSchema(core_, staging);
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
