#include "access/internal/job_rows.h"

namespace cloison::access::internal {

namespace {

constexpr std::uint8_t kVersion = 2;  // 1: without whom the last batch showed
constexpr std::uint8_t kVersionOfExport = 3;
constexpr Error kBad{Code::kCorrupt, "a job's row does not parse"};

void AppendTime(Bytes& out, std::int64_t ms) {
  base::AppendU64(out, static_cast<std::uint64_t>(ms));
}

void AppendRun(Bytes& out, const JobRun& run) {
  out.push_back(static_cast<std::uint8_t>(run.state));
  for (const std::int64_t ms : {run.began_ms, run.last_ms, run.began_wall_ms}) AppendTime(out, ms);
  for (const std::uint32_t n : {run.people, run.batches, run.asked, run.unavailable}) {
    base::AppendU32(out, n);
  }
  base::AppendBytes(out, run.last);
  out.push_back(run.repeats);
  CLOISON_CHECK(run.shown.size() <= records::kJobBatchPeopleMax);
  out.push_back(static_cast<std::uint8_t>(run.shown.size()));
  for (const std::uint64_t who : run.shown) base::AppendU64(out, who);
}

// Nothing: it cannot be.
std::optional<JobRun> TakeRun(base::Reader& reader) {
  JobRun run;
  const std::uint8_t state = reader.U8();
  run.state = static_cast<RunState>(state);
  for (std::int64_t* const ms : {&run.began_ms, &run.last_ms, &run.began_wall_ms}) {
    *ms = static_cast<std::int64_t>(reader.U64());
    if (*ms < 0) return std::nullopt;
  }
  for (std::uint32_t* const n : {&run.people, &run.batches, &run.asked, &run.unavailable}) {
    *n = reader.U32();
  }
  run.last = reader.Array<32>();
  run.repeats = reader.U8();
  const std::size_t lines = reader.U8();
  if (lines > records::kJobBatchPeopleMax) return std::nullopt;
  for (std::size_t i = 0; i < lines && !reader.failed(); ++i) run.shown.push_back(reader.U64());
  const bool adds_up = run.unavailable <= run.asked && run.batches <= run.asked &&
                       run.last_ms >= run.began_ms && lines <= run.asked &&
                       run.repeats <= kJobRepeatsMax;
  if (reader.failed() || state < 1 || state > 3 || !adds_up) return std::nullopt;
  return run;
}

void AppendPlace(Bytes& out, const std::optional<PersonId>& place) {
  out.push_back(place.has_value() ? 1 : 0);
  base::AppendBytes(out, place.value_or(PersonId(ByteArray<8>{})).bytes());
}

// Fails the reader by `bad`: not what AppendPlace writes.
std::optional<PersonId> TakePlace(base::Reader& reader, bool& bad) {
  const std::uint8_t has = reader.U8();
  const PersonId place(reader.Array<8>());
  bad = bad || has > 1 || (has == 0 && place != PersonId(ByteArray<8>{}));
  return has == 1 ? std::optional(place) : std::nullopt;
}

void AppendWalk(Bytes& out, const Walk& walk) {
  AppendTime(out, walk.starts_ms);
  base::AppendBytes(out, walk.asker.bytes());
  base::AppendBytes(out, walk.agreed.bytes());
  AppendPlace(out, walk.from);
  AppendPlace(out, walk.to);
  out.push_back(walk.whole ? 1 : 0);
  base::AppendU64(out, walk.since);
  AppendPlace(out, walk.counted);
  base::AppendU64(out, walk.late);
}

// Nothing: it cannot be.
std::optional<Walk> TakeWalk(base::Reader& reader) {
  Walk walk;
  bool bad = false;
  walk.starts_ms = static_cast<std::int64_t>(reader.U64());
  walk.asker = PrincipalId(reader.Array<16>());
  walk.agreed = PrincipalId(reader.Array<16>());
  walk.from = TakePlace(reader, bad);
  walk.to = TakePlace(reader, bad);
  const std::uint8_t whole = reader.U8();
  walk.whole = whole == 1;
  walk.since = reader.U64();
  walk.counted = TakePlace(reader, bad);
  walk.late = reader.U64();
  bad = bad || walk.starts_ms < 0 || whole > 1 || (walk.from.has_value() && !walk.to.has_value());
  if (reader.failed() || bad) return std::nullopt;
  return walk;
}

}  // namespace

Bytes EncodeJob(const Job& job) {
  const Bytes request = Encode(job.request);
  CLOISON_CHECK(job.walk.has_value() == (job.request.whom == Whom::kEverybody));
  Bytes out{job.walk.has_value() ? kVersionOfExport : kVersion};
  base::AppendU64(out, job.number);
  base::AppendU32(out, job.organisation.value());
  AppendTime(out, job.approved_ms);
  out.push_back(job.stopped ? 1 : 0);
  base::AppendU16(out, static_cast<std::uint16_t>(request.size()));
  base::AppendBytes(out, request);
  CLOISON_CHECK(job.runs.size() <= kJobRunsMax);
  out.push_back(static_cast<std::uint8_t>(job.runs.size()));
  for (const JobRun& run : job.runs) AppendRun(out, run);
  if (job.walk.has_value()) AppendWalk(out, *job.walk);
  return out;
}

Result<Job> ParseJobRow(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  Job job;
  job.number = reader.U64();
  job.organisation = OrganisationId(reader.U32());
  job.approved_ms = static_cast<std::int64_t>(reader.U64());
  const std::uint8_t stopped = reader.U8();
  job.stopped = stopped == 1;
  const std::size_t size = reader.U16();
  Result<JobRequest> request = ParseJob(reader.Take(size));
  if (!request.ok()) return kBad;
  job.request = std::move(*request);
  const std::size_t runs = reader.U8();
  for (std::size_t i = 0; i < runs && !reader.failed(); ++i) {
    const std::optional<JobRun> run = TakeRun(reader);
    if (!run.has_value()) return kBad;
    job.runs.push_back(*run);
  }
  const bool walks = job.request.whom == Whom::kEverybody;
  if (walks && !reader.failed()) job.walk = TakeWalk(reader);
  const bool sized = runs <= job.request.runs && stopped <= 1 && job.approved_ms >= 0 &&
                     job.walk.has_value() == walks;
  const std::uint8_t expected = walks ? kVersionOfExport : kVersion;
  if (reader.failed() || !reader.empty() || version != expected || !sized) return kBad;
  return job;
}

store::Key JobRows::KeyOf(std::uint64_t number) {
  return {store::Family::kJobs, std::string(AsText(base::BigU64(number)))};
}

Task<Status> JobRows::Load(commit::Staging& staging, std::uint64_t number) const {
  std::vector<store::Key> keys{KeyOf(number)};
  co_return co_await staging.Load(std::move(keys));
}

Result<std::optional<Job>> JobRows::Get(const commit::Staging& staging,
                                        std::uint64_t number) const {
  const store::Key key = KeyOf(number);
  const store::Row& row = staging.Get(key);
  if (!row.present()) return std::optional<Job>{};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core_.parts.state.Open(key, row.value));
  CLOISON_TRY_ASSIGN(Job job, ParseJobRow(plain.Reveal()));
  if (job.number != number) return Error{Code::kCorrupt, "a job has another number"};
  return std::optional<Job>(std::move(job));
}

void JobRows::Put(commit::Staging& staging, const Job& job) const {
  const store::Key key = KeyOf(job.number);
  const store::Row& row = staging.Get(key);
  std::optional<Bytes> before;
  if (row.present()) {
    const Result<crypto::SecretBytes> plain = core_.parts.state.Open(key, row.value);
    CLOISON_CHECK(plain.ok());  // Get has opened it
    before = base::ToBytes(plain->Reveal());
  }
  const Bytes after = EncodeJob(job);
  core_.ceilings.Tie(before, after);
  staging.Put(key, core_.parts.state.Seal(key, after));
}

records::JobFileHeader HeaderOf(const records::Schema& schema, const Job& job) {
  CLOISON_CHECK(!job.runs.empty());
  records::JobFileHeader header;
  header.register_id = schema.register_id();
  header.organisation = job.organisation;
  header.job = job.number;
  header.run = static_cast<std::uint32_t>(job.runs.size());
  header.began_ms = job.runs.back().began_wall_ms;
  header.recipient = job.request.recipient;
  header.label = job.request.label;
  header.purpose = job.request.purpose;
  for (const FieldId field : job.request.fields) header.fields.push_back(schema.Find(field)->name);
  return header;
}

}  // namespace cloison::access::internal
