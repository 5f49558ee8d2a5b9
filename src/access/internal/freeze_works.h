// The works that freeze by one officer (access/freezes.h), and that lift freezes by the word of two
// officers' keys.
#ifndef CLOISON_ACCESS_INTERNAL_FREEZE_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_FREEZE_WORKS_H_

#include "access/freezes.h"
#include "access/internal/change_works.h"
#include "access/internal/pair_edit.h"

namespace cloison::access::internal {

// Outside works: who of `whom`'s organisation takes part in freezes and their end, and stands, but
// for these two; at most kStandingReadMax. Nobody when nothing depends on `whom`, or `by` may not
// freeze: then the work asks for nobody. Cost: a row for each of the organisation's officers and
// managers, when something does.
Task<Result<std::vector<PrincipalId>>> WhoWouldStand(Core& core, PrincipalId by, PrincipalId whom);

class FreezeWork final : public GateWork {
 public:
  using Promise = std::variant<Gate::Froze, Refusal>;
  // `standing`: what WhoWouldStand gave.
  FreezeWork(Core& core, const Caller& caller, PrincipalId who, bool frozen,
             std::vector<PrincipalId> standing)
      : GateWork(core, caller, Reason{"freeze", ""}),
        who_(who),
        frozen_(frozen),
        standing_(std::move(standing)) {}
  commit::Lane lane() const override { return commit::Lane::kUrgent; }
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  // Why the caller does not freeze this one alone; it has been counted when there is no reason.
  Result<std::optional<std::string_view>> WhyNotAlone(commit::Staging& staging);
  bool LeavesEnough(std::int64_t now_ms) const;
  Task<Status> LoadLine(commit::Staging& staging, PrincipalId of);
  bool AreInLine(const PrincipalInfo& one, const PrincipalInfo& other) const;

  PrincipalId who_;
  bool frozen_;
  std::vector<PrincipalId> standing_;
  TallyCounts counts_;
  bool known_ = true;
  std::optional<ledger::Pending> pending_;
};

// Who of them may freeze alone as of now. It stages nothing.
class WhoMayFreezeWork final : public commit::Work {
 public:
  using Promise = std::vector<FreezeRight>;
  WhoMayFreezeWork(Core& core, std::vector<PrincipalId> asked)
      : core_(core), asked_(std::move(asked)) {}
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Promise Take(const commit::Durable&) { return std::move(found_); }

 private:
  Core& core_;
  std::vector<PrincipalId> asked_;
  std::vector<FreezeRight> found_;
};

// By the system, on the word of a statement that two officers signed: once for each statement.
class LiftWork final : public commit::Work {
 public:
  using Promise = bool;  // whether it lifts them now
  LiftWork(Core& core, std::vector<PrincipalId> who, const std::string& statement);
  commit::Lane lane() const override { return commit::Lane::kUrgent; }
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Promise Take(const commit::Durable&) { return lifts_; }

 private:
  Core& core_;
  bool lifts_ = true;
  std::vector<PrincipalId> who_;
  std::string named_;  // the statement, by its digest
  OnceBook once_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_FREEZE_WORKS_H_
