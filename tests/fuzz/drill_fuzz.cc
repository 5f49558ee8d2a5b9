// The drill's own files, told apart by the first byte: a world of attacks, a log of honest work.
// What is read keeps its limits; what is not says why.
#include <sstream>

#include "drill/plan.h"

namespace cloison::drill {
namespace {

void TryPlan(std::string_view text) {
  std::vector<std::string> problems;
  const Result<Plan> plan = ParsePlan(text, &problems);
  CLOISON_CHECK(plan.ok() == problems.empty());
  if (!plan.ok()) return;
  CLOISON_CHECK(plan->attacks.size() <= kPlannedMax);
  CLOISON_CHECK(!plan->attacks.empty() || !plan->benign.empty());
  for (const Options& options : plan->attacks) {
    CLOISON_CHECK(AccountsOf(options.name).has_value());
    CLOISON_CHECK(options.accounts >= 1 && options.accounts <= kAccountsMax);
    CLOISON_CHECK(options.people >= kPeopleMin && options.people <= kPeopleMax);
    CLOISON_CHECK(options.days >= 1 && options.days <= kDaysMax);
    CLOISON_CHECK(options.caseload >= kCaseloadMin && options.agents <= kAccountsMax);
  }
}

void TryLog(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> problems;
  const auto looks = ReadBenign(in, &problems);
  CLOISON_CHECK(looks.ok() == problems.empty());
  if (!looks.ok()) return;
  CLOISON_CHECK(!looks->empty());
  for (std::size_t i = 0; i < looks->size(); ++i) {
    const BenignLook& look = (*looks)[i];
    CLOISON_CHECK(!look.agent.empty() && !look.person.empty());
    CLOISON_CHECK(i == 0 || (*looks)[i - 1].at_ms <= look.at_ms);
  }
}

}  // namespace
}  // namespace cloison::drill

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 2 == 0) {
    cloison::drill::TryPlan(text);
  } else {
    cloison::drill::TryLog(text);
  }
  return 0;
}
