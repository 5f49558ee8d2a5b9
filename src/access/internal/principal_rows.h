// Versions of the rows of principals (docs/format/state.md): one place for who writes and who reads
// them.
#ifndef CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_
#define CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_

#include <cstdint>

namespace cloison::access::internal {

// A principal's row says which log its number counts in from version 2 on; in the first log it is
// written as version 1.
inline constexpr std::uint8_t kPrincipalRowVersion = 1, kPrincipalRowWithLogs = 2;
inline constexpr std::uint8_t kSeenRowVersion = 1;

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_
