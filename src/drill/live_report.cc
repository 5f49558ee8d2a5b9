#include "drill/live_report.h"

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "drill/heard.h"

namespace cloison::drill {

namespace {

using access::Counter;

double DaysOf(std::int64_t ms) {
  return static_cast<double>(ms) / static_cast<double>(base::kDayMs);
}

CounterReport Count(std::span<const LiveBook> books, Counter counter, std::int64_t whole_ms) {
  CounterReport sum;
  for (const LiveBook& one : books) {
    const CounterReport own = one.book->Against(one.caps, counter, 0, whole_ms);
    sum.shown += own.shown;
    sum.bound += own.bound;
    sum.ratio = std::max(sum.ratio, own.ratio);
  }
  sum.ratio = std::max(sum.ratio, RatioOf(sum.shown, sum.bound));
  return sum;
}

// The first account to be told so, and how many were.
void CountRungs(std::span<const LiveBook> books, Report& report) {
  std::optional<std::int64_t> contained_ms = 0;
  for (int rung = kRungMin; rung <= kRungMax; ++rung) {
    RungReached reached{rung, 0, 0, 0};
    std::int64_t first_ms = INT64_MAX;
    for (const LiveBook& one : books) {
      const auto found = std::ranges::find_if(one.rungs, [rung](const LiveRung& at) {
        const bool pool = at.rung == kRungMax || rung == kRungMax;
        return pool ? at.rung == rung : at.rung >= rung;
      });
      if (found == one.rungs.end()) continue;
      ++reached.accounts;
      if (found->at_ms >= first_ms) continue;
      first_ms = found->at_ms;
      reached.days = DaysOf(first_ms);
      reached.reads = found->reads;
    }
    if (reached.accounts > 0) report.rungs.push_back(reached);
  }
  for (const LiveBook& one : books) {
    const auto held = std::ranges::find_if(one.rungs, [](const LiveRung& at) {
      return at.rung >= 3;  // each stranger takes a second person
    });
    if (held == one.rungs.end()) contained_ms.reset();
    if (contained_ms.has_value()) contained_ms = std::max(*contained_ms, held->at_ms);
  }
  if (contained_ms.has_value() && !books.empty()) report.days_to_contained = DaysOf(*contained_ms);
}

}  // namespace

Report SummariseLive(std::span<const LiveBook> books, std::int64_t whole_ms, LiveFacts facts) {
  Report report;
  report.options.name = kLive;
  report.options.accounts = books.size();
  report.options.people = 0;
  report.options.days = 0;
  facts.seconds = static_cast<double>(whole_ms) / base::kSecondMs;
  report.scope.emplace();
  std::set<PersonId> once;
  std::vector<BookOfAccount> drawn;
  for (const LiveBook& one : books) {
    report.requests += one.tally.requests;
    report.refused += one.tally.refused;
    report.most_off = std::max(report.most_off.value_or(0), one.strangers_opened);
    facts.unanswered += one.unanswered;
    facts.elsewhere += one.scope.elsewhere;
    report.scope->Add(one.book->Compare(one.scope.entries));
    report.scope->Add({0, 0, one.scope.unanswered, one.scope.unanswered});
    for (const BookLine& line : one.book->lines()) {
      if (line.counters.Has(Counter::kOpened)) once.insert(line.person);
    }
    drawn.push_back({one.book, &one.caps});
  }
  report.people_once = once.size();
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    report.counters[c] = Count(books, static_cast<Counter>(c), whole_ms);
    report.ratio = std::max(report.ratio, report.counters[c].ratio);
  }
  report.curve = CurveOf(drawn, {}, 0, whole_ms);
  report.faults.unanswered = facts.unanswered;
  CountRungs(books, report);
  report.live = facts;
  return report;
}

}  // namespace cloison::drill
