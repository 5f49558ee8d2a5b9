// What approvals about caseloads ask for: bytes of their kind (access/approvals.h).
//
//   access    an agent asks for a person who is not available. Whoever answers says so for seven
//             days, as an explanation of kind second_person; what the code is, is not looked at
//             before, so that asking tells nothing
//   transfer  the whole caseload of one agent goes to others, in turns, settled from the start
#ifndef CLOISON_ACCESS_CASELOAD_REQUESTS_H_
#define CLOISON_ACCESS_CASELOAD_REQUESTS_H_

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace cloison::access {

inline constexpr std::string_view kAccessKind = "access";
inline constexpr std::string_view kTransferKind = "transfer";
inline constexpr std::size_t kAccessPersonBytesMax = 64;
inline constexpr std::size_t kTransferAgentsMax = 64;
inline constexpr std::uint32_t kAccessRequestsPerDayMax = 10;  // of one agent

struct AccessRequest {
  std::string person;  // the code as it was given; 1 to kAccessPersonBytesMax bytes
};
struct TransferRequest {
  PrincipalId from{ByteArray<16>{}};
  std::vector<PrincipalId> to;  // 1 to kTransferAgentsMax
};

// CHECK the sizes.
Bytes Encode(const AccessRequest& request);
Bytes Encode(const TransferRequest& request);
// kInvalid: not what Encode writes.
Result<AccessRequest> ParseAccess(ByteView what);
Result<TransferRequest> ParseTransfer(ByteView what);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_CASELOAD_REQUESTS_H_
