// GET /v1/me/capabilities, GET /v1/me/disclosures.
#include <algorithm>
#include <charconv>

#include "api/handler.h"
#include "api/internal/answers.h"
#include "api/internal/call.h"
#include "crypto/base64.h"
#include "net/url.h"

namespace cloison::api::internal {

namespace {

constexpr std::size_t kPageTokenBytesMax = 256;

void WriteFields(codec::JsonWriter& json, const std::vector<FieldId>& fields,
                 const records::Schema& schema) {
  json.Key("fields").BeginArray();
  for (const FieldId id : fields) {
    const records::FieldSpec* field = schema.Find(id);
    if (field != nullptr) json.String(field->name);
  }
  json.EndArray();
}

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

// A page token is the running number to go on below, sealed for its caller alone.
store::Key TokenName(const PrincipalId& caller) {
  return {store::Family::kOperations, "page/me/disclosures/" + std::string(AsText(caller.bytes()))};
}

std::string TokenOf(const Call& call, std::uint64_t next) {
  const auto number = base::BigU64(next);
  return crypto::ToBase64Url(
      call.service.vault->state().Seal(TokenName(call.caller->principal), number));
}

std::optional<std::uint64_t> NumberOf(const Call& call, std::string_view token) {
  if (token.size() > kPageTokenBytesMax) return std::nullopt;
  const Result<Bytes> sealed = crypto::FromBase64Url(token);
  if (!sealed.ok()) return std::nullopt;
  const Result<crypto::SecretBytes> number =
      call.service.vault->state().Open(TokenName(call.caller->principal), *sealed);
  if (!number.ok() || number->size() != 8) return std::nullopt;
  return base::LoadBig(number->Reveal());
}

struct Page {
  std::size_t size = kPageSizeDefault;
  std::optional<std::uint64_t> below;
};

std::optional<net::Response> ReadPage(const Call& call, Page& page) {
  const auto query = net::ParseQuery(call.request.query);
  if (!query.ok()) return call.Refuse(ProblemCode::kQueryRefused);
  for (const auto& [name, value] : *query) {
    if (name == "page_token") {
      page.below = NumberOf(call, value);
      if (!page.below.has_value()) return call.Refuse(ProblemCode::kPageTokenRefused);
      continue;
    }
    const char* end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, page.size);
    const bool whole = read.ec == std::errc() && read.ptr == end;
    if (name != "page_size" || !whole || page.size < 1 || page.size > kPageSizeMax) {
      return call.Refuse(ProblemCode::kQueryRefused,
                         "page_size is 1 to 100; page_token is one that was given");
    }
  }
  return std::nullopt;
}

void WriteLook(codec::JsonWriter& json, const access::Look& look, const records::Schema& schema) {
  json.BeginObject()
      .Key("n")
      .Uint(look.n)
      .Key("index")
      .Uint(look.index)
      .Key("time")
      .String(Rfc3339(look.time_ms));
  json.Key("kind").String(Name(look.kind)).Key("decision").String(Name(look.decision));
  json.Key("form").String(Name(look.form));
  if (look.organisation.has_value()) json.Key("organisation").Uint(look.organisation->value());
  if (look.office.has_value()) json.Key("office").Uint(look.office->value());
  if (!look.role.empty()) json.Key("role").String(look.role);
  if (!look.purpose.empty()) json.Key("purpose").String(look.purpose);
  WriteFields(json, look.fields, schema);
  json.EndObject();
}

}  // namespace

Task<net::Response> OwnCapabilities(Call& call) {
  access::Outcome<access::Capabilities> outcome =
      co_await call.gate().OwnCapabilities(*call.caller);
  const access::Capabilities* capabilities = Given(outcome);
  if (capabilities == nullptr) co_return call.Refuse(outcome);
  const bool freezes = std::find(capabilities->rights.begin(), capabilities->rights.end(),
                                 access::Right::kFreeze) != capabilities->rights.end();
  if (freezes && call.service.freezes != nullptr) {
    call.service.freezes->Remember(call.caller->principal);
  }
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject();
  WriteInfo(json, capabilities->info);
  json.Key("rights").BeginArray();
  for (const access::Right right : capabilities->rights) json.String(access::Name(right));
  json.EndArray();
  WritePurposes(json, *capabilities, call.service.vault->policy());
  WriteGrants(json, capabilities->grants, call.schema());
  WriteCaps(json, capabilities->budget.caps);
  WriteBudget(json, capabilities->budget);
  json.EndObject();
  net::Response response = JsonAnswer(200, std::move(body));
  AddRateLimit(response.headers, capabilities->budget);
  co_return response;
}

Task<net::Response> OwnDisclosures(Call& call) {
  Page page;
  std::optional<net::Response> bad = ReadPage(call, page);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<access::Trail> outcome =
      co_await call.gate().OwnTrail(*call.caller, page.below, page.size);
  const access::Trail* trail = Given(outcome);
  if (trail == nullptr) co_return call.Refuse(outcome);
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("items").BeginArray();
  for (const access::Look& look : trail->looks) WriteLook(json, look, call.schema());
  json.EndArray();
  if (trail->next.has_value()) json.Key("next_page_token").String(TokenOf(call, *trail->next));
  json.Key("receipt");
  WriteReceipt(json, trail->recorded, call.origin());
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

}  // namespace cloison::api::internal
