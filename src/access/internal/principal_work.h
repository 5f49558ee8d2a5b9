// The work that shows a principal's standing to an officer.
#ifndef CLOISON_ACCESS_INTERNAL_PRINCIPAL_WORK_H_
#define CLOISON_ACCESS_INTERNAL_PRINCIPAL_WORK_H_

#include "access/approvals.h"
#include "access/internal/gate_work.h"

namespace cloison::access::internal {

class LookAtPrincipalWork final : public GateWork {
 public:
  using Promise = std::variant<Approvals::Standing, Refusal>;
  LookAtPrincipalWork(Core& core, const Caller& caller, PrincipalId who)
      : GateWork(core, caller, Reason{"principal", ""}), who_(who) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  bool MayLook();

  PrincipalId who_;
  bool loaded_ = false;
  std::optional<PrincipalInfo> info_;
  std::vector<Right> rights_;
  std::optional<ledger::Pending> pending_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_PRINCIPAL_WORK_H_
