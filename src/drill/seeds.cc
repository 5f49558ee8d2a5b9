#include "drill/seeds.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "drill/drill.h"

namespace cloison::drill {

Spread SpreadOf(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const auto at = [&values](double part) {
    const double rank = std::ceil(part * static_cast<double>(values.size()) - 1e-9);
    return values[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
  };
  return {at(0.5), at(0.95), values.back()};
}

OverSeeds SummariseSeeds(const std::vector<Report>& reports) {
  OverSeeds over;
  over.seeds = reports.size();
  std::vector<double> most_off, opened, contained, frozen;
  for (const Report& report : reports) {
    most_off.push_back(static_cast<double>(report.most_off.value_or(0)));
    opened.push_back(static_cast<double>(report.of(access::Counter::kOpened).shown));
    contained.push_back(report.days_to_contained.value_or(kNotReached));
    const RungReached* const r4 = report.rung(4);
    frozen.push_back(r4 == nullptr ? kNotReached : r4->days);
    over.ratio = std::max(over.ratio, report.ratio);
    over.uncompared += report.scope.has_value() ? 0 : 1;
    over.missing += report.scope.has_value() ? report.scope->missing : 0;
    over.extra += report.scope.has_value() ? report.scope->extra : 0;
    over.oracle.Add(report.oracle);
    over.passed = over.passed && report.passed();
  }
  over.most_off = SpreadOf(std::move(most_off));
  over.opened = SpreadOf(std::move(opened));
  over.days_to_contained = SpreadOf(std::move(contained));
  over.days_to_r4 = SpreadOf(std::move(frozen));
  over.passed = over.passed && over.oracle.Advantage().value_or(0) <= kAdvantageMax;
  return over;
}

Result<std::vector<Report>> RunSeeds(const Options& options, std::size_t seeds,
                                     const Ground& ground) {
  if (seeds == 0 || seeds > kSeedsMax) {
    return Error{Code::kInvalid, "a drill has 1 to 100 seeds"};
  }
  std::vector<std::optional<Result<Report>>> made(seeds);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < seeds; i = next++) {
      Options own = options;
      own.seed += i;
      Ground under = ground;
      under.directory += "/seed" + std::to_string(i);
      const Status there = ground.files.MakeDirectory(under.directory, 0700);
      made[i].emplace(there.ok() ? Run(own, under) : Result<Report>(there.error()));
      if (!(*made[i]).ok()) next = seeds;  // no more: it is told
    }
  };
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::jthread> workers;
  for (std::size_t i = 1; i < std::min(cores, seeds); ++i) workers.emplace_back(work);
  work();
  workers.clear();
  std::vector<Report> reports;
  for (std::optional<Result<Report>>& one : made) {
    if (one.has_value() && !one->ok()) return one->error();
  }
  for (std::optional<Result<Report>>& one : made) reports.push_back(std::move(**one));
  return reports;
}

}  // namespace cloison::drill
