// POST /v1/lookups, POST /v1/disclosures.
#include <algorithm>

#include "api/internal/answers.h"
#include "api/internal/body.h"
#include "api/internal/criteria.h"
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
