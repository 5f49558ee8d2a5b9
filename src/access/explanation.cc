#include "access/explanation.h"

#include <algorithm>
#include <iterator>

namespace cloison::access {

namespace {

constexpr std::string_view kNames[] = {"roster",        "ticket",   "appointment",
                                       "contact",       "transfer", "cover",
                                       "second_person", "presence", "emergency"};
static_assert(std::size(kNames) == kExplanationKindLast);

}  // namespace

std::string_view Name(ExplanationKind kind) {
  return kNames[static_cast<std::size_t>(kind) - 1];
}

std::optional<ExplanationKind> ExplanationNamed(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<ExplanationKind>(found - std::begin(kNames) + 1);
}

std::optional<ExplanationLimits> LimitsOf(ExplanationKind kind, const Policy& policy) {
  const ExplanationSpec* const spec = policy.FindExplanation(Name(kind));
  if (spec == nullptr) return std::nullopt;
  return ExplanationLimits{spec->per_day_max, spec->per_day_max * kReadersPerWriter,
                           spec->lasts_ms};
}

Standing StandingOf(const Pair& pair, std::int64_t now_ms) {
  const bool followed = pair.caseload.has_value() && pair.caseload->HoldsAt(now_ms);
  if (followed && pair.caseload->SettledAt(now_ms)) {
    return {Relation::kCaseload, Counted::kOnCaseload};
  }
  bool explained = false, present = false;
  for (const Explanation& explanation : pair.explanations) {
    if (!explanation.HoldsAt(now_ms)) continue;
    explained = true;
    present = present || explanation.kind == ExplanationKind::kPresence;
  }
  const Counted counted = present ? Counted::kPresence : Counted::kOffCaseload;
  // A pair that is new is off the caseload, whatever stands beside it.
  if (followed) return {Relation::kCaseload, Counted::kOffCaseload};
  return {explained ? Relation::kExplained : Relation::kAny, counted};
}

}  // namespace cloison::access
