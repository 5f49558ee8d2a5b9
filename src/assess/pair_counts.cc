#include "assess/pair_counts.h"

#include <algorithm>

#include "base/check.h"
#include "base/clock.h"

namespace cloison::assess {

PairCounts::PairCounts(std::size_t groups, std::int64_t first_ms, std::int64_t last_ms) {
  CLOISON_CHECK(groups > 0 && first_ms <= last_ms);
  for (const std::int64_t hours : {1, 6, 24}) {
    const std::int64_t bucket_ms = hours * base::kHourMs;
    const std::int64_t begin_ms = first_ms - first_ms % base::kDayMs;
    const auto used = static_cast<std::size_t>((last_ms - begin_ms) / bucket_ms) + 1;
    const auto buckets = static_cast<std::uint32_t>(24 / hours);
    const std::size_t columns = used + buckets + 2;
    const std::size_t cells = groups * access::kCounters * columns;
    if (cells * sizeof(std::int32_t) > kPairBytesMax) continue;
    begin_ms_ = begin_ms;
    bucket_ms_ = bucket_ms;
    buckets_ = buckets;
    columns_ = columns;
    used_ = used;
    cells_ = std::make_unique<std::atomic<std::int32_t>[]>(cells);
    return;
  }
}

std::vector<PairCounts::Day> PairCounts::DaysOf(const std::vector<std::size_t>& groups,
                                                std::size_t counter, const Zone& zone) const {
  std::vector<Day> days;
  std::int64_t sum = 0;
  for (std::size_t bucket = 0; usable() && bucket < used_; ++bucket) {
    for (const std::size_t group : groups) {
      sum += cells_[(group * access::kCounters + counter) * columns_ + bucket].load(
          std::memory_order_relaxed);
    }
    const std::int64_t at_ms = begin_ms_ + static_cast<std::int64_t>(bucket) * bucket_ms_;
    const std::int64_t day = zone.DayOf(at_ms);
    if (days.empty() || days.back().day != day) days.push_back({day, 0});
    days.back().most = std::max(days.back().most, static_cast<std::uint64_t>(sum));
  }
  return days;
}

namespace {

std::uint64_t Quantile(const std::vector<std::uint64_t>& sorted, std::size_t quarter) {
  return sorted[(sorted.size() - 1) * quarter / 4];
}

std::uint64_t RoundedUp(std::uint64_t value) {
  std::uint64_t unit = 1;
  while (value / unit >= 100) unit *= 10;
  return (value + unit - 1) / unit * unit;
}

}  // namespace

Proposal Propose(const std::vector<PairCounts::Day>& days) {
  Proposal proposal;
  std::vector<std::uint64_t> values;
  for (const PairCounts::Day& day : days) {
    if (day.most > 0) values.push_back(day.most);
  }
  if (values.empty()) return proposal;
  std::ranges::sort(values);
  const std::uint64_t median = Quantile(values, 2);
  std::erase_if(values, [median](std::uint64_t value) { return value * 4 < median; });
  proposal.days = values.size();
  proposal.median = Quantile(values, 2);
  const std::uint64_t spread =
      std::max((Quantile(values, 3) - Quantile(values, 1)) * 3, proposal.median / 2);
  const std::uint64_t fence = Quantile(values, 3) + spread;
  for (const PairCounts::Day& day : days) {
    if (day.most > fence) {
      proposal.left_out.push_back(day.day);
    } else {
      proposal.ordinary_most = std::max(proposal.ordinary_most, day.most);
    }
  }
  if (proposal.days >= kProposalDaysMin) {
    proposal.ceiling = RoundedUp((proposal.ordinary_most * 5 + 3) / 4);
  }
  return proposal;
}

}  // namespace cloison::assess
