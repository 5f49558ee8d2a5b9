// What the calls about jobs and exports share, outside the committer.
#include "access/internal/job_works.h"

namespace cloison::access::internal {

crypto::RecipientKey RecipientOf(const Job& job) {
  const Result<crypto::RecipientKey> key = crypto::RecipientKey::FromBytes(job.request.recipient);
  CLOISON_CHECK(key.ok());  // ParseJob has looked
  return *key;
}

Jobs::Shown ShownOf(const Core& core, JobStepWork::Done done) {
  Jobs::Shown shown{std::move(done.job), {}, std::move(done.recorded)};
  if (!shown.job.runs.empty()) {
    shown.header = Encode(HeaderOf(core.parts.people.schema(), shown.job));
  }
  return shown;
}

Task<Outcome<Jobs::Shown>> SubmitStep(Core& core, std::unique_ptr<JobStepWork> work,
                                      base::Executor& home) {
  Result<JobStepWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<Jobs::Shown, Refusal>(std::move(*refusal));
  }
  co_return std::variant<Jobs::Shown, Refusal>(
      ShownOf(core, std::get<JobStepWork::Done>(std::move(*promise))));
}

Task<Outcome<Jobs::Page>> ListJobs(Core& core, Caller caller, Whom whom, std::uint64_t above,
                                   std::size_t count) {
  if (count == 0 || count > kJobsPageMax) {
    co_return Error{Code::kInvalid, "a page has 1 to 100 jobs"};
  }
  auto work = std::make_unique<MayListJobsWork>(core, caller, whom);
  Result<MayListJobsWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<Jobs::Page, Refusal>(std::move(*refusal));
  }
  const auto& may = std::get<MayListJobsWork::May>(*promise);
  Jobs::Page page;
  store::Range range{store::Family::kJobs, JobRows::KeyOf(above).bytes + '\0',
                     JobRows::KeyOf(UINT64_MAX).bytes};
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage read,
                        co_await core.parts.people.store().Scan(std::move(range), kJobRowsPerPage));
  co_await caller.home.Schedule();
  for (const store::KeyedRow& keyed : read.rows) {
    const store::Key key{store::Family::kJobs, keyed.key};
    CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain,
                          core.parts.state.Open(key, keyed.row.value));
    CLOISON_CO_TRY_ASSIGN(Job job, ParseJobRow(plain.Reveal()));
    const bool theirs = whom == Whom::kEverybody || job.organisation == may.organisation;
    const bool its = may.all ? theirs : job.request.application == caller.principal;
    page.next = job.number;
    if (its && job.request.whom == whom) page.items.push_back(std::move(job));
    if (page.items.size() == count) co_return std::variant<Jobs::Page, Refusal>(std::move(page));
  }
  if (!read.next.has_value()) page.next.reset();
  co_return std::variant<Jobs::Page, Refusal>(std::move(page));
}

}  // namespace cloison::access::internal
