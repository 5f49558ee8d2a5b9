// Versions of the rows of principals (docs/format/state.md): one place for who writes and who reads
// them.
#ifndef CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_
#define CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_

#include <cstdint>

namespace cloison::access::internal {

// Written as version 3, which says since when it is enrolled and the like. Of before: version 2
// says which log its number counts in, version 1 is of the first log.
inline constexpr std::uint8_t kPrincipalRowFirst = 1, kPrincipalRowWithLogs = 2,
                              kPrincipalRowVersion = 3;
// With a seat, when it is known; of a value that was tried and was not the person's, always.
inline constexpr std::uint8_t kSeenRowVersion = 1, kSeenRowWithSeat = 2, kSeenRowOfWrongTry = 3;

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_
