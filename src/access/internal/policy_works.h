// The works of policies: an entry for each look at one, and the first version of a register.
#ifndef CLOISON_ACCESS_INTERNAL_POLICY_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_POLICY_WORKS_H_

#include "access/internal/gate_work.h"
#include "access/internal/policy_rows.h"

namespace cloison::access::internal {

// Reads a version, or writes down that somebody previews another one.
class LookAtPolicyWork final : public GateWork {
 public:
  struct Looked {
    std::optional<PolicyVersion> version;
    bool in_force = false;
    std::optional<ledger::Recorded> recorded;
  };
  using Promise = std::variant<Looked, Refusal>;
  // `version` 0: a preview, which `rule` names.
  LookAtPolicyWork(Core& core, const Caller& caller, std::uint32_t version, std::string rule)
      : GateWork(core, caller, Reason{"policy", ""}), version_(version), rule_(std::move(rule)) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::uint32_t version_;
  std::string rule_;
  Looked looked_;
  std::optional<ledger::Pending> pending_;
};

// The version that a register begins with: in the commit that enrols the system principal. `note`:
// the signed statement that names it; "" in development.
void StageFirstPolicy(Core& core, commit::Staging& staging, std::string note);

// The same in a register of before there were versions, with an entry of its own.
class AdoptPolicyWork final : public GateWork {
 public:
  using Promise = Status;
  AdoptPolicyWork(Core& core, const Caller& caller)
      : GateWork(core, caller, Reason{"set-up", ""}) {}
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_POLICY_WORKS_H_
