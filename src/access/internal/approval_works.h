// The works of approvals: ask, decide, read, list, and the end of what nobody decided.
#ifndef CLOISON_ACCESS_INTERNAL_APPROVAL_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_APPROVAL_WORKS_H_

#include "access/approvals.h"
#include "access/internal/approval_rows.h"
#include "access/internal/change_works.h"

namespace cloison::access::internal {

// The managers above a principal, as Load found them. In Stage they must still be so.
class Chain {
 public:
  Task<Status> Load(Core& core, commit::Staging& staging, PrincipalId of);
  bool Holds(Core& core) const;
  const std::vector<PrincipalId>& above() const { return above_; }

 private:
  std::vector<PrincipalId> chain_;  // the principal itself first
  std::vector<PrincipalId> above_;
  bool known_end_ = true;  // the last of chain_ is a principal of this register
};

class ApprovalWork : public GateWork, protected EntryMaker {
 protected:
  ApprovalWork(Core& core, const Caller& caller, std::string reason)
      : GateWork(core, caller, Reason{"approval", std::move(reason)}), rows_(core) {}

  // EntryMaker
  ledger::EntryDraft Draft(ledger::Kind kind, ledger::Decision decision,
                           std::string rule) override {
    return GateWork::Draft(kind, decision, std::move(rule));
  }
  ledger::Pending StageEntry(ledger::EntryDraft draft) override {
    return GateWork::StageEntry(std::move(draft));
  }

  // Whether a role may: the policy's table of the kind says so, or without one the kind's right.
  enum class Side { kAsks, kApproves };
  bool May(const ApprovalKind& kind, Side side, std::string_view role) const;
  approvals::Party PartyOf(const PrincipalId& id, const Chain& chain, const ApprovalKind& kind,
                           Side side, std::int64_t now_ms);
  approvals::Party CallerParty(const Chain& chain, const ApprovalKind& kind, Side side,
                               std::int64_t now_ms);
  // Of one that waits: whether the caller's role stops such by right, in that organisation.
  bool StopsByRight(const ApprovalKind& kind, const Approval& approval) const;
  // The entry of this step, "approval/ask/enrol/12"; given back by TakeShown.
  void StageStep(std::string_view step, const Approval& approval);
  Result<commit::Staged> RefuseWhy(commit::Staging& staging, approvals::WhyNot why);
  Result<commit::Staged> RefuseNoSuch(commit::Staging& staging);
  Approvals::Shown TakeShown(const commit::Durable& durable);

  ApprovalRows rows_;
  std::optional<Approval> shown_;
  std::optional<ledger::Pending> step_;
};

class AskWork final : public ApprovalWork {
 public:
  using Promise = std::variant<Approvals::Shown, Refusal>;
  AskWork(Core& core, const Caller& caller, Approvals::Request request, const Gate::Once& once)
      : ApprovalWork(core, caller, request.reason),
        request_(std::move(request)),
        once_(core, caller.principal, once) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Approval Wanted(std::int64_t now_ms);

  Approvals::Request request_;
  OnceBook once_;
  ApprovalKind* kind_ = nullptr;
  Chain chain_;
  std::optional<ledger::Recorded> repeated_;
};

// Shows an approval, approves or denies it.
class DecideWork final : public ApprovalWork {
 public:
  enum class Step { kRead, kApprove, kDeny };
  using Promise = std::variant<Approvals::Shown, Refusal>;
  DecideWork(Core& core, const Caller& caller, std::uint64_t number, Step step)
      : ApprovalWork(core, caller, ""), number_(number), step_wanted_(step) {}
  commit::Lane lane() const override { return commit::Lane::kNormal; }
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  bool MaySee(const Approval& approval) const;
  bool MayStop(const Approval& approval, std::int64_t now_ms);
  Result<commit::Staged> Stop(commit::Staging& staging, Approval approval);
  Result<commit::Staged> Show(commit::Staging& staging, Approval approval);
  Result<commit::Staged> Approve(commit::Staging& staging, Approval approval);
  Result<commit::Staged> Deny(commit::Staging& staging, Approval approval);
  // Why the caller may not approve, and so not deny either.
  std::optional<approvals::WhyNot> WhyNot(const Approval& approval, std::int64_t now_ms);

  std::uint64_t number_;
  Step step_wanted_;
  ApprovalKind* kind_ = nullptr;
  Chain own_chain_, askers_chain_;
  bool decided_ = false;
};

class PendingWork final : public ApprovalWork {
 public:
  using Promise = std::variant<Approvals::Page, Refusal>;
  PendingWork(Core& core, const Caller& caller, std::uint64_t above, std::size_t count)
      : ApprovalWork(core, caller, ""), above_(above), count_(count) {}
  Promise Take(const commit::Durable& durable);

 private:
  struct Candidate {
    Approval approval;
    ApprovalKind* kind;
    Chain chain;
  };
  Task<Result<std::vector<Approval>>> ReadOpen(commit::Staging& staging);
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::uint64_t above_;
  std::size_t count_;
  Chain own_chain_;
  std::vector<Candidate> candidates_;
  std::optional<std::uint64_t> scanned_to_;  // there may be more above it
  Approvals::Page page_;
};

// By the system: what nobody decided in time is closed; what ran to its end is used.
class CloseWork final : public ApprovalWork {
 public:
  using Promise = Status;
  CloseWork(Core& core, const Caller& caller, std::uint64_t number, approvals::State to)
      : ApprovalWork(core, caller, ""), number_(number), to_(to) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::uint64_t number_;
  approvals::State to_;
};

// After the commit that approved it, for what that one could not hold; safe to repeat.
Task<Status> RunToItsEnd(Core& core, Approval approval, base::Executor& home);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_APPROVAL_WORKS_H_
