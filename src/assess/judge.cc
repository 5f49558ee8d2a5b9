#include "assess/judge.h"

namespace cloison::assess {

using access::Counter;

access::CounterSet CountersOf(bool opens, bool sensitive, bool off_caseload) {
  access::CounterSet counters;
  counters.Add(Counter::kGlimpsed);
  if (off_caseload) counters.Add(Counter::kGlimpsedOff);
  if (!opens) return counters;
  counters.Add(Counter::kOpened);
  if (off_caseload) counters.Add(Counter::kOpenedOff);
  if (sensitive) counters.Add(Counter::kSensitive);
  return counters;
}

std::optional<access::Spent> Judge::Show(const access::Caps& caps, std::int64_t now_ms,
                                         std::uint32_t person, access::CounterSet counters) {
  const auto known = numbers_.find(person);
  const std::uint32_t number =
      known == numbers_.end() ? static_cast<std::uint32_t>(numbers_.size()) : known->second;
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    if (!counters.Has(static_cast<Counter>(c))) continue;
    SlidingPeople& shown = shown_[c];
    shown.Advance(now_ms);
    for (std::size_t w = 0; w < access::kWindows; ++w) {
      if (!shown.IsIn(w, number) && shown.counts()[w] + 1 > caps.of[c][w]) {
        return access::Spent{static_cast<Counter>(c), static_cast<access::Window>(w)};
      }
    }
  }
  if (known == numbers_.end()) numbers_.emplace(person, number);
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    if (counters.Has(static_cast<Counter>(c))) shown_[c].Show(now_ms, number);
  }
  return std::nullopt;
}

void Judge::Clear() {
  for (SlidingPeople& shown : shown_) shown.Clear();
  numbers_.clear();
}

}  // namespace cloison::assess
