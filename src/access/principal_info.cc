#include "access/principal_info.h"

#include <algorithm>

namespace cloison::access {

CapsNow CapsOf(const Caps& of_class, const PrincipalInfo& info, std::int64_t now_ms) {
  if (now_ms < info.reduced_until_ms) {
    return {Divided(of_class, kReducedBy), info.reduced_until_ms};
  }
  CapsNow now{of_class, INT64_MAX};
  for (const Raise& raise : info.raises) {
    if (now_ms >= raise.until_ms) continue;
    now.until_ms = std::min(now.until_ms, raise.until_ms);
    std::uint32_t& cap =
        now.caps
            .of[static_cast<std::size_t>(raise.counter)][static_cast<std::size_t>(raise.window)];
    cap = std::max(cap, raise.cap);
  }
  return now;
}

}  // namespace cloison::access
