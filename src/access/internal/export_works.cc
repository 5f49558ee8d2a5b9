#include "access/internal/export_works.h"

#include <algorithm>

#include "access/internal/decoy_works.h"

namespace cloison::access::internal {

namespace {

Refusal Because(RefusalCode code, std::string rule) {
  return Refusal{code, std::move(rule), {}, {}, 0, {}, {}, {}, {}};
}

constexpr Error kOutOfTurn{Code::kConflict,
                           "neither the next part of the export nor the last one again"};
constexpr Error kPeopleLeft{Code::kConflict, "there are people left to export"};

}  // namespace

// ---- what all share

std::optional<Refusal> ExportWork::WhyNotGoing(const Job& job, const commit::Staging& staging,
                                               std::optional<std::uint32_t> part) {
  if (auto over = WhyOver(job, staging)) return over;
  const bool begun = !job.runs.empty();
  const bool ended = begun && job.runs.back().state == RunState::kEnded;
  const bool goes = begun && job.runs.back().state == RunState::kRunning;
  if (!goes && (part.has_value() || !ended)) {
    return Because(RefusalCode::kDecided, "export/run-over");
  }
  if (auto refused = WhyNotGranted(job)) return refused;
  const JobRun& run = job.runs.back();
  if (part.has_value() && IsLastAgain(run, *part) && run.repeats >= kJobRepeatsMax) {
    return Because(RefusalCode::kBudgetSpent, "budget/export/again");
  }
  return std::nullopt;
}

Result<std::optional<Job>> ExportWork::FindGoing(commit::Staging& staging,
                                                 std::optional<std::uint32_t> part) {
  CLOISON_TRY_ASSIGN(std::optional<Job> job, FindOwn(staging));
  if (!job.has_value()) return job;
  if (auto refused = WhyNotGoing(*job, staging, part)) {
    refused_ = RefuseSo(staging, std::move(*refused));
    return std::optional<Job>{};
  }
  const JobRun& run = job->runs.back();
  if (part.has_value() && !IsLastAgain(run, *part) && *part != run.batches + 1) return kOutOfTurn;
  if (!part.has_value() && !job->walk->whole) return kPeopleLeft;
  return job;
}

Result<commit::Staged> ExportMayWork::Decide(commit::Staging& staging) {
  CLOISON_TRY_ASSIGN(job_, FindGoing(staging, part_));
  return job_.has_value() ? Result<commit::Staged>(commit::Staged::kDone) : refused_;
}

ExportMayWork::Promise ExportMayWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return std::move(*job_);
}

// ---- a part

Task<Status> ExportSealWork::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await JobWork::LoadMore(staging));
  // An export's purpose is never a sealed one: the person's own number is counted.
  co_return co_await RefreshTargets(core_, caller_.principal, "", staging, read_.targets);
}

Result<commit::Staged> ExportSealWork::Decide(commit::Staging& staging) {
  pending_.clear();
  asked_ = 0;
  if (!TargetsHold(staging, read_.targets)) return commit::Staged::kAgain;
  CLOISON_TRY_ASSIGN(std::optional<Job> job, FindGoing(staging, read_.number));
  if (!job.has_value()) return refused_;
  const bool again = IsLastAgain(job->runs.back(), read_.number);
  // Two callers at once: what this one read is another part's.
  if (read_.behind != (again ? job->walk->from : job->walk->to)) return kOutOfTurn;
  return again ? Again(staging, std::move(*job)) : Next(staging, std::move(*job));
}

// Whoever is gone by now is not, nor is a decoy; a record that cannot be read is somebody's.
bool ExportSealWork::IsThere(const Target& target) const {
  if (target.failed.has_value()) return true;
  return target.sighting.has_value() && !IsDecoy(core_, *target.sighting);
}

Result<commit::Staged> ExportSealWork::Next(commit::Staging& staging, Job job) {
  Walk& walk = *job.walk;
  JobRun& run = job.runs.back();
  if (walk.whole) {
    job_ = std::move(job);
    return commit::Staged::kDone;
  }
  const std::size_t left = job.request.people_max - std::min(run.asked, job.request.people_max);
  const std::size_t most = std::min(PartPeopleMax(job.request.fields.size()), left);
  Taken taken;
  std::optional<PersonId> to = walk.to;
  bool all = !read_.more;
  for (std::size_t i = 0; i < read_.targets.size(); ++i) {
    const bool there = IsThere(read_.targets[i]);
    if (there && taken.size() == most) {
      all = false;
      break;
    }
    if (there) taken.push_back(i);
    to = read_.targets[i].person;
  }
  if (left == 0 && !all) {
    return RefuseSo(staging, Because(RefusalCode::kBudgetSpent, "budget/export/people"));
  }
  if (walk.since == 0) walk.since = staging.Get(JobRows::KeyOf(number_)).version;
  if (!taken.empty()) walk.from = walk.to;
  walk.to = to;
  walk.whole = all;
  if (taken.empty()) {  // decoys alone, or nobody is left: no part
    (void)StageStep("walk", job);
    rows_.Put(staging, job);
    Charge(staging, {});
    job_ = std::move(job);
    return commit::Staged::kDone;
  }
  asked_ = taken.size();
  run.batches += 1;
  run.asked += static_cast<std::uint32_t>(taken.size());
  run.repeats = 0;
  run.shown.clear();
  for (const std::size_t i : taken) {
    run.shown.push_back(ShownDigest(core_, job.number, *read_.targets[i].person));
  }
  return Write(staging, std::move(job), taken, false);
}

// Each line shows whom it showed, or nobody.
Result<commit::Staged> ExportSealWork::Again(commit::Staging& staging, Job job) {
  JobRun& run = job.runs.back();
  const std::uint32_t before = Nobody(run.shown);
  std::vector<std::uint64_t> digests;  // of the targets: each once, a look-up of a key is dear
  for (const Target& target : read_.targets) {
    digests.push_back(ShownDigest(core_, job.number, *target.person));
  }
  Taken taken;
  for (std::uint64_t& line : run.shown) {
    const auto same = line == 0 ? digests.end() : std::ranges::find(digests, line);
    const auto at = static_cast<std::size_t>(same - digests.begin());
    if (same != digests.end() && IsThere(read_.targets[at])) {
      taken.push_back(at);
    } else {
      line = 0;
    }
  }
  asked_ = run.shown.size();
  run.unavailable += Nobody(run.shown) - before;
  run.repeats += 1;
  return Write(staging, std::move(job), taken, true);
}

Result<commit::Staged> ExportSealWork::Write(commit::Staging& staging, Job job, const Taken& taken,
                                             bool again) {
  job.runs.back().last_ms = staging.time().budget_ms;
  StageEntries(job, taken, again);
  if (taken.empty()) (void)StageStep("again", job);  // a row goes with an entry
  rows_.Put(staging, job);
  Charge(staging, {});
  job_ = std::move(job);
  return commit::Staged::kDone;
}

void ExportSealWork::StageEntries(const Job& job, const Taken& taken, bool again) {
  const std::string rule = RuleOf(std::to_string(job.number));
  for (const std::size_t i : taken) {
    const Target& target = read_.targets[i];
    const bool reads = !target.failed.has_value();
    ledger::EntryDraft draft =
        reads ? Draft(ledger::Kind::kDisclosure, ledger::Decision::kAllow, rule)
              : Draft(ledger::Kind::kRefusal, ledger::Decision::kMiss, rule);
    draft.cost = again ? 0 : 1;
    if (reads) {
      draft.subject =
          SubjectOf(target, job.request.fields, ledger::Form::kPlain, target.code->symbols());
    }
    pending_.emplace_back(i, StageEntry(std::move(draft)));
    (reads ? core_.stats.disclosed_people : core_.stats.missed).Add();
  }
}

ExportSealWork::Promise ExportSealWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  Granted granted{std::move(*job_), std::move(read_.targets), {}, asked_};
  ledger::Ledger& log = core_.parts.ledger;
  for (auto& [target, pending] : pending_) {
    if (granted.targets[target].failed.has_value()) {
      granted.lines.push_back({target, log.Redeem(std::move(pending), durable)});
    } else {
      granted.lines.push_back(
          {target, records::SealOnlyReceipt(log.RedeemReceipt(std::move(pending), durable))});
    }
  }
  return granted;
}

// ---- the end

Result<commit::Staged> ExportEndWork::Decide(commit::Staging& staging) {
  CLOISON_TRY_ASSIGN(job_, FindGoing(staging, std::nullopt));
  if (!job_.has_value()) return refused_;
  JobRun& run = job_->runs.back();
  if (run.state == RunState::kEnded) return commit::Staged::kDone;
  Walk& walk = *job_->walk;
  if (walk.counted != read_.behind) return Error{Code::kConflict, "the end was counted meanwhile"};
  walk.counted = read_.up_to;
  walk.late += read_.late;
  if (read_.whole) {
    run.state = RunState::kEnded;
    run.shown.clear();
  }
  (void)StageStep(read_.whole ? "end" : "count", *job_);
  rows_.Put(staging, *job_);
  Charge(staging, {});
  return commit::Staged::kDone;
}

ExportEndWork::Promise ExportEndWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return std::move(*job_);
}

}  // namespace cloison::access::internal
