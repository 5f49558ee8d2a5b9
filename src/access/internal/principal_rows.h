// Versions of the rows of principals (docs/format/state.md): one place for who writes and who reads
// them.
#ifndef CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_
#define CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_

#include <cstdint>

namespace cloison::access::internal {

inline constexpr std::uint8_t kPrincipalRowVersion = 1, kSeenRowVersion = 1;

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_PRINCIPAL_ROWS_H_
