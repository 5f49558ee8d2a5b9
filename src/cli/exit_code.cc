#include "cli/exit_code.h"

namespace cloison::cli {

namespace {

struct ByCode {
  std::string_view code;
  ExitCode exit;
};

// Problem codes that say more than their status.
constexpr ByCode kByCode[] = {
    {"approval_required", ExitCode::kWaiting}, {"budget_spent", ExitCode::kBudgetSpent},
    {"overloaded", ExitCode::kTryAgain},       {"deadline_exceeded", ExitCode::kTryAgain},
    {"sealed", ExitCode::kUnavailable},        {"ledger_unavailable", ExitCode::kUnavailable},
};

}  // namespace

ExitCode ExitCodeOf(int http_status, std::string_view problem_code) {
  if (http_status == 202) return ExitCode::kWaiting;
  if (http_status >= 200 && http_status < 300) return ExitCode::kDone;
  for (const ByCode& known : kByCode) {
    if (known.code == problem_code) return known.exit;
  }
  switch (http_status) {
    case 401:
    case 403: return ExitCode::kRefused;
    case 404:
    case 410: return ExitCode::kNotFound;
    case 400:
    case 413:
    case 415:
    case 422:
    case 428: return ExitCode::kUsage;
    case 409:
    case 412: return ExitCode::kConflict;
    case 408:
    case 425:
    case 429:
    case 504: return ExitCode::kTryAgain;
    case 502:
    case 503: return ExitCode::kUnavailable;
    default: return ExitCode::kFailure;
  }
}

ExitCode ExitCodeOf(const Error& error) {
  switch (error.code()) {
    case Code::kInvalid: return ExitCode::kUsage;
    case Code::kNotFound: return ExitCode::kNotFound;
    case Code::kDenied: return ExitCode::kRefused;
    case Code::kConflict: return ExitCode::kConflict;
    case Code::kUnavailable: return ExitCode::kUnavailable;
    case Code::kUnknownOutcome: return ExitCode::kTryAgain;
    case Code::kExhausted:
    case Code::kCorrupt: break;
  }
  return ExitCode::kFailure;
}

}  // namespace cloison::cli
