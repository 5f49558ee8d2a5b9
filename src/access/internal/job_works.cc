#include "access/internal/job_works.h"

#include <algorithm>
#include <unordered_set>

#include "access/internal/decoy_works.h"

namespace cloison::access::internal {

namespace {

// Digests of what jobs ask for: no index has this number.
constexpr std::uint16_t kJobQuery = 0xfffd;

Refusal Because(RefusalCode code, std::string rule, std::int64_t retry_ms = 0) {
  return Refusal{code, std::move(rule), {}, {}, retry_ms, {}, {}, {}, {}};
}

// Whom the last batch showed, and when: asked for again, they move to the time of this showing in
// the ceilings above, as anybody's showing does, and count once.
Windows ShownAt(std::int64_t at_ms, const std::vector<Showing>& showings) {
  Windows shown{Caps{}};
  for (const Showing& showing : showings) {
    Seen seen;
    seen.times.fill(at_ms);
    shown.Restore(showing.who, seen);
  }
  shown.Settle();
  return shown;
}

// An identifier may be another person's by now, or somebody's who was not there: whom the batch
// did not show when it was charged it does not show later.
void KeepThoseOf(const std::vector<std::uint64_t>& then, std::vector<bool>& there,
                 std::vector<std::uint64_t>& shown) {
  CLOISON_CHECK(then.size() == shown.size());  // the same lines: run.last is their digest
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] == then[i]) continue;
    there[i] = false;
    shown[i] = 0;
  }
}

// The first field that the policy does not let jobs of this role seal.
std::optional<FieldId> NotGranted(const std::vector<const Grant*>& grants,
                                  const std::vector<FieldId>& fields) {
  for (const FieldId field : fields) {
    if (Policy::FormOf(grants, Relation::kAny, field) != ledger::Form::kPlain) return field;
  }
  return std::nullopt;
}

// As the policy asks of its grants: the national number in plain form takes a decree.
std::optional<FieldId> NumberWithoutDecree(const Purpose& purpose, const records::Schema& schema,
                                           const JobRequest& request) {
  const auto number = std::ranges::find_if(request.fields, [&schema](FieldId id) {
    const records::FieldSpec* const field = schema.Find(id);
    return field != nullptr && field->type == records::FieldType::kNir;
  });
  if (purpose.decree || number == request.fields.end()) return std::nullopt;
  return *number;
}

}  // namespace

std::uint32_t Nobody(const std::vector<std::uint64_t>& shown) {
  return static_cast<std::uint32_t>(std::ranges::count(shown, std::uint64_t{0}));
}

std::uint64_t ShownDigest(const Core& core, std::uint64_t job, const PersonId& person) {
  const crypto::Digest whole =
      core.parts.state.Digest("job-shown", {base::BigU64(job), person.bytes()});
  return std::max<std::uint64_t>(base::Reader(whole).U64(), 1);
}

std::optional<FieldId> FirstNotSealed(const Policy& policy, const records::Schema& schema,
                                      OrganisationId organisation, const std::string& role,
                                      const JobRequest& request) {
  const Purpose* const purpose = policy.FindPurpose(request.purpose);
  if (purpose == nullptr || purpose->sealed) return request.fields.front();
  if (request.whom == Whom::kEverybody) return NumberWithoutDecree(*purpose, schema, request);
  return NotGranted(policy.GrantsOf(organisation, role, request.purpose), request.fields);
}

bool RunsJobs(const Policy& policy, const std::string& role, Whom whom) {
  const Role* const of = policy.FindRole(role);
  const Right right = whom == Whom::kNamed ? Right::kJob : Right::kExport;
  return of != nullptr && of->kind == RoleKind::kApplication && policy.Has(role, right);
}

bool SeesJobs(const Policy& policy, const std::string& role, Whom whom) {
  if (RunsJobs(policy, role, whom)) return false;
  if (policy.Has(role, Right::kFreeze)) return true;
  if (whom == Whom::kNamed) return policy.Has(role, Right::kJob);
  return policy.Has(role, Right::kHold) || policy.MayAskFor(kExportKind, role, Right::kExport) ||
         policy.MayApprove(kExportKind, role, Right::kExport);
}

Result<commit::Staged> MayListJobsWork::Decide(commit::Staging& staging) {
  const PrincipalInfo& info = principal().info();
  const Policy& policy = core_.parts.policy.Now();
  may_ = {info.organisation, SeesJobs(policy, info.role, whom_)};
  if (may_.all || RunsJobs(policy, info.role, whom_)) return commit::Staged::kDone;
  const char* const right = whom_ == Whom::kNamed ? "right/job" : "right/export";
  return Refuse(staging, Because(RefusalCode::kNoRight, right), ledger::Decision::kRefuse, {});
}

MayListJobsWork::Promise MayListJobsWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return may_;
}

// ---- what all share

Task<Status> JobWork::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await rows_.Load(staging, number_));
  if (whom_ == Whom::kNamed) co_return Ok();
  CLOISON_CO_TRY_ASSIGN(const std::optional<Job> job, rows_.Get(staging, number_));
  if (!job.has_value() || !job->walk.has_value()) co_return Ok();
  for (const PrincipalId& officer : {job->walk->asker, job->walk->agreed}) {
    const Status loaded = co_await core_.principals.Load(staging, officer);
    if (!loaded.ok() && loaded.error().code() != Code::kNotFound) co_return loaded;
  }
  co_return Ok();
}

Result<commit::Staged> JobWork::RefuseSo(commit::Staging& staging, Refusal refusal) {
  if (refusal.code == RefusalCode::kBudgetSpent) core_.stats.budget_spent.Add();
  const bool miss = refusal.code == RefusalCode::kNotAvailable;
  return Refuse(staging, std::move(refusal),
                miss ? ledger::Decision::kMiss : ledger::Decision::kRefuse, {});
}

// By an application's own session: a human who signed in as one runs nothing.
bool JobWork::MayRun(const Job& job) {
  const bool human = caller_.assurance.actor == identity::Actor::kHuman ||
                     caller_.assurance.actor == identity::Actor::kCookie;
  return !human && job.request.whom == whom_ && job.request.application == caller_.principal;
}

// An officer who was frozen, left, or lost the right agreed to nothing that is still to come. One
// who is not even loaded (approved in this very batch) does not stand.
bool JobWork::BothStand(const Walk& walk, std::int64_t now_ms) const {
  const Policy& policy = core_.parts.policy.Now();
  const auto stands = [&](const PrincipalId& id) {
    if (core_.principals.Peek(id) == nullptr) return false;
    PrincipalState& state = core_.principals.Get(id);
    return !state.info().frozen && !state.info().HasExpired(now_ms) &&
           core_.principals.HoldOn(state, now_ms).rung < Rung::kSecondPerson;
  };
  if (!stands(walk.asker) || !stands(walk.agreed)) return false;
  const std::string& asks = core_.principals.Get(walk.asker).info().role;
  const std::string& agrees = core_.principals.Get(walk.agreed).info().role;
  return policy.MayAskFor(kExportKind, asks, Right::kExport) &&
         policy.MayApprove(kExportKind, agrees, Right::kExport);
}

Result<std::optional<Job>> JobWork::FindOwn(commit::Staging& staging) {
  const bool runs = RunsJobs(core_.parts.policy.Now(), principal().info().role, whom_);
  if (!runs) {
    refused_ = RefuseSo(staging, Because(RefusalCode::kNoRight, "right/" + std::string(kind())));
    return std::optional<Job>{};
  }
  CLOISON_TRY_ASSIGN(std::optional<Job> job, rows_.Get(staging, number_));
  if (job.has_value() && MayRun(*job)) {
    reason_ = {job->request.purpose, job->request.label};
    return job;
  }
  refused_ = RefuseSo(staging, Because(RefusalCode::kNotAvailable, "not-available"));
  return std::optional<Job>{};
}

Result<std::optional<Job>> JobWork::FindVisible(commit::Staging& staging) {
  CLOISON_TRY_ASSIGN(std::optional<Job> job, rows_.Get(staging, number_));
  const PrincipalInfo& info = principal().info();
  const bool officer = SeesJobs(core_.parts.policy.Now(), info.role, whom_);
  // An export is of everybody's people: officers of every organisation see it, and stop it.
  const bool theirs =
      job.has_value() && (whom_ == Whom::kEverybody || job->organisation == info.organisation);
  const bool here = theirs && job->request.whom == whom_;
  if (job.has_value() && ((here && officer) || MayRun(*job))) return job;
  refused_ = RefuseSo(staging, Because(RefusalCode::kNotAvailable, "not-available"));
  return std::optional<Job>{};
}

std::optional<Refusal> JobWork::WhyOver(const Job& job, const commit::Staging& staging) const {
  if (job.stopped) return Because(RefusalCode::kDecided, RuleOf("stopped"));
  // Budgets start spent after a ceremony. So do jobs: the row may be older than what was shown, or
  // than the word of whoever stopped it.
  const std::optional<ledger::Log::Opening>& opening = core_.parts.ledger.logs().back().opening;
  if (opening.has_value() && job.approved_ms <= opening->budget_ms) {
    return Because(RefusalCode::kDecided, RuleOf("ceremony"));
  }
  const std::int64_t now_ms = staging.time().budget_ms;
  if (now_ms >= job.request.expires_ms) return Because(RefusalCode::kDecided, RuleOf("expired"));
  if (!job.walk.has_value()) return std::nullopt;
  if (now_ms < job.walk->starts_ms) {
    return Because(RefusalCode::kDecided, "export/waits", job.walk->starts_ms - now_ms);
  }
  if (!BothStand(*job.walk, now_ms)) return Because(RefusalCode::kDecided, "export/officers");
  return std::nullopt;
}

std::optional<Refusal> JobWork::WhyNotGranted(const Job& job) {
  const PrincipalInfo& info = principal().info();
  const auto field = FirstNotSealed(core_.parts.policy.Now(), core_.parts.people.schema(),
                                    info.organisation, info.role, job.request);
  if (!field.has_value()) return std::nullopt;
  Refusal refusal = Because(RefusalCode::kPurposeRefused, "purpose/field");
  refusal.field = field;
  return refusal;
}

Result<std::optional<Refusal>> JobWork::WhyNotSealed(const Job& job, const commit::Staging& staging,
                                                     const JobBatch& batch) {
  if (auto over = WhyOver(job, staging)) return over;
  const bool last = batch.run >= 1 && batch.run == job.runs.size();
  if (!last || job.runs.back().state != RunState::kRunning) {
    return std::optional(Because(RefusalCode::kDecided, "job/run-over"));
  }
  if (auto refused = WhyNotGranted(job)) return refused;
  const JobRun& run = job.runs.back();
  if (IsAgain(run, batch)) {
    if (run.repeats < kJobRepeatsMax) return std::optional<Refusal>{};
    return std::optional(Because(RefusalCode::kBudgetSpent, "budget/job/again"));
  }
  if (batch.number != run.batches + 1) {
    return Error{Code::kConflict, "neither the next batch of the run nor the last one again"};
  }
  const std::uint32_t left = job.request.people_max - std::min(run.asked, job.request.people_max);
  if (batch.people <= left) return std::optional<Refusal>{};
  return std::optional(Because(RefusalCode::kBudgetSpent, "budget/job/people"));
}

ledger::Pending JobWork::StageStep(std::string_view step, const Job& job) {
  std::string rule = RuleOf(step) + "/" + std::to_string(job.number);
  if (!job.runs.empty()) rule += "/" + std::to_string(job.runs.size());
  return StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow, std::move(rule)));
}

// ---- steps

Task<Status> JobStepWork::LoadMore(commit::Staging& staging) {
  if (once_.has_value()) {
    CLOISON_CO_TRY(co_await once_->Load(staging));
  }
  co_return co_await JobWork::LoadMore(staging);
}

Result<commit::Staged> JobStepWork::Decide(commit::Staging& staging) {
  pending_.reset();
  repeated_.reset();
  const bool reads = step_ == Step::kRead || step_ == Step::kStop;
  CLOISON_TRY_ASSIGN(std::optional<Job> job, reads ? FindVisible(staging) : FindOwn(staging));
  if (!job.has_value()) return refused_;
  switch (step_) {
    case Step::kRead: job_ = std::move(job); return commit::Staged::kDone;
    case Step::kBegin: return Begin(staging, std::move(*job));
    case Step::kEnd:
    case Step::kCancel: return Finish(staging, std::move(*job));
    case Step::kStop: return Stop(staging, std::move(*job));
  }
  return commit::Staged::kDone;
}

Result<commit::Staged> JobStepWork::Write(commit::Staging& staging, std::string_view step,
                                          Job job) {
  pending_ = StageStep(step, job);
  rows_.Put(staging, job);
  Charge(staging, {});
  job_ = std::move(job);
  return commit::Staged::kDone;
}

Result<commit::Staged> JobStepWork::BeginExport(commit::Staging& staging, Job job) {
  if (auto over = WhyOver(job, staging)) return RefuseSo(staging, std::move(*over));
  if (auto refused = WhyNotGranted(job)) return RefuseSo(staging, std::move(*refused));
  if (!job.runs.empty()) {
    if (job.runs.back().state != RunState::kRunning) {
      return RefuseSo(staging, Because(RefusalCode::kDecided, RuleOf("run-over")));
    }
    job_ = std::move(job);  // again
    return commit::Staged::kDone;
  }
  JobRun run;
  run.began_ms = run.last_ms = staging.time().budget_ms;
  run.began_wall_ms = staging.time().wall_ms;
  run.people = job.request.people_max;
  job.runs.push_back(run);
  return Write(staging, "begin", std::move(job));
}

Result<commit::Staged> JobStepWork::Begin(commit::Staging& staging, Job job) {
  if (job.walk.has_value()) return BeginExport(staging, std::move(job));
  CLOISON_TRY_ASSIGN(const std::optional<Used> used, once_->Find(staging));
  if (used.has_value()) {
    repeated_ = Repeated(*used);
    job_ = std::move(job);
    return commit::Staged::kDone;
  }
  if (auto over = WhyOver(job, staging)) return RefuseSo(staging, std::move(*over));
  if (auto refused = WhyNotGranted(job)) return RefuseSo(staging, std::move(*refused));
  const std::int64_t now_ms = staging.time().budget_ms;
  const JobRequest& request = job.request;
  if (what_ > request.people_max) {
    return RefuseSo(staging, Because(RefusalCode::kBudgetSpent, "budget/job/people"));
  }
  if (job.runs.size() >= request.runs) {
    return RefuseSo(staging, Because(RefusalCode::kBudgetSpent, "budget/job/runs"));
  }
  if (!job.runs.empty()) {
    const std::int64_t next_ms = job.runs.back().began_ms + request.pause_days * base::kDayMs;
    if (now_ms < next_ms) {
      return RefuseSo(staging,
                      Because(RefusalCode::kBudgetSpent, "budget/job/pause", next_ms - now_ms));
    }
    if (job.runs.back().state == RunState::kRunning) {
      job.runs.back().state = RunState::kCancelled;
    }
    job.runs.back().shown.clear();
  }
  JobRun run;
  run.began_ms = run.last_ms = now_ms;
  run.began_wall_ms = staging.time().wall_ms;
  run.people = what_;
  job.runs.push_back(run);
  pending_ = StageStep("begin", job);
  once_->Put(staging, Used{{}, 0, {}, job.runs.size(), PlaceIn(core_.parts.ledger, *pending_)});
  rows_.Put(staging, job);
  Charge(staging, {});
  job_ = std::move(job);
  return commit::Staged::kDone;
}

Result<commit::Staged> JobStepWork::Finish(commit::Staging& staging, Job job) {
  const RunState to = step_ == Step::kEnd ? RunState::kEnded : RunState::kCancelled;
  const bool last = what_ >= 1 && what_ == job.runs.size();
  if (last && job.runs.back().state == to) {  // again
    job_ = std::move(job);
    return commit::Staged::kDone;
  }
  if (!last || job.runs.back().state != RunState::kRunning) {
    return RefuseSo(staging, Because(RefusalCode::kDecided, "job/run-over"));
  }
  if (to == RunState::kEnded) {
    if (auto over = WhyOver(job, staging)) return RefuseSo(staging, std::move(*over));
  }
  job.runs.back().state = to;
  job.runs.back().shown.clear();
  return Write(staging, to == RunState::kEnded ? "end" : "cancel", std::move(job));
}

Result<commit::Staged> JobStepWork::Stop(commit::Staging& staging, Job job) {
  if (job.stopped) {
    job_ = std::move(job);
    return commit::Staged::kDone;
  }
  job.stopped = true;
  return Write(staging, "stop", std::move(job));
}

JobStepWork::Promise JobStepWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  Done done{std::move(*job_), repeated_};
  if (pending_.has_value()) {
    done.recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  }
  return done;
}

// ---- a batch

Result<commit::Staged> JobMaySealWork::Decide(commit::Staging& staging) {
  CLOISON_TRY_ASSIGN(const std::optional<Job> job, FindOwn(staging));
  if (!job.has_value()) return refused_;
  CLOISON_TRY_ASSIGN(std::optional<Refusal> refused, WhyNotSealed(*job, staging, batch_));
  if (refused.has_value()) return RefuseSo(staging, std::move(*refused));
  return commit::Staged::kDone;
}

JobMaySealWork::Promise JobMaySealWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return std::monostate{};
}

Task<Status> JobSealWork::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await JobWork::LoadMore(staging));
  // A job's purpose is never a sealed one: the person's own number is counted.
  co_return co_await RefreshTargets(core_, caller_.principal, "", staging, targets_);
}

Result<commit::Staged> JobSealWork::Decide(commit::Staging& staging) {
  pending_.clear();
  if (!TargetsHold(staging, targets_)) return commit::Staged::kAgain;
  CLOISON_TRY_ASSIGN(std::optional<Job> job, FindOwn(staging));
  if (!job.has_value()) return refused_;
  CLOISON_TRY_ASSIGN(std::optional<Refusal> refused, WhyNotSealed(*job, staging, batch_));
  if (refused.has_value()) return RefuseSo(staging, std::move(*refused));
  const bool again = IsAgain(job->runs.back(), batch_);
  return Charged(staging, std::move(*job), again);
}

// Beside the job's own ceiling the register's count alone. Whoever is named twice is shown once.
std::vector<Showing> JobSealWork::ShowingsOf(const Job& job) {
  const CounterSet counters = CountersOf(job.request.fields, false);
  std::vector<Showing> showings;
  std::unordered_set<SeenId, SeenIdHash> named;
  for (const Target& target : targets_) {
    const SeenId who =
        core_.principals.SeenOfQuery(caller_.principal, kJobQuery, AsBytes(target.named));
    if (named.insert(who).second) showings.push_back({who, counters});
  }
  return showings;
}

Result<commit::Staged> JobSealWork::Charged(commit::Staging& staging, Job job, bool again) {
  const std::int64_t now_ms = staging.time().budget_ms;
  JobRun& run = job.runs.back();
  const Asker asker{principal().info().organisation, {}, true};
  const std::vector<Showing> showings = ShowingsOf(job);
  const Windows before = again ? ShownAt(run.last_ms, showings) : Windows{Caps{}};
  const auto spent = core_.ceilings.WouldPass(now_ms, asker, before, showings);
  if (spent.has_value()) return RefuseSpent(staging, *spent);
  std::vector<bool> there = WhoIsThere(staging);
  std::vector<std::uint64_t> shown = DigestsOf(job, there);
  if (again) {
    KeepThoseOf(run.shown, there, shown);
    run.unavailable -= Nobody(run.shown);
    run.repeats += 1;
  } else {
    run.batches += 1;
    run.asked += batch_.people;
    run.last = batch_.asked;
    run.repeats = 0;
  }
  run.unavailable += Nobody(shown);
  run.shown = std::move(shown);
  run.last_ms = now_ms;
  StageEntries(job, there, again);
  for (const Showing& showing : showings) {
    core_.ceilings.Move(now_ms, asker, before.FindSeen(showing.who), showing);
  }
  rows_.Put(staging, job);
  Charge(staging, {});
  job_ = std::move(job);
  return commit::Staged::kDone;
}

// Of the archive nobody is, nor any decoy; and who was found by an identifier may have another by
// now.
Result<bool> JobSealWork::IsThere(const Target& target, std::int64_t wall_ms) {
  if (!target.sighting.has_value() || target.failed.has_value()) return false;
  if (IsDecoy(core_, *target.sighting)) return false;
  if (target.criterion != nullptr) {
    const records::Matcher matcher(core_.parts.people);
    CLOISON_TRY_ASSIGN(const bool still, matcher.Equals(*target.sighting, *target.criterion));
    if (!still) return false;
  }
  const ArchiveQuestion archive{false, false, false, wall_ms};
  CLOISON_TRY_ASSIGN(const bool kept_away, IsKeptAway(core_, archive, target, Relation::kAny));
  return !kept_away;
}

// Whoever cannot be read is not there either: an alarm was raised, and one broken record holds up
// no payment of the others.
std::vector<bool> JobSealWork::WhoIsThere(const commit::Staging& staging) {
  std::vector<bool> there;
  for (const Target& target : targets_) {
    const Result<bool> is = IsThere(target, staging.time().wall_ms);
    if (!is.ok()) NoteCorrupt(core_, is.error(), "record_does_not_open");
    there.push_back(is.ok() && *is);
  }
  return there;
}

std::vector<std::uint64_t> JobSealWork::DigestsOf(const Job& job,
                                                  const std::vector<bool>& there) const {
  std::vector<std::uint64_t> digests(targets_.size(), 0);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (!there[i]) continue;
    digests[i] = ShownDigest(core_, job.number, *targets_[i].person);
  }
  return digests;
}

void JobSealWork::StageEntries(const Job& job, const std::vector<bool>& there, bool again) {
  const std::string rule =
      "job/" + std::to_string(job.number) + "/" + std::to_string(job.runs.size());
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    ledger::EntryDraft draft =
        there[i] ? Draft(ledger::Kind::kDisclosure, ledger::Decision::kAllow, rule)
                 : Draft(ledger::Kind::kRefusal, ledger::Decision::kMiss, rule);
    draft.cost = again ? 0 : 1;
    if (!there[i]) {
      (void)StageEntry(std::move(draft));
      core_.stats.missed.Add();
      continue;
    }
    draft.subject = SubjectOf(targets_[i], job.request.fields, ledger::Form::kPlain,
                              targets_[i].code->symbols());
    pending_.emplace_back(i, StageEntry(std::move(draft)));
    core_.stats.disclosed_people.Add();
  }
}

JobSealWork::Promise JobSealWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  Granted granted{std::move(*job_), std::move(targets_), {}};
  for (auto& [target, pending] : pending_) {
    granted.to_seal.push_back({target, records::SealOnlyReceipt(core_.parts.ledger.RedeemReceipt(
                                           std::move(pending), durable))});
  }
  return granted;
}

}  // namespace cloison::access::internal
