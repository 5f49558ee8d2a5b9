// The kind of approval "export" (access/job_requests.h). Approved, it is a row that waits, and
// every organisation is told: it is everybody's people.
#include <algorithm>

#include "access/internal/alerts.h"
#include "access/internal/export_works.h"

namespace cloison::access::internal {

namespace {

class ExportKind final : public ApprovalKind {
 public:
  explicit ExportKind(Core& core) : core_(core), rows_(core) {}
  std::string_view name() const override { return kExportKind; }
  std::optional<Right> asks() const override { return Right::kExport; }
  Right approves() const override { return Right::kExport; }
  bool bulk() const override { return true; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const JobRequest request, Read(approval));
    CLOISON_CO_TRY(co_await rows_.Load(staging, approval.number));
    const Status loaded = co_await core_.principals.Load(staging, request.application);
    if (!loaded.ok() && loaded.error().code() != Code::kNotFound) co_return loaded;
    co_return Ok();
  }

  Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                       const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const JobRequest request, Read(approval));
    const std::int64_t now_ms = std::max(approval.asked_ms, staging.time().budget_ms);
    const bool lasts = request.expires_ms > now_ms + core_.export_delay_ms &&
                       request.expires_ms <= approval.asked_ms + kExportLastsMaxMs;
    if (!lasts) return Error{Code::kInvalid, "an export ends after its delay, within 31 days"};
    const records::Schema& schema = core_.parts.people.schema();
    for (const FieldId field : request.fields) {
      if (schema.Find(field) == nullptr) return Error{Code::kInvalid, "no such field"};
    }
    // The file names people by the organisation's codes.
    const auto code = core_.parts.codes.Encode(approval.organisation, PersonId(ByteArray<8>{}));
    if (!code.ok() && code.error().code() == Code::kNotFound) {
      return Error{Code::kInvalid, "an organisation that knows nobody by a code"};
    }
    const Policy& policy = core_.parts.policy.Now();
    const PrincipalState* const runs = core_.principals.Peek(request.application);
    const bool theirs = runs != nullptr && runs->info().organisation == approval.organisation;
    if (!theirs || !RunsJobs(policy, runs->info().role, Whom::kEverybody)) {
      return std::optional(
          Refusal{RefusalCode::kNotAvailable, "not-available", {}, {}, 0, {}, {}, {}, {}});
    }
    const auto field =
        FirstNotSealed(policy, schema, approval.organisation, runs->info().role, request);
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
    CLOISON_CHECK(approval.decider.has_value());
    Job job;
    job.number = approval.number;
    job.organisation = approval.organisation;
    job.approved_ms = staging.time().budget_ms;
    job.request = std::move(request);
    Walk walk;
    walk.starts_ms = job.approved_ms + core_.export_delay_ms;
    walk.asker = approval.asker;
    walk.agreed = *approval.decider;
    job.walk = walk;
    rows_.Put(staging, job);
    for (const Organisation& told : core_.parts.policy.Now().organisations()) {
      PutAlert(core_, staging,
               {Alert::What::kExportWaits, Alert::Whom::kSecondContact, approval.asker, told.id,
                std::nullopt, approval.number});
    }
    return Ok();
  }
  std::optional<Literal> event() const override { return Literal("export_approved"); }

 private:
  // What is asked for as a job is no export, nor the other way: the version says which it is.
  static Result<JobRequest> Read(const Approval& approval) {
    CLOISON_TRY_ASSIGN(JobRequest request, ParseJob(approval.what));
    if (request.whom == Whom::kEverybody) return request;
    return Error{Code::kInvalid, "not what an export asks for"};
  }

  Core& core_;
  JobRows rows_;
};

}  // namespace

void AddExportKind(Core& core) {
  core.approval_kinds.push_back(std::make_unique<ExportKind>(core));
}

}  // namespace cloison::access::internal
