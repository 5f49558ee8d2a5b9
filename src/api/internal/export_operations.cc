#include "api/internal/export_operations.h"

#include "access/exports.h"
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

constexpr std::string_view kPrefix = "exp_", kPath = "/v1/exports/", kList = "exports";
constexpr std::size_t kIdBytesMax = 32;

std::string_view StateOf(const Call& call, const Job& job) {
  const bool begun = !job.runs.empty();
  if (job.stopped) return "stopped";
  if (begun && job.runs.back().state == RunState::kEnded) return "ended";
  const std::int64_t now_ms = call.service.vault->committer().Now().budget_ms;
  if (now_ms >= job.request.expires_ms) return "expired";
  if (begun) return "running";
  return now_ms < job.walk->starts_ms ? "waiting" : "approved";
}

// How many were not available is told at the end, as of jobs.
void WriteRun(const Call& call, codec::JsonWriter& json, const Job& job) {
  if (job.runs.empty()) return;
  const JobRun& run = job.runs.back();
  json.Key("began").String(Rfc3339(WallOf(call, run.began_ms)));
  json.Key("done").Uint(run.asked).Key("parts").Uint(run.batches);
  json.Key("whole").Bool(job.walk->whole);
  if (run.state != RunState::kEnded) return;
  json.Key("not_available").Uint(run.unavailable).Key("late").Uint(job.walk->late);
}

// Without the end of its object.
Task<void> WriteExport(Call& call, const Job& job, codec::JsonWriter& json) {
  json.BeginObject().Key("export").String(std::string(kPrefix) + std::to_string(job.number));
  json.Key("state").String(StateOf(call, job));
  co_await WriteJobRequest(call, job.request, json);
  json.Key("starts").String(Rfc3339(WallOf(call, job.walk->starts_ms)));
  WriteRun(call, json, job);
}

Task<net::Response> Answer(Call& call, const Jobs::Shown& shown) {
  std::string body;
  codec::JsonWriter json(body);
  co_await WriteExport(call, shown.job, json);
  if (!shown.header.empty()) json.Key("header").String(crypto::ToBase64Url(shown.header));
  if (shown.recorded.has_value()) {
    json.Key("receipt");
    WriteReceipt(json, *shown.recorded, call);
  }
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

// Short: it comes with every part.
net::Response AnswerSealed(Call& call, const Jobs::Sealed& sealed) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject();
  json.Key("export").String(std::string(kPrefix) + std::to_string(sealed.job.number));
  json.Key("state").String(StateOf(call, sealed.job));
  WriteRun(call, json, sealed.job);
  if (!sealed.frame.empty()) json.Key("frame").String(crypto::ToBase64Url(sealed.frame));
  json.EndObject();
  call.at_tick = true;  // what was passed over must not be seen in the time either
  return JsonAnswer(200, std::move(body));
}

std::uint64_t ExportIn(Body& body) {
  const std::string id = body.Text("export", Need::kRequired, kIdBytesMax);
  const std::optional<std::uint64_t> number = NumberOfId(id, kPrefix);
  if (body.ok() && !number.has_value()) {
    body.Add("/export", "invalid_value", "the id of an export is expected");
  }
  return number.value_or(0);
}

std::optional<net::Response> ReadExportId(Call& call, std::uint64_t& number) {
  static constexpr std::string_view kKeys[] = {"export"};
  Body body(call, kKeys);
  number = ExportIn(body);
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

}  // namespace

Task<net::Response> ListExports(Call& call) {
  PageAsked asked;
  std::uint64_t above = 0;
  std::optional<net::Response> bad = ReadPage(call, kList, sizeof above, asked);
  if (bad.has_value()) co_return std::move(*bad);
  if (asked.place.has_value()) above = base::LoadBig(*asked.place);
  access::Outcome<Jobs::Page> outcome =
      co_await call.gate().exports().List(*call.caller, above, asked.size);
  const Jobs::Page* const page = Given(outcome);
  if (page == nullptr) co_return call.Refuse(outcome);
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("items").BeginArray();
  for (const Job& job : page->items) {
    co_await WriteExport(call, job, json);
    json.EndObject();
  }
  json.EndArray();
  if (page->next.has_value()) {
    json.Key("next_page_token").String(PageTokenOf(call, kList, base::BigU64(*page->next)));
  }
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> ShowExport(Call& call) {
  const auto number = NumberOfId(std::string_view(call.request.path).substr(kPath.size()), kPrefix);
  if (!number.has_value()) co_return call.Refuse(ProblemCode::kNotAvailable);
  access::Outcome<Jobs::Shown> outcome = co_await call.gate().exports().Read(*call.caller, *number);
  const Jobs::Shown* const shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  co_return co_await Answer(call, *shown);
}

Task<net::Response> BeginExport(Call& call) {
  std::uint64_t number = 0;
  std::optional<net::Response> bad = ReadExportId(call, number);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Jobs::Shown> outcome = co_await call.gate().exports().Begin(*call.caller, number);
  const Jobs::Shown* const shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  co_return co_await Answer(call, *shown);
}

Task<net::Response> StopExport(Call& call) {
  std::uint64_t number = 0;
  std::optional<net::Response> bad = ReadExportId(call, number);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Jobs::Shown> outcome = co_await call.gate().exports().Stop(*call.caller, number);
  const Jobs::Shown* const shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  co_return co_await Answer(call, *shown);
}

Task<net::Response> SealExport(Call& call) {
  static constexpr std::string_view kKeys[] = {"export", "part"};
  Body body(call, kKeys);
  const std::uint64_t number = ExportIn(body);
  const std::uint32_t part = NumberIn(body, "part", access::kJobPeopleMax);
  if (!body.ok()) co_return body.Refuse(call);
  access::Outcome<Jobs::Sealed> outcome =
      co_await call.gate().exports().Seal(*call.caller, number, part);
  const Jobs::Sealed* const sealed = Given(outcome);
  if (sealed == nullptr) co_return call.Refuse(outcome);
  co_return AnswerSealed(call, *sealed);
}

Task<net::Response> EndExport(Call& call) {
  std::uint64_t number = 0;
  std::optional<net::Response> bad = ReadExportId(call, number);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Jobs::Sealed> outcome = co_await call.gate().exports().End(*call.caller, number);
  const Jobs::Sealed* const sealed = Given(outcome);
  if (sealed == nullptr) co_return call.Refuse(outcome);
  co_return AnswerSealed(call, *sealed);
}

}  // namespace cloison::api::internal
