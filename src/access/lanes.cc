#include "access/lanes.h"

namespace cloison::access {

void AddLanes(LaneSum& sum, const crypto::Digest& digest, bool add) {
  for (std::size_t lane = 0; lane < sum.size(); ++lane) {
    const std::uint64_t part = base::LoadBig(ByteView(digest).subspan(lane * 8, 8));
    sum[lane] += add ? part : 0 - part;
  }
}

}  // namespace cloison::access
