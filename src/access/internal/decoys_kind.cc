// An approval of kind "decoys": two officers agree to how many there are to be (access/decoys.h).
#include "access/decoys.h"
#include "access/internal/gate_work.h"

namespace cloison::access::internal {

namespace {

class DecoysKind final : public ApprovalKind {
 public:
  explicit DecoysKind(Core& core) : core_(core) {}
  std::string_view name() const override { return kDecoysKind; }
  std::optional<Right> asks() const override { return Right::kFreeze; }
  Right approves() const override { return Right::kFreeze; }
  Task<Status> Load(commit::Staging&, const Approval&) override { co_return Ok(); }

  Result<std::optional<Refusal>> Check(commit::Staging&, const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const DecoysRequest request, ParseDecoys(approval.what));
    const bool made =
        core_.parts.observer != nullptr && core_.parts.observer->decoys().inventor() != nullptr;
    if (made || request.per_100000 == 0) return std::optional<Refusal>{};
    return std::optional(
        Refusal{RefusalCode::kNotAvailable, "decoys/not-set-up", {}, {}, 0, {}, {}, {}, {}});
  }

  approvals::Gaining Gains(const Approval&) const override { return {}; }

  Status Enact(commit::Staging&, const Approval& approval, EntryMaker& entries) override {
    CLOISON_TRY_ASSIGN(const DecoysRequest request, ParseDecoys(approval.what));
    if (core_.parts.observer != nullptr) {
      core_.parts.observer->decoys().SetShare(request.per_100000);
    }
    (void)entries.StageEntry(entries.Draft(ledger::Kind::kRights, ledger::Decision::kAllow,
                                           "decoys/" + std::to_string(request.per_100000)));
    return Ok();
  }
  std::optional<Literal> event() const override { return Literal("decoys_agreed"); }

 private:
  Core& core_;
};

}  // namespace

void AddDecoysKind(Core& core) {
  core.approval_kinds.push_back(std::make_unique<DecoysKind>(core));
}

}  // namespace cloison::access::internal
