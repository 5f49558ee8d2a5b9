// What accounts did in blocks that ended, made into bounds, and tried on accounts that they were
// not learnt from (access/calibration.h, sentinel/calibrate.h).
//
// Pure. Cost: some passes over all blocks for each score.
#ifndef CLOISON_SENTINEL_CALIBRATION_H_
#define CLOISON_SENTINEL_CALIBRATION_H_

#include <vector>

#include "access/calibration.h"
#include "sentinel/learnt.h"

namespace cloison::sentinel {

// Of blocks that ended before `today` and within `days` of it. One account in three is held out.
access::Calibration CalibrateBy(const std::vector<EndedBlock>& ended,
                                const access::DetectorsSpec& spec, std::uint32_t today,
                                std::uint32_t days);

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_CALIBRATION_H_
