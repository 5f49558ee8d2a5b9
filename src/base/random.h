// Randomness comes in through a constructor too: the system's, or a seeded one in tests and
// simulations.
#ifndef CLOISON_BASE_RANDOM_H_
#define CLOISON_BASE_RANDOM_H_

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace cloison::base {

class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` with bytes no one can predict. Threads: any. Cannot fail: ends the process instead.
  virtual void Fill(std::span<std::uint8_t> out) = 0;

  template <std::size_t N>
  ByteArray<N> Draw() {
    ByteArray<N> out;
    Fill(out);
    return out;
  }
  // A number in [0, bound), bound > 0, without bias.
  std::uint64_t Below(std::uint64_t bound);
};

// getrandom(2) through a pool of 4 KiB per thread, wiped as it is used and dropped in a forked
// child. Cost: 30 ns per 16 bytes on average (a call per nonce costs more than the seal it serves).
class SystemRandom final : public Random {
 public:
  void Fill(std::span<std::uint8_t> out) override;
};

}  // namespace cloison::base

#endif  // CLOISON_BASE_RANDOM_H_
