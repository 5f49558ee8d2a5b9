#include "access/exports.h"

#include <algorithm>

#include "access/internal/export_works.h"
#include "access/internal/gate_calls.h"

namespace cloison::access {

using internal::Core;
using internal::EndRead;
using internal::ExportEndWork;
using internal::ExportMayWork;
using internal::ExportSealWork;
using internal::JobStepWork;
using internal::PartRead;
using internal::Target;

namespace {

// Of one value in a frame, with what stands before it; of one person's line.
constexpr std::size_t kValueBytesMax = records::kValueTextBytesMax + 3, kLineBytesMax = 128;
// In an answer a frame is base64 in JSON, and a client takes 64 MiB.
constexpr std::size_t kPartBytesMax = 46u << 20;
static_assert(kPartBytesMax < records::kJobFrameBytesMax);

std::string BehindKey(const std::optional<PersonId>& place) {
  if (!place.has_value()) return {};
  return records::RowKeyOf(*place).bytes + '\0';
}

Result<PersonId> PersonOf(const store::KeyedRow& keyed) {
  return PersonId::FromBytes(AsBytes(keyed.key));
}

Status AddTarget(const Core& core, const Job& job, const PersonId& person, PartRead& read) {
  CLOISON_TRY_ASSIGN(const records::PersonCode code,
                     core.parts.codes.Encode(job.organisation, person));
  Target target;
  target.person = person;
  target.code = code;
  read.targets.push_back(std::move(target));
  return Ok();
}

// Some more than a part has, since on the committer decoys are left out.
Task<Result<PartRead>> ReadNext(const Core& core, const Job& job, std::uint32_t part) {
  PartRead read{part, job.walk->to, false, {}};
  store::Range range{store::Family::kPeople, BehindKey(read.behind), ""};
  const std::size_t rows = PartPeopleMax(job.request.fields.size()) + kPartSpareRows;
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                        co_await core.parts.people.store().Scan(std::move(range), rows));
  read.more = page.next.has_value();
  for (const store::KeyedRow& keyed : page.rows) {
    CLOISON_CO_TRY_ASSIGN(const PersonId person, PersonOf(keyed));
    CLOISON_CO_TRY(AddTarget(core, job, person, read));
  }
  co_return read;
}

// Whom the last part showed, of those who are still there.
Task<Result<PartRead>> ReadAgain(const Core& core, const Job& job, std::uint32_t part) {
  PartRead read{part, job.walk->from, false, {}};
  const std::vector<std::uint64_t>& shown = job.runs.back().shown;
  store::Range range{store::Family::kPeople, BehindKey(read.behind), BehindKey(job.walk->to)};
  while (true) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await core.parts.people.store().Scan(range, store::kScanRowsMax));
    for (const store::KeyedRow& keyed : page.rows) {
      CLOISON_CO_TRY_ASSIGN(const PersonId person, PersonOf(keyed));
      const std::uint64_t digest = internal::ShownDigest(core, job.number, person);
      if (std::ranges::find(shown, digest) == shown.end()) continue;
      CLOISON_CO_TRY(AddTarget(core, job, person, read));
    }
    if (!page.next.has_value()) co_return read;
    range.begin = *page.next;
  }
}

Task<Result<PartRead>> ReadPart(const Core& core, const Job& job, std::uint32_t part) {
  const bool again = part == job.runs.back().batches;
  if (again) co_return co_await ReadAgain(core, job, part);
  co_return co_await ReadNext(core, job, part);
}

// By the commit that wrote each row: no record is opened.
Task<Result<EndRead>> CountLate(const Core& core, const Job& job, std::size_t most) {
  EndRead read{job.walk->counted, job.walk->counted, 0, false};
  store::Range range{store::Family::kPeople, BehindKey(read.behind), ""};
  for (std::size_t rows = 0; rows < most;) {
    CLOISON_CO_TRY_ASSIGN(
        const store::ScanPage page,
        co_await core.parts.people.store().Scan(range, std::min(most - rows, store::kScanRowsMax)));
    rows += page.rows.size();
    for (const store::KeyedRow& keyed : page.rows) {
      if (keyed.row.version > job.walk->since) ++read.late;
      CLOISON_CO_TRY_ASSIGN(read.up_to, PersonOf(keyed));
    }
    read.whole = !page.next.has_value();
    if (read.whole) break;
    range.begin = *page.next;
  }
  co_return read;
}

Jobs::Sealed SealPart(Core& core, ExportSealWork::Granted granted, std::uint32_t part) {
  if (granted.asked == 0) return {std::move(granted.job), {}};
  const records::Schema& schema = core.parts.people.schema();
  const Bytes header = Encode(internal::HeaderOf(schema, granted.job));
  records::JobSealer sealer(schema, internal::RecipientOf(granted.job), header,
                            granted.job.request.fields, core.parts.ledger.generation());
  for (ExportSealWork::Line& line : granted.lines) {
    const Target& target = granted.targets[line.target];
    if (auto* const unread = std::get_if<ledger::Recorded>(&line.is); unread != nullptr) {
      sealer.AddUnreadable(*target.code, *unread);
      continue;
    }
    const Status added = sealer.Add(
        *target.sighting, std::get<records::SealOnlyReceipt>(std::move(line.is)), *target.code, "");
    if (!added.ok()) internal::NoteCorrupt(core, added.error(), "record_does_not_open");
  }
  Bytes frame = sealer.Finish(part, granted.asked, core.parts.random);
  return {std::move(granted.job), std::move(frame)};
}

Jobs::Sealed SealEnd(Core& core, Job job) {
  const JobRun& run = job.runs.back();
  if (run.state != RunState::kEnded) return {std::move(job), {}};
  const Bytes header = Encode(internal::HeaderOf(core.parts.people.schema(), job));
  const records::JobEnd end{run.batches, run.asked, run.asked - run.unavailable, job.walk->late};
  Bytes frame = records::JobSealer::End(internal::RecipientOf(job), header, end, core.parts.random);
  return {std::move(job), std::move(frame)};
}

}  // namespace

std::size_t PartPeopleMax(std::size_t fields) {
  const std::size_t room = kPartBytesMax / (fields * kValueBytesMax + kLineBytesMax);
  return std::min(records::kJobBatchPeopleMax, room);
}
static_assert(records::kExportFieldsMax * kValueBytesMax + kLineBytesMax <= kPartBytesMax);

void Exports::Rule(std::int64_t delay_ms, std::size_t count_rows) {
  CLOISON_CHECK(count_rows > 0);
  count_rows_ = count_rows;
  CLOISON_CHECK(delay_ms >= kExportDelayMinMs && delay_ms <= kExportDelayMaxMs);
  core_.export_delay_ms = delay_ms;
}

template <class T>
void Exports::Count(const Outcome<T>& outcome, base::Counter& done) {
  if (!outcome.ok()) return;
  (std::holds_alternative<T>(*outcome) ? done : stats_.refused).Add();
}

Task<Outcome<Jobs::Shown>> Exports::Read(Caller caller, std::uint64_t number) {
  auto work = std::make_unique<JobStepWork>(core_, caller, number, Whom::kEverybody,
                                            JobStepWork::Step::kRead);
  co_return co_await internal::SubmitStep(core_, std::move(work), caller.home);
}

Task<Outcome<Jobs::Page>> Exports::List(Caller caller, std::uint64_t above, std::size_t count) {
  co_return co_await internal::ListJobs(core_, caller, Whom::kEverybody, above, count);
}

Task<Outcome<Jobs::Shown>> Exports::Begin(Caller caller, std::uint64_t number) {
  auto work = std::make_unique<JobStepWork>(core_, caller, number, Whom::kEverybody,
                                            JobStepWork::Step::kBegin);
  Outcome<Jobs::Shown> begun = co_await internal::SubmitStep(core_, std::move(work), caller.home);
  Count(begun, stats_.begun);
  co_return begun;
}

Task<Outcome<Jobs::Shown>> Exports::Stop(Caller caller, std::uint64_t number) {
  auto work = std::make_unique<JobStepWork>(core_, caller, number, Whom::kEverybody,
                                            JobStepWork::Step::kStop);
  Outcome<Jobs::Shown> stopped = co_await internal::SubmitStep(core_, std::move(work), caller.home);
  Count(stopped, stats_.stopped);
  co_return stopped;
}

Task<Outcome<Job>> Exports::MayGoOn(Caller caller, std::uint64_t number,
                                    std::optional<std::uint32_t> part) {
  auto work = std::make_unique<ExportMayWork>(core_, caller, number, part);
  Outcome<Job> may = co_await core_.parts.committer.Submit(std::move(work), caller.home);
  if (may.ok() && std::holds_alternative<Refusal>(*may)) stats_.refused.Add();
  co_return may;
}

Task<Outcome<Jobs::Sealed>> Exports::Seal(Caller caller, std::uint64_t number, std::uint32_t part) {
  Outcome<Job> may = co_await MayGoOn(caller, number, part);
  if (!may.ok()) co_return may.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*may); refusal != nullptr) {
    co_return std::variant<Jobs::Sealed, Refusal>(std::move(*refusal));
  }
  Job& job = std::get<Job>(*may);
  if (part == job.runs.back().batches + 1 && job.walk->whole) {  // nobody is left
    co_return std::variant<Jobs::Sealed, Refusal>(Jobs::Sealed{std::move(job), {}});
  }
  CLOISON_CO_TRY_ASSIGN(PartRead read, co_await ReadPart(core_, job, part));
  const PairsOfAgent pairs = core_.caseload.PairsFor(caller.principal);
  CLOISON_CO_TRY(co_await internal::SightTargets(core_, pairs, read.targets));
  auto work = std::make_unique<ExportSealWork>(core_, caller, number, std::move(read));
  Result<ExportSealWork::Promise> promise =
      co_await core_.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    stats_.refused.Add();
    co_return std::variant<Jobs::Sealed, Refusal>(std::move(*refusal));
  }
  ExportSealWork::Granted& granted = std::get<ExportSealWork::Granted>(*promise);
  stats_.batches.Add();
  stats_.people_asked.Add(granted.lines.size());
  stats_.people_sealed.Add(static_cast<std::uint64_t>(
      std::ranges::count_if(granted.lines, [](const ExportSealWork::Line& line) {
        return std::holds_alternative<records::SealOnlyReceipt>(line.is);
      })));
  co_return std::variant<Jobs::Sealed, Refusal>(SealPart(core_, std::move(granted), part));
}

Task<Outcome<Jobs::Sealed>> Exports::End(Caller caller, std::uint64_t number) {
  Outcome<Job> may = co_await MayGoOn(caller, number, std::nullopt);
  if (!may.ok()) co_return may.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*may); refusal != nullptr) {
    co_return std::variant<Jobs::Sealed, Refusal>(std::move(*refusal));
  }
  Job& job = std::get<Job>(*may);
  if (job.runs.back().state == RunState::kEnded) {
    co_return std::variant<Jobs::Sealed, Refusal>(SealEnd(core_, std::move(job)));
  }
  CLOISON_CO_TRY_ASSIGN(const EndRead read, co_await CountLate(core_, job, count_rows_));
  auto work = std::make_unique<ExportEndWork>(core_, caller, number, read);
  Outcome<Job> ended = co_await core_.parts.committer.Submit(std::move(work), caller.home);
  if (!ended.ok()) co_return ended.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*ended); refusal != nullptr) {
    stats_.refused.Add();
    co_return std::variant<Jobs::Sealed, Refusal>(std::move(*refusal));
  }
  const bool whole = std::get<Job>(*ended).runs.back().state == RunState::kEnded;
  if (whole) stats_.ended.Add();
  co_return std::variant<Jobs::Sealed, Refusal>(SealEnd(core_, std::move(std::get<Job>(*ended))));
}

}  // namespace cloison::access
