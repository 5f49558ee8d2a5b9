#include "access/internal/principal_work.h"

namespace cloison::access::internal {

bool LookAtPrincipalWork::MayLook() {
  const Policy& policy = core_.parts.policy.Now();
  const std::string& role = principal().info().role;
  return policy.Has(role, Right::kEnrol) || policy.Has(role, Right::kFreeze);
}

// The right first: of an account all that it was shown is loaded.
Task<Status> LookAtPrincipalWork::LoadMore(commit::Staging& staging) {
  loaded_ = MayLook();
  if (!loaded_) co_return Ok();
  const Status loaded = co_await core_.principals.Load(staging, who_);
  if (!loaded.ok() && loaded.error().code() != Code::kNotFound) co_return loaded;
  co_return Ok();
}

Result<commit::Staged> LookAtPrincipalWork::Decide(commit::Staging& staging) {
  pending_.reset();
  info_.reset();
  const Policy& policy = core_.parts.policy.Now();
  const PrincipalInfo& caller = principal().info();
  if (!MayLook()) {
    return Refuse(staging, Refusal{RefusalCode::kNoRight, "right/enrol", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  if (!loaded_) return commit::Staged::kAgain;  // the right came with an earlier work of the batch
  // Partners do not look at each other's accounts, and a citizen's is a person's.
  const PrincipalState* const state = core_.principals.Peek(who_);
  const bool theirs = state != nullptr && who_ != Gate::SystemPrincipal() &&
                      state->info().organisation == caller.organisation &&
                      !state->info().person.has_value();
  if (!theirs) {
    return Refuse(staging,
                  Refusal{RefusalCode::kNotAvailable, "not-available", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kMiss, {});
  }
  info_ = state->info();
  rights_ = policy.RightsOf(info_->role);
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "principal/read");
  draft.case_ref = base::ToHex(who_.bytes());  // in the sealed record: whom
  pending_ = StageEntry(std::move(draft));
  Charge(staging, {});
  return commit::Staged::kDone;
}

LookAtPrincipalWork::Promise LookAtPrincipalWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Approvals::Standing{std::move(*info_), std::move(rights_),
                             core_.parts.ledger.Redeem(std::move(*pending_), durable)};
}

}  // namespace cloison::access::internal
