#include "drill/book.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

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

}  // namespace

std::uint64_t Book::People(access::Counter counter, std::int64_t from_ms) const {
  std::set<PersonId> people;
  for (const BookLine& line : lines_) {
    if (line.at_ms >= from_ms && line.counters.Has(counter)) people.insert(line.person);
  }
  return people.size();
}

std::uint64_t Book::MostWithin(access::Counter counter, access::Window window) const {
  std::vector<const BookLine*> lines;
  for (const BookLine& line : lines_) {
    if (line.counters.Has(counter)) lines.push_back(&line);
  }
  const std::int64_t length_ms = access::kWindowMs[static_cast<std::size_t>(window)];
  std::unordered_map<PersonId, std::size_t, IdHash> inside;
  std::size_t most = 0, end = 0;
  for (const BookLine* begin : lines) {
    for (; end < lines.size() && lines[end]->at_ms < begin->at_ms + length_ms; ++end) {
      ++inside[lines[end]->person];
    }
    most = std::max(most, inside.size());
    const auto leaving = inside.find(begin->person);
    if (--leaving->second == 0) inside.erase(leaving);
  }
  return most;
}

ScopeDifference Book::Compare(const std::vector<ScopeEntry>& scope) const {
  std::map<std::uint64_t, const ScopeEntry*> by_index;
  for (const ScopeEntry& entry : scope) by_index.emplace(entry.index, &entry);
  ScopeDifference difference;
  std::set<std::uint64_t> received;
  for (const BookLine& line : lines_) {
    if (!Covers(by_index, line)) ++difference.missing;
    received.insert(line.entries.begin(), line.entries.end());
  }
  for (const ScopeEntry& entry : scope) {
    if (!received.contains(entry.index)) ++difference.extra;
  }
  return difference;
}

}  // namespace cloison::drill
