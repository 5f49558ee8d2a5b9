#include "sentinel/tail.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace cloison::sentinel {

namespace {

// Below so much of what blocks without evidence leave anyway, an old block is forgotten.
constexpr double kForgotten = 1.001;

// Never more than it was: what is kept must not outgrow what was proven.
float RoundDown(double value) {
  const auto near = static_cast<float>(value);
  return static_cast<double>(near) > value ? std::nextafter(near, 0.0F) : near;
}

// By number of blocks: kept + kept^2 + ... with kept = 1 - l. The last stands for all after it.
using QuietSums = std::array<std::array<double, kBets.size()>, 256>;
QuietSums MakeQuietSums() {
  QuietSums sums{};
  for (std::size_t n = 1; n < sums.size(); ++n) {
    for (std::size_t i = 0; i < kBets.size(); ++i) {
      sums[n][i] = (1 - kBets[i]) * (1 + sums[n - 1][i]);
    }
  }
  return sums;
}

double Mean(const std::array<double, kBets.size()>& m) {
  return (m[0] + m[1] + m[2]) / static_cast<double>(m.size());
}

}  // namespace

double TailEvidence(std::span<const TailBound> bounds, std::uint32_t score) {
  if (bounds.empty()) return 0;
  double sum = 0;
  for (const TailBound& bound : bounds) {
    if (score >= bound.at_least) sum += 1 / bound.at_most;
  }
  return sum / static_cast<double>(bounds.size());
}

Tail::Bets Tail::Quiet(std::uint32_t blocks) const {
  static const QuietSums kSums = MakeQuietSums();
  Bets m = kSums[std::min<std::size_t>(blocks, kSums.size() - 1)];
  for (double& one : m) one *= step_;
  return m;
}

Tail::Bets Tail::At(const TailState& state) const {
  if (!state.marked) return Quiet(state.block - began_);
  Bets m;
  std::ranges::copy(state.m, m.begin());
  return m;
}

Tail::Bets Tail::Step(const Bets& m, double evidence) const {
  Bets next;
  for (std::size_t i = 0; i < m.size(); ++i) {
    next[i] = std::min((m[i] + step_) * (1 - kBets[i] + kBets[i] * evidence), kEvidenceMax);
  }
  return next;
}

void Tail::End(TailState& state, double evidence) const {
  const bool quiet = !state.marked && evidence == 0;
  const Bets next = quiet ? Bets{} : Step(At(state), evidence);
  ++state.block;
  state.score = 0;
  if (quiet) return;
  const Bets without = Quiet(state.block - began_);
  state.marked = false;
  for (std::size_t i = 0; i < next.size(); ++i) {
    if (next[i] > without[i] * kForgotten) state.marked = true;
  }
  state.m = {};
  if (!state.marked) return;
  for (std::size_t i = 0; i < next.size(); ++i) state.m[i] = RoundDown(next[i]);
}

void Tail::Roll(TailState& state, std::uint32_t block) const {
  CLOISON_CHECK(began_ <= state.block);
  if (state.block >= block) return;
  End(state, TailEvidence(bounds_, state.score));
  while (state.block < block && state.marked) End(state, 0);
  state.block = std::max(state.block, block);
}

double Tail::Ended(const TailState& state) const {
  return Mean(At(state));
}

double Tail::Running(const TailState& state) const {
  return Mean(Step(At(state), TailEvidence(bounds_, state.score)));
}

}  // namespace cloison::sentinel
