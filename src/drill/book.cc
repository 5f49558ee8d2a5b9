#include "drill/book.h"

#include <algorithm>
#include <map>
#include <set>

namespace cloison::drill {

namespace {

// Whether the entries that the line names say what the line says.
bool Covers(const std::map<std::uint64_t, const ScopeEntry*>& scope, const BookLine& line) {
  if (line.entries.empty()) return false;
  std::set<FieldId> named;
  for (const std::uint64_t index : line.entries) {
    const auto entry = scope.find(index);
    if (entry == scope.end() || entry->second->person != line.person) return false;
    named.insert(entry->second->fields.begin(), entry->second->fields.end());
  }
  return std::all_of(line.fields.begin(), line.fields.end(),
                     [&named](const FieldId field) { return named.contains(field); });
}

// How many of these entries, ascending, are of requests without an answer: of each the one set that
// it may have left.
std::size_t CountUnanswered(const std::vector<const ScopeEntry*>& others,
                            const std::vector<Unanswered>& unanswered) {
  std::size_t count = 0;
  auto at = others.begin();
  for (const Unanswered& request : unanswered) {
    std::map<PersonId, std::size_t> shown;
    at = std::find_if(at, others.end(),
                      [&](const ScopeEntry* one) { return one->index >= request.from; });
    for (; at != others.end() && (*at)->index < request.to; ++at) {
      const PersonId& person = (*at)->person;
      if (request.person.has_value() && *request.person != person) continue;
      if (!shown.contains(person) && shown.size() == request.people) continue;
      if (++shown[person] <= kEntriesOfOneShowing) ++count;
    }
  }
  return count;
}

}  // namespace

double RatioOf(std::uint64_t shown, std::uint64_t bound) {
  if (shown == 0) return 0;
  if (bound == 0) return static_cast<double>(shown) + 1;
  return static_cast<double>(shown) / static_cast<double>(bound);
}

std::uint64_t Book::PeopleBetween(access::Counter counter, std::int64_t from_ms,
                                  std::int64_t to_ms) const {
  std::set<PersonId> people;
  for (const BookLine& line : lines_) {
    if (line.at_ms >= from_ms && line.at_ms < to_ms && line.counters.Has(counter))
      people.insert(line.person);
  }
  return people.size();
}

std::uint64_t Book::MostWithin(access::Counter counter, access::Window window) const {
  const Book* const books[] = {this};
  return MostPairsWithin(books, counter, access::kWindowMs[static_cast<std::size_t>(window)]);
}

std::uint64_t Book::MostPairsWithin(std::span<const Book* const> books, access::Counter counter,
                                    std::int64_t length_ms) {
  using Pair = std::pair<std::size_t, PersonId>;
  std::vector<std::pair<std::int64_t, Pair>> lines;
  for (std::size_t i = 0; i < books.size(); ++i) {
    for (const BookLine& line : books[i]->lines_) {
      if (line.counters.Has(counter)) lines.push_back({line.at_ms, {i, line.person}});
    }
  }
  std::sort(lines.begin(), lines.end());
  std::map<Pair, std::size_t> inside;
  std::size_t most = 0, end = 0;
  for (const auto& [begin_ms, first] : lines) {
    for (; end < lines.size() && lines[end].first < begin_ms + length_ms; ++end) {
      ++inside[lines[end].second];
    }
    most = std::max(most, inside.size());
    const auto leaving = inside.find(first);
    if (--leaving->second == 0) inside.erase(leaving);
  }
  return most;
}

CounterReport Book::Against(const access::Caps& caps, access::Counter counter, std::int64_t from_ms,
                            std::int64_t duration_ms) const {
  CounterReport report{People(counter, from_ms), access::Bound(caps, counter, duration_ms), 0};
  report.ratio = RatioOf(report.shown, report.bound);
  for (std::size_t w = 0; w < access::kWindows; ++w) {
    const auto window = static_cast<access::Window>(w);
    const std::uint64_t most = MostWithin(counter, window);
    report.ratio = std::max(report.ratio, RatioOf(most, caps.cap(counter, window)));
  }
  return report;
}

ScopeDifference Book::Compare(const std::vector<ScopeEntry>& scope) const {
  std::map<std::uint64_t, const ScopeEntry*> by_index;
  for (const ScopeEntry& entry : scope) by_index.emplace(entry.index, &entry);
  ScopeDifference difference{0, 0, scope.size()};
  std::set<std::uint64_t> received;
  for (const BookLine& line : lines_) {
    if (!Covers(by_index, line)) ++difference.missing;
    received.insert(line.entries.begin(), line.entries.end());
  }
  std::vector<const ScopeEntry*> others;
  for (const ScopeEntry& entry : scope) {
    if (!received.contains(entry.index)) others.push_back(&entry);
  }
  std::ranges::sort(others, {}, &ScopeEntry::index);
  difference.unanswered = CountUnanswered(others, unanswered_);
  difference.extra = others.size() - difference.unanswered;
  return difference;
}

}  // namespace cloison::drill
