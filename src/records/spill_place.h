// Where a load puts aside what it does not hold in memory.
#ifndef CLOISON_RECORDS_SPILL_PLACE_H_
#define CLOISON_RECORDS_SPILL_PLACE_H_

#include <string>

#include "base/files.h"

namespace cloison::records {

struct SpillPlace {
  base::Files& files;
  std::string directory;                  // there already; of one load at a time
  std::size_t memory_bytes = 192u << 20;  // beyond, it is put aside
  std::uint64_t run_bytes = 64u << 20;    // of one run that is written in the end, about
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_SPILL_PLACE_H_
