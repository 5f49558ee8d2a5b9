#include "access/detector_spec.h"

#include <algorithm>

namespace cloison::access {

namespace {

constexpr std::string_view kPoolNames[] = {"D9/pairs/day", "D9/pairs/week", "D9/people/day",
                                           "D9/people/week"};

std::array<ScoreSpec, kScores> MakeDefaults() {
  using enum Scale;
  const auto of_people = [](std::uint32_t low, std::uint32_t middle, std::uint32_t high) {
    return std::vector<TailBound>{{low, .05}, {middle, .005}, {high, .0005}};
  };
  return {{
      {"D1/day", kDay, .13, of_people(6, 12, 20)},
      {"D1/week", kWeek, .13, of_people(16, 26, 38)},
      {"D1/month", kMonth, .13, of_people(45, 65, 90)},
      {"D2", kDay, .20, {{1, 1e-4}, {2, 1e-7}}},
      {"D2b", kDay, .05, {{1, .02}, {3, .001}}},
      {"D4", kDay, .06, of_people(10, 25, 60)},
      {"D4/nobody", kDay, .06, {{1, 1e-3}}},
      {"D5", kDay, .06, {{3, .01}, {8, 1e-4}}},
      {"D6", kDay, .06, {{45, .01}, {80, 1e-3}}},
      {"D8", kDay, .06, {{1, .01}, {2, 1e-3}}},
      {"D3/day", kDay, .02, of_people(6, 12, 20)},
      {"D3/week", kWeek, .02, of_people(16, 26, 38)},
      {"D3/month", kMonth, .02, of_people(45, 65, 90)},
  }};
}

}  // namespace

std::string_view Name(Scale scale) {
  static constexpr std::string_view kNames[] = {"day", "week", "month"};
  return kNames[static_cast<std::size_t>(scale)];
}

const std::array<ScoreSpec, kScores>& DefaultScores() {
  static const std::array<ScoreSpec, kScores> kDefaults = MakeDefaults();
  return kDefaults;
}

std::string_view Name(Score score) {
  return DefaultScores()[static_cast<std::size_t>(score)].name;
}

std::optional<Score> ScoreNamed(std::string_view name) {
  const auto found = std::ranges::find(DefaultScores(), name, &ScoreSpec::name);
  if (found == DefaultScores().end()) return std::nullopt;
  return static_cast<Score>(found - DefaultScores().begin());
}

std::string_view Name(PoolScore score) {
  return kPoolNames[static_cast<std::size_t>(score)];
}

std::optional<PoolScore> PoolScoreNamed(std::string_view name) {
  const auto found = std::ranges::find(kPoolNames, name);
  if (found == std::end(kPoolNames)) return std::nullopt;
  return static_cast<PoolScore>(found - std::begin(kPoolNames));
}

const std::vector<TailBound>& DetectorsSpec::BoundsOf(std::string_view budget_class,
                                                      Score score) const {
  const ScoreBounds* of_all = nullptr;
  for (const ScoreBounds& one : scores) {
    if (one.score != score) continue;
    if (one.budget_class == budget_class) return one.bounds;
    if (one.budget_class.empty()) of_all = &one;
  }
  return of_all != nullptr ? of_all->bounds
                           : DefaultScores()[static_cast<std::size_t>(score)].bounds;
}

const std::vector<TailBound>& DetectorsSpec::BoundsOf(const PoolKey& pool, PoolScore score) const {
  static const std::vector<TailBound> kNone;
  const auto found = std::ranges::find_if(
      pools, [&](const PoolBounds& one) { return one.pool == pool && one.score == score; });
  return found == pools.end() ? kNone : found->bounds;
}

}  // namespace cloison::access
