// Bounds of detectors from what a register's own accounts did: proposals for the signed policy, and
// what would have happened with them (docs/operate/detectors.md "Calibrate").
#ifndef CLOISON_ACCESS_CALIBRATION_H_
#define CLOISON_ACCESS_CALIBRATION_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "access/detector_spec.h"

namespace cloison::access {

inline constexpr std::uint32_t kCalibrationDaysMax = 90;  // so long is what was counted kept
inline constexpr std::size_t kCalibrationActiveDaysMin = 5;
inline constexpr std::size_t kRungsCounted = 4;  // 1 to 4: those of principals

// How many accounts would have come to each rung or above it, by the bounds of now and by those
// proposed: of accounts that nothing was learnt from.
struct RungCounts {
  std::array<std::uint64_t, kRungsCounted> now{}, proposed{};
};

struct CalibratedScore {
  Score score;
  std::uint64_t blocks = 0;    // learnt from
  std::uint32_t highest = 0;   // of any account
  std::vector<TailBound> now;  // as the policy has them
  std::vector<TailBound> proposed;
  RungCounts rungs;  // by this score alone
};

struct CalibratedClass {
  std::string name;            // of budgets
  std::uint64_t learnt = 0;    // accounts that were learnt from
  std::uint64_t held_out = 0;  // and those the bounds were tried on
  std::uint64_t few_days = 0;  // that did anything on too few days: neither
  std::uint64_t decoyed = 0;   // that opened a decoy: neither
  std::vector<CalibratedScore> scores;
  RungCounts rungs;  // by the strongest of all scores
};

// A pool's: pairs of account and person opened off the caseload, all accounts of it together.
struct CalibratedPool {
  PoolKey pool;
  PoolScore score;             // of pairs; different people are never more
  std::uint64_t blocks = 0;    // on which an account of it did anything
  std::uint32_t highest = 0;   // in one of them
  std::vector<TailBound> now;  // as the policy has them; empty: none
  std::vector<TailBound> proposed;
};

struct Calibration {
  std::uint32_t days = 0;        // looked at, back from today
  std::uint64_t agent_days = 0;  // an account on a day on which it did anything
  std::uint64_t unread = 0;      // rows of what was counted that do not open
  std::vector<CalibratedClass> classes;
  std::vector<CalibratedPool> pools;  // the register, organisations and offices, by day and week
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_CALIBRATION_H_
