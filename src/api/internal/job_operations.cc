// /v1/jobs and the operations that their runs are: what an application has sealed to somebody else.
#include "api/internal/job_operations.h"

#include "access/approvals.h"
#include "access/jobs.h"
#include "api/internal/answers.h"
#include "api/internal/approval_forms.h"
#include "api/internal/body.h"
#include "api/internal/numbers.h"
#include "api/internal/paging.h"
#include "crypto/base64.h"

namespace cloison::api::internal {

namespace {

using access::Job;
using access::JobRun;
using access::Jobs;
using access::RunState;

constexpr std::string_view kJobPrefix = "job_", kOperationPrefix = "op_";
constexpr std::string_view kJobPath = "/v1/jobs/", kOperationPath = "/v1/operations/";
constexpr std::size_t kIdBytesMax = 32;
constexpr std::string_view kList = "jobs";

struct RunId {
  std::uint64_t job = 0;
  std::uint32_t run = 0;
};

// "job_12"
std::optional<std::uint64_t> JobOf(std::string_view id) {
  return NumberOfId(id, kJobPrefix);
}

// "op_12.1": the first run of job 12.
std::optional<RunId> RunOf(std::string_view id) {
  RunId run;
  const std::size_t dot = id.find('.');
  if (!id.starts_with(kOperationPrefix) || dot == std::string_view::npos) return std::nullopt;
  const std::string_view job = id.substr(0, dot).substr(kOperationPrefix.size());
  const bool read = TakeNumber(job, access::kApprovalsMax, run.job) &&
                    TakeNumber(id.substr(dot + 1), access::kJobRunsMax, run.run);
  return read ? std::optional(run) : std::nullopt;
}

std::string IdOfJob(const Job& job) {
  return std::string(kJobPrefix) + std::to_string(job.number);
}
std::string IdOfRun(const Job& job, std::size_t run) {
  return std::string(kOperationPrefix) + std::to_string(job.number) + "." + std::to_string(run);
}

std::string_view StateOf(const Call& call, const Job& job) {
  if (job.stopped) return "stopped";
  const std::int64_t now_ms = call.service.vault->committer().Now().budget_ms;
  return now_ms >= job.request.expires_ms ? "expired" : "approved";
}

// How many were not available is told when nobody can be asked for any more: sooner it would tell
// of single people.
void WriteRun(const Call& call, codec::JsonWriter& json, const Job& job, std::size_t number) {
  const JobRun& run = job.runs[number - 1];
  json.Key("operation").String(IdOfRun(job, number));
  json.Key("state").String(access::Name(run.state));
  json.Key("done").Uint(run.asked).Key("total").Uint(std::max(run.people, run.asked));
  json.Key("began").String(Rfc3339(WallOf(call, run.began_ms)));
  if (run.state != RunState::kRunning) {
    if (run.state == RunState::kEnded) json.Key("not_available").Uint(run.unavailable);
    return;
  }
  json.Key("next_batch").Uint(run.batches + 1);
  if (run.asked == 0 || run.asked >= run.people) return;
  const auto took_ms = static_cast<std::uint64_t>(run.last_ms - run.began_ms);
  json.Key("eta_s").Uint(took_ms * (run.people - run.asked) / run.asked / 1'000);
}

void WriteReceiptOf(codec::JsonWriter& json, const Call& call, const Jobs::Shown& shown) {
  if (!shown.recorded.has_value()) return;
  json.Key("receipt");
  WriteReceipt(json, *shown.recorded, call);
}

net::Response AnswerOperation(const Call& call, const Jobs::Shown& shown, std::size_t run,
                              int status) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("kind").String("job").Key("job").String(IdOfJob(shown.job));
  WriteRun(call, json, shown.job, run);
  if (run == shown.job.runs.size()) {
    json.Key("header").String(crypto::ToBase64Url(shown.header));
  }
  WriteReceiptOf(json, call, shown);
  json.EndObject();
  net::Response response = JsonAnswer(status, std::move(body));
  if (status == 202) {
    response.headers.Add("location", std::string(kOperationPath) + IdOfRun(shown.job, run));
  }
  return response;
}

// Without the end of its object.
Task<void> WriteJob(Call& call, const Job& job, codec::JsonWriter& json) {
  json.BeginObject().Key("job").String(IdOfJob(job)).Key("state").String(StateOf(call, job));
  co_await WriteJobRequest(call, job.request, json);
  json.Key("begun").BeginArray();
  for (std::size_t run = 1; run <= job.runs.size(); ++run) {
    json.BeginObject();
    WriteRun(call, json, job, run);
    json.EndObject();
  }
  json.EndArray();
}

Task<net::Response> AnswerJob(Call& call, const Jobs::Shown& shown) {
  std::string body;
  codec::JsonWriter json(body);
  co_await WriteJob(call, shown.job, json);
  WriteReceiptOf(json, call, shown);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

net::Response AnswerSealed(Call& call, const Jobs::Sealed& sealed) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject();
  WriteRun(call, json, sealed.job, sealed.job.runs.size());
  json.Key("frame").String(crypto::ToBase64Url(sealed.frame)).EndObject();
  call.at_tick = true;  // how many of them were there must not be seen in the time either
  return JsonAnswer(200, std::move(body));
}

RunId OperationIn(Body& body) {
  const std::string id = body.Text("operation", Need::kRequired, kIdBytesMax);
  const std::optional<RunId> run = RunOf(id);
  if (body.ok() && !run.has_value()) {
    body.Add("/operation", "invalid_value", "the id of an operation is expected");
  }
  return run.value_or(RunId{});
}

std::optional<net::Response> ReadOperation(Call& call, RunId& run) {
  static constexpr std::string_view kKeys[] = {"operation"};
  Body body(call, kKeys);
  run = OperationIn(body);
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

std::uint64_t JobIn(Body& body) {
  const std::string id = body.Text("job", Need::kRequired, kIdBytesMax);
  const std::optional<std::uint64_t> job = JobOf(id);
  if (body.ok() && !job.has_value()) {
    body.Add("/job", "invalid_value", "the id of a job is expected");
  }
  return job.value_or(0);
}

void ReadItem(Body& body, const codec::JsonValue& value, std::vector<access::JobItem>& out) {
  static constexpr std::string_view kKeys[] = {"person", "agency_id", "attached"};
  codec::JsonFault fault{Error{Code::kInvalid, ""}, "", 0};
  if (!value.CheckKeys(kKeys, &fault).ok()) {
    body.Add(fault.pointer, value.is_object() ? "unknown_key" : "wrong_type", fault.error.text());
    return;
  }
  const auto person = value.Find("person"), id = value.Find("agency_id");
  const auto attached = value.Find("attached");
  if (person.has_value() == id.has_value()) {
    return body.Add(value, "missing", "one of person and agency_id is expected");
  }
  access::JobItem item{body.TextOf(id.has_value() ? *id : *person, kPersonTextBytesMax),
                       id.has_value()};
  if (attached.has_value()) {
    item.attached = body.TextOf(*attached, records::kJobAttachedBytesMax);
  }
  out.push_back(std::move(item));
}

struct Batch {
  RunId run;
  std::uint32_t number = 0;
  std::vector<access::JobItem> items;
};

std::optional<net::Response> ReadBatch(Call& call, Batch& batch) {
  static constexpr std::string_view kKeys[] = {"operation", "batch", "people"};
  Body body(call, kKeys);
  batch.run = OperationIn(body);
  batch.number = NumberIn(body, "batch", access::kJobPeopleMax);
  const std::optional<codec::JsonValue> people = body.Find("people", Need::kRequired);
  if (people.has_value()) {
    const bool sized =
        people->is_array() && people->size() >= 1 && people->size() <= records::kJobBatchPeopleMax;
    if (!sized) body.Add(*people, "wrong_type", "a list of 1 to 200 people is expected");
    for (auto at = sized ? people->First() : std::nullopt; at.has_value(); at = at->Next()) {
      ReadItem(body, *at, batch.items);
    }
  }
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

}  // namespace

Task<int> WriteJobRequest(Call& call, const access::JobRequest& request, codec::JsonWriter& json) {
  const std::string application = co_await NameOf(call, request.application);
  const Result<crypto::RecipientKey> key = crypto::RecipientKey::FromBytes(request.recipient);
  CLOISON_CHECK(key.ok());
  json.Key("label").String(request.label).Key("application").String(application);
  json.Key("purpose").String(request.purpose);
  WriteFields(json, request.fields, call.schema());
  json.Key("recipient").String(crypto::ToBase64Url(request.recipient));
  json.Key("recipient_fingerprint").String(key->Fingerprint());
  json.Key("people_max").Uint(request.people_max);
  if (request.whom == access::Whom::kNamed) json.Key("runs").Uint(request.runs);
  if (request.pause_days > 0) json.Key("pause_days").Uint(request.pause_days);
  json.Key("expires").String(Rfc3339(WallOf(call, request.expires_ms)));
  co_return 0;
}

Task<net::Response> ListJobs(Call& call) {
  PageAsked asked;
  std::uint64_t above = 0;
  std::optional<net::Response> bad = ReadPage(call, kList, sizeof above, asked);
  if (bad.has_value()) co_return std::move(*bad);
  if (asked.place.has_value()) above = base::LoadBig(*asked.place);
  access::Outcome<Jobs::Page> outcome =
      co_await call.gate().jobs().List(*call.caller, above, asked.size);
  const Jobs::Page* const page = Given(outcome);
  if (page == nullptr) co_return call.Refuse(outcome);
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("items").BeginArray();
  for (const Job& job : page->items) {
    co_await WriteJob(call, job, json);
    json.EndObject();
  }
  json.EndArray();
  if (page->next.has_value()) {
    json.Key("next_page_token").String(PageTokenOf(call, kList, base::BigU64(*page->next)));
  }
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> ShowJob(Call& call) {
  const auto job = JobOf(std::string_view(call.request.path).substr(kJobPath.size()));
  if (!job.has_value()) co_return call.Refuse(ProblemCode::kNotAvailable);
  access::Outcome<Jobs::Shown> outcome = co_await call.gate().jobs().Read(*call.caller, *job);
  const Jobs::Shown* const shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  co_return co_await AnswerJob(call, *shown);
}

Task<net::Response> StopJob(Call& call) {
  static constexpr std::string_view kKeys[] = {"job"};
  Body body(call, kKeys);
  const std::uint64_t job = JobIn(body);
  if (!body.ok()) co_return body.Refuse(call);
  access::Outcome<Jobs::Shown> outcome = co_await call.gate().jobs().Stop(*call.caller, job);
  const Jobs::Shown* const shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  co_return co_await AnswerJob(call, *shown);
}

Task<net::Response> RunJob(Call& call) {
  std::optional<access::Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  static constexpr std::string_view kKeys[] = {"job", "people"};
  Body body(call, kKeys);
  const std::uint64_t job = JobIn(body);
  const std::uint32_t people = NumberIn(body, "people", access::kJobPeopleMax);
  if (!body.ok()) co_return body.Refuse(call);
  access::Outcome<Jobs::Shown> outcome =
      co_await call.gate().jobs().Begin(*call.caller, job, people, std::move(*once));
  const Jobs::Shown* const shown = Given(outcome);
  if (shown == nullptr) co_return RefuseOnce(call, outcome);
  co_return AnswerOperation(call, *shown, shown->job.runs.size(), 202);
}

Task<net::Response> SealJob(Call& call) {
  Batch batch;
  std::optional<net::Response> bad = ReadBatch(call, batch);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Jobs::Sealed> outcome = co_await call.gate().jobs().Seal(
      *call.caller, batch.run.job, batch.run.run, batch.number, std::move(batch.items));
  const Jobs::Sealed* const sealed = Given(outcome);
  if (sealed == nullptr) co_return call.Refuse(outcome);
  co_return AnswerSealed(call, *sealed);
}

Task<net::Response> EndJob(Call& call) {
  RunId run;
  std::optional<net::Response> bad = ReadOperation(call, run);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Jobs::Sealed> outcome =
      co_await call.gate().jobs().End(*call.caller, run.job, run.run);
  const Jobs::Sealed* const sealed = Given(outcome);
  if (sealed == nullptr) co_return call.Refuse(outcome);
  co_return AnswerSealed(call, *sealed);
}

Task<net::Response> ShowOperation(Call& call) {
  const auto run = RunOf(std::string_view(call.request.path).substr(kOperationPath.size()));
  if (!run.has_value()) co_return call.Refuse(ProblemCode::kNotAvailable);
  access::Outcome<Jobs::Shown> outcome = co_await call.gate().jobs().Read(*call.caller, run->job);
  const Jobs::Shown* const shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  if (run->run > shown->job.runs.size())
    co_return call.RefuseAtTick(Problem(ProblemCode::kNotAvailable));
  co_return AnswerOperation(call, *shown, run->run, 200);
}

Task<net::Response> CancelOperation(Call& call) {
  RunId run;
  std::optional<net::Response> bad = ReadOperation(call, run);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Jobs::Shown> outcome =
      co_await call.gate().jobs().Cancel(*call.caller, run.job, run.run);
  const Jobs::Shown* const shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  co_return AnswerOperation(call, *shown, run.run, 200);
}

}  // namespace cloison::api::internal
