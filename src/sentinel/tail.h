// The tail e-detector: how much a principal's blocks speak against the bounds that were declared of
// honest ones.
//
//   E    = mean over j of 1{S >= s_j} / p_j                     of one block: at most 1 on average
//   M_l <- (M_l + 1/T) * (1 - l + l * E)   l in {0.2, 0.6, 0.95}   when a block ends
//   M    = mean of the M_l;  fires when w * M >= threshold
//
// With T blocks in a guarantee year M_t - t/T is a supermartingale from 0, whatever depends on what
// inside a block. So as long as the bounds hold, P(M >= threshold within k years) <= k / threshold;
// and of several with weights that add up to at most 1, P(any w * M >= threshold) as well, however
// they hang together. Nothing is reset at a year's end: whoever knew the day would begin after it.
//
// Within a block M may be looked at as if it ended now, since E only grows, if and only if the
// score only grows. The others are looked at when it has ended.
//
// Pure. What is kept is rounded down, so the promise holds of it too. Threads: values.
// Cost     Add 5 ns; Roll 15 ns per block that ended; Value 10 ns.
// Source   docs/design/0021-sentinel.md; Shin, Ramdas, Rinaldo 2024 (e-detectors, weighted
//          Shiryaev-Roberts), doi 10.51387/23-NEJSDS51.
#ifndef CLOISON_SENTINEL_TAIL_H_
#define CLOISON_SENTINEL_TAIL_H_

#include <array>
#include <cstdint>
#include <span>

#include "access/detector_spec.h"

namespace cloison::sentinel {

using access::TailBound;

inline constexpr std::array<double, 3> kBets = {.2, .6, .95};
inline constexpr double kEvidenceMax = 1e30;

// What a block with this score says. Empty bounds: 0, as a block without anything.
double TailEvidence(std::span<const TailBound> bounds, std::uint32_t score);

// What is counted of one score, beside blocks that ended.
struct TailState {
  std::uint32_t block = 0;  // the one that runs
  std::uint32_t score = 0;  // of it
  bool marked = false;      // an ended block had evidence: `m` says what is left of it
  std::array<float, kBets.size()> m{};
  friend bool operator==(const TailState&, const TailState&) = default;
};

class Tail {
 public:
  // `bounds` outlive it. `began`: the block in which M was 0, which is not before the state's.
  Tail(std::span<const TailBound> bounds, std::uint32_t blocks_per_year, std::uint32_t began)
      : bounds_(bounds), step_(1.0 / blocks_per_year), began_(began) {}

  // Ends the blocks before `block`: that of the score, and those in which nothing was.
  void Roll(TailState& state, std::uint32_t block) const;
  // M of the blocks that have ended; and as if the block that runs had ended, for a score that only
  // grows.
  double Ended(const TailState& state) const;
  double Running(const TailState& state) const;

 private:
  using Bets = std::array<double, kBets.size()>;
  Bets At(const TailState& state) const;
  Bets Step(const Bets& m, double evidence) const;
  // M after `blocks` blocks without evidence, from 0.
  Bets Quiet(std::uint32_t blocks) const;
  void End(TailState& state, double evidence) const;

  std::span<const TailBound> bounds_;
  double step_;
  std::uint32_t began_;
};

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_TAIL_H_
