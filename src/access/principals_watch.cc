// What an observer is told of principals, and what it says of them.
#include <algorithm>

#include "access/principals.h"

namespace cloison::access {

// Agents are watched: applications show nobody, officers see counts, citizens themselves. Whoever
// was one and is held stays so, whatever the role is now.
void Principals::Watched(PrincipalState& principal, std::int64_t now_ms) {
  if (observer_ == nullptr) return;
  const PrincipalInfo& info = principal.info_;
  const Role* const role = policy_.Now().FindRole(info.role);
  const bool agent = role != nullptr && role->kind == RoleKind::kAgent && !info.person.has_value();
  principal.budget_class_ = role == nullptr ? "" : role->budget_class;
  principal.seen_by_observer_ = agent;
  if (agent && principal.watch_ == nullptr) principal.watch_ = observer_->NewWatch(now_ms);
}

void Principals::NoteUse(const PrincipalState& principal, ShowingFamily family, CounterSet counters,
                         Acting& acting) const {
  if (family == ShowingFamily::kOverview) return;
  const Windows& windows = *principal.windows(family);
  for (std::size_t c = 0; c < kCounters; ++c) {
    const auto counter = static_cast<Counter>(c);
    const std::uint64_t cap = windows.caps().cap(counter, Window::kDay);
    if (!counters.Has(counter) || cap == 0) continue;
    const std::uint64_t left = windows.Left(counter, Window::kDay, acting.time.budget_ms);
    acting.spent = acting.spent || left == 0;
    acting.worn = acting.worn || (cap - std::min(left, cap)) * 100 >= cap * kWornPercent;
  }
}

// Of somebody else than who asks nobody has refreshed the caps, which is when the class is known:
// by bounds of another class what was counted would be weighed wrongly, and stay so.
void Principals::WatchedByNow(PrincipalState& principal, std::int64_t now_ms) {
  const bool known = principal.caps_serial_ == policy_.serial() && principal.caps_until_ms_ != 0;
  if (!known) Watched(principal, now_ms);
}

Hold Principals::HoldOn(PrincipalState& principal, std::int64_t now_ms) {
  WatchedByNow(principal, now_ms);
  if (principal.watch_ == nullptr) return {};
  return observer_->HoldOn(principal.info_, principal.budget_class_, *principal.watch_, now_ms);
}

std::vector<Evidence> Principals::EvidenceOf(PrincipalState& principal, std::int64_t now_ms) {
  WatchedByNow(principal, now_ms);
  if (principal.watch_ == nullptr) return {};
  return observer_->EvidenceOf(principal.budget_class_, *principal.watch_, now_ms);
}

void Principals::CloseCase(PrincipalState& principal, const CaseId& file, std::int64_t now_ms) {
  if (principal.watch_ == nullptr) return;
  observer_->EndCase(*principal.watch_, file, now_ms);
  principal.caps_until_ms_ = 0;
  MarkDirty(principal);
}

}  // namespace cloison::access
