// Cases: what holds somebody back from rung 3 on, until a human has looked at it.
//
// A case is opened in the commit of what opened it, for a principal or for a pool of them, and goes
// with it from rung to rung. Nothing but its end sets M back to 0 and lets go: a security officer
// closes it, with a reason; from rung 4 on two of them do (an approval of kind "case").
//
// The truth is in the principal's row; a case is how humans find it. A row of a case that is gone
// frees nobody.
//
// Threads  any; answers come back on `caller.home`.
// Fails    as the calls of Gate do. Refusals: kNoRight; kNotAvailable (no such case); kDecided (it
//          is closed); kApprovalRequired (two must).
// Source   docs/format/state.md "Cases", docs/operate/detectors.md.
#ifndef CLOISON_ACCESS_CASES_H_
#define CLOISON_ACCESS_CASES_H_

#include <string>
#include <vector>

#include "access/alarms.h"
#include "access/gate.h"

namespace cloison::access {

inline constexpr std::size_t kCasesPageMax = 100;
inline constexpr std::size_t kCaseReasonBytesMax = ledger::kCaseRefBytesMax;
inline constexpr std::string_view kCaseKind = "case";

struct Case {
  CaseId id{};  // when it was opened, budget ms, and random
  bool open = true;
  Rung rung = Rung::kNone;
  OrganisationId organisation{0};        // of the principal, or of whoever's act tipped the pool
  std::optional<PrincipalId> principal;  // nothing: of `pool`
  PoolKey pool;
  std::string why;             // "D1/day": what it was opened or raised by last
  std::int64_t raised_ms = 0;  // budget time
  std::optional<PrincipalId> closer;
  std::int64_t closed_ms = 0;
  std::string reason;
  std::int64_t opened_ms() const {
    return static_cast<std::int64_t>(base::LoadBig({id.data(), 8}));
  }
  friend bool operator==(const Case&, const Case&) = default;
};

// What an approval of kind "case" asks for: bytes of its kind. ParseCaseId: kInvalid.
Bytes EncodeCaseId(const CaseId& id);
Result<CaseId> ParseCaseId(ByteView what);

class Cases {
 public:
  explicit Cases(internal::Core& core) : core_(core) {}

  struct Page {
    std::vector<Case> items;
    std::optional<CaseId> next;  // the `above` of the next page
    ledger::Recorded recorded;
  };
  // Open or closed ones, oldest first. kInvalid: a page of none, or of more than kCasesPageMax.
  Task<Outcome<Page>> List(Caller caller, bool open, CaseId above, std::size_t count);
  struct Shown {
    Case found;
    std::vector<Evidence> evidence;  // as of now; of an open case
    ledger::Recorded recorded;
  };
  Task<Outcome<Shown>> Read(Caller caller, CaseId id);
  // kInvalid: no reason, or one of more than kCaseReasonBytesMax bytes.
  Task<Outcome<Shown>> Close(Caller caller, CaseId id, std::string reason);

  // The accounts that came to Rung::kFrozen by alarms above `after`, of which kAlarmsPageMax are
  // looked at: their sessions are over. `last` is the last that was; `after` again: there is none.
  // For who keeps sessions; without a caller.
  struct Frozen {
    std::uint64_t last;
    std::vector<PrincipalId> who;
  };
  Task<Result<Frozen>> FrozenAbove(std::uint64_t after);

  // What is told of them, and of what else an operator must hear.
  Alarms alarms() { return Alarms(core_); }

 private:
  internal::Core& core_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_CASES_H_
