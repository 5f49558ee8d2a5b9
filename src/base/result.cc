#include "base/result.h"

namespace cloison::base {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kInvalid: return "invalid";
    case Code::kNotFound: return "not_found";
    case Code::kDenied: return "denied";
    case Code::kConflict: return "conflict";
    case Code::kExhausted: return "exhausted";
    case Code::kCorrupt: return "corrupt";
    case Code::kUnavailable: return "unavailable";
    case Code::kUnknownOutcome: return "unknown_outcome";
  }
  return "unknown";
}

}  // namespace cloison::base
