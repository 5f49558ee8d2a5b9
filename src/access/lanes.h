// A sum of keyed digests, per 64-bit lane: that of a set, whatever its order. Pure; threads any.
#ifndef CLOISON_ACCESS_LANES_H_
#define CLOISON_ACCESS_LANES_H_

#include <array>
#include <cstdint>

#include "crypto/mac.h"

namespace cloison::access {

using LaneSum = std::array<std::uint64_t, 4>;
void AddLanes(LaneSum& sum, const crypto::Digest& digest, bool add);  // or takes it away

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_LANES_H_
