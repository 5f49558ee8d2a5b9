// Versions of the rows of principals (docs/format/state.md): one place for who writes and who reads
// them.
#ifndef CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_
#define CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_

#include <cstdint>

#include "access/windows.h"

namespace cloison::access::internal {

// Written as version 3, which says since when it is enrolled and the like, or 4, which has what the
// observer keeps of it too. Of before: version 2 says which log its number counts in, version 1 is
// of the first log.
inline constexpr std::uint8_t kPrincipalRowFirst = 1, kPrincipalRowWithLogs = 2,
                              kPrincipalRowWithStanding = 3, kPrincipalRowVersion = 4;
// With a seat, when it is known; of a value that was tried and was not the person's, always. Those
// of other families than the class's say which; the overview has no seat.
inline constexpr std::uint8_t kSeenRowVersion = 1, kSeenRowWithSeat = 2, kSeenRowOfWrongTry = 3,
                              kSeenRowOfOverview = 4, kSeenRowOfPresence = 5,
                              kPresenceRowWithSeat = 6, kPresenceRowOfWrongTry = 7;

constexpr ShowingFamily FamilyOfSeenRow(std::uint8_t version) {
  if (version == kSeenRowOfOverview) return ShowingFamily::kOverview;
  const bool presence = version >= kSeenRowOfPresence && version <= kPresenceRowOfWrongTry;
  return presence ? ShowingFamily::kPresence : ShowingFamily::kClass;
}
constexpr bool IsWrongTryRow(std::uint8_t version) {
  return version == kSeenRowOfWrongTry || version == kPresenceRowOfWrongTry;
}
constexpr bool HasSeat(std::uint8_t version) {
  return version == kSeenRowWithSeat || version == kPresenceRowWithSeat || IsWrongTryRow(version);
}
// One way to write each.
constexpr std::uint8_t SeenRowVersionOf(const Seen& seen, bool wrong, ShowingFamily family) {
  if (family == ShowingFamily::kOverview) return kSeenRowOfOverview;
  const bool presence = family == ShowingFamily::kPresence;
  if (wrong) return presence ? kPresenceRowOfWrongTry : kSeenRowOfWrongTry;
  if (seen.seat == Seat{}) return presence ? kSeenRowOfPresence : kSeenRowVersion;
  return presence ? kPresenceRowWithSeat : kSeenRowWithSeat;
}

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_
