// GET /v1/cases, /v1/cases/{id}, POST /v1/cases:close: what holds accounts back until a human has
// looked at it.
#include <algorithm>

#include "access/cases.h"
#include "api/handler.h"
#include "api/internal/answers.h"
#include "api/internal/approval_forms.h"
#include "api/internal/body.h"
#include "api/internal/case_forms.h"
#include "api/internal/paging.h"
#include "api/internal/proofs.h"

namespace cloison::api::internal {

namespace {

using access::Case;
using access::Cases;

constexpr std::string_view kPrefix = "cas_";
constexpr std::string_view kPath = "/v1/cases/";
constexpr std::string_view kList = "cases";
constexpr double kWeighedShown = 1e15;  // more says no more

Task<void> WriteCase(Call& call, const Case& one, codec::JsonWriter& json) {
  json.Key("case").String(CaseIdText(one.id)).Key("state").String(one.open ? "open" : "closed");
  json.Key("rung").Uint(static_cast<std::uint64_t>(one.rung)).Key("why").String(one.why);
  json.Key("organisation").Uint(one.organisation.value());
  if (one.principal.has_value()) {
    const std::string principal = co_await NameOf(call, *one.principal);
    json.Key("principal").String(principal);
  } else {
    json.Key("pool").BeginObject();
    if (one.pool.organisation != 0) json.Key("organisation").Uint(one.pool.organisation);
    if (one.pool.office != 0) json.Key("office").Uint(one.pool.office);
    json.EndObject();
  }
  json.Key("opened").String(Rfc3339(WallOf(call, one.opened_ms())));
  json.Key("raised").String(Rfc3339(WallOf(call, one.raised_ms)));
  if (one.closer.has_value()) {
    const std::string closer = co_await NameOf(call, *one.closer);
    json.Key("closed_by").String(closer);
    json.Key("closed").String(Rfc3339(WallOf(call, one.closed_ms)));
    json.Key("reason").String(one.reason);
  }
}

Task<net::Response> AnswerCase(Call& call, access::Outcome<Cases::Shown>& outcome) {
  const Cases::Shown* shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &shown->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject();
  co_await WriteCase(call, shown->found, json);
  json.Key("evidence").BeginArray();
  for (const access::Evidence& one : shown->evidence) {
    const double weighed = std::min(one.weighed, kWeighedShown);
    json.BeginObject().Key("score").String(one.score).Key("count").Uint(one.count);
    json.Key("weighed").Uint(static_cast<std::uint64_t>(weighed)).EndObject();
  }
  json.EndArray().Key("receipt");
  WriteReceipt(json, shown->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

}  // namespace

std::string CaseIdText(const access::CaseId& id) {
  return std::string(kPrefix) + base::ToHex(id);
}

std::optional<access::CaseId> CaseNamed(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  const Result<Bytes> bytes = base::FromHex(text.substr(kPrefix.size()));
  access::CaseId id;
  if (!bytes.ok() || bytes->size() != id.size()) return std::nullopt;
  std::ranges::copy(*bytes, id.begin());
  return CaseIdText(id) == text ? std::optional(id) : std::nullopt;
}

Task<net::Response> ListCases(Call& call) {
  PageAsked asked;
  access::CaseId above{};
  std::optional<net::Response> bad = ReadPage(call, kList, above.size(), asked);
  if (bad.has_value()) co_return std::move(*bad);
  if (asked.place.has_value()) std::ranges::copy(*asked.place, above.begin());
  access::Outcome<Cases::Page> outcome =
      co_await call.gate().cases().List(*call.caller, true, above, asked.size);
  const Cases::Page* page = Given(outcome);
  if (page == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &page->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("items").BeginArray();
  for (const Case& one : page->items) {
    json.BeginObject();
    co_await WriteCase(call, one, json);
    json.EndObject();
  }
  json.EndArray();
  if (page->next.has_value()) {
    json.Key("next_page_token").String(PageTokenOf(call, kList, *page->next));
  }
  json.Key("receipt");
  WriteReceipt(json, page->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> ShowCase(Call& call) {
  const std::string_view text = std::string_view(call.request.path).substr(kPath.size());
  const std::optional<access::CaseId> id = CaseNamed(text);
  if (!id.has_value()) co_return call.Refuse(ProblemCode::kNotAvailable);
  access::Outcome<Cases::Shown> outcome = co_await call.gate().cases().Read(*call.caller, *id);
  co_return co_await AnswerCase(call, outcome);
}

Task<net::Response> CloseCase(Call& call) {
  static constexpr std::string_view kKeys[] = {"case", "reason"};
  Body body(call, kKeys);
  const std::string text = body.Text("case", Need::kRequired, 64);
  std::string reason = body.Text("reason", Need::kRequired, access::kCaseReasonBytesMax);
  const std::optional<access::CaseId> id = CaseNamed(text);
  if (body.ok() && !id.has_value()) {
    body.Add("/case", "invalid_value", "the id of a case is expected");
  }
  if (!body.ok()) co_return body.Refuse(call);
  access::Outcome<Cases::Shown> outcome =
      co_await call.gate().cases().Close(*call.caller, *id, std::move(reason));
  co_return co_await AnswerCase(call, outcome);
}

}  // namespace cloison::api::internal
