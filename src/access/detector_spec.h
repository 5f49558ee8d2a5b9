// What detectors count, and the bounds that a policy declares of it (docs/operate/detectors.md).
//
// A detector scores what one principal (or all those of a pool) did within a block of time. Of each
// score the signed policy declares how often an honest one is so high: P(S >= at_least | past) <=
// at_most, for every agent of the class, whatever happens inside the block. access knows the
// numbers; what follows from them is the observer's (access/observer.h).
#ifndef CLOISON_ACCESS_DETECTOR_SPEC_H_
#define CLOISON_ACCESS_DETECTOR_SPEC_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace cloison::access {

// Of one score. Blocks are of budget time: a month is 31 days.
enum class Scale : std::uint8_t { kDay = 0, kWeek, kMonth };
inline constexpr std::size_t kScales = 3;
inline constexpr std::array<std::int64_t, kScales> kBlockMs = {base::kDayMs, 7 * base::kDayMs,
                                                               31 * base::kDayMs};
// Blocks that begin in a guarantee year of 366 days.
inline constexpr std::array<std::uint32_t, kScales> kBlocksPerYear = {366, 53, 12};
std::string_view Name(Scale scale);  // "day", "week", "month"

struct TailBound {
  std::uint32_t at_least;
  double at_most;
  friend bool operator==(const TailBound&, const TailBound&) = default;
};
inline constexpr std::size_t kTailBoundsMax = 8;

// The scores of one principal. The numbers are on disk.
enum class Score : std::uint8_t {
  kOffDay = 0,      // D1: people opened off the caseload
  kOffWeek = 1,     //
  kOffMonth = 2,    //
  kDecoys = 3,      // D2: decoys opened
  kDecoyRows = 4,   // D2b: decoys among the rows of a look-up
  kAbsent = 5,      // D4: answers that somebody is not available, and values that do not match
  kNobodys = 6,     // D4: codes that are nobody's at all
  kSuccessors = 7,  // D5: queries of which one follows on the other
  kPerHour = 8,     // D6: the most people in one hour of the day
  kStrange = 9,     // D8: odd hours, a new key, while people are opened off the caseload
  kBeyondDay = 10,  // D3: of D1's, those who live beyond the office's départements
  kBeyondWeek = 11,
  kBeyondMonth = 12,
};
inline constexpr std::size_t kScores = 13;

struct ScoreSpec {
  std::string_view name;  // "D1/day", as the policy has it
  Scale scale;
  double weight;  // of all scores together at most 1
  std::vector<TailBound> bounds;
};
// The start values of the table in docs/operate/detectors.md.
const std::array<ScoreSpec, kScores>& DefaultScores();
std::string_view Name(Score score);
std::optional<Score> ScoreNamed(std::string_view name);
constexpr Scale ScaleOf(Score score) {
  if (score == Score::kOffWeek || score == Score::kBeyondWeek) return Scale::kWeek;
  const bool month = score == Score::kOffMonth || score == Score::kBeyondMonth;
  return month ? Scale::kMonth : Scale::kDay;
}

// D9: what all accounts of an office, an organisation or the register do off their caseloads.
enum class PoolScore : std::uint8_t {
  kPairsDay = 0,  // pairs of account and person opened off the caseload
  kPairsWeek = 1,
  kPeopleDay = 2,  // distinct people among them, by HyperLogLog
  kPeopleWeek = 3,
};
inline constexpr std::size_t kPoolScores = 4;
inline constexpr double kPoolWeight = 1.0 / kPoolScores;
std::string_view Name(PoolScore score);  // "D9/pairs/day", "D9/people/week" ...
std::optional<PoolScore> PoolScoreNamed(std::string_view name);
constexpr Scale ScaleOf(PoolScore score) {
  const bool week = score == PoolScore::kPairsWeek || score == PoolScore::kPeopleWeek;
  return week ? Scale::kWeek : Scale::kDay;
}

// Whose bounds these are; what it does not name is 0.
struct PoolKey {
  std::uint32_t organisation = 0;  // 0: the register
  std::uint32_t office = 0;        // 0: the whole organisation
  friend auto operator<=>(const PoolKey&, const PoolKey&) = default;
};

// Another bound than the table's: of one class, or of every class that has none of its own ("").
struct ScoreBounds {
  std::string budget_class;
  Score score;
  std::vector<TailBound> bounds;
};
struct PoolBounds {
  PoolKey pool;
  PoolScore score;
  std::vector<TailBound> bounds;
};

// From w * M of so much on, a principal is on that rung.
struct RungThresholds {
  double purpose_text = 10, step_up = 100, second_person = 1'000, frozen = 100'000;
  double pool = 1'000;
};

// The [detectors] of a policy.
struct DetectorsSpec {
  bool act = false;  // false: shadow mode, which counts and says what it would have done
  RungThresholds thresholds;
  std::vector<ScoreBounds> scores;
  std::vector<PoolBounds> pools;
  // Hours of the day, of Paris winter time, that are not odd.
  std::uint32_t from_hour = 6, to_hour = 21;

  // The bounds of a class.
  const std::vector<TailBound>& BoundsOf(std::string_view budget_class, Score score) const;
  // Empty: nothing is declared of it, so nothing follows.
  const std::vector<TailBound>& BoundsOf(const PoolKey& pool, PoolScore score) const;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_DETECTOR_SPEC_H_
