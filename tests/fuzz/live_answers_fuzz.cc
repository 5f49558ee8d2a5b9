// What the live drill reads: a server's answers and a file of targets, told apart by the first
// byte. What is read keeps its limits.
#include "drill/live.h"
#include "drill/live_answers.h"

namespace cloison::drill {
namespace {

void TryTargets(std::string_view text) {
  const Result<LiveTargets> targets = ParseTargets(text);
  if (!targets.ok()) {
    CLOISON_CHECK(targets.error().detail() >= 1);
    return;
  }
  CLOISON_CHECK(targets->codes.size() + targets->nirs.size() <= kLiveTargetsMax);
}

void TryRecords(std::string_view body) {
  for (const char* const list : {"rows", "disclosures"}) {
    const auto records = ParseRecords(body, list);
    if (!records.ok()) continue;
    for (const LiveRecord& record : *records) CLOISON_CHECK(!record.entries.empty());
  }
}

void TryActivity(std::string_view body) {
  const Result<LiveActivity> activity = ParseActivity(body);
  if (!activity.ok()) return;
  for (const LiveEntry& entry : activity->entries) {
    CLOISON_CHECK(entry.form.has_value() == (!entry.person.empty() || entry.sealed));
  }
}

}  // namespace
}  // namespace cloison::drill

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison::drill;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 5) {
    case 0: TryTargets(text); break;
    case 1: TryRecords(text); break;
    case 2: TryActivity(text); break;
    case 3: (void)ParseCapabilities(text).ok(); break;
    default: (void)ParseAlarms(text).ok(); (void)ProblemCodeOf(text);
  }
  return 0;
}
