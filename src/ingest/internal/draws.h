// Even draws that follow from a key: the same each time.
#ifndef CLOISON_INGEST_INTERNAL_DRAWS_H_
#define CLOISON_INGEST_INTERNAL_DRAWS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "ingest/internal/permutation.h"

namespace cloison::ingest::internal {

class Draws {
 public:
  explicit Draws(std::uint64_t key) : state_(Mix(key)) {}

  std::uint64_t Bits() {
    state_ += 0x9e3779b97f4a7c15u;
    return Mix(state_);
  }
  // The bias is far below what invented people need.
  std::uint64_t Below(std::uint64_t bound) { return Bits() % bound; }
  bool Percent(std::uint64_t percent) { return Below(100) < percent; }
  std::string_view One(std::span<const std::string_view> list) { return list[Below(list.size())]; }

 private:
  std::uint64_t state_;
};

}  // namespace cloison::ingest::internal

#endif  // CLOISON_INGEST_INTERNAL_DRAWS_H_
