// What chance decides in a drill: by a seed, the same on every machine that rounds alike.
#ifndef CLOISON_DRILL_CHANCE_H_
#define CLOISON_DRILL_CHANCE_H_

#include <cmath>
#include <numbers>

#include "drill/simulation.h"

namespace cloison::drill {

// In (0, 1).
inline double Uniform(Draw& draw) {
  constexpr std::uint64_t kSteps = 1u << 30;
  return (static_cast<double>(draw.Below(kSteps)) + 1) / static_cast<double>(kSteps + 1);
}

inline double Normal(Draw& draw) {
  return std::sqrt(-2 * std::log(Uniform(draw))) * std::cos(2 * std::numbers::pi * Uniform(draw));
}

// Counts of days as people's work has them: negative binomial, of a mean and a shape (the smaller,
// the more bursts). Variance: mean + mean^2 / shape.
struct Counts {
  double mean, shape;
};
inline constexpr std::uint64_t kCountMax = 10'000;

inline std::uint64_t CountOf(const Counts& of, Draw& draw) {
  if (of.mean <= 0) return 0;
  double left = Uniform(draw);
  double chance = std::pow(of.shape / (of.shape + of.mean), of.shape);
  const double ratio = of.mean / (of.mean + of.shape);
  std::uint64_t count = 0;
  for (; left > chance && count < kCountMax; ++count) {
    left -= chance;
    const auto n = static_cast<double>(count);
    chance *= (n + of.shape) / (n + 1) * ratio;
  }
  return count;
}

// Strangers whom an honest adviser opens on a working day: a colleague's people, a caller without a
// ticket. Inside the bounds that detectors begin with (docs/operate/detectors.md).
inline constexpr Counts kHonestStrangers{1.2, 0.7};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_CHANCE_H_
