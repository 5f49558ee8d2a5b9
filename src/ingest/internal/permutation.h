// A permutation of [0, size) that a seed decides: person i gets place Of(i), and no two people get
// the same one, without a list of what is taken.
//
// A balanced Feistel network of four rounds over the next even power of two; results outside the
// range are sent through again (cycle walking: at most 4 times on average). Not cryptography: the
// people are invented.
// Source   J. Black, P. Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002.
#ifndef CLOISON_INGEST_INTERNAL_PERMUTATION_H_
#define CLOISON_INGEST_INTERNAL_PERMUTATION_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/check.h"

namespace cloison::ingest::internal {

// The finalizer of splitmix64 (Steele, Lea, Flood 2014).
constexpr std::uint64_t Mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

class Permutation {
 public:
  // 2 <= size <= 2^62.
  Permutation(std::uint64_t size, std::uint64_t seed) : size_(size) {
    CLOISON_CHECK(size >= 2 && size <= std::uint64_t{1} << 62);
    half_bits_ = std::max(1u, static_cast<unsigned>(std::bit_width(size - 1) + 1) / 2);
    for (std::size_t i = 0; i < keys_.size(); ++i) keys_[i] = Mix(seed ^ Mix(i + 1));
  }

  std::uint64_t Of(std::uint64_t index) const {
    CLOISON_CHECK(index < size_);
    do {
      index = Round(index);
    } while (index >= size_);
    return index;
  }

 private:
  std::uint64_t Round(std::uint64_t value) const {
    const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
    std::uint64_t left = value >> half_bits_, right = value & mask;
    for (const std::uint64_t key : keys_) {
      const std::uint64_t next = left ^ (Mix(right ^ key) & mask);
      left = right;
      right = next;
    }
    return left << half_bits_ | right;
  }

  std::uint64_t size_;
  unsigned half_bits_ = 1;
  std::array<std::uint64_t, 4> keys_{};
};

}  // namespace cloison::ingest::internal

#endif  // CLOISON_INGEST_INTERNAL_PERMUTATION_H_
