// What somebody outside must be told: a row of family outbox, written in the commit that it tells
// of, and an event without names once that is durable. Whoever sends follows the rows (their order
// is that of their keys). Nobody does yet, and nothing takes the rows away.
//
//   u64 budget ms ‖ random[8]    01 | u8 what | u8 whom | about[16] | u32 organisation
//                                | u8 has manager | manager[16] | u64 approval     sealed
//
// Source   docs/format/state.md "Outbox".
#ifndef CLOISON_ACCESS_INTERNAL_ALERTS_H_
#define CLOISON_ACCESS_INTERNAL_ALERTS_H_

#include "access/internal/gate_work.h"

namespace cloison::access::internal {

struct Alert {
  enum class What : std::uint8_t { kEnrolled = 1, kUnseenKey, kKeyWaits };
  enum class Whom : std::uint8_t { kSecondContact = 1, kManager };  // of the organisation; theirs
  What what;
  Whom whom;
  PrincipalId about;
  OrganisationId organisation;
  std::optional<PrincipalId> manager;  // of `about`; nothing: the second contact is told instead
  std::uint64_t approval = 0;
  friend bool operator==(const Alert&, const Alert&) = default;
};

Bytes EncodeAlert(const Alert& alert);
Result<Alert> ParseAlert(ByteView plain);  // kCorrupt
void PutAlert(Core& core, commit::Staging& staging, const Alert& alert);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_ALERTS_H_
