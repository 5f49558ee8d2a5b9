#include "access/jobs.h"

#include <algorithm>

#include "access/internal/gate_calls.h"
#include "access/internal/job_works.h"

namespace cloison::access {

using internal::Core;
using internal::JobMaySealWork;
using internal::JobSealWork;
using internal::JobStepWork;
using internal::Target;

namespace {

constexpr std::size_t kNamedBytesMax = 32;

// Two batches are the same when they ask for the same, in the same order.
crypto::Digest DigestOf(const Core& core, const std::vector<JobItem>& items) {
  Bytes all;
  for (const JobItem& item : items) {
    all.push_back(item.by_agency_id ? 1 : 0);
    for (const std::string* text : {&item.person, &item.attached}) {
      all.push_back(static_cast<std::uint8_t>(text->size()));
      base::AppendBytes(all, AsBytes(*text));
    }
  }
  return core.parts.state.Digest("job-batch", {all});
}

Status CheckItems(const std::vector<JobItem>& items) {
  if (items.empty() || items.size() > records::kJobBatchPeopleMax) {
    return Error{Code::kInvalid, "a batch has 1 to 200 people"};
  }
  for (const JobItem& item : items) {
    if (item.person.size() > kNamedBytesMax ||
        item.attached.size() > records::kJobAttachedBytesMax) {
      return Error{Code::kInvalid, "a code, or what is attached to it, is too long"};
    }
  }
  return Ok();
}

Target FindByCode(const Core& core, OrganisationId organisation, const std::string& named) {
  Target target;
  const Result<records::NamedPerson> read = core.parts.codes.Read(organisation, named);
  if (read.ok()) {
    target.person = read->person;
    target.code = read->code;
  }
  target.named = named;
  return target;
}

// Whatever is no identifier, and what is several people's, is nobody.
Task<Result<Target>> FindByAgencyId(const Core& core, OrganisationId organisation,
                                    std::string named) {
  Target target;
  target.named = "agency_id/" + named;
  const records::Schema& schema = core.parts.people.schema();
  const auto field =
      std::ranges::find(schema.fields(), records::kAgencyIndex, &records::FieldSpec::index);
  if (field == schema.fields().end()) co_return target;
  const Result<crypto::SecretBytes> stored = schema.Canonical(*field, named, false);
  if (!stored.ok()) co_return target;
  auto criterion = std::make_shared<records::Criterion>(
      records::Criterion{records::kAgencyIndex, schema.IndexForm(*field, stored->Reveal())});
  const records::Matcher matcher(core.parts.people);
  const Result<std::vector<PersonId>> found = co_await matcher.Exact(*criterion, 2);
  const bool full = !found.ok() && found.error().code() == Code::kExhausted;
  if (!found.ok() && !full) co_return found.error();
  if (full || found->size() != 1) co_return target;
  const Result<records::PersonCode> code = core.parts.codes.Encode(organisation, found->front());
  if (!code.ok() && code.error().code() != Code::kNotFound) co_return code.error();
  if (!code.ok()) co_return target;  // an organisation that knows nobody by a code
  target.code = *code;
  target.person = found->front();
  target.criterion = std::move(criterion);
  co_return target;
}

Task<Result<std::vector<Target>>> FindAll(const Core& core, OrganisationId organisation,
                                          const std::vector<JobItem>& items) {
  std::vector<Target> targets;
  for (const JobItem& item : items) {
    if (item.by_agency_id) {
      CLOISON_CO_TRY_ASSIGN(Target target,
                            co_await FindByAgencyId(core, organisation, item.person));
      targets.push_back(std::move(target));
    } else {
      targets.push_back(FindByCode(core, organisation, item.person));
    }
  }
  co_return targets;
}

Jobs::Sealed SealBatch(Core& core, JobSealWork::Granted granted, const std::vector<JobItem>& items,
                       std::uint32_t batch) {
  const records::Schema& schema = core.parts.people.schema();
  const Bytes header = Encode(internal::HeaderOf(schema, granted.job));
  records::JobSealer sealer(schema, internal::RecipientOf(granted.job), header,
                            granted.job.request.fields, core.parts.ledger.generation());
  for (JobSealWork::ToSeal& one : granted.to_seal) {
    const Target& target = granted.targets[one.target];
    const Status added = sealer.Add(*target.sighting, std::move(one.receipt), *target.code,
                                    items[one.target].attached);
    if (!added.ok()) internal::NoteCorrupt(core, added.error(), "record_does_not_open");
  }
  Bytes frame = sealer.Finish(batch, items.size(), core.parts.random);
  return {std::move(granted.job), std::move(frame)};
}

}  // namespace

std::string_view Name(RunState state) {
  switch (state) {
    case RunState::kRunning: return "running";
    case RunState::kEnded: return "ended";
    case RunState::kCancelled: return "cancelled";
  }
  return "";
}

template <class T>
void Jobs::Count(const Outcome<T>& outcome, base::Counter& done) {
  if (!outcome.ok()) return;
  (std::holds_alternative<T>(*outcome) ? done : stats_.refused).Add();
}

Task<Outcome<Jobs::Page>> Jobs::List(Caller caller, std::uint64_t above, std::size_t count) {
  co_return co_await internal::ListJobs(core_, caller, Whom::kNamed, above, count);
}

Task<Outcome<Jobs::Shown>> Jobs::Read(Caller caller, std::uint64_t job) {
  auto work = std::make_unique<JobStepWork>(core_, caller, job, JobStepWork::Step::kRead);
  co_return co_await internal::SubmitStep(core_, std::move(work), caller.home);
}

Task<Outcome<Jobs::Shown>> Jobs::Begin(Caller caller, std::uint64_t job, std::uint32_t people,
                                       Gate::Once once) {
  CLOISON_CO_TRY(internal::CheckOnce(once));
  if (people == 0) co_return Error{Code::kInvalid, "a run is for at least one person"};
  auto work = std::make_unique<JobStepWork>(core_, caller, job, JobStepWork::Step::kBegin, people);
  work->Remember(once);
  Outcome<Shown> begun = co_await internal::SubmitStep(core_, std::move(work), caller.home);
  Count(begun, stats_.begun);
  co_return begun;
}

Task<Outcome<Jobs::Shown>> Jobs::Cancel(Caller caller, std::uint64_t job, std::uint32_t run) {
  auto work = std::make_unique<JobStepWork>(core_, caller, job, JobStepWork::Step::kCancel, run);
  Outcome<Shown> cancelled = co_await internal::SubmitStep(core_, std::move(work), caller.home);
  Count(cancelled, stats_.cancelled);
  co_return cancelled;
}

Task<Outcome<Jobs::Shown>> Jobs::Stop(Caller caller, std::uint64_t job) {
  auto work = std::make_unique<JobStepWork>(core_, caller, job, JobStepWork::Step::kStop);
  Outcome<Shown> stopped = co_await internal::SubmitStep(core_, std::move(work), caller.home);
  Count(stopped, stats_.stopped);
  co_return stopped;
}

Task<Outcome<Jobs::Sealed>> Jobs::End(Caller caller, std::uint64_t job, std::uint32_t run) {
  auto work = std::make_unique<JobStepWork>(core_, caller, job, JobStepWork::Step::kEnd, run);
  Outcome<Shown> ended = co_await internal::SubmitStep(core_, std::move(work), caller.home);
  Count(ended, stats_.ended);
  if (!ended.ok()) co_return ended.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*ended); refusal != nullptr) {
    co_return std::variant<Sealed, Refusal>(std::move(*refusal));
  }
  Shown& shown = std::get<Shown>(*ended);
  const JobRun& last = shown.job.runs.back();
  const records::JobEnd end{last.batches, last.asked, last.asked - last.unavailable};
  Bytes frame = records::JobSealer::End(internal::RecipientOf(shown.job), shown.header, end,
                                        core_.parts.random);
  co_return std::variant<Sealed, Refusal>(Sealed{std::move(shown.job), std::move(frame)});
}

Task<Outcome<Jobs::Sealed>> Jobs::Seal(Caller caller, std::uint64_t job, std::uint32_t run,
                                       std::uint32_t batch, std::vector<JobItem> items) {
  Core& core = core_;
  CLOISON_CO_TRY(CheckItems(items));
  const Result<internal::KnownPrincipal> info =
      co_await internal::KnownCaller(core, caller.principal);
  if (!info.ok() && info.error().code() == Code::kNotFound) {
    co_return std::variant<Sealed, Refusal>(internal::NotEnrolled(core));
  }
  if (!info.ok()) co_return info.error();
  const internal::JobBatch asked{run, batch, static_cast<std::uint32_t>(items.size()),
                                 DigestOf(core, items)};
  auto may = std::make_unique<JobMaySealWork>(core, caller, job, asked);
  Result<JobMaySealWork::Promise> allowed =
      co_await core.parts.committer.Submit(std::move(may), caller.home);
  if (!allowed.ok()) co_return allowed.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*allowed); refusal != nullptr) {
    stats_.refused.Add();
    co_return std::variant<Sealed, Refusal>(std::move(*refusal));
  }
  CLOISON_CO_TRY_ASSIGN(std::vector<Target> targets,
                        co_await FindAll(core, info->organisation, items));
  CLOISON_CO_TRY(co_await internal::SightTargets(core, info->pairs, targets));
  auto work = std::make_unique<JobSealWork>(core, caller, job, asked, std::move(targets));
  Result<JobSealWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    stats_.refused.Add();
    co_return std::variant<Sealed, Refusal>(std::move(*refusal));
  }
  stats_.batches.Add();
  stats_.people_asked.Add(items.size());
  stats_.people_sealed.Add(std::get<JobSealWork::Granted>(*promise).to_seal.size());
  co_return std::variant<Sealed, Refusal>(
      SealBatch(core, std::get<JobSealWork::Granted>(std::move(*promise)), items, batch));
}

}  // namespace cloison::access
