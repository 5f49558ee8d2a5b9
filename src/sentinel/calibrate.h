// Bounds from what honest agents did: thresholds so high that none of them speaks against itself.
//
// The probabilities of `start` stay; its thresholds are raised together, in steps of an eighth,
// until for every agent the average of E over its blocks is at most 1, and the highest of them,
// which nobody reached, lies a quarter above the highest score that was ever seen. They are never
// lowered: the table is what an agency begins with. What this gives is a declaration to be tested
// on agents that it was not learned from (CountFired), and signed by two.
//
// Pure. Cost: fourteen passes over all blocks.
#ifndef CLOISON_SENTINEL_CALIBRATE_H_
#define CLOISON_SENTINEL_CALIBRATE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "sentinel/tail.h"

namespace cloison::sentinel {

// Scores of one agent, a block each.
using Blocks = std::vector<std::uint32_t>;

std::vector<TailBound> Calibrate(std::vector<TailBound> start, std::span<const Blocks> agents);

// How many of these agents would have reached `threshold` with these bounds, alone, and this
// weight.
struct Fired {
  std::size_t agents = 0, fired = 0;
};
Fired CountFired(std::span<const TailBound> bounds, std::uint32_t blocks_per_year,
                 std::span<const Blocks> agents, double weighed_threshold);

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_CALIBRATE_H_
