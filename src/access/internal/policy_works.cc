#include "access/internal/policy_works.h"

#include "access/internal/policy_kind.h"

namespace cloison::access::internal {

Task<Status> LookAtPolicyWork::LoadMore(commit::Staging& staging) {
  if (version_ == 0) co_return Ok();
  std::vector<store::Key> keys{PolicyRowKey(version_)};
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> LookAtPolicyWork::Decide(commit::Staging& staging) {
  pending_.reset();
  looked_ = {};
  const Policy& policy = core_.parts.policy.Now();
  const std::string& role = principal().info().role;
  const bool may = policy.Has(role, Right::kPolicy) ||
                   policy.MayAskFor("policy", role, Right::kPolicy) ||
                   policy.MayApprove("policy", role, Right::kPolicy);
  if (!may) {
    return Refuse(staging, Refusal{RefusalCode::kNoRight, "right/policy", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  if (version_ != 0) {
    const store::Key key = PolicyRowKey(version_);
    const store::Row& row = staging.Get(key);
    if (!row.present()) {
      return Refuse(staging,
                    Refusal{RefusalCode::kNotAvailable, "not-available", {}, {}, 0, {}, {}, {}},
                    ledger::Decision::kMiss, {});
    }
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core_.parts.state.Open(key, row.value));
    CLOISON_TRY_ASSIGN(looked_.version, ParsePolicyRow(plain.Reveal()));
    looked_.in_force = core_.parts.policy.stored() == version_;
  }
  pending_ = StageEntry(Draft(ledger::Kind::kKeyOrPolicy, ledger::Decision::kAllow, rule_));
  // What is read next has all of it.
  if (version_ == 0 && core_.parts.observer != nullptr) core_.parts.observer->KeepLearnt();
  Charge(staging, {});
  return commit::Staged::kDone;
}

LookAtPolicyWork::Promise LookAtPolicyWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  looked_.recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  return std::move(looked_);
}

void StageFirstPolicy(Core& core, commit::Staging& staging, std::string note) {
  PolicyInForce& in_force = core.parts.policy;
  const Policy& policy = in_force.Now();
  PutPolicy(staging, core.parts.state,
            {policy.version(), staging.time().wall_ms, std::move(note), policy.document()});
  in_force.Take(in_force.Shared());
}

Result<commit::Staged> AdoptPolicyWork::Decide(commit::Staging& staging) {
  if (core_.parts.policy.stored() != 0) return commit::Staged::kDone;
  const std::string rule = PolicyRule(core_.parts.policy.Now());
  (void)StageEntry(Draft(ledger::Kind::kKeyOrPolicy, ledger::Decision::kAllow, rule));
  Charge(staging, {});
  StageFirstPolicy(core_, staging, "");
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
