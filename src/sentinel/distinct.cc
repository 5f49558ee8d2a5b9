#include "sentinel/distinct.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cloison::sentinel {

bool Distinct::Add(const ByteArray<16>& name) {
  const std::uint64_t bits = base::LoadBig({name.data(), 8});
  std::uint8_t& is = registers_[bits & (kDistinctRegisters - 1)];
  const std::uint64_t rest = bits >> 10;  // 54 bits
  const auto rank = static_cast<std::uint8_t>(std::min(std::countr_zero(rest) + 1, int{kRankMax}));
  if (rank <= is) return false;
  is = rank;
  return true;
}

std::uint32_t Distinct::Estimate() const {
  constexpr double kRegisters = kDistinctRegisters;
  constexpr double kBias = .7213 / (1 + 1.079 / kRegisters);
  double sum = 0;
  std::size_t empty = 0;
  for (const std::uint8_t rank : registers_) {
    sum += std::ldexp(1.0, -int{rank});
    if (rank == 0) ++empty;
  }
  double estimate = kBias * kRegisters * kRegisters / sum;
  if (estimate <= 2.5 * kRegisters && empty > 0) {
    estimate = kRegisters * std::log(kRegisters / static_cast<double>(empty));
  }
  return static_cast<std::uint32_t>(std::min(std::round(estimate), 4e9));
}

bool Distinct::Restore(ByteView registers) {
  const bool fit = registers.size() == registers_.size() &&
                   std::ranges::all_of(registers, [](std::uint8_t r) { return r <= kRankMax; });
  if (fit) std::ranges::copy(registers, registers_.begin());
  return fit;
}

}  // namespace cloison::sentinel
