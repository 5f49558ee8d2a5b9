#include "access/freezes.h"

#include <utility>

#include "access/gate.h"

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
