// POST /v1/matches, POST /v1/decisions, and POST /v1/disclosures of form "exists".
#include <algorithm>

#include "api/internal/answers.h"
#include "api/internal/proofs.h"
#include "api/internal/questions.h"

namespace cloison::api::internal {

namespace {

constexpr std::size_t kAnswerBytesExpected = 1'024;

struct MatchAsked {
  std::string person;
  std::optional<FieldId> field;
  crypto::SecretBytes value;
  access::Reason reason;
};

// The value in the form it is stored in; its faults name the member, never the text.
void ReadValue(const Call& call, Body& body, MatchAsked& out) {
  const std::string name = body.Text("field", Need::kRequired, kFieldNameBytesMax);
  const std::optional<codec::JsonValue> value = body.Find("value", Need::kRequired);
  if (!body.ok() || !value.has_value()) return;
  const records::FieldSpec* const field = call.schema().Find(name);
  if (field == nullptr) {
    body.Add("/field", "unknown_field", "the schema has no such field");
    return;
  }
  const Result<std::string_view> text = value->AsString();
  if (!text.ok()) {
    body.Add(*value, "wrong_type", "a string is expected");
    return;
  }
  Result<crypto::SecretBytes> stored =
      call.schema().Canonical(*field, *text, !call.service.development);
  if (!stored.ok()) {
    const bool too_long = stored.error().code() == Code::kExhausted;
    body.Add(*value, too_long ? "too_long" : "invalid_value", stored.error().text());
    return;
  }
  out.field = field->id;
  out.value = std::move(*stored);
}

std::optional<net::Response> ReadMatch(Call& call, MatchAsked& out) {
  static constexpr std::string_view kKeys[] = {"person", "field", "value", "purpose", "case_ref"};
  Body body(call, kKeys);
  out.person = body.Text("person", Need::kRequired, kPersonTextBytesMax);
  out.reason = body.Reason(Need::kRequired, Need::kRequired);
  ReadValue(call, body, out);
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

// Exactly one of person, persons, reference and references.
void ReadWhom(Body& body, access::Questions::Decision& out) {
  const auto one = body.Find("person", Need::kOptional);
  const auto many = body.Find("persons", Need::kOptional);
  const auto reference = body.Find("reference", Need::kOptional);
  const auto references = body.Find("references", Need::kOptional);
  const int given = int{one.has_value()} + int{many.has_value()} + int{reference.has_value()} +
                    int{references.has_value()};
  if (given != 1) {
    body.Add("", "missing", "exactly one of person, persons, reference and references is expected");
    return;
  }
  if (one.has_value()) out.persons.push_back(body.TextOf(*one, kPersonTextBytesMax));
  if (many.has_value()) out.persons = PersonsOf(body, *many, kPersonTextBytesMax);
  constexpr std::size_t kReference = access::kReferenceBytesMax;
  if (reference.has_value()) out.references.push_back(body.TextOf(*reference, kReference));
  if (references.has_value()) out.references = PersonsOf(body, *references, kReference);
}

std::optional<net::Response> ReadDecision(Call& call, access::Questions::Decision& out) {
  static constexpr std::string_view kKeys[] = {"person", "persons", "reference", "references",
                                               "fields", "purpose", "case_ref"};
  Body body(call, kKeys);
  ReadWhom(body, out);
  out.fields = body.FieldNames(call.schema());
  out.reason = body.Reason(Need::kRequired, Need::kRequired);
  if (!body.ok()) return body.Refuse(call);
  const bool has_references =
      std::ranges::find(call.schema().fields(), records::FieldType::kReference,
                        &records::FieldSpec::type) != call.schema().fields().end();
  if (out.references.empty() || has_references) return std::nullopt;
  Problem problem(ProblemCode::kInvalidRequest);
  problem.errors.push_back({"", "no_references", "the schema has no field of type reference"});
  return call.Refuse(problem);
}

void WriteDecision(codec::JsonWriter& json, const access::Questions::Decided::One& one,
                   const Call& call) {
  json.BeginObject().Key("id").String(IdOf(call, one.recorded.front().index));
  json.Key("person").String(one.code.Text()).Key("decision").String("allow");
  const auto write = [&](std::string_view key, const std::vector<FieldId>& fields) {
    json.Key(key).BeginArray();
    for (const FieldId id : fields) json.String(call.schema().Find(id)->name);
    json.EndArray();
  };
  write("plain", one.plain);
  write("masked", one.masked);
  json.Key("receipt");
  WriteReceipt(json, one.recorded.front(), call);
  if (one.recorded.size() > 1) {
    json.Key("receipt_masked");
    WriteReceipt(json, one.recorded[1], call);
  }
  json.EndObject();
}

}  // namespace

std::vector<std::string> PersonsOf(Body& body, const codec::JsonValue& list,
                                   std::size_t bytes_max) {
  std::vector<std::string> out;
  if (!list.is_array() || list.size() == 0 || list.size() > access::kDisclosuresPerRequestMax) {
    body.Add(list, "wrong_type", "a list of 1 to 50 texts is expected");
    return out;
  }
  for (auto at = list.First(); at.has_value(); at = at->Next()) {
    std::string text = body.TextOf(*at, bytes_max);
    if (std::ranges::find(out, text) != out.end()) {
      body.Add(*at, "duplicate", "the person is named twice");
    }
    out.push_back(std::move(text));
  }
  return out;
}

Task<net::Response> AnswerExistence(Call& call, access::DisclosureRequest request,
                                    std::vector<FieldId> asked) {
  access::Questions::Existence existence{std::move(request.persons), std::move(request.fields),
                                         std::move(request.reason)};
  access::Outcome<access::Questions::Existing> outcome =
      co_await call.gate().questions().Exist(*call.caller, std::move(existence));
  access::Questions::Existing* const found = Given(outcome);
  if (found == nullptr) co_return RefuseFields(call, outcome, asked, "/fields");
  std::vector<const ledger::Recorded*> entries;
  for (const auto& one : found->persons) entries.push_back(&one.recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  body.reserve(kAnswerBytesExpected * (1 + found->persons.size()));
  codec::JsonWriter json(body);
  json.BeginObject().Key("disclosures").BeginArray();
  for (const auto& one : found->persons) {
    json.BeginObject().Key("id").String(IdOf(call, one.recorded.index));
    json.Key("exists").BeginObject();
    for (const FieldId field : asked) {
      json.Key(call.schema().Find(field)->name);
      json.Bool(std::ranges::binary_search(one.fields, field));
    }
    json.EndObject().Key("receipt");
    WriteReceipt(json, one.recorded, call);
    json.EndObject();
  }
  json.EndArray();
  WriteBudget(json, *found->budget);
  json.EndObject();
  net::Response response = JsonAnswer(201, std::move(body));
  AddRateLimit(response.headers, *found->budget);
  call.at_tick = true;  // what is there must not be seen in the time either
  co_return response;
}

Task<net::Response> Match(Call& call) {
  MatchAsked asked;
  std::optional<net::Response> bad = ReadMatch(call, asked);
  if (bad.has_value()) co_return std::move(*bad);
  const std::vector<FieldId> fields{*asked.field};
  access::Questions::Match match{std::move(asked.person), *asked.field, std::move(asked.value),
                                 std::move(asked.reason)};
  access::Outcome<access::Questions::Matched> outcome =
      co_await call.gate().questions().Matches(*call.caller, std::move(match));
  access::Questions::Matched* const answer = Given(outcome);
  if (answer == nullptr) co_return RefuseFields(call, outcome, fields, "/field");
  std::vector<const ledger::Recorded*> entries{&answer->recorded};
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  body.reserve(kAnswerBytesExpected);
  codec::JsonWriter json(body);
  json.BeginObject().Key("id").String(IdOf(call, answer->recorded.index));
  json.Key("matches").Bool(answer->matches).Key("receipt");
  WriteReceipt(json, answer->recorded, call);
  WriteBudget(json, *answer->budget);
  json.EndObject();
  net::Response response = JsonAnswer(200, std::move(body));
  AddRateLimit(response.headers, *answer->budget);
  call.at_tick = true;
  co_return response;
}

Task<net::Response> Decide(Call& call) {
  access::Questions::Decision decision;
  std::optional<net::Response> bad = ReadDecision(call, decision);
  if (bad.has_value()) co_return std::move(*bad);
  const std::vector<FieldId> asked = decision.fields;
  access::Outcome<access::Questions::Decided> outcome =
      co_await call.gate().questions().Decide(*call.caller, std::move(decision));
  access::Questions::Decided* const decided = Given(outcome);
  if (decided == nullptr) co_return RefuseFields(call, outcome, asked, "/fields");
  std::vector<const ledger::Recorded*> entries;
  for (const auto& one : decided->persons) {
    for (const ledger::Recorded& recorded : one.recorded) entries.push_back(&recorded);
  }
  const std::size_t size = kAnswerBytesExpected * (1 + 2 * entries.size());
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  body.reserve(size);
  codec::JsonWriter json(body);
  json.BeginObject().Key("decisions").BeginArray();
  for (const auto& one : decided->persons) WriteDecision(json, one, call);
  json.EndArray();
  WriteBudget(json, *decided->budget);
  json.EndObject();
  net::Response response = JsonAnswer(201, std::move(body));
  AddRateLimit(response.headers, *decided->budget);
  co_return response;
}

}  // namespace cloison::api::internal
