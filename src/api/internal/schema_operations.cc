// POST and GET /v1/schemas.
#include "access/schemas.h"
#include "api/internal/answers.h"
#include "api/internal/approval_forms.h"
#include "api/internal/approval_operations.h"
#include "api/internal/body.h"
#include "api/internal/proofs.h"

namespace cloison::api::internal {

namespace {

using access::Schemas;

constexpr std::size_t kFaultsToldMax = 20;

// Why a schema may not follow is said field by field. The document is the operator's own and of
// nobody.
Task<std::optional<net::Response>> TellFaults(Call& call, std::string document) {
  const Result<std::vector<std::string>> faults =
      co_await call.gate().schemas().Faults(std::move(document));
  if (!faults.ok() || faults->empty()) co_return std::nullopt;
  Problem problem(ProblemCode::kInvalidRequest, "the schema may not follow the one in force");
  for (const std::string& one : *faults) {
    if (problem.errors.size() == kFaultsToldMax) break;
    problem.errors.push_back({"/schema", "invalid_value", one});
  }
  co_return call.Refuse(problem);
}

void WriteDifferences(codec::JsonWriter& json, const std::vector<std::string>& differences) {
  json.Key("differences").BeginArray();
  for (const std::string& one : differences) json.String(one);
  json.EndArray();
}

void WriteNext(codec::JsonWriter& json, const Schemas::Next& next) {
  json.Key("next").BeginObject().Key("version").Uint(next.version);
  json.Key("digest").String(base::ToHex(next.digest));
  json.Key("approval").String("apr_" + std::to_string(next.approval));
  json.Key("rewrites").Bool(next.rewrites);
  WriteDifferences(json, next.differences);
  json.EndObject();
}

}  // namespace

Task<net::Response> ProposeSchema(Call& call) {
  std::optional<access::Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  static constexpr std::string_view kKeys[] = {"schema", "reason"};
  Body body(call, kKeys);
  Schemas::Request request;
  request.document = body.Lines("schema", records::kSchemaBytesMax);
  request.reason = body.Text("reason", Need::kRequired, approvals::kReasonBytesMax);
  if (!body.ok()) co_return body.Refuse(call);
  std::string document = request.document;
  access::Outcome<access::Approvals::Shown> outcome =
      co_await call.gate().schemas().Propose(*call.caller, std::move(request), std::move(*once));
  if (!outcome.ok() && outcome.error().code() == Code::kInvalid) {
    std::optional<net::Response> faults = co_await TellFaults(call, std::move(document));
    if (faults.has_value()) co_return std::move(*faults);
  }
  co_return co_await AnswerApproval(call, outcome);
}

// Whoever approves reads what was true when it was asked for; what has changed since is refused.
Task<Status> WriteSchema(Call&, const approvals::Document& approval, codec::JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::SchemaWanted wanted,
                        access::ParseSchemaWanted(approval.what));
  std::vector<std::string> problems;
  CLOISON_CO_TRY_ASSIGN(const std::shared_ptr<const records::Schema> schema,
                        records::Schema::Parse(wanted.document, &problems));
  json.Key("version").Uint(schema->version());
  json.Key("digest").String(base::ToHex(records::DigestOfSchema(wanted.document)));
  WriteDifferences(json, wanted.differences);
  co_return Ok();
}

Task<net::Response> ShowSchema(Call& call) {
  access::Outcome<Schemas::Shown> outcome = co_await call.gate().schemas().Read(*call.caller);
  const Schemas::Shown* shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &shown->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("version").Uint(shown->version);
  json.Key("digest").String(base::ToHex(shown->digest));
  if (shown->rewriting.has_value()) {
    json.Key("rewriting").BeginObject();
    json.Key("percent").Uint(static_cast<std::uint64_t>(shown->rewriting->share * 100));
    json.Key("rows").Uint(shown->rewriting->written);
    json.Key("damaged").Uint(shown->rewriting->damaged).EndObject();
  }
  if (shown->next.has_value()) WriteNext(json, *shown->next);
  json.Key("receipt");
  WriteReceipt(json, shown->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(out));
}

}  // namespace cloison::api::internal
