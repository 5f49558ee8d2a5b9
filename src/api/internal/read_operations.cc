// POST /v1/lookups, POST /v1/disclosures.
#include <algorithm>

#include "api/internal/answers.h"
#include "api/internal/body.h"
#include "api/internal/proofs.h"
#include "api/internal/questions.h"

namespace cloison::api::internal {

namespace {

constexpr std::size_t kRecordBytesExpected = 1'536;  // of one record in an answer, without values
constexpr std::size_t kAnswerBytesExpected = 1'024;
constexpr std::size_t kFormBytesMax = 16;

// A string that grows leaves its old bytes behind: room for all that will be written.
std::string RoomFor(const Call& call, const std::vector<access::ShownRecord>& records) {
  std::size_t bytes = kAnswerBytesExpected;
  for (const auto& [index, proof] : call.proofs) bytes += 2 * proof.size();
  for (const access::ShownRecord& record : records) {
    bytes += kRecordBytesExpected * record.recorded.size();
    for (const records::OpenedValue& value : record.values) bytes += 64 + 6 * value.text.size();
  }
  std::string body;
  body.reserve(bytes);
  return body;
}

std::vector<const ledger::Recorded*> EntriesOf(const std::vector<access::ShownRecord>& records) {
  std::vector<const ledger::Recorded*> entries;
  for (const access::ShownRecord& record : records) {
    for (const ledger::Recorded& recorded : record.recorded) entries.push_back(&recorded);
  }
  return entries;
}

const records::FieldSpec* FieldOfIndex(const records::Schema& schema, std::uint16_t index) {
  const auto field = std::find_if(
      schema.fields().begin(), schema.fields().end(),
      [index](const records::FieldSpec& candidate) { return candidate.index == index; });
  return index != 0 && field != schema.fields().end() ? &*field : nullptr;
}

constexpr std::string_view kIdentifiers[] = {"nir", "phone", "email", "agency_id"};
constexpr std::string_view kCriteria[] = {"nir",       "phone",      "email",      "agency_id",
                                          "last_name", "first_name", "birth_date", "postcode"};

// One part of a search by name, in the form it is stored in. Nothing: not given, or not good.
std::optional<crypto::SecretBytes> ReadPart(const Call& call, Body& body,
                                            const codec::JsonValue& criteria, std::string_view name,
                                            records::SearchPart part) {
  const std::optional<codec::JsonValue> value = criteria.Find(name);
  if (!value.has_value()) return std::nullopt;
  const Result<std::string_view> text = value->AsString();
  const auto& fields = call.schema().fields();
  const auto field = std::ranges::find(fields, part, &records::FieldSpec::search);
  if (!text.ok() || field == fields.end()) {
    body.Add(*value, text.ok() ? "unknown_key" : "wrong_type",
             text.ok() ? "the register has no search by name" : "a string is expected");
    return std::nullopt;
  }
  Result<crypto::SecretBytes> stored =
      call.schema().Canonical(*field, *text, !call.service.development);
  if (stored.ok()) return std::move(*stored);
  body.Add(*value, "invalid_value", stored.error().text());
  return std::nullopt;
}

void ReadSearch(const Call& call, Body& body, const codec::JsonValue& criteria,
                access::LookupRequest& out) {
  using records::SearchPart;
  const auto last = ReadPart(call, body, criteria, "last_name", SearchPart::kLastName);
  const auto first = ReadPart(call, body, criteria, "first_name", SearchPart::kFirstName);
  const auto birth = ReadPart(call, body, criteria, "birth_date", SearchPart::kBirthDate);
  const auto postcode = ReadPart(call, body, criteria, "postcode", SearchPart::kPostcode);
  if (!body.ok()) return;
  const auto text = [](const std::optional<crypto::SecretBytes>& part) {
    return part.has_value() ? AsText(part->Reveal()) : std::string_view();
  };
  records::SearchTexts texts{{}, text(first), text(birth), text(postcode)};
  if (last.has_value()) texts.last_names.push_back(text(last));
  Result<records::SearchForms> forms = records::SearchForms::Of(texts);
  if (!forms.ok() || !forms->IsSearchable()) {
    body.Add(criteria, "invalid_value",
             "a name and the birth date, or both names and a postcode, are expected");
    return;
  }
  out.search = std::make_shared<const records::SearchForms>(std::move(*forms));
}

void ReadIdentifier(const Call& call, Body& body, const codec::JsonValue& value,
                    records::Criterion& out) {
  const Result<std::string_view> text = value.AsString();
  if (!text.ok()) {
    body.Add(value, "wrong_type", "a string is expected");
    return;
  }
  out.index = records::Schema::IndexOfCriterion(value.key());
  const records::FieldSpec* field = FieldOfIndex(call.schema(), out.index);
  if (field == nullptr) {
    body.Add(value, "unknown_key", "the register has no such index");
    return;
  }
  const Result<crypto::SecretBytes> stored =
      call.schema().Canonical(*field, *text, !call.service.development);
  if (!stored.ok()) {
    body.Add(value, "invalid_value", stored.error().text());
    return;
  }
  out.canonical = call.schema().IndexForm(*field, stored->Reveal());
}

void ReadCriteria(const Call& call, Body& body, access::LookupRequest& out) {
  const std::optional<codec::JsonValue> criteria = body.Find("criteria", Need::kRequired);
  if (!criteria.has_value()) return;
  if (!criteria->is_object() || criteria->size() == 0) {
    body.Add(*criteria, "wrong_type", "an object with criteria is expected");
    return;
  }
  codec::JsonFault fault{Error{Code::kInvalid, ""}, "", 0};
  if (!criteria->CheckKeys(kCriteria, &fault).ok()) {
    body.Add(fault.pointer, "unknown_key",
             "a criterion is nir, phone, email or agency_id; or of last_name, first_name, "
             "birth_date and postcode");
    return;
  }
  const bool identifier = std::ranges::any_of(kIdentifiers, [&criteria](std::string_view name) {
    return criteria->Find(name).has_value();
  });
  if (!identifier) return ReadSearch(call, body, *criteria, out);
  if (criteria->size() == 1) return ReadIdentifier(call, body, *criteria->First(), out.criterion);
  body.Add(*criteria, "wrong_type", "an identifier is the only criterion");
}

std::optional<net::Response> ReadLookUp(Call& call, access::LookupRequest& request) {
  static constexpr std::string_view kKeys[] = {"criteria", "purpose", "case_ref"};
  Body body(call, kKeys);
  request.reason = body.Reason(Need::kRequired, Need::kRequired);
  ReadCriteria(call, body, request);
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

// Exactly one of person, persons and self.
void ReadPersons(Body& body, std::vector<std::string>& persons) {
  const std::optional<codec::JsonValue> many = body.Find("persons", Need::kOptional);
  const std::optional<codec::JsonValue> one = body.Find("person", Need::kOptional);
  const bool self = body.Flag("self");
  if (int{many.has_value()} + int{one.has_value()} + int{self} != 1) {
    body.Add("", "missing", "exactly one of person, persons and self is expected");
    return;
  }
  if (one.has_value()) persons.push_back(body.TextOf(*one, kPersonTextBytesMax));
  if (many.has_value()) persons = PersonsOf(body, *many, kPersonTextBytesMax);
}

// `exists`: whether the form asked for is that; there is no other to ask for.
std::optional<net::Response> ReadDisclosure(Call& call, access::DisclosureRequest& request,
                                            bool& exists) {
  static constexpr std::string_view kKeys[] = {"person",  "persons",  "self", "fields",
                                               "purpose", "case_ref", "form"};
  Body body(call, kKeys);
  ReadPersons(body, request.persons);
  const std::string form = body.Text("form", Need::kOptional, kFormBytesMax);
  exists = form == "exists";
  const bool known = form.empty() || (exists && !request.persons.empty());
  if (!known) body.Add("/form", "invalid_value", "the form is exists, of others, or left out");
  request.fields = body.FieldNames(call.schema());
  const bool self = request.persons.empty();
  request.reason = body.Reason(Need::kRequired, self ? Need::kOptional : Need::kRequired);
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

}  // namespace

Task<net::Response> LookUp(Call& call) {
  access::LookupRequest request{{0, {}}, {}};
  std::optional<net::Response> bad = ReadLookUp(call, request);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<access::LookedUp> outcome =
      co_await call.gate().LookUp(*call.caller, std::move(request));
  access::LookedUp* found = Given(outcome);
  if (found == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries = EntriesOf(found->rows);
  if (found->miss.has_value()) entries.push_back(&*found->miss);
  co_await MakeProofs(call, std::move(entries));
  std::string body = RoomFor(call, found->rows);
  codec::JsonWriter json(body);
  json.BeginObject().Key("rows").BeginArray();
  for (const access::ShownRecord& row : found->rows) {
    WriteRecord(json, row, call);
  }
  json.EndArray();
  if (found->miss.has_value()) {
    call.at_tick = true;
    json.Key("receipt");
    WriteReceipt(json, *found->miss, call);
  }
  if (found->narrow) json.Key("narrow").Bool(true);
  WriteBudget(json, *found->budget);
  json.EndObject();
  net::Response response = JsonAnswer(200, std::move(body));
  AddRateLimit(response.headers, *found->budget);
  co_return response;
}

Task<net::Response> Disclose(Call& call) {
  access::DisclosureRequest request;
  bool exists = false;
  std::optional<net::Response> bad = ReadDisclosure(call, request, exists);
  if (bad.has_value()) co_return std::move(*bad);
  const std::vector<FieldId> asked = request.fields;
  if (exists) co_return co_await AnswerExistence(call, std::move(request), asked);
  const bool own = request.persons.empty();
  std::sort(request.fields.begin(), request.fields.end());
  access::Outcome<access::Disclosed> outcome =
      co_await call.gate().Disclose(*call.caller, std::move(request));
  access::Disclosed* shown = Given(outcome);
  if (shown == nullptr) co_return RefuseFields(call, outcome, asked, "/fields");
  if (WantsProofs(call)) co_await MakeProofs(call, EntriesOf(shown->records));
  std::string body = RoomFor(call, shown->records);
  codec::JsonWriter json(body);
  json.BeginObject().Key("disclosures").BeginArray();
  for (const access::ShownRecord& record : shown->records) {
    WriteRecord(json, record, call);
  }
  json.EndArray();
  WriteBudget(json, *shown->budget);
  json.EndObject();
  net::Response response = JsonAnswer(201, std::move(body));
  AddRateLimit(response.headers, *shown->budget);
  // Whoever reads their own record must not see in the time that a sealed look has just warmed it.
  if (own) call.at_tick = call.service.vault->policy()->HasSealed();
  co_return response;
}

}  // namespace cloison::api::internal
