#include "sentinel/calibrate.h"

#include <algorithm>

namespace cloison::sentinel {

namespace {

constexpr std::uint32_t kStepsMax = 8 * 1'000;

bool Holds(std::span<const TailBound> bounds, std::span<const Blocks> agents) {
  return std::ranges::all_of(agents, [bounds](const Blocks& blocks) {
    double sum = 0;
    for (const std::uint32_t score : blocks) sum += TailEvidence(bounds, score);
    return sum <= static_cast<double>(blocks.size());
  });
}

std::vector<TailBound> Raised(const std::vector<TailBound>& start, std::uint32_t eighths) {
  std::vector<TailBound> bounds = start;
  for (TailBound& bound : bounds) bound.at_least += (bound.at_least * eighths + 7) / 8;
  return bounds;
}

}  // namespace

std::vector<TailBound> Calibrate(std::vector<TailBound> start, std::span<const Blocks> agents) {
  if (start.empty()) return start;
  std::uint32_t highest = 0;
  for (const Blocks& blocks : agents) {
    for (const std::uint32_t score : blocks) highest = std::max(highest, score);
  }
  const auto raised = [&](std::uint32_t eighths) {
    std::vector<TailBound> bounds = Raised(start, eighths);
    const auto top = std::ranges::max_element(bounds, {}, &TailBound::at_least);
    top->at_least = std::max(top->at_least, highest + highest / 4 + 1);
    return bounds;
  };
  // Thresholds that are higher say less, so where some hold all above them do.
  std::uint32_t least = 0, most = kStepsMax;
  while (least < most) {
    const std::uint32_t middle = least + (most - least) / 2;
    if (Holds(raised(middle), agents)) {
      most = middle;
    } else {
      least = middle + 1;
    }
  }
  return least == kStepsMax ? std::vector<TailBound>{} : raised(least);
}

Fired CountFired(std::span<const TailBound> bounds, std::uint32_t blocks_per_year,
                 std::span<const Blocks> agents, double weighed_threshold) {
  Fired fired;
  const Tail tail(bounds, blocks_per_year, 0);
  for (const Blocks& blocks : agents) {
    TailState state;
    bool reached = false;
    for (const std::uint32_t score : blocks) {
      state.score = score;
      reached = reached || tail.Running(state) >= weighed_threshold;
      tail.Roll(state, state.block + 1);
    }
    ++fired.agents;
    if (reached) ++fired.fired;
  }
  return fired;
}

}  // namespace cloison::sentinel
