// What the gate's works share: the principal, the entries they add, the refusal they may end in.
#ifndef CLOISON_ACCESS_INTERNAL_GATE_WORK_H_
#define CLOISON_ACCESS_INTERNAL_GATE_WORK_H_

#include <atomic>
#include <mutex>
#include <set>

#include "access/erasures.h"
#include "access/gate.h"
#include "access/internal/alarm_box.h"
#include "access/internal/approval_kinds.h"
#include "access/internal/known_principals.h"
#include "access/internal/once_turns.h"
#include "access/internal/pair_cache.h"
#include "access/shares.h"

namespace cloison::access::internal {

// Entries of one work at most (an assignment of kAssignmentsPerRequestMax people has the most): a
// work that finds less room in the batch goes into the next one.
inline constexpr std::size_t kEntriesOfOneWorkMax = 1'024;
static_assert(kAssignmentsPerRequestMax <= kEntriesOfOneWorkMax);
static_assert(2 * kDisclosuresPerRequestMax <= kEntriesOfOneWorkMax);

// From this much of a day's cap on, whoever is shown somebody has proven who they are within this
// time.
inline constexpr std::uint64_t kStepUpPercent = 70;
inline constexpr std::int64_t kBudgetFreshS = 3'600;

// How erasures go (access/erasures.h). Set before anybody is served.
struct ErasureRules {
  std::int64_t delay_ms = 0;
  bool asks_consent = false;
  std::uint32_t per_day = kErasuresPerDay;  // of one organisation
  bool waits() const { return delay_ms > 0 || asks_consent; }
};

struct Core {
  explicit Core(Gate::Parts given)
      : parts(given),
        ceilings(given.state),
        principals(given.policy, given.state, given.ledger, given.erase_journal, ceilings,
                   given.random, given.observer),
        caseload(given.state),
        known(caseload),
        alarms(given.state, given.ledger, ceilings) {
    const auto& kept = given.schema.state.in_force;
    if (kept.has_value()) principals.KnowSchema(kept->version);
  }

  Gate::Parts parts;
  Ceilings ceilings;
  Principals principals;
  Caseload caseload;
  KnownPrincipals known;
  PairCache pairs;
  Shares searches;  // by name, under way
  OnceTurns once_turns;
  ApprovalKinds approval_kinds;
  GateStats stats;
  std::atomic<std::uint64_t> not_enrolled{0};  // since the last aggregate entry
  std::mutex unfinished_mutex;
  std::vector<keys::EraseJournal::Item> unfinished;  // of the journal: to try again in the hour
  AlarmBox alarms;
  ErasureRules erasures;
  std::int64_t export_delay_ms = base::kDayMs;  // set before anybody is served
  std::mutex rekeying_mutex;
  std::set<PersonId> rekeying;  // one re-key of a person at a time
};

// Counts and raises the alarm when the error says that something was tampered with or damaged.
void NoteCorrupt(Core& core, const Error& error, Literal event);
void AlarmOfDamage(Core& core, std::string why);  // the alarm and the count alone

struct Target;

// One decision for one principal. Load and Stage find the principal, then hand over to LoadMore and
// Decide; a refusal is staged by Refuse and given back by Refused. For who is frozen, or whose
// enrolment has ended, nothing more is loaded.
class GateWork : public commit::Work {
 public:
  Task<Status> Load(commit::Staging& staging) final;
  Result<commit::Staged> Stage(commit::Staging& staging) final;

 protected:
  GateWork(Core& core, const Caller& caller, Reason reason)
      : core_(core), caller_(caller), reason_(std::move(reason)) {}

  virtual Task<Status> LoadMore(commit::Staging& staging);
  virtual Result<commit::Staged> Decide(commit::Staging& staging) = 0;
  // Whether more than the caller's own state may change, or somebody else is answered: refused to
  // whoever is on Rung::kFrozen, for kReadOnlyMs.
  virtual bool changes() const { return true; }
  virtual bool says_why() const { return !reason_.case_ref.empty(); }

  // Of the Load or Stage that runs: found once in each.
  PrincipalState& principal() {
    CLOISON_CHECK(principal_ != nullptr);
    return *principal_;
  }
  // A draft of this caller and reason; the running number goes up with each StageEntry.
  ledger::EntryDraft Draft(ledger::Kind kind, ledger::Decision decision, std::string rule);
  ledger::Pending StageEntry(ledger::EntryDraft draft);
  // The first cap that showing all of `showings` now would pass.
  std::optional<Spent> WouldPass(const commit::Staging& staging,
                                 std::span<const Showing> showings) {
    return core_.principals.WouldPass(staging, principal(), caller_.client, showings);
  }
  // What showing them now is refused with, if it is: a cap that is passed; or kStepUpPercent of a
  // day's cap are used and who asks has not proven who they are for kBudgetFreshS.
  std::optional<Result<commit::Staged>> RefuseShowing(commit::Staging& staging,
                                                      std::span<const Showing> showings);
  // What holds the caller back, as of the Stage that runs.
  const Hold& hold() const { return hold_; }
  // An opening off the caseload that somebody of another office agreed to (Rung::kSecondPerson), or
  // there is none: RefuseShowing refuses others.
  void Vouch() { vouched_ = true; }
  Result<commit::Staged> RefuseHeld(commit::Staging& staging, std::string rule);
  // Writes the principal down after its entries, and what its observer made of it. The last thing
  // that Decide does.
  void Charge(commit::Staging& staging, std::span<const Principals::Debit> debits);

  // One refusal entry without subject; `debits` are charged. Gives kDone.
  Result<commit::Staged> Refuse(commit::Staging& staging, Refusal refusal,
                                ledger::Decision decision,
                                std::span<const Principals::Debit> debits);
  // One entry for each that is not available, which is charged; the answer is one for all.
  Result<commit::Staged> RefuseMisses(commit::Staging& staging,
                                      const std::vector<Principals::Debit>& missed);
  // kWrongTriesMax values that are not theirs were tried of somebody, the first at `first_ms`.
  // Nothing is charged.
  Result<commit::Staged> RefuseTries(commit::Staging& staging, std::string rule,
                                     std::int64_t first_ms);
  // The entry of a glimpse that tells no more than that somebody is there, and by which code.
  ledger::Pending StageTelling(const records::Sighting& there, std::string rule);
  // A unique value is taken by `there`: whoever writes it learns that the person is there, and by
  // which code. A glimpse off the caseload of that person, charged as one. The person's head must
  // be loaded.
  Result<commit::Staged> RefuseExists(commit::Staging& staging, const records::Sighting& there,
                                      std::string rule);
  // The same for a window that is full: nothing is charged.
  Result<commit::Staged> RefuseSpent(commit::Staging& staging, Spent spent);
  // Whether who asks has proven who they are within their role's step_up_s; what is refused when
  // they have not.
  bool HasFreshProof(const commit::Staging& staging);
  Result<commit::Staged> RefuseStale(commit::Staging& staging, std::string rule);
  // What one may not do alone ("approval/erase").
  Result<commit::Staged> RefuseAlone(commit::Staging& staging, std::string_view what);
  // An application is shown nobody, whatever its role is granted, and whoever signed in as it.
  bool IsApplication() const;
  Result<commit::Staged> RefuseApplication(commit::Staging& staging);
  // A miss or a refusal costs one person of its own: glimpsed and glimpsed off-caseload.
  Principals::Debit DebitOfQuery(std::uint16_t index, ByteView canonical);
  Principals::Debit DebitOfCode(std::string_view named);  // marked as a miss
  // The counters of one person shown or answered about; with `plain` fields in plain form.
  // In the family that the standing says.
  Showing ShowingOf(const Target& target, Counted counted, CounterSet counters);
  static CounterSet Glimpse(bool off);
  CounterSet CountersOf(const std::vector<FieldId>& plain, bool off) const;
  BudgetLeft Left(std::int64_t now_ms);

  bool refused() const { return refusal_.has_value(); }
  Refusal TakeRefusal(const commit::Durable& durable);

  Core& core_;
  Caller caller_;
  Reason reason_;

 private:
  // What holds the caller back from being shown these.
  std::optional<Result<commit::Staged>> RefuseByRung(commit::Staging& staging,
                                                     std::span<const Showing> showings);
  void RecordRung(commit::Staging& staging, const RungChange& change);
  // Of which family and counter a day's cap is used up by so much.
  std::optional<Spent> NeedsStepUp(const commit::Staging& staging,
                                   std::span<const Showing> showings);

  bool enrolled_ = true;
  PrincipalState* principal_ = nullptr;
  bool loaded_ = false;             // LoadMore ran
  std::uint64_t loaded_under_ = 0;  // serial of the policy in Load
  std::uint64_t entries_ = 0;
  bool application_ = false;  // by its role
  bool vouched_ = false;
  Hold hold_;
  std::optional<Refusal> refusal_;
  std::optional<ledger::Pending> refusal_entry_;
};

// In Load: who has the unique value that a registration or a change found taken; their head is
// loaded.
Task<Result<std::optional<records::Sighting>>> SightExisting(Core& core,
                                                             std::optional<PersonId> existing);

// Synced when it returns; after it the erasure or re-key is finished, whatever comes between.
// Nothing is written when it is there, at whatever time it was. Ends the committer when nobody
// knows whether it is in the file.
Status JournalOnce(Core& core, const keys::EraseJournal::Item& item);
// For Gate::RetryErasures, once however often it fails.
void KeepUnfinished(Core& core, const keys::EraseJournal::Item& item);
// Finishes an erasure that is in the journal: main commit, caseload pairs, then the keys. Safe to
// repeat at any point; one that fails is kept for Gate::RetryErasures. What is damaged (kCorrupt)
// keeps no key: the row goes by what is left of it, and an alarm says so. Nothing: the record was
// gone already. kDenied: not even the system principal is enrolled.
Task<Result<std::optional<ledger::Recorded>>> FinishErasure(Core& core, Caller caller,
                                                            Reason reason,
                                                            keys::EraseJournal::Item item);
// Finishes a re-key that is in the journal: new key, main commit, then the end of the keys before.
// Safe to repeat at any point; one that fails, or whose old keys a backup still copies, is kept for
// Gate::RetryErasures. kConflict: one of the same person is under way.
Task<Status> FinishRekey(Core& core, Caller caller, Reason reason, keys::EraseJournal::Item item);
// Either, by the system.
Task<Status> FinishItem(Core& core, keys::EraseJournal::Item item, base::Executor& home);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_GATE_WORK_H_
