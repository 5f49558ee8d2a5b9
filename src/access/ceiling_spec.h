// One ceiling of the policy: how many (principal, person) pairs all principals of an office, an
// organisation, a client or the register may be shown together, per counter
// (docs/design/0017-ceilings.md). Pure.
#ifndef CLOISON_ACCESS_CEILING_SPEC_H_
#define CLOISON_ACCESS_CEILING_SPEC_H_

#include <array>
#include <optional>

#include "access/windows.h"
#include "base/ids.h"

namespace cloison::access {

inline constexpr std::size_t kCeilingSpecsMax = 256;  // of one policy
inline constexpr std::uint32_t kBucketsMax = 62;
inline constexpr std::int64_t kBucketMsMin = base::kMinuteMs;
inline constexpr std::int64_t kBucketMsMax = base::kDayMs;  // kSeenKeptMs goes by it

// Any interval of buckets * bucket_ms shows at most `caps` pairs. That product is one of kWindowMs.
struct CeilingSpec {
  Scope scope;                                 // not kPrincipal
  std::optional<OrganisationId> organisation;  // nothing: each organisation has one of its own
  std::optional<OfficeId> office;              // nothing: each office has one of its own
  std::int64_t bucket_ms;
  std::uint32_t buckets;
  std::array<std::optional<std::uint32_t>, kCounters> caps;
  ShowingFamily family = ShowingFamily::kClass;  // whose showings; kPresence is the other one
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_CEILING_SPEC_H_
