// A trust policy that is accepted has a quorum that more cosignatures never unmake, that everybody
// together makes, and that names a line of the file when it does not.
#include <algorithm>
#include <string>

#include "tests/fuzz/parts.h"
#include "tlog/trust_policy.h"

using namespace cloison;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = AsText({data, size});
  const auto policy = tlog::TrustPolicy::Parse(text);
  if (!policy.ok()) {
    const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
    CLOISON_CHECK(policy.error().detail() >= 0 && policy.error().detail() <= lines);
    return 0;
  }
  CLOISON_CHECK(policy->witnesses().size() <= tlog::kTrustPolicyLinesMax);
  tlog::Cosigned cosigned(policy->witnesses().size(), 0);
  bool reached = policy->Reached(cosigned);
  for (std::uint64_t& time_s : cosigned) {
    time_s = 1;
    const bool now = policy->Reached(cosigned);
    CLOISON_CHECK(now || !reached);
    reached = now;
  }
  CLOISON_CHECK(reached);
  return 0;
}
