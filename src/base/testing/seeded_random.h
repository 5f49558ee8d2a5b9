// Randomness that a seed decides (splitmix64, Steele et al. 2014). For tests, simulation and the
// generator of synthetic people; never for keys that matter.
#ifndef CLOISON_BASE_TESTING_SEEDED_RANDOM_H_
#define CLOISON_BASE_TESTING_SEEDED_RANDOM_H_

#include <mutex>

#include "base/random.h"

namespace cloison::base::testing {

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void Fill(std::span<std::uint8_t> out) override {
    const std::lock_guard lock(mutex_);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i % 8 == 0) value = Next();
      out[i] = static_cast<std::uint8_t>(value >> (i % 8 * 8));
    }
  }

 private:
  std::uint64_t Next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::mutex mutex_;
  std::uint64_t state_;
};

}  // namespace cloison::base::testing

#endif  // CLOISON_BASE_TESTING_SEEDED_RANDOM_H_
