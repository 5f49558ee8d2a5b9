// Versions of the rows of principals (docs/format/state.md): one place for who writes and who reads
// them.
#ifndef CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_
#define CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_

#include <cstdint>

#include "access/windows.h"

namespace cloison::access::internal {

// Written as version 3, which says since when it is enrolled and the like. Of before: version 2
// says which log its number counts in, version 1 is of the first log.
inline constexpr std::uint8_t kPrincipalRowFirst = 1, kPrincipalRowWithLogs = 2,
                              kPrincipalRowVersion = 3;
// With a seat, when it is known; of a value that was tried and was not the person's, always. Those
// of other families than the class's say which, and have no seat.
inline constexpr std::uint8_t kSeenRowVersion = 1, kSeenRowWithSeat = 2, kSeenRowOfWrongTry = 3,
                              kSeenRowOfOverview = 4, kSeenRowOfPresence = 5;

constexpr std::uint8_t SeenRowOf(ShowingFamily family) {
  return family == ShowingFamily::kOverview ? kSeenRowOfOverview : kSeenRowOfPresence;
}
constexpr ShowingFamily FamilyOfSeenRow(std::uint8_t version) {
  if (version == kSeenRowOfOverview) return ShowingFamily::kOverview;
  return version == kSeenRowOfPresence ? ShowingFamily::kPresence : ShowingFamily::kClass;
}
// One way to write each.
constexpr std::uint8_t SeenRowVersionOf(const Seen& seen, bool wrong, ShowingFamily family) {
  if (family != ShowingFamily::kClass) return SeenRowOf(family);
  if (wrong) return kSeenRowOfWrongTry;
  return seen.seat == Seat{} ? kSeenRowVersion : kSeenRowWithSeat;
}

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_
