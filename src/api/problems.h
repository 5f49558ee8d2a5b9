// Every way in which the API says no: one table of stable codes, and the RFC 9457 body made of one.
//
// A problem never holds a value of the request: details are literals, pointers name keys that the
// API knows (codec::JsonReader), rules come from the policy.
//
// Source   RFC 9457, RFC 6901; docs/api/openapi.yaml lists the same codes (a test compares).
#ifndef CLOISON_API_PROBLEMS_H_
#define CLOISON_API_PROBLEMS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/gate.h"
#include "net/http.h"

namespace cloison::api {

enum class ProblemCode : std::uint8_t {
  kMalformedRequest,
  kMalformedBody,
  kQueryRefused,
  kPageTokenRefused,
  kIdempotencyKeyMissing,
  kIfMatchMalformed,
  kUnauthenticated,
  kStepUpRequired,
  kNotEnrolled,
  kPrincipalFrozen,
  kPrincipalExpired,
  kSignInTooWeak,
  kApprovalRequired,
  kCaseRefRequired,
  kHeldBack,
  kPurposeRefused,
  kNoRight,
  kNotAvailable,
  kNoSuchPath,
  kMethodNotAllowed,
  kRequestTimeout,
  kPersonExists,
  kConflict,
  kNotSealed,
  kRecordExpired,
  kVersionChanged,
  kBodyTooLarge,
  kTargetTooLong,
  kUnsupportedMediaType,
  kInvalidRequest,
  kIdempotencyKeyReused,
  kIfMatchMissing,
  kBudgetSpent,
  kHeadersTooLarge,
  kRecordUnreadable,
  kInternalError,
  kSealed,
  kLedgerUnavailable,
  kOverloaded,
  kDeadlineExceeded,
};

struct ProblemSpec {
  ProblemCode code;
  int status;
  std::string_view name;  // "budget_spent"
  std::string_view title;
};
std::span<const ProblemSpec> AllProblems();  // in the order of the codes
const ProblemSpec& SpecOf(ProblemCode code);

inline constexpr std::size_t kFaultsMax = 20;  // of one answer; later ones are dropped

// One fault of a request, by place.
struct FieldFault {
  std::string pointer;  // RFC 6901; "" is the whole body
  std::string_view code;
  std::string_view detail;  // both literals
};

struct Problem {
  explicit Problem(ProblemCode of, std::string_view why = {}) : code(of), detail(why) {}

  ProblemCode code;
  std::string_view detail;  // a literal; "" is left out
  std::vector<FieldFault> errors;
  std::string rule;      // the rule that decided; "" is left out
  std::string spent;     // the budget that is: "opened/hour"
  std::string scope;     // whose: "principal", "office" ...
  std::string approval;  // the kind to ask for ("raise"), or the one that is waited for
  std::string existing;  // kPersonExists: the code
  std::int64_t retry_after_s = 0;
  std::optional<base::Indirect<access::BudgetLeft>> budget;
};

net::Response ToResponse(const Problem& problem, std::string_view request_id);

// What the gate refused; what it failed with.
Problem FromRefusal(const access::Refusal& refusal);
Problem FromError(const Error& error);

// The body of a refusal before any handler (net::ServerOptions::error_body).
net::Response FromNet(int status, std::string_view code, std::string_view request_id);

// "req_" and 24 random hexadecimal digits.
std::string NewRequestId(base::Random& random);

}  // namespace cloison::api

#endif  // CLOISON_API_PROBLEMS_H_
