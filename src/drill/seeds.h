// The same attack over many seeds: what one world shows may be its luck.
#ifndef CLOISON_DRILL_SEEDS_H_
#define CLOISON_DRILL_SEEDS_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "drill/oracle.h"

namespace cloison::drill {

struct Report;

// Of one figure, over seeds. By nearest rank: a figure that some seed really had.
struct Spread {
  double median = 0, p95 = 0, worst = 0;
};
// `values` may hold kNotReached, which is more than everything.
inline constexpr double kNotReached = std::numeric_limits<double>::infinity();
Spread SpreadOf(std::vector<double> values);

struct OverSeeds {
  std::size_t seeds = 0;
  Spread most_off;           // strangers opened by the account that opened most
  Spread opened;             // by all accounts
  Spread days_to_contained;  // kNotReached: it never came to that
  Spread days_to_r4;
  double ratio = 0;  // the worst
  std::uint64_t missing = 0, extra = 0, uncompared = 0;
  OracleTold oracle;  // of all of them
  bool passed = true;
};
OverSeeds SummariseSeeds(const std::vector<Report>& reports);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_SEEDS_H_
