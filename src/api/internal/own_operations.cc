// GET /v1/me/capabilities, POST /v1/me/erasure:object.
#include <algorithm>

#include "access/erasures.h"
#include "api/internal/answers.h"
#include "api/internal/body.h"
#include "api/internal/call.h"
#include "api/internal/proofs.h"

namespace cloison::api::internal {

namespace {

void WriteCaps(codec::JsonWriter& json, const access::Caps& caps) {
  using access::Counter;
  using access::Window;
  json.Key("caps").BeginObject();
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    const auto counter = static_cast<Counter>(c);
    json.Key(access::Name(counter)).BeginObject();
    for (std::size_t w = 0; w < access::kWindows; ++w) {
      const auto window = static_cast<Window>(w);
      json.Key(access::Name(window)).Uint(caps.cap(counter, window));
    }
    json.EndObject();
  }
  json.EndObject();
}

void WriteGrants(codec::JsonWriter& json, const std::vector<access::Grant>& grants,
                 const records::Schema& schema) {
  json.Key("grants").BeginArray();
  for (const access::Grant& grant : grants) {
    json.BeginObject().Key("purpose").String(grant.purpose);
    json.Key("relation").String(access::Name(grant.relation));
    json.Key("form").String(Name(grant.form));
    WriteFields(json, grant.fields, schema);
    json.EndObject();
  }
  json.EndArray();
}

void WritePurposes(codec::JsonWriter& json, const access::Capabilities& capabilities,
                   const access::Policy& policy) {
  json.Key("purposes").BeginArray();
  for (const access::Purpose& purpose : policy.purposes()) {
    const bool used = std::any_of(
        capabilities.grants.begin(), capabilities.grants.end(),
        [&purpose](const access::Grant& grant) { return grant.purpose == purpose.name; });
    if (!used) continue;
    json.BeginObject().Key("name").String(purpose.name).Key("text_fr").String(purpose.text_fr);
    json.Key("text_en").String(purpose.text_en).EndObject();
  }
  json.EndArray();
}

void WriteInfo(codec::JsonWriter& json, const access::PrincipalInfo& info) {
  json.Key("principal").String(info.label).Key("role").String(info.role);
  json.Key("organisation").Uint(info.organisation.value());
  if (info.office.has_value()) json.Key("office").Uint(info.office->value());
}

}  // namespace

Task<net::Response> OwnCapabilities(Call& call) {
  access::Outcome<access::Capabilities> outcome =
      co_await call.gate().OwnCapabilities(*call.caller);
  const access::Capabilities* capabilities = Given(outcome);
  if (capabilities == nullptr) co_return call.Refuse(outcome);
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject();
  WriteInfo(json, capabilities->info);
  json.Key("policy_version").Uint(capabilities->policy_version);
  json.Key("rights").BeginArray();
  for (const access::Right right : capabilities->rights) json.String(access::Name(right));
  json.EndArray();
  WritePurposes(json, *capabilities, *call.service.vault->policy());
  WriteGrants(json, capabilities->grants, call.schema());
  json.Key("rung").Uint(static_cast<std::uint64_t>(
      capabilities->hold.pool ? access::Rung::kPool : capabilities->hold.rung));
  WriteCaps(json, capabilities->budget->caps);
  WriteBudget(json, *capabilities->budget);
  json.EndObject();
  net::Response response = JsonAnswer(200, std::move(body));
  AddRateLimit(response.headers, *capabilities->budget);
  co_return response;
}

Task<net::Response> ObjectToErasure(Call& call) {
  Body body(call, {});
  if (!body.ok()) co_return body.Refuse(call);
  access::Outcome<access::Erasures::Objected> outcome =
      co_await call.gate().erasures().Object(*call.caller);
  const access::Erasures::Objected* objected = Given(outcome);
  if (objected == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &objected->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string answer;
  codec::JsonWriter json(answer);
  json.BeginObject().Key("done").String("objected").Key("receipt");
  WriteReceipt(json, objected->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(answer));
}

}  // namespace cloison::api::internal
