// POST /v1/principals:read: who an account is here and what it may do. A POST, since the name of an
// account may be a person's, and stands in no path.
#include "access/approvals.h"
#include "api/internal/answers.h"
#include "api/internal/approval_forms.h"
#include "api/internal/body.h"
#include "api/internal/proofs.h"

namespace cloison::api::internal {

namespace {

void WriteTime(const Call& call, codec::JsonWriter& json, const char* key, std::int64_t budget_ms) {
  json.Key(key).String(Rfc3339(WallOf(call, budget_ms)));
}

void WriteRaises(const Call& call, codec::JsonWriter& json,
                 const std::vector<access::Raise>& raises, std::int64_t now_ms) {
  json.Key("raises").BeginArray();
  for (const access::Raise& raise : raises) {
    if (raise.until_ms <= now_ms) continue;
    json.BeginObject().Key("counter").String(access::Name(raise.counter));
    json.Key("window").String(access::Name(raise.window)).Key("cap").Uint(raise.cap);
    WriteTime(call, json, "until", raise.until_ms);
    json.EndObject();
  }
  json.EndArray();
}

// What there is of a standing; `manager`: its name, "" for none.
void WriteStanding(const Call& call, codec::JsonWriter& json, const access::PrincipalInfo& info,
                   const std::string& manager) {
  const std::int64_t now_ms = call.service.vault->committer().Now().budget_ms;
  json.Key("principal").String(info.label).Key("role").String(info.role);
  json.Key("organisation").Uint(info.organisation.value());
  if (info.office.has_value()) json.Key("office").Uint(info.office->value());
  if (!manager.empty()) json.Key("manager").String(manager);
  json.Key("frozen").Bool(info.frozen).Key("founder").Bool(info.enrolled_ms == 0);
  if (info.enrolled_ms != 0) WriteTime(call, json, "enrolled", info.enrolled_ms);
  if (info.expires_ms.has_value()) WriteTime(call, json, "expires", *info.expires_ms);
  if (info.reduced_until_ms > now_ms) WriteTime(call, json, "reduced_until", info.reduced_until_ms);
  WriteRaises(call, json, info.raises, now_ms);
}

}  // namespace

Task<net::Response> ReadPrincipal(Call& call) {
  static constexpr std::string_view kKeys[] = {"principal"};
  Body body(call, kKeys);
  const std::string name = body.Text("principal", Need::kRequired, access::kLabelBytesMax);
  const Result<PrincipalId> who = call.service.sign_in.Named(name);
  if (body.ok() && !who.ok()) {
    body.Add("/principal", "invalid_value", "not the name of a principal");
  }
  if (!body.ok()) co_return body.Refuse(call);
  access::Outcome<access::Approvals::Standing> outcome =
      co_await call.gate().approvals().LookAt(*call.caller, *who);
  const access::Approvals::Standing* shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  std::string manager;
  if (shown->info.manager.has_value()) manager = co_await NameOf(call, *shown->info.manager);
  std::vector<const ledger::Recorded*> entries(1, &shown->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject();
  WriteStanding(call, json, shown->info, manager);
  json.Key("rights").BeginArray();
  for (const access::Right right : shown->rights) json.String(access::Name(right));
  json.EndArray().Key("receipt");
  WriteReceipt(json, shown->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(out));
}

}  // namespace cloison::api::internal
