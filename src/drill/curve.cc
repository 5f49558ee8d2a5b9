#include "drill/curve.h"

#include <algorithm>
#include <set>

#include "base/clock.h"

namespace cloison::drill {

using access::Counter;

std::uint64_t BoundOf(std::span<const BookOfAccount> accounts,
                      std::span<const access::CeilingSpec> ceilings, Counter counter,
                      std::int64_t duration_ms) {
  std::uint64_t bound = 0;
  for (const BookOfAccount& account : accounts) {
    bound += access::Bound(*account.caps, counter, duration_ms);
  }
  for (const access::CeilingSpec& ceiling : ceilings) {
    const std::optional<std::uint32_t> cap = ceiling.caps[static_cast<std::size_t>(counter)];
    if (!cap.has_value()) continue;
    const std::int64_t length_ms = ceiling.bucket_ms * ceiling.buckets;
    const auto times = static_cast<std::uint64_t>((duration_ms + length_ms - 1) / length_ms);
    bound = std::min(bound, *cap * times);
  }
  return bound;
}

std::vector<CurvePoint> CurveOf(std::span<const BookOfAccount> accounts,
                                std::span<const access::CeilingSpec> ceilings,
                                std::int64_t begin_ms, std::int64_t whole_ms) {
  using Pair = std::pair<std::size_t, PersonId>;
  struct Step {
    std::int64_t at_ms;
    Pair pair;
    bool off;
  };
  std::vector<Step> steps;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    for (const BookLine& line : accounts[i].book->lines()) {
      if (line.at_ms < begin_ms || !line.counters.Has(Counter::kOpened)) continue;
      steps.push_back({line.at_ms, {i, line.person}, line.counters.Has(Counter::kOpenedOff)});
    }
  }
  std::ranges::stable_sort(steps, {}, &Step::at_ms);
  std::set<Pair> opened, off;
  std::vector<CurvePoint> points;
  auto step = steps.begin();
  for (int i = 0; i <= kCurvePoints; ++i) {
    const std::int64_t after_ms = whole_ms * i / kCurvePoints;
    for (; step != steps.end() && step->at_ms <= begin_ms + after_ms; ++step) {
      opened.insert(step->pair);
      if (step->off) off.insert(step->pair);
    }
    // A showing at the very end of an interval is inside the next millisecond's.
    const std::int64_t length_ms = after_ms + 1;
    points.push_back({static_cast<double>(after_ms) / static_cast<double>(base::kDayMs),
                      opened.size(), off.size(),
                      BoundOf(accounts, ceilings, Counter::kOpened, length_ms),
                      BoundOf(accounts, ceilings, Counter::kOpenedOff, length_ms)});
  }
  return points;
}

}  // namespace cloison::drill
