#include "assess/scope_list.h"

#include <algorithm>

#include "base/check.h"
#include "base/clock.h"
#include "codec/csv_writer.h"
#include "text/date.h"

namespace cloison::assess {

namespace {

bool HoldsName(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

// A day of the zone's wall, or an instant; `end`: of a day, its end.
std::optional<std::int64_t> ReadEdge(std::string_view text, const Zone& zone, bool end) {
  if (const Result<text::Date> day = text::ParseDate(text); day.ok()) {
    return zone.ToUtc((text::DaysOf(*day) + (end ? 1 : 0)) * base::kDayMs);
  }
  const Result<std::int64_t> instant = text::ParseUtcMs(text);
  return instant.ok() ? std::optional(*instant) : std::nullopt;
}

}  // namespace

Result<ScopeQuery> ScopeQuery::Parse(std::string_view text, const Zone& zone,
                                     std::vector<std::string>* problems) {
  CLOISON_CHECK(problems != nullptr);
  ScopeQuery query;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = std::min(item.find('='), item.size());
    const std::string_view key = item.substr(0, equals);
    const std::string value(item.substr(std::min(equals + 1, item.size())));
    if (value.empty()) {
      problems->push_back("a scope is made of KEY=VALUE, commas between");
    } else if (key == "agent") {
      query.agents.push_back(value);
    } else if (key == "organisation") {
      query.organisations.push_back(value);
    } else if (key == "office") {
      query.offices.push_back(value);
    } else if (key == "from" || key == "until") {
      const auto edge = ReadEdge(value, zone, key == "until");
      if (!edge.has_value()) problems->push_back("a time is 2024-02-06 or 2024-02-06T08:00:00Z");
      (key == "from" ? query.from_ms : query.until_ms) = edge.value_or(0);
    } else {
      problems->push_back("a scope has agent, organisation, office, from and until");
    }
  }
  if (query.agents.empty() && query.organisations.empty() && query.offices.empty()) {
    problems->push_back("a scope is of an agent, an organisation or an office");
  }
  if (query.from_ms >= query.until_ms) problems->push_back("a scope ends after it begins");
  if (problems->empty()) return query;
  return Error{Code::kInvalid, "no such scope"};
}

bool ScopeQuery::Holds(const LogAccess& access) const {
  return access.time_ms >= from_ms && access.time_ms < until_ms &&
         HoldsName(agents, access.agent) && HoldsName(organisations, access.organisation) &&
         HoldsName(offices, access.office);
}

Status ScopeList::Add(const LogAccess& access) {
  if (!query_.Holds(access)) return Ok();
  const std::scoped_lock lock(mutex_);
  auto at = people_.find(access.person);
  if (at == people_.end()) {
    if (people_.size() == kScopePeopleMax) {
      return Error{Code::kExhausted, "more people than one scope lists: take a shorter period"};
    }
    at = people_.emplace(access.person, Of{access.time_ms, access.time_ms, 0, 0, 0}).first;
  }
  Of& of = at->second;
  of.first_ms = std::min(of.first_ms, access.time_ms);
  of.last_ms = std::max(of.last_ms, access.time_ms);
  ++of.accesses;
  if (access.action != Action::kGlimpse) ++of.opened;
  if (access.action == Action::kSensitive) ++of.sensitive;
  ++accesses_;
  return Ok();
}

std::string ScopeList::Csv() const {
  std::string out;
  const auto row = [&out](std::initializer_list<std::string_view> fields) {
    codec::AppendCsvRow(out, {fields.begin(), fields.size()}, {.guard_formulas = true});
  };
  row({"person", "first", "last", "accesses", "opened", "sensitive"});
  for (const auto& [person, of] : people_) {
    row({person, text::FormatUtcMs(of.first_ms), text::FormatUtcMs(of.last_ms),
         std::to_string(of.accesses), std::to_string(of.opened), std::to_string(of.sensitive)});
  }
  return out;
}

}  // namespace cloison::assess
