// Who a principal is to this register, and what its budget is at a time.
//
// What is here changes by approvals alone (access/approvals.h), but for `frozen`, which takes one
// officer, and `reduced_until_ms`, which an unseen key moves on. Times are budget time.
#ifndef CLOISON_ACCESS_PRINCIPAL_INFO_H_
#define CLOISON_ACCESS_PRINCIPAL_INFO_H_

#include <optional>
#include <string>
#include <vector>

#include "access/windows.h"
#include "base/ids.h"

namespace cloison::access {

inline constexpr std::size_t kLabelBytesMax = 128;
inline constexpr std::size_t kRoleBytesMax = 64;
inline constexpr std::size_t kRaisesMax = kCounters * kWindows;  // one for each cap
inline constexpr std::uint32_t kRaiseTimesMax = 3;               // the cap of the class
inline constexpr std::int64_t kRaiseLastsMaxMs = 31 * base::kDayMs;
inline constexpr std::uint32_t kReducedBy = 3;
inline constexpr std::int64_t kReducedAfterEnrolmentMs = 7 * base::kDayMs;
inline constexpr std::int64_t kReducedAfterKeyMs = base::kDayMs;

// One cap that is higher than the class has it, until it ends by itself.
struct Raise {
  Counter counter;
  Window window;
  std::uint32_t cap;
  std::int64_t until_ms;  // not from then on
  friend bool operator==(const Raise&, const Raise&) = default;
};

// A reference that the organisation gives each of its people: one human with accounts of two
// issuers has it twice, and counts once.
using HumanId = ByteArray<16>;

struct PrincipalInfo {
  PrincipalId id;
  OrganisationId organisation;
  std::optional<OfficeId> office;
  std::string role;   // "adviser", "case-application", "privacy-officer", "citizen" ...
  std::string label;  // the account's name in its organisation: shown to officers, never in leaves
  bool frozen = false;
  std::optional<Aud> person = {};               // a citizen's own record
  std::int64_t enrolled_ms = 0;                 // 0: since before anybody asks (set-up, founders)
  std::optional<std::int64_t> expires_ms = {};  // nobody from then on
  std::optional<PrincipalId> manager = {};
  std::optional<HumanId> human = {};
  std::int64_t reduced_until_ms = 0;  // a third of the class' caps until then
  std::vector<Raise> raises = {};     // of different caps; those that have ended mean nothing

  bool HasExpired(std::int64_t now_ms) const {
    return expires_ms.has_value() && now_ms >= *expires_ms;
  }
};

// Caps, and until when they are so.
struct CapsNow {
  Caps caps;
  std::int64_t until_ms;
};
// What a principal whose class has `of_class` may be shown now: the strictest applies, so who is
// reduced has no raise.
CapsNow CapsOf(const Caps& of_class, const PrincipalInfo& info, std::int64_t now_ms);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_PRINCIPAL_INFO_H_
