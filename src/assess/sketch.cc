#include "assess/sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cloison::assess {

namespace {
constexpr int kIndexBits = 14;
constexpr std::size_t kRegisters = std::size_t{1} << kIndexBits;
}  // namespace

Sketch::Sketch() : registers_(kRegisters) {}

void Sketch::Add(std::uint64_t hash) {
  const std::uint64_t rest = hash << kIndexBits | std::uint64_t{1} << (kIndexBits - 1);
  const auto rank = static_cast<std::uint8_t>(std::countl_zero(rest) + 1);
  std::uint8_t& of = registers_[hash >> (64 - kIndexBits)];
  of = std::max(of, rank);
}

void Sketch::Add(const Sketch& other) {
  for (std::size_t i = 0; i < kRegisters; ++i) {
    registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
}

std::uint64_t Sketch::Estimate() const {
  constexpr auto kCount = static_cast<double>(kRegisters);
  constexpr double kAlpha = 0.7213 / (1 + 1.079 / kCount);
  double sum = 0;
  double empty = 0;
  for (const std::uint8_t rank : registers_) {
    sum += std::ldexp(1.0, -rank);
    empty += rank == 0 ? 1 : 0;
  }
  const double raw = kAlpha * kCount * kCount / sum;
  const bool small = raw <= 2.5 * kCount && empty > 0;
  return static_cast<std::uint64_t>(std::llround(small ? kCount * std::log(kCount / empty) : raw));
}

}  // namespace cloison::assess
