// How many different people, about: HyperLogLog with 1,024 registers, a standard error of 3.25 %.
//
// Pure. Threads: values. Cost: Add 5 ns; Estimate 1 us.
// Source   Flajolet, Fusy, Gandouet, Meunier 2007 (estimator, small range correction).
#ifndef CLOISON_SENTINEL_DISTINCT_H_
#define CLOISON_SENTINEL_DISTINCT_H_

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace cloison::sentinel {

inline constexpr std::size_t kDistinctRegisters = 1'024;

class Distinct {
 public:
  // `name` is uniform: a keyed pseudonym. False: nothing changed.
  bool Add(const ByteArray<16>& name);
  std::uint32_t Estimate() const;
  void Clear() { registers_.fill(0); }

  // 1,024 bytes, each at most kRankMax.
  const std::array<std::uint8_t, kDistinctRegisters>& registers() const { return registers_; }
  // False: no such registers.
  bool Restore(ByteView registers);

 private:
  static constexpr std::uint8_t kRankMax = 55;  // of 54 bits beside those of the register's number
  std::array<std::uint8_t, kDistinctRegisters> registers_{};
};

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_DISTINCT_H_
