// POST /v1/policies, /v1/policies:preview, GET /v1/policies/{version}, GET /v1/organisations.
#include <algorithm>
#include <charconv>

#include "access/policies.h"
#include "api/internal/answers.h"
#include "api/internal/approval_forms.h"
#include "api/internal/approval_operations.h"
#include "api/internal/body.h"
#include "api/internal/proofs.h"
#include "identity/principal_name.h"

namespace cloison::api::internal {

namespace {

using access::Gate;
using access::Policies;

constexpr std::string_view kPath = "/v1/policies/";
constexpr std::size_t kFaultsToldMax = 20;
constexpr std::int64_t kPreviewDaysMax = 31;

// What is wrong with a policy is said by line. The document is the operator's own and of nobody.
std::optional<net::Response> TellFaults(const Call& call, const std::string& document) {
  std::vector<std::string> problems;
  if (access::Policy::Parse(document, call.schema(), &problems).ok()) return std::nullopt;
  Problem problem(ProblemCode::kInvalidRequest, "the policy has faults");
  for (const std::string& one : problems) {
    if (problem.errors.size() == kFaultsToldMax) break;
    problem.errors.push_back({"/policy", "invalid_value", one});
  }
  return call.Refuse(problem);
}

// Whoever signs and whoever approves reads an account's name; it must mean the identity that is
// signed for.
void CheckAccounts(const Call& call, Body& body, const std::string& note) {
  const Result<ledger::PolicyStatement> statement = ledger::PolicyStatementOf(note);
  if (!statement.ok()) return;  // said by whoever is to take it
  for (const ledger::Founder& founder : statement->founders) {
    const auto name = identity::ParsePrincipalName(founder.account);
    const Result<PrincipalId> meant = call.service.sign_in.Named(founder.account);
    const bool same =
        name.ok() && meant.ok() && *meant == identity::PrincipalIdOf(founder.issuer, name->sub);
    if (same) continue;
    body.Add("/statement", "invalid_value", "a founder's account is not of the issuer it names");
    return;
  }
}

void WriteFounders(codec::JsonWriter& json, const std::string& note) {
  const Result<ledger::PolicyStatement> statement = ledger::PolicyStatementOf(note);
  if (!statement.ok() || statement->founders.empty()) return;
  json.Key("founders").BeginArray();
  for (const ledger::Founder& founder : statement->founders) {
    json.BeginObject().Key("principal").String(founder.account);
    json.Key("issuer").String(founder.issuer);
    json.Key("organisation").Uint(founder.organisation.value());
    if (founder.office.has_value()) json.Key("office").Uint(founder.office->value());
    json.Key("role").String(founder.role).Key("human").String(founder.human);
    json.Key("expires").String(founder.expires).EndObject();
  }
  json.EndArray();
}

template <class T>
bool IsInvalid(const access::Outcome<T>& outcome) {
  return !outcome.ok() && outcome.error().code() == Code::kInvalid;
}

std::optional<std::uint32_t> VersionOf(std::string_view text) {
  std::uint32_t version = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, version);
  const bool whole = read.ec == std::errc() && read.ptr == end && !text.empty();
  if (!whole || text.front() == '0') return std::nullopt;
  return version;
}

void WriteChanged(codec::JsonWriter& json, const access::PreviewReport& report) {
  json.Key("changed").BeginArray();
  for (const auto& [key, counts] : report.changed) {
    json.BeginObject().Key("organisation").Uint(key.organisation).Key("role").String(key.role);
    json.Key("purpose").String(key.purpose).Key("relation").String(access::Name(key.relation));
    json.Key("looks").Uint(counts.looks).Key("refused").Uint(counts.refused);
    json.Key("granted").Uint(counts.granted).Key("masked").Uint(counts.masked);
    json.Key("unmasked").Uint(counts.unmasked).EndObject();
  }
  json.EndArray();
}

void WriteDifferences(codec::JsonWriter& json, const access::Policy& before,
                      const access::Policy& after, const records::Schema& schema) {
  json.Key("differences").BeginArray();
  for (const access::PolicyDifference& one : Diff(before, after, schema)) {
    json.String(Print(one));
  }
  json.EndArray();
}

}  // namespace

Task<net::Response> ProposePolicy(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  static constexpr std::string_view kKeys[] = {"policy", "statement", "reason"};
  Body body(call, kKeys);
  Policies::Request request;
  request.document = body.Lines("policy", access::kPolicyBytesMax);
  request.note = body.Lines("statement", access::kPolicyNoteBytesMax);
  request.reason = body.Text("reason", Need::kRequired, approvals::kReasonBytesMax);
  CheckAccounts(call, body, request.note);
  if (!body.ok()) co_return body.Refuse(call);
  const std::string document = request.document;
  access::Outcome<access::Approvals::Shown> outcome =
      co_await call.gate().policies().Propose(*call.caller, std::move(request), std::move(*once));
  if (IsInvalid(outcome)) {
    std::optional<net::Response> faults = TellFaults(call, document);
    if (faults.has_value()) co_return std::move(*faults);
  }
  co_return co_await AnswerApproval(call, outcome);
}

// Whoever approves sees what changes: of the one in force by now.
Task<Status> WritePolicy(Call& call, const approvals::Document& approval, codec::JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::PolicyWanted wanted,
                        access::ParsePolicyWanted(approval.what));
  std::vector<std::string> problems;
  CLOISON_CO_TRY_ASSIGN(const std::shared_ptr<const access::Policy> policy,
                        access::Policy::Parse(wanted.document, call.schema(), &problems));
  json.Key("version").Uint(policy->version());
  json.Key("digest").String(base::ToHex(access::DigestOfPolicy(wanted.document)));
  WriteDifferences(json, *call.service.vault->policy(), *policy, call.schema());
  WriteFounders(json, wanted.note);
  co_return Ok();
}

Task<net::Response> ShowPolicy(Call& call) {
  const std::optional<std::uint32_t> version =
      VersionOf(std::string_view(call.request.path).substr(kPath.size()));
  if (!version.has_value()) co_return call.Refuse(ProblemCode::kNotAvailable);
  access::Outcome<Policies::Shown> outcome =
      co_await call.gate().policies().Read(*call.caller, *version);
  const Policies::Shown* shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &shown->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("version").Uint(shown->version.version);
  json.Key("in_force").Bool(shown->in_force);
  json.Key("since").String(Rfc3339(shown->version.since_ms));
  json.Key("digest").String(base::ToHex(access::DigestOfPolicy(shown->version.document)));
  if (!shown->version.note.empty()) json.Key("statement").String(shown->version.note);
  json.Key("policy").String(shown->version.document).Key("receipt");
  WriteReceipt(json, shown->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(out));
}

Task<net::Response> PreviewPolicy(Call& call) {
  static constexpr std::string_view kKeys[] = {"policy", "days"};
  Body body(call, kKeys);
  std::string document = body.Lines("policy", access::kPolicyBytesMax);
  access::PreviewLimits limits;
  const std::optional<codec::JsonValue> days = body.Find("days", Need::kOptional);
  if (days.has_value()) {
    const Result<std::int64_t> read = days->AsInt();
    if (!read.ok() || *read < 1 || *read > kPreviewDaysMax) {
      body.Add(*days, "invalid_value", "1 to 31 days are expected");
    } else {
      limits.period_ms = *read * base::kDayMs;
    }
  }
  if (!body.ok()) co_return body.Refuse(call);
  access::Outcome<Policies::Previewed> outcome =
      co_await call.gate().policies().Preview(*call.caller, document, limits);
  if (IsInvalid(outcome)) {
    std::optional<net::Response> faults = TellFaults(call, document);
    if (faults.has_value()) co_return std::move(*faults);
  }
  const Policies::Previewed* previewed = Given(outcome);
  if (previewed == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &previewed->recorded);
  co_await MakeProofs(call, std::move(entries));
  const access::PreviewReport& report = previewed->report;
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("entries").Uint(report.entries).Key("allowed").Uint(report.allowed);
  json.Key("refusals").Uint(report.refusals).Key("undecided").Uint(report.undecided);
  json.Key("from").String(Rfc3339(report.from_ms)).Key("to").String(Rfc3339(report.to_ms));
  json.Key("more").Bool(report.more).Key("expired").Bool(report.expired);
  WriteChanged(json, report);
  WriteDifferences(json, *previewed->before, *previewed->after, call.schema());
  json.Key("receipt");
  WriteReceipt(json, previewed->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(out));
}

Task<net::Response> Organisations(Call& call) {
  // Whoever may not even read their own capabilities (frozen, expired, too weak) reads no others'.
  const access::Outcome<access::Capabilities> own =
      co_await call.gate().OwnCapabilities(*call.caller);
  if (!own.ok() || !std::holds_alternative<access::Capabilities>(*own)) {
    co_return call.Refuse(own);
  }
  const std::shared_ptr<const access::Policy> policy = call.service.vault->policy();
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("policy_version").Uint(policy->version());
  json.Key("items").BeginArray();
  for (const access::Organisation& organisation : policy->organisations()) {
    json.BeginObject().Key("organisation").Uint(organisation.id.value());
    json.Key("name").String(organisation.name).Key("offices").BeginArray();
    for (const access::Office& office : organisation.offices) {
      json.BeginObject().Key("office").Uint(office.id.value()).Key("name").String(office.name);
      json.Key("departements").BeginArray();
      for (const std::string& one : office.departements) json.String(one);
      json.EndArray().EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  co_return JsonAnswer(200, std::move(out));
}

}  // namespace cloison::api::internal
