// Randomness that is written down: what known-answer tests give a seal (`rnd` of the vectors).
#ifndef CLOISON_CRYPTO_TESTING_FIXED_RANDOM_H_
#define CLOISON_CRYPTO_TESTING_FIXED_RANDOM_H_

#include <utility>

#include "base/random.h"

namespace cloison::crypto::testing {

// Gives `bytes`, once, in order; asking for more is a bug of the test.
class FixedRandom final : public base::Random {
 public:
  explicit FixedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      CLOISON_CHECK(used_ < bytes_.size());
      byte = bytes_[used_++];
    }
  }
  bool used_up() const { return used_ == bytes_.size(); }

 private:
  Bytes bytes_;
  std::size_t used_ = 0;
};

}  // namespace cloison::crypto::testing

#endif  // CLOISON_CRYPTO_TESTING_FIXED_RANDOM_H_
