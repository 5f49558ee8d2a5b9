// The kind of approval "job" (access/job_requests.h). Approved, it is a row: nothing runs before
// its application begins.
#include "access/internal/job_works.h"

namespace cloison::access::internal {

namespace {

class JobKind final : public ApprovalKind {
 public:
  explicit JobKind(Core& core) : core_(core), rows_(core) {}
  std::string_view name() const override { return kJobKind; }
  std::optional<Right> asks() const override { return Right::kJob; }
  Right approves() const override { return Right::kJob; }
  bool bulk() const override { return true; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const JobRequest request, Read(approval));
    CLOISON_CO_TRY(co_await rows_.Load(staging, approval.number));
    const Status loaded = co_await core_.principals.Load(staging, request.application);
    if (!loaded.ok() && loaded.error().code() != Code::kNotFound) co_return loaded;
    co_return Ok();
  }

  Result<std::optional<Refusal>> Check(commit::Staging&, const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const JobRequest request, Read(approval));
    const bool lasts = request.expires_ms > approval.asked_ms &&
                       request.expires_ms <= approval.asked_ms + kJobLastsMaxMs;
    if (!lasts) return Error{Code::kInvalid, "a job ends in the future, within a year"};
    const Policy& policy = core_.parts.policy.Now();
    const PrincipalState* const runs = core_.principals.Peek(request.application);
    const bool theirs = runs != nullptr && runs->info().organisation == approval.organisation;
    if (!theirs || !RunsJobs(policy, runs->info().role)) {
      return std::optional(
          Refusal{RefusalCode::kNotAvailable, "not-available", {}, {}, 0, {}, {}, {}, {}});
    }
    const auto field = FirstNotSealed(policy, core_.parts.people.schema(), approval.organisation,
                                      runs->info().role, request);
    if (!field.has_value()) return std::optional<Refusal>{};
    return std::optional(
        Refusal{RefusalCode::kPurposeRefused, "purpose/field", field, {}, 0, {}, {}, {}, {}});
  }

  approvals::Gaining Gains(const Approval& approval) const override {
    const Result<JobRequest> request = Read(approval);
    CLOISON_CHECK(request.ok());
    return {{request->application}, {}};
  }

  Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker&) override {
    CLOISON_TRY_ASSIGN(JobRequest request, Read(approval));
    Job job;
    job.number = approval.number;
    job.organisation = approval.organisation;
    job.approved_ms = staging.time().budget_ms;
    job.request = std::move(request);
    rows_.Put(staging, job);
    return Ok();
  }
  std::optional<Literal> event() const override { return Literal("job_approved"); }

 private:
  // An export is agreed to as one: with its delay, by its right.
  static Result<JobRequest> Read(const Approval& approval) {
    CLOISON_TRY_ASSIGN(JobRequest request, ParseJob(approval.what));
    if (request.whom == Whom::kNamed) return request;
    return Error{Code::kInvalid, "not what a job asks for"};
  }

  Core& core_;
  JobRows rows_;
};

}  // namespace

void AddJobKind(Core& core) {
  core.approval_kinds.push_back(std::make_unique<JobKind>(core));
}

}  // namespace cloison::access::internal
