// An approval of kind "case": from rung 4 on two people let somebody go (access/cases.h).
#include "access/internal/case_rows.h"

namespace cloison::access::internal {

namespace {

class CaseKind final : public ApprovalKind {
 public:
  explicit CaseKind(Core& core) : core_(core) {}
  std::string_view name() const override { return kCaseKind; }
  std::optional<Right> asks() const override { return Right::kFreeze; }
  Right approves() const override { return Right::kFreeze; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const CaseId id, ParseCaseId(approval.what));
    // Of nobody there is nothing to gain; of somebody Gains asks who they are.
    co_return co_await LoadCase(core_, staging, id);
  }

  Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                       const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const CaseId id, ParseCaseId(approval.what));
    CLOISON_TRY_ASSIGN(const std::optional<Case> found, FindCase(core_, staging, id));
    const auto because = [](RefusalCode code, std::string rule) {
      return std::optional(Refusal{code, std::move(rule), {}, {}, 0, {}, {}, {}, {}});
    };
    if (!found.has_value()) return because(RefusalCode::kNotAvailable, "not-available");
    if (!found->open) return because(RefusalCode::kDecided, "case/closed");
    const bool theirs =
        IsTheirs(core_, *found, approval.asker) ||
        (approval.decider.has_value() && IsTheirs(core_, *found, *approval.decider));
    if (theirs) return because(RefusalCode::kNoRight, "case/own");
    return std::optional<Refusal>{};
  }

  // Whom it lets go is told by the case's row, which is read in Check.
  approvals::Gaining Gains(const Approval&) const override { return {}; }

  Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker& entries) override {
    CLOISON_TRY_ASSIGN(const CaseId id, ParseCaseId(approval.what));
    CLOISON_TRY_ASSIGN(std::optional<Case> found, FindCase(core_, staging, id));
    CLOISON_CHECK(found.has_value() && found->open);
    found->closer = approval.asker;
    found->reason = approval.reason;
    CloseCase(core_, staging, entries, *found);
    return Ok();
  }
  std::optional<Literal> event() const override { return Literal("case_closed"); }

 private:
  Core& core_;
};

}  // namespace

void AddCaseKind(Core& core) {
  core.approval_kinds.push_back(std::make_unique<CaseKind>(core));
}

}  // namespace cloison::access::internal
