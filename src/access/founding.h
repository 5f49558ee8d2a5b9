// The principals with whom a production register begins: two officers signed for them
// (ledger/bootstrap_statement.h), since nobody is there who could agree to the first ones.
//
// Founders count as enrolled since before anybody asks (docs/design/0016-two-people.md), so they
// agree to each other's proposals from the first day. They are officers, each another human, for
// kFounderLastsMaxMs at most; the system principal, they and the first policy come in one commit,
// which an empty register takes once.
//
// Threads  CheckFounders, FaultOfPlace: pure.
// Source   docs/format/bootstrap.md.
#ifndef CLOISON_ACCESS_FOUNDING_H_
#define CLOISON_ACCESS_FOUNDING_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/policy.h"
#include "access/principal_info.h"
#include "commit/sealed_state.h"
#include "commit/staging.h"
#include "ledger/bootstrap_statement.h"

namespace cloison::access {

inline constexpr std::int64_t kFounderLastsMaxMs = 400 * base::kDayMs;

// What two references of one human have in common, however they are written: small letters a to z
// and digits, one dash for all that stands between; accents and what does not show are gone.
// "HR-7", "hr 7" and "HR_7" are one human. Empty: it is none, or has other letters, which may look
// like these.
std::string FoldReference(std::string_view reference);
// A reference of the organisation's own, which only tells whether two accounts are one human's.
HumanId HumanIdOf(const commit::SealedState& state, std::string_view reference);

// Why `policy` has nobody of that organisation, office and role; empty: it may have.
std::string FaultOfPlace(OrganisationId organisation, std::optional<OfficeId> office,
                         std::string_view role, const Policy& policy);

// Whether `plan` may begin a register under `policy`, at `now_ms` of the wall clock. kInvalid, and
// a line in `problems` for each fault. Issuers are not looked at.
Status CheckFounders(const ledger::BootstrapPlan& plan, const Policy& policy, std::int64_t now_ms,
                     std::vector<std::string>& problems);

// The same of who begins the organisations that the policy `after` brings and `before` does not
// have.
Status CheckNewcomers(const std::vector<ledger::Founder>& founders, const Policy& before,
                      const Policy& after, std::int64_t now_ms, std::vector<std::string>& problems);

// What is enrolled. CHECKs that the founder was checked.
PrincipalInfo FounderInfo(const ledger::Founder& founder, const commit::SealedState& state,
                          const commit::BatchTime& now);

// Organisations of `policy` of which nobody is a founder: whoever enrols is of the organisation
// that they enrol for, so nobody of these can be, until a later policy brings them anew.
std::vector<std::string> WithoutFounders(const ledger::BootstrapPlan& plan, const Policy& policy);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_FOUNDING_H_
