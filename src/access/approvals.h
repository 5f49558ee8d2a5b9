// Approvals: whatever widens what somebody may do takes two people
// (docs/design/0016-two-people.md).
//
// One asks, another human agrees, and it takes effect in the commit that says so. Each step is an
// entry. Who may agree is decided from the register as it is at that moment: approvals/entitled.h.
// What can be asked for is a kind (access/internal/approval_kinds.h): "enrol", "change", "raise",
// "freeze", "unfreeze", "key", "citizen_key", "erase", "rekey", "unseal", "release" and those of
// other parts of the gate. How many are open at once is bounded for each organisation's staff, and
// apart for citizens: no flood of theirs keeps staff from asking.
//
// Threads  any, but Expire and Finish: one caller at a time.
// Fails    as the calls of Gate do. Refusals: kNoRight (whoever may see it but may not do this;
//          `rule` says why, "approval/in_chain"), kNotAvailable (no such approval, or not for this
//          caller), kDecided (approved, denied or expired already).
// Source   docs/format/state.md "Approvals".
#ifndef CLOISON_ACCESS_APPROVALS_H_
#define CLOISON_ACCESS_APPROVALS_H_

#include <optional>
#include <string>
#include <vector>

#include "access/gate.h"
#include "approvals/document.h"

namespace cloison::access {

inline constexpr std::uint64_t kApprovalsMax = 100'000'000;  // in a register's life
inline constexpr std::size_t kApprovalsOpenMax = 10'000;     // at once, of an organisation's staff
inline constexpr std::size_t kCitizenKeysOpenMax = 10'000;   // at once, of all citizens
inline constexpr std::size_t kApprovalsOpenOfOneMax = 100;   // that one principal asked for
inline constexpr std::size_t kApprovalsPageMax = 100;
inline constexpr std::size_t kApprovalsScannedMax = 1'000;  // for one page

class Approvals {
 public:
  explicit Approvals(internal::Core& core) : core_(core) {}

  struct Request {
    std::string kind;
    Bytes what;          // as the kind reads it
    std::string reason;  // 1 to approvals::kReasonBytesMax bytes
  };
  struct Shown {
    approvals::Document approval;  // its state as of now
    ledger::Recorded recorded;
    std::optional<base::Indirect<BudgetLeft>> budget = {};  // where asking was charged
    bool decided = false;                                   // by this call, and not before
  };
  // kInvalid: no such kind, or not what it reads; kExhausted: kApprovalsOpenMax, ...OfOneMax.
  Task<Outcome<Shown>> Ask(Caller caller, Request request, Gate::Once once);
  // Ask for what names people or records as a request does: what is found is refused, recorded and
  // charged as ever (Gate). `reason.case_ref` is the approval's reason.
  Task<Outcome<Shown>> AskErase(Caller caller, std::string person, std::uint64_t if_version,
                                Reason reason, Gate::Once once);
  Task<Outcome<Shown>> AskRekey(Caller caller, std::string person, Reason reason, Gate::Once once);
  Task<Outcome<Shown>> AskUnseal(Caller caller, std::uint64_t place, Reason reason,
                                 Gate::Once once);
  // Again by whoever approved it: the same answer, and what had not run yet runs.
  Task<Outcome<Shown>> Approve(Caller caller, std::uint64_t number);
  // By whoever may approve it, and by whoever asked (who takes it back). One that was agreed to and
  // waits (access/erasures.h) is stopped so, also by who agreed and who may stop it by right.
  Task<Outcome<Shown>> Deny(Caller caller, std::uint64_t number);
  // For whoever asked and for those with the right to approve, of its organisation.
  Task<Outcome<Shown>> Read(Caller caller, std::uint64_t number);
  // What the caller may approve now, and what waits and the caller may stop; oldest first, of
  // numbers above `above`.
  struct Page {
    std::vector<approvals::Document> items;
    std::optional<std::uint64_t> next;  // the `above` of the next page
    ledger::Recorded recorded;
  };
  Task<Outcome<Page>> Pending(Caller caller, std::uint64_t above, std::size_t count);

  // Who a principal is here and what it may do, for whoever enrols or freezes, of its organisation.
  // Each look is an entry. Refusal kNotAvailable: nobody, of another organisation, or a citizen.
  struct Standing {
    PrincipalInfo info;
    std::vector<Right> rights;
    ledger::Recorded recorded;
  };
  Task<Outcome<Standing>> LookAt(Caller caller, PrincipalId who);

  // Begins a production register: its first policy and principals, in one commit whose entries name
  // `note`, the statement that two officers signed (access/founding.h). kConflict: it has begun.
  Task<Status> Found(std::string note, std::vector<PrincipalInfo> founders, base::Executor& home);

  // Closes what nobody decided in time, each with an entry. Each hour.
  Task<Status> Expire(base::Executor& home);
  // Runs what was approved, waits for nothing, and did not run to its end. At start and each hour.
  Task<Status> Finish(base::Executor& home);

 private:
  Task<Outcome<Shown>> RunApproved(Outcome<Shown> outcome, base::Executor& home);
  Task<Result<std::vector<approvals::Document>>> ReadOpen() const;

  internal::Core& core_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_APPROVALS_H_
