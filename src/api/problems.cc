#include "api/problems.h"

#include <algorithm>
#include <array>

#include "api/internal/answers.h"
#include "codec/json_writer.h"

namespace cloison::api {

namespace {

using enum ProblemCode;

constexpr std::array<ProblemSpec, 40> kProblems = {{
    {kMalformedRequest, 400, "malformed_request", "The request is not well-formed HTTP"},
    {kMalformedBody, 400, "malformed_body", "The body is not strict JSON"},
    {kQueryRefused, 400, "query_refused", "The query string is not understood"},
    {kPageTokenRefused, 400, "page_token_refused", "The page token is not one of this caller's"},
    {kIdempotencyKeyMissing, 400, "idempotency_key_missing", "An Idempotency-Key is required"},
    {kIfMatchMalformed, 400, "if_match_malformed", "If-Match must hold one strong entity tag"},
    {kUnauthenticated, 401, "unauthenticated", "Nobody is signed in"},
    {kStepUpRequired, 401, "step_up_required", "Signing in again is required"},
    {kNotEnrolled, 403, "not_enrolled", "The principal is not enrolled"},
    {kPrincipalFrozen, 403, "principal_frozen", "The principal is frozen"},
    {kPrincipalExpired, 403, "principal_expired", "The enrolment has ended"},
    {kSignInTooWeak, 403, "sign_in_too_weak", "The sign-in is not enough for the role"},
    {kApprovalRequired, 403, "approval_required", "Somebody else must agree first"},
    {kCaseRefRequired, 403, "case_ref_required", "What it is for must be said: case_ref"},
    {kHeldBack, 403, "held_back", "A case must be closed, or a second person agree, first"},
    {kPurposeRefused, 403, "purpose_refused", "The purpose does not give this"},
    {kNoRight, 403, "no_right", "The role has no right to do this"},
    {kNotAvailable, 404, "not_available", "Not available"},
    {kNoSuchPath, 404, "no_such_path", "There is nothing under this path"},
    {kMethodNotAllowed, 405, "method_not_allowed", "The path does not take this method"},
    {kRequestTimeout, 408, "request_timeout", "The request took too long to arrive"},
    {kPersonExists, 409, "person_exists", "The person is in the register"},
    {kConflict, 409, "conflict", "Something else changed it first"},
    {kNotSealed, 409, "not_sealed", "The entry is no sealed access"},
    {kRecordExpired, 410, "record_expired", "What the entry says has expired"},
    {kVersionChanged, 412, "version_changed", "The record has another version"},
    {kBodyTooLarge, 413, "body_too_large", "The body is too large"},
    {kTargetTooLong, 414, "target_too_long", "The request target is too long"},
    {kUnsupportedMediaType, 415, "unsupported_media_type", "The media type is not taken here"},
    {kInvalidRequest, 422, "invalid_request", "The request does not fit"},
    {kIdempotencyKeyReused, 422, "idempotency_key_reused",
     "The Idempotency-Key came with another body"},
    {kIfMatchMissing, 428, "if_match_missing", "If-Match is required"},
    {kBudgetSpent, 429, "budget_spent", "A budget is spent"},
    {kHeadersTooLarge, 431, "headers_too_large", "The headers are too large"},
    {kRecordUnreadable, 500, "record_unreadable", "A record does not open"},
    {kInternalError, 500, "internal_error", "The server failed"},
    {kSealed, 503, "sealed", "The register is sealed"},
    {kLedgerUnavailable, 503, "ledger_unavailable", "Nothing can be recorded, so nothing is shown"},
    {kOverloaded, 503, "overloaded", "Too much at once"},
    {kDeadlineExceeded, 503, "deadline_exceeded", "The answer took too long"},
}};

void WriteFaults(codec::JsonWriter& json, const std::vector<FieldFault>& faults) {
  if (faults.empty()) return;
  json.Key("errors").BeginArray();
  for (const FieldFault& fault : faults) {
    json.BeginObject().Key("pointer").String(fault.pointer).Key("code").String(fault.code);
    json.Key("detail").String(fault.detail).EndObject();
  }
  json.EndArray();
}

std::int64_t SecondsOf(std::int64_t ms) {
  return (ms + 999) / 1000;
}

ProblemCode CodeOf(access::RefusalCode code) {
  using access::RefusalCode;
  switch (code) {
    case RefusalCode::kNotEnrolled: return kNotEnrolled;
    case RefusalCode::kNotAvailable: return kNotAvailable;
    case RefusalCode::kPurposeRefused: return kPurposeRefused;
    case RefusalCode::kBudgetSpent: return kBudgetSpent;
    case RefusalCode::kFrozen: return kPrincipalFrozen;
    case RefusalCode::kNoRight: return kNoRight;
    case RefusalCode::kExists: return kPersonExists;
    case RefusalCode::kChanged: return kVersionChanged;
    case RefusalCode::kNotSealed: return kNotSealed;
    case RefusalCode::kRecordExpired: return kRecordExpired;
    case RefusalCode::kUnsealed:
    case RefusalCode::kDecided: return kConflict;
    case RefusalCode::kStepUp: return kStepUpRequired;
    case RefusalCode::kTooWeak: return kSignInTooWeak;
    case RefusalCode::kExpired: return kPrincipalExpired;
    case RefusalCode::kApprovalRequired: return kApprovalRequired;
    case RefusalCode::kCaseRefRequired: return kCaseRefRequired;
    case RefusalCode::kHeldBack: return kHeldBack;
  }
  return kInternalError;
}

ProblemCode CodeOf(Code code) {
  switch (code) {
    case Code::kInvalid: return kInvalidRequest;
    case Code::kNotFound: return kNotAvailable;
    case Code::kDenied: return kNoRight;
    case Code::kConflict: return kConflict;
    case Code::kExhausted: return kOverloaded;
    case Code::kCorrupt: return kRecordUnreadable;
    case Code::kUnavailable:
    case Code::kUnknownOutcome: return kLedgerUnavailable;
  }
  return kInternalError;
}

}  // namespace

std::span<const ProblemSpec> AllProblems() {
  return kProblems;
}

const ProblemSpec& SpecOf(ProblemCode code) {
  const ProblemSpec& spec = kProblems[static_cast<std::size_t>(code)];
  CLOISON_CHECK(spec.code == code);
  return spec;
}

net::Response ToResponse(const Problem& problem, std::string_view request_id) {
  const ProblemSpec& spec = SpecOf(problem.code);
  net::Response response;
  response.status = spec.status;
  response.headers.Add("content-type", "application/problem+json");
  codec::JsonWriter json(response.body);
  json.BeginObject().Key("type").String("urn:cloison:problem:" + std::string(spec.name));
  json.Key("title").String(spec.title).Key("status").Int(spec.status);
  if (!problem.detail.empty()) json.Key("detail").String(problem.detail);
  json.Key("code").String(spec.name).Key("request_id").String(request_id);
  WriteFaults(json, problem.errors);
  if (!problem.rule.empty()) {
    json.Key("decision").BeginObject().Key("rule").String(problem.rule);
    if (!problem.spent.empty()) json.Key("budget").String(problem.spent);
    if (!problem.scope.empty()) json.Key("scope").String(problem.scope);
    if (!problem.approval.empty()) json.Key("approval").String(problem.approval);
    json.EndObject();
  }
  if (!problem.existing.empty()) json.Key("person").String(problem.existing);
  if (problem.retry_after_s > 0) {
    json.Key("retry_after_s").Int(problem.retry_after_s);
    response.headers.Add("retry-after", std::to_string(problem.retry_after_s));
  }
  if (problem.budget.has_value()) {
    internal::WriteBudget(json, **problem.budget);
    internal::AddRateLimit(response.headers, **problem.budget);
  }
  json.EndObject();
  if (problem.code == kStepUpRequired) {  // RFC 9470
    response.headers.Add("www-authenticate",
                         "DPoP error=\"insufficient_user_authentication\", max_age=0");
  }
  return response;
}

Problem FromRefusal(const access::Refusal& refusal) {
  Problem problem(CodeOf(refusal.code));
  problem.rule = refusal.rule;
  if (refusal.spent.has_value()) {
    problem.spent = std::string(access::Name(refusal.spent->counter)) + "/" +
                    std::string(access::Name(refusal.spent->window));
    problem.scope = access::Name(refusal.spent->scope);
    // A ceiling is a constant of the policy: nobody's own budget helps.
    const bool own = refusal.spent->scope == access::Scope::kPrincipal;
    problem.approval = own ? "raise" : "policy";
  }
  if (problem.code == kBudgetSpent) {
    problem.retry_after_s = std::max<std::int64_t>(1, SecondsOf(refusal.retry_after_ms));
  }
  if (refusal.existing.has_value()) problem.existing = refusal.existing->Text();
  if (refusal.approval.has_value()) {
    problem.approval = "apr_" + std::to_string(*refusal.approval);
  }
  // Only what was decided about a known principal has a budget to tell.
  if (refusal.recorded.has_value()) problem.budget = refusal.budget;
  return problem;
}

Problem FromError(const Error& error) {
  Problem problem(CodeOf(error.code()), error.text());
  const int status = SpecOf(problem.code).status;
  if (status == 503) problem.retry_after_s = 1;
  if (status >= 500) problem.detail = {};
  return problem;
}

net::Response FromNet(int status, std::string_view code, std::string_view request_id) {
  const auto spec =
      std::find_if(kProblems.begin(), kProblems.end(), [&](const ProblemSpec& candidate) {
        return candidate.name == code && candidate.status == status;
      });
  const ProblemCode fallback = status == 503 ? kOverloaded : kInternalError;
  const ProblemCode found = spec != kProblems.end() ? spec->code : fallback;
  net::Response response = ToResponse(Problem(found), request_id);
  internal::AddCommonHeaders(response.headers, request_id);
  return response;
}

std::string NewRequestId(base::Random& random) {
  return "req_" + base::ToHex(random.Draw<12>());
}

}  // namespace cloison::api
