// What a policy declares of honest agents: [detectors] (docs/operate/detectors.md).
#include <algorithm>

#include "access/internal/policy_parser.h"

namespace cloison::access {

namespace {

using codec::Need;
using codec::TomlTable;

constexpr std::string_view kRungKeys[] = {"r1", "r2", "r3", "r4", "r5"};
constexpr double kThresholdMin = 2, kThresholdMax = 1e12;
constexpr double kAtMostMin = 1e-9;
constexpr std::int64_t kCountMax = 1'000'000'000;
constexpr std::int64_t kHours = 24;

// One of [[6, 0.05], [12, 0.005]].
std::optional<TailBound> BoundOf(const codec::TomlValue& value) {
  const std::vector<codec::TomlValue>* const pair = value.AsArray();
  if (pair == nullptr || pair->size() != 2) return std::nullopt;
  const std::optional<std::int64_t> count = (*pair)[0].AsInt();
  const std::optional<double> at_most = (*pair)[1].AsNumber();
  if (!count.has_value() || *count < 1 || *count > kCountMax) return std::nullopt;
  if (!at_most.has_value() || !(*at_most >= kAtMostMin && *at_most < 1)) return std::nullopt;
  return TailBound{static_cast<std::uint32_t>(*count), *at_most};
}

}  // namespace

std::vector<TailBound> PolicyParser::ReadBounds(const TomlTable& table) {
  const codec::TomlValue* const value = table.Find("bounds");
  const std::vector<codec::TomlValue>* const list = value == nullptr ? nullptr : value->AsArray();
  std::vector<TailBound> bounds;
  bool fit = list != nullptr && !list->empty() && list->size() <= kTailBoundsMax;
  for (std::size_t i = 0; fit && i < list->size(); ++i) {
    const std::optional<TailBound> bound = BoundOf((*list)[i]);
    fit = bound.has_value() && (bounds.empty() || (bounds.back().at_least < bound->at_least &&
                                                   bounds.back().at_most > bound->at_most));
    if (fit) bounds.push_back(*bound);
  }
  if (!fit) {
    problems_.Add(LineOf(table, "bounds"),
                  "bounds are 1 to 8 pairs [count, probability]: counts of 1 or more that rise, "
                  "probabilities between 0 and 1 that fall");
  }
  return bounds;
}

void PolicyParser::ReadScore(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"score", "class", "bounds"};
  codec::CheckKeys(table, kKeys, problems_);
  const std::string name = Text(table, "score");
  const std::optional<Score> score = ScoreNamed(name);
  if (!score.has_value()) {
    std::vector<std::string_view> names;
    for (const ScoreSpec& spec : DefaultScores()) names.push_back(spec.name);
    Unknown(LineOf(table, "score"), "score", name, names);
  }
  const std::string of = codec::ReadString(table, "class", Need::kOptional, problems_).value_or("");
  const auto& classes = policy_.classes_;
  if (!of.empty() && std::ranges::find(classes, of, &BudgetClass::name) == classes.end()) {
    problems_.Add(LineOf(table, "class"), "no class '" + of + "'");
  }
  std::vector<TailBound> bounds = ReadBounds(table);
  if (!score.has_value() || !IsNew(table, "score", name + " of " + of)) return;
  policy_.detectors_.scores.push_back({of, *score, std::move(bounds)});
}

void PolicyParser::ReadPool(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"organisation", "office", "score", "bounds"};
  codec::CheckKeys(table, kKeys, problems_);
  const auto of =
      codec::ReadInt(table, "organisation", Need::kOptional, {1, UINT32_MAX}, problems_);
  const auto office = codec::ReadInt(table, "office", Need::kOptional, {1, UINT32_MAX}, problems_);
  const PoolKey pool{static_cast<std::uint32_t>(of.value_or(0)),
                     static_cast<std::uint32_t>(office.value_or(0))};
  const std::string name = Text(table, "score");
  const std::optional<PoolScore> score = PoolScoreNamed(name);
  if (!score.has_value()) {
    static constexpr std::string_view kNames[] = {"D9/pairs/day", "D9/pairs/week", "D9/people/day",
                                                  "D9/people/week"};
    Unknown(LineOf(table, "score"), "score", name, kNames);
  }
  const bool of_nobody =
      (of.has_value() && policy_.FindOrganisation(OrganisationId(pool.organisation)) == nullptr) ||
      (office.has_value() &&
       policy_.FindOffice(OrganisationId(pool.organisation), OfficeId(pool.office)) == nullptr);
  if (of_nobody)
    problems_.Add(table.line(), "a pool of an organisation or office that is not there");
  std::vector<TailBound> bounds = ReadBounds(table);
  const std::string where = std::to_string(pool.organisation) + "/" + std::to_string(pool.office);
  if (!score.has_value() || !IsNew(table, "pool", where + " " + name)) return;
  policy_.detectors_.pools.push_back({pool, *score, std::move(bounds)});
}

void PolicyParser::ReadThresholds(const TomlTable& table) {
  const TomlTable* const given = codec::ReadTable(table, "thresholds", Need::kOptional, problems_);
  if (given == nullptr) return;
  codec::CheckKeys(*given, kRungKeys, problems_);
  RungThresholds& to = policy_.detectors_.thresholds;
  double* const places[] = {&to.purpose_text, &to.step_up, &to.second_person, &to.frozen, &to.pool};
  for (std::size_t i = 0; i < std::size(kRungKeys); ++i) {
    const codec::TomlValue* const value = given->Find(kRungKeys[i]);
    if (value == nullptr) continue;
    const std::optional<double> number = value->AsNumber();
    const bool fit = number.has_value() && *number >= kThresholdMin && *number <= kThresholdMax;
    if (!fit) problems_.Add(value->line(), "a threshold is a number from 2 to 1e12");
    if (fit) *places[i] = *number;
  }
  const bool rise =
      to.purpose_text < to.step_up && to.step_up < to.second_person && to.second_person < to.frozen;
  if (!rise) problems_.Add(given->line(), "the thresholds r1, r2, r3, r4 rise");
}

void PolicyParser::ReadHours(const TomlTable& table) {
  const codec::TomlValue* const value = table.Find("hours");
  if (value == nullptr) return;
  const std::vector<codec::TomlValue>* const list = value->AsArray();
  std::optional<std::int64_t> from, to;
  if (list != nullptr && list->size() == 2) {
    from = (*list)[0].AsInt();
    to = (*list)[1].AsInt();
  }
  if (!from.has_value() || !to.has_value() || *from < 0 || *from >= *to || *to > kHours) {
    problems_.Add(value->line(), "hours are [from, to], from 0 to 24");
    return;
  }
  policy_.detectors_.from_hour = static_cast<std::uint32_t>(*from);
  policy_.detectors_.to_hour = static_cast<std::uint32_t>(*to);
}

void PolicyParser::ReadDetectors(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"act", "thresholds", "hours", "score", "pool"};
  codec::CheckKeys(table, kKeys, problems_);
  policy_.detectors_.act = Flag(table, "act");
  ReadThresholds(table);
  ReadHours(table);
  for (const TomlTable* one : codec::ReadTables(table, "score", problems_)) ReadScore(*one);
  for (const TomlTable* one : codec::ReadTables(table, "pool", problems_)) ReadPool(*one);
}

}  // namespace cloison::access
