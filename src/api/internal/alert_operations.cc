// GET /v1/alerts, POST /v1/alerts:acknowledge: what somebody must be told of.
#include <algorithm>

#include "access/alerts.h"
#include "api/handler.h"
#include "api/internal/answers.h"
#include "api/internal/approval_forms.h"
#include "api/internal/body.h"
#include "api/internal/paging.h"
#include "api/internal/proofs.h"

namespace cloison::api::internal {

namespace {

using access::Alerts;

constexpr std::string_view kPrefix = "alt_";
constexpr std::string_view kList = "alerts";

std::string IdOf(const access::AlertId& id) {
  return std::string(kPrefix) + base::ToHex(id);
}

// "alt_" and 32 lower-case hex digits.
std::optional<access::AlertId> AlertNamed(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  const Result<Bytes> bytes = base::FromHex(text.substr(kPrefix.size()));
  access::AlertId id;
  if (!bytes.ok() || bytes->size() != id.size()) return std::nullopt;
  std::ranges::copy(*bytes, id.begin());
  return IdOf(id) == text ? std::optional(id) : std::nullopt;
}

Task<void> WriteAlert(Call& call, const Alerts::Told& told, codec::JsonWriter& json) {
  const std::string about = co_await NameOf(call, told.alert.about);
  json.BeginObject().Key("alert").String(IdOf(told.id)).Key("what").String(Name(told.alert.what));
  json.Key("principal").String(about);
  const bool manager = told.alert.whom == access::Alert::Whom::kManager;
  json.Key("for").String(manager ? "manager" : "second_contact");
  json.Key("time").String(Rfc3339(WallOf(call, told.at_ms)));
  if (told.alert.approval != 0) {
    json.Key("approval").String("apr_" + std::to_string(told.alert.approval));
  }
  json.EndObject();
}

}  // namespace

Task<net::Response> ListAlerts(Call& call) {
  PageAsked asked;
  access::AlertId above{};
  std::optional<net::Response> bad = ReadPage(call, kList, above.size(), asked);
  if (bad.has_value()) co_return std::move(*bad);
  if (asked.place.has_value()) std::ranges::copy(*asked.place, above.begin());
  access::Outcome<Alerts::Page> outcome =
      co_await call.gate().alerts().List(*call.caller, above, asked.size);
  const Alerts::Page* page = Given(outcome);
  if (page == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &page->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("items").BeginArray();
  for (const Alerts::Told& told : page->items) co_await WriteAlert(call, told, json);
  json.EndArray();
  if (page->next.has_value()) {
    json.Key("next_page_token").String(PageTokenOf(call, kList, *page->next));
  }
  json.Key("receipt");
  WriteReceipt(json, page->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> AcknowledgeAlert(Call& call) {
  static constexpr std::string_view kKeys[] = {"alert"};
  Body body(call, kKeys);
  const std::string text = body.Text("alert", Need::kRequired, 64);
  const std::optional<access::AlertId> id = AlertNamed(text);
  if (body.ok() && !id.has_value()) {
    body.Add("/alert", "invalid_value", "the id of an alert is expected");
  }
  if (!body.ok()) co_return body.Refuse(call);
  access::Outcome<Alerts::Acknowledged> outcome =
      co_await call.gate().alerts().Acknowledge(*call.caller, *id);
  const Alerts::Acknowledged* done = Given(outcome);
  if (done == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &done->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string answer;
  codec::JsonWriter json(answer);
  json.BeginObject().Key("done").String("acknowledged").Key("receipt");
  WriteReceipt(json, done->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(answer));
}

}  // namespace cloison::api::internal
