#include "access/freezes.h"

#include <utility>

#include "access/internal/assurance_check.h"
#include "access/internal/freeze_works.h"

namespace cloison::access {

namespace {

ledger::EntryDraft Draft(const PrincipalState& by, const char* rule, std::string named) {
  const PrincipalInfo& info = by.info();
  return {ledger::Kind::kFreeze,
          std::nullopt,
          {info.id, &by.key(), by.n(), info.organisation, info.office, info.role},
          ledger::Decision::kAllow,
          "freeze",
          std::move(named),
          std::nullopt,
          std::nullopt,
          rule,
          0};
}

}  // namespace

bool IsEnough(const FreezeRight& right, const identity::Assurance& proven) {
  const bool signs_in =
      proven.actor == identity::Actor::kHuman || proven.actor == identity::Actor::kDevelopment;
  return signs_in && internal::IsStrongEnough(proven, {right.levels, right.methods});
}

std::vector<PrincipalId> Freezes::Officers() const {
  const std::shared_ptr<const Policy> policy = core_.parts.policy.Current();
  return core_.principals.staff().OfRoles(
      {}, [&policy](const std::string& role) { return policy->Has(role, Right::kFreeze); });
}

Task<Result<std::vector<FreezeRight>>> Freezes::WhoMay(std::vector<PrincipalId> asked,
                                                       base::Executor& home) {
  auto work = std::make_unique<internal::WhoMayFreezeWork>(core_, std::move(asked));
  co_return co_await core_.parts.committer.Submit(std::move(work), home);
}

Task<Result<bool>> Freezes::Lift(std::string statement, std::vector<PrincipalId> who,
                                 base::Executor& home) {
  auto work = std::make_unique<internal::LiftWork>(core_, std::move(who), statement);
  co_return co_await core_.parts.committer.Submit(std::move(work), home);
}

ledger::Pending StageFrozen(Principals& principals, ledger::Ledger& log, commit::Staging& staging,
                            const PrincipalId& who, bool frozen, BySystem by) {
  PrincipalState& system = principals.Get(Gate::SystemPrincipal());
  PrincipalState& whom = principals.Get(who);
  ledger::Pending entry =
      log.Stage(Draft(system, by.rule, base::ToHex(who.bytes()) + " " + by.named));
  (void)log.Stage(Draft(whom, frozen ? "frozen" : "unfrozen", ""));
  principals.SetFrozen(whom, frozen);
  principals.Charge(staging, system, ClientId(0), 1, {});
  principals.Charge(staging, whom, ClientId(0), 1, {});
  return entry;
}

}  // namespace cloison::access
