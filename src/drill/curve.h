// People against time: what a theft had taken at each moment, and what it could have.
#ifndef CLOISON_DRILL_CURVE_H_
#define CLOISON_DRILL_CURVE_H_

#include <span>
#include <vector>

#include "access/ceiling_spec.h"
#include "drill/book.h"

namespace cloison::drill {

inline constexpr int kCurvePoints = 240;

struct CurvePoint {
  double days = 0;                           // since the theft began
  std::uint64_t opened = 0, opened_off = 0;  // pairs of an account and a person
  std::uint64_t bound = 0, bound_off = 0;    // what budgets and ceilings allow in that time
};

// Whose book it is, and the caps of its role. Both outlive the call.
struct BookOfAccount {
  const Book* book;
  const access::Caps* caps;
};

// The most pairs that these accounts may be shown together in an interval: their budgets' sum, or a
// ceiling above them all.
std::uint64_t BoundOf(std::span<const BookOfAccount> accounts,
                      std::span<const access::CeilingSpec> ceilings, access::Counter counter,
                      std::int64_t duration_ms);

// kCurvePoints from the begin of the theft to its end, `whole_ms` later.
std::vector<CurvePoint> CurveOf(std::span<const BookOfAccount> accounts,
                                std::span<const access::CeilingSpec> ceilings,
                                std::int64_t begin_ms, std::int64_t whole_ms);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_CURVE_H_
