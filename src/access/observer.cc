#include "access/observer.h"

#include <algorithm>

namespace cloison::access {

CaseId NewCaseId(std::int64_t now_ms, base::Random& random) {
  const ByteArray<8> now = base::BigU64(static_cast<std::uint64_t>(now_ms));
  const ByteArray<8> drawn = random.Draw<8>();
  CaseId id;
  std::ranges::copy(drawn, std::ranges::copy(now, id.begin()).out);
  return id;
}

}  // namespace cloison::access
