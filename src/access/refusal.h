// Who asks the gate, and how it says no.
#ifndef CLOISON_ACCESS_REFUSAL_H_
#define CLOISON_ACCESS_REFUSAL_H_

#include <variant>

#include "access/principals.h"
#include "base/indirect.h"
#include "identity/assurance.h"
#include "records/codes.h"

namespace cloison::access {

// Who asks, as sign-in found it. The principal is looked up again on the committer.
struct Caller {
  PrincipalId principal;
  SessionId session;
  ClientId client;
  base::Executor& home;
  identity::Assurance assurance;
};

struct Reason {
  std::string purpose;
  std::string case_ref;
};

enum class RefusalCode : std::uint8_t {
  kNotEnrolled,     // no such principal: counted in aggregate, no leaf of its own
  kNotAvailable,    // nobody, another's, or refused: one and the same answer
  kPurposeRefused,  // this purpose does not give a field to this role, whoever the person is
  kBudgetSpent,     // a window is full; `spent` says which
  kFrozen,
  kNoRight,           // the role may not do this at all
  kExists,            // registration of somebody who is there
  kChanged,           // If-Match does not hold
  kNotSealed,         // unseal: the entry is no sealed access
  kRecordExpired,     // unseal: what it says is gone
  kUnsealed,          // unseal: somebody did before
  kStepUp,            // the human must prove again who they are
  kTooWeak,           // sign-in is not enough for the role
  kExpired,           // the enrolment has ended
  kApprovalRequired,  // takes effect only when somebody else agrees
  kDecided,           // an approval: approved, denied or expired already
  kCaseRefRequired,   // held back: what it is for must be said (access/observer.h)
  kHeldBack,          // by what speaks against the principal, or against its organisation
};

// What is left of each counter in its narrowest window for the day's work, for the answer's
// `budget`. Answers hold it apart: they are moved many times on their way.
struct BudgetLeft {
  std::array<std::array<std::uint32_t, kWindows>, kCounters> left{};
  Caps caps;
  // Where nothing is left: in how long a place is free again.
  std::array<std::array<std::int64_t, kWindows>, kCounters> frees_in_ms{};
};

struct Refusal {
  RefusalCode code;
  std::string rule;              // "support/caseload", "budget/opened/day"
  std::optional<FieldId> field;  // the first field refused (kPurposeRefused)
  std::optional<Spent> spent;
  std::int64_t retry_after_ms = 0;
  std::optional<records::PersonCode> existing;  // kExists: the code of the one who is there
  base::Indirect<BudgetLeft> budget;
  std::optional<ledger::Recorded> recorded;  // its own entry
  // kApprovalRequired: the number of the approval that is waited for (access/approvals.h).
  std::optional<std::uint64_t> approval = {};
};

template <class T>
using Outcome = Result<std::variant<T, Refusal>>;

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_REFUSAL_H_
