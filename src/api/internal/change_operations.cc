// POST and PATCH /v1/people, POST /v1/people:erase and :rekey, /v1/caseloads, /v1/unsealings.
#include <algorithm>

#include "api/internal/answers.h"
#include "api/internal/approval_operations.h"
#include "api/internal/body.h"
#include "api/internal/pairs.h"
#include "api/internal/proofs.h"

namespace cloison::api::internal {

namespace {

using access::Gate;

Task<net::Response> Changed(Call& call, int status, const access::Registered& changed) {
  std::vector<const ledger::Recorded*> entries(1, &changed.recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("person").String(changed.code.Text());
  json.Key("version").Uint(changed.version).Key("receipt");
  WriteReceipt(json, changed.recorded, call);
  json.EndObject();
  net::Response response = JsonAnswer(status, std::move(body));
  response.headers.Add("etag", ETagOf(changed.version));
  co_return response;
}

std::optional<net::Response> ReadRegistration(Call& call, records::Values& values,
                                              access::Reason& reason) {
  static constexpr std::string_view kKeys[] = {"fields", "purpose", "case_ref"};
  const records::Schema& schema = call.schema();
  Body body(call, kKeys);
  for (records::FieldChange& field : body.Fields(schema, false, !call.service.development)) {
    if (field.text.has_value()) values.push_back({field.field, std::move(*field.text)});
  }
  for (const records::FieldSpec& field : schema.fields()) {
    const bool given =
        std::any_of(values.begin(), values.end(),
                    [&field](const records::Value& value) { return value.field == field.id; });
    // A field that is there but wrong has its fault already.
    if (field.required && !given && body.ok()) {
      body.Add("/fields/" + field.name, "missing", "the field is required");
    }
  }
  reason = body.Reason(Need::kOptional, Need::kOptional);
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

struct UpdateRequest {
  std::string person;
  std::vector<records::FieldChange> changes;
  access::Reason reason;
};

std::optional<net::Response> ReadUpdate(Call& call, UpdateRequest& request) {
  static constexpr std::string_view kKeys[] = {"person", "fields", "purpose", "case_ref"};
  const records::Schema& schema = call.schema();
  Body body(call, kKeys);
  request.person = body.Text("person", Need::kRequired, kPersonTextBytesMax);
  request.changes = body.Fields(schema, true, !call.service.development);
  for (const records::FieldChange& change : request.changes) {
    const records::FieldSpec* field = schema.Find(change.field);
    if (field->required && !change.text.has_value()) {
      body.Add("/fields/" + field->name, "missing", "the field is required");
    }
  }
  request.reason = body.Reason(Need::kOptional, Need::kOptional);
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

// What an erasure and a re-key name.
std::optional<net::Response> ReadErasure(Call& call, std::string& person, access::Reason& reason) {
  static constexpr std::string_view kKeys[] = {"person", "reason"};
  Body body(call, kKeys);
  person = body.Text("person", Need::kRequired, kPersonTextBytesMax);
  reason.case_ref = body.Text("reason", Need::kRequired, ledger::kCaseRefBytesMax);
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

// The log that is named by its origin; without one the newest.
std::uint32_t GenerationOf(const Call& call, Body& body) {
  const ledger::Ledger& ledger = call.service.vault->ledger();
  const std::optional<codec::JsonValue> named = body.Find("log", Need::kOptional);
  if (!named.has_value()) return ledger.generation();
  const auto found = std::ranges::find(ledger.logs(), named->string(), &ledger::Log::origin);
  if (found == ledger.logs().end()) body.Add(*named, "invalid_value", "no log of this register");
  return static_cast<std::uint32_t>(found - ledger.logs().begin()) + 1;
}

std::optional<net::Response> ReadUnsealing(Call& call, std::uint64_t& place,
                                           access::Reason& reason) {
  static constexpr std::string_view kKeys[] = {"index", "log", "reason"};
  Body body(call, kKeys);
  const std::optional<codec::JsonValue> value = body.Find("index", Need::kRequired);
  if (value.has_value()) {
    const Result<std::int64_t> number = value->AsInt();
    if (!number.ok()) {
      body.Add(*value, "wrong_type", "a whole number is expected");
    } else if (*number < 0 || *number >> ledger::kNumberBits != 0) {
      body.Add(*value, "invalid_value", "an index is 0 or more");
    } else {
      place = ledger::PlaceOf(GenerationOf(call, body), static_cast<std::uint64_t>(*number));
    }
  }
  reason.purpose = "unseal";
  reason.case_ref = body.Text("reason", Need::kRequired, ledger::kCaseRefBytesMax);
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

void ReadAssignment(const Call& call, Body& body, const codec::JsonValue& value,
                    std::vector<access::Assignment>& out) {
  static constexpr std::string_view kKeys[] = {"agent", "person", "until", "remove"};
  const std::optional<NamedPair> pair = ReadPair(call, body, value, kKeys);
  if (!pair.has_value()) return;
  const std::optional<codec::JsonValue> remove = value.Find("remove");
  const Result<bool> removes = remove.has_value() ? remove->AsBool() : Result<bool>(false);
  if (!removes.ok()) body.Add(*remove, "wrong_type", "true or false is expected");
  const std::optional<std::int64_t> until = ReadUntil(call, body, value.Find("until"));
  if (removes.ok()) out.push_back({pair->agent, pair->person, until, *removes});
}

std::optional<net::Response> ReadAssignments(Call& call, std::vector<access::Assignment>& out) {
  static constexpr std::string_view kKeys[] = {"assignments"};
  Body body(call, kKeys);
  const std::optional<codec::JsonValue> list = body.Find("assignments", Need::kRequired);
  if (list.has_value()) {
    if (!list->is_array() || list->size() == 0 ||
        list->size() > access::kAssignmentsPerRequestMax) {
      body.Add(*list, "wrong_type", "a list of 1 to 1,000 assignments is expected");
      return body.Refuse(call);
    }
    for (auto at = list->First(); at.has_value(); at = at->Next()) {
      ReadAssignment(call, body, *at, out);
    }
  }
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

}  // namespace

Task<net::Response> Register(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  records::Values values;
  access::Reason reason;
  std::optional<net::Response> bad = ReadRegistration(call, values, reason);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<access::Registered> outcome = co_await call.gate().Register(
      *call.caller, std::move(values), std::move(reason), std::move(*once));
  const access::Registered* registered = Given(outcome);
  if (registered == nullptr) co_return RefuseOnce(call, outcome);
  co_return co_await Changed(call, 201, *registered);
}

Task<net::Response> Update(Call& call) {
  const Precondition precondition = IfMatchOf(call.request);
  if (!precondition.version.has_value()) co_return call.Refuse(precondition.refused);
  UpdateRequest request;
  std::optional<net::Response> bad = ReadUpdate(call, request);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<access::Registered> outcome =
      co_await call.gate().Update(*call.caller, std::move(request.person), *precondition.version,
                                  std::move(request.changes), std::move(request.reason));
  const access::Registered* changed = Given(outcome);
  if (changed == nullptr) co_return call.Refuse(outcome);
  co_return co_await Changed(call, 200, *changed);
}

Task<net::Response> Erase(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  const Precondition precondition = IfMatchOf(call.request);
  if (!precondition.version.has_value()) co_return call.Refuse(precondition.refused);
  std::string person;
  access::Reason reason;
  std::optional<net::Response> bad = ReadErasure(call, person, reason);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<access::Approvals::Shown> outcome = co_await call.gate().approvals().AskErase(
      *call.caller, std::move(person), *precondition.version, std::move(reason), std::move(*once));
  if (Given(outcome) == nullptr) co_return RefuseOnce(call, outcome);
  co_return co_await AnswerApproval(call, outcome);
}

Task<net::Response> Rekey(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  std::string person;
  access::Reason reason;
  std::optional<net::Response> bad = ReadErasure(call, person, reason);
  if (bad.has_value()) co_return std::move(*bad);
  reason.purpose = "rekey";
  access::Outcome<access::Approvals::Shown> outcome = co_await call.gate().approvals().AskRekey(
      *call.caller, std::move(person), std::move(reason), std::move(*once));
  if (Given(outcome) == nullptr) co_return RefuseOnce(call, outcome);
  co_return co_await AnswerApproval(call, outcome);
}

Task<net::Response> Assign(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  std::vector<access::Assignment> assignments;
  std::optional<net::Response> bad = ReadAssignments(call, assignments);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Gate::Assigned> outcome =
      co_await call.gate().Assign(*call.caller, std::move(assignments), std::move(*once));
  const Gate::Assigned* assigned = Given(outcome);
  if (assigned == nullptr) co_return RefuseOnce(call, outcome);
  std::vector<const ledger::Recorded*> entries(1, &assigned->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("assigned").Uint(assigned->count).Key("receipt");
  WriteReceipt(json, assigned->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> Unseal(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  std::uint64_t place = 0;
  access::Reason reason;
  std::optional<net::Response> bad = ReadUnsealing(call, place, reason);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<access::Approvals::Shown> outcome = co_await call.gate().approvals().AskUnseal(
      *call.caller, place, std::move(reason), std::move(*once));
  if (Given(outcome) == nullptr) co_return RefuseOnce(call, outcome);
  co_return co_await AnswerApproval(call, outcome);
}

}  // namespace cloison::api::internal
