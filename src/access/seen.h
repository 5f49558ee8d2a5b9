// What is known of who was shown to one principal, and when: what a seen row holds.
#ifndef CLOISON_ACCESS_SEEN_H_
#define CLOISON_ACCESS_SEEN_H_

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace cloison::access {

enum class Counter : std::uint8_t { kOpened = 0, kOpenedOff, kSensitive, kGlimpsed, kGlimpsedOff };
inline constexpr std::size_t kCounters = 5;

// Who is shown: 16 bytes that name a person (or a query, for misses and refusals) to one principal
// alone.
using SeenId = ByteArray<16>;
struct SeenIdHash {
  std::size_t operator()(const SeenId& id) const { return base::LoadBig({id.data(), 8}); }
};

// What a principal acts from. A client or an office of kManySeats: more than one, or nobody knows.
inline constexpr std::uint32_t kManySeats = UINT32_MAX;
struct Seat {
  std::uint32_t office = kManySeats;
  std::uint32_t client = kManySeats;
  friend bool operator==(const Seat&, const Seat&) = default;
};

// Latest showing per counter, budget ms; 0: never. What a seen row holds.
using SeenTimes = std::array<std::int64_t, kCounters>;
// And where from: a seat's part is what all its latest showings have in common.
struct Seen {
  SeenTimes times{};
  Seat seat;
  friend bool operator==(const Seen&, const Seen&) = default;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_SEEN_H_
