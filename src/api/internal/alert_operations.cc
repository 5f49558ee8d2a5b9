// GET /v1/alerts, POST /v1/alerts:acknowledge: what somebody must be told of.
#include <charconv>

#include "access/alerts.h"
#include "api/handler.h"
#include "api/internal/answers.h"
#include "api/internal/approval_forms.h"
#include "api/internal/body.h"
#include "api/internal/proofs.h"
#include "crypto/base64.h"
#include "net/url.h"

namespace cloison::api::internal {

namespace {

using access::Alerts;

constexpr std::string_view kPrefix = "alt_";
constexpr std::size_t kTokenBytesMax = 256;

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

// A page token is the alert to go on above, sealed for its caller alone.
store::Key TokenName(const PrincipalId& caller) {
  return {store::Family::kOperations, "page/alerts/" + std::string(AsText(caller.bytes()))};
}

std::optional<access::AlertId> AlertIn(const Call& call, std::string_view token) {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  const Result<Bytes> sealed = crypto::FromBase64Url(token);
  if (!sealed.ok()) return std::nullopt;
  const Result<crypto::SecretBytes> plain =
      call.service.vault->state().Open(TokenName(call.caller->principal), *sealed);
  access::AlertId id;
  if (!plain.ok() || plain->size() != id.size()) return std::nullopt;
  std::ranges::copy(plain->Reveal(), id.begin());
  return id;
}

struct Wanted {
  std::size_t size = kPageSizeDefault;
  access::AlertId above{};
};

std::optional<net::Response> ReadWanted(const Call& call, Wanted& wanted) {
  const auto query = net::ParseQuery(call.request.query);
  if (!query.ok()) return call.Refuse(ProblemCode::kQueryRefused);
  for (const auto& [name, value] : *query) {
    if (name == "page_token") {
      const std::optional<access::AlertId> above = AlertIn(call, value);
      if (!above.has_value()) return call.Refuse(ProblemCode::kPageTokenRefused);
      wanted.above = *above;
      continue;
    }
    const char* end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, wanted.size);
    const bool whole = read.ec == std::errc() && read.ptr == end;
    if (name != "page_size" || !whole || wanted.size < 1 || wanted.size > kPageSizeMax) {
      return call.Refuse(ProblemCode::kQueryRefused,
                         "page_size is 1 to 100; page_token is one that was given");
    }
  }
  return std::nullopt;
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
  Wanted wanted;
  std::optional<net::Response> bad = ReadWanted(call, wanted);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Alerts::Page> outcome =
      co_await call.gate().alerts().List(*call.caller, wanted.above, wanted.size);
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
    json.Key("next_page_token")
        .String(crypto::ToBase64Url(
            call.service.vault->state().Seal(TokenName(call.caller->principal), *page->next)));
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
