// A dry run: what was asked of the register lately, decided once more by another policy.
//
// What is recorded says who asked (organisation, role), for which purpose, of which fields in which
// form, and what relation the rule found. Nobody is looked at again and nobody is named: the answer
// is counts. What was refused is recorded without fields, so what a new policy would open of it
// cannot be told; it is counted apart. A policy that makes people explained or archived otherwise
// is not seen here: relations are those of then.
#ifndef CLOISON_ACCESS_POLICY_PREVIEW_H_
#define CLOISON_ACCESS_POLICY_PREVIEW_H_

#include <map>
#include <string>
#include <tuple>

#include "access/policy.h"
#include "ledger/ledger.h"

namespace cloison::access {

inline constexpr std::size_t kPreviewEntriesMax = 100'000;
inline constexpr std::int64_t kPreviewPeriodMaxMs = 31 * base::kDayMs;

struct PreviewLimits {
  std::int64_t period_ms = 7 * base::kDayMs;  // back from the newest entry
  std::size_t entries = kPreviewEntriesMax;   // the newest ones
};

struct PreviewKey {
  std::uint32_t organisation;
  std::string role, purpose;
  Relation relation;
  auto operator<=>(const PreviewKey&) const = default;
};
// Of looks of one kind that the two policies decide differently; a look is an entry.
struct PreviewCounts {
  std::uint64_t looks = 0;
  std::uint64_t refused = 0;   // that the other policy refuses
  std::uint64_t granted = 0;   // that it allows though the one in force no longer does
  std::uint64_t masked = 0;    // of them in part masked, where all was plain
  std::uint64_t unmasked = 0;  // of them in part plain, where all was masked
};
struct PreviewReport {
  std::uint64_t entries = 0;            // that were looked at
  std::uint64_t allowed = 0;            // looks among them
  std::uint64_t refusals = 0;           // of which nothing can be told
  std::uint64_t undecided = 0;          // looks whose rule is not one of the policy's
  std::int64_t from_ms = 0, to_ms = 0;  // ledger time of the oldest and the newest
  bool more = false;     // the limit of entries was reached before the period's begin
  bool expired = false;  // so were records that are gone
  std::map<PreviewKey, PreviewCounts> changed;  // what differs, and only that
};

// One recorded decision, by both policies.
void CountEntry(PreviewReport& report, const Policy& before, const Policy& after,
                const ledger::SubjectPart* subject, const ledger::ActorPart& actor,
                std::string_view rule);

// The newest entries of the newest log, as far as the limits go, a page at a time. Both policies
// outlive the await.
Task<Result<PreviewReport>> CountLately(const ledger::Ledger& log, const Policy& before,
                                        const Policy& after, PreviewLimits limits);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_POLICY_PREVIEW_H_
