// The gate: the only way by which anything of a person reaches anybody, or a record changes.
//
//   decide -> stage{debit, state, leaf, record} -> committer (durable) -> Receipt -> Opener
//
// Everything is decided on the committer, against the store plus the earlier works of the batch;
// what was read before is checked again there. Every decision about a known principal is one leaf,
// refusals and misses included; a refusal, an unknown person and another's person are charged alike
// and answered alike (kNotAvailable).
//
// Threads  any; answers come back on `caller.home`.
// Fails    (Result errors of every call) kInvalid: a reason or a list over its size; kUnavailable:
//          ledger or store cannot answer; kUnknownOutcome: the process is about to restart;
//          kCorrupt: a record or state does not open, alarm raised. Refusals are answers, not
//          errors: Refusal values with their entry recorded.
#ifndef CLOISON_ACCESS_GATE_H_
#define CLOISON_ACCESS_GATE_H_

#include "access/caseload.h"
#include "access/principals.h"
#include "access/refusal.h"
#include "access/session_opened.h"
#include "access/trail.h"
#include "base/events.h"
#include "records/codes.h"
#include "records/people.h"
#include "records/schema_state.h"

namespace cloison::access {

class Alerts;
class Approvals;
class Cases;
class Citizens;
class Decoys;
class Erasures;
class Explanations;
class Freezes;
class Holds;
class Exports;
class Jobs;
class Policies;
class Questions;
class Schemas;
namespace internal {
struct Core;
}

inline constexpr std::int64_t kIdempotencyMs = 24 * base::kHourMs;
inline constexpr std::size_t kIdempotencyKeyBytesMax = 128;
inline constexpr std::size_t kDisclosuresPerRequestMax = 50;
inline constexpr std::size_t kLookupRowsMax = 10;
inline constexpr std::size_t kAssignmentsPerRequestMax = 1'000;

struct ShownRecord {
  records::PersonCode code;
  std::uint64_t version;                     // seq of the row
  std::vector<records::OpenedValue> values;  // ascending by field
  std::vector<ledger::Recorded> recorded;    // one entry per form shown
};

struct DisclosureRequest {
  // Codes of the caller's organisation, 1..50; empty: the caller's own record.
  std::vector<std::string> persons;
  std::vector<FieldId> fields;  // in any order; no more than the schema has
  Reason reason;
};
struct Disclosed {
  std::vector<ShownRecord> records;  // in the order asked
  base::Indirect<BudgetLeft> budget;
};

struct LookupRequest {
  records::Criterion criterion;
  Reason reason;
  std::shared_ptr<const records::SearchForms> search = nullptr;  // instead of the criterion
};
struct LookedUp {
  std::vector<ShownRecord> rows;  // masked; none: nobody that this caller may be shown
  bool narrow = false;            // a search by name met too many: more is to be asked
  base::Indirect<BudgetLeft> budget;
  std::optional<ledger::Recorded> miss;  // the entry when nobody is shown
};

struct Registered {
  records::PersonCode code;
  std::uint64_t version;
  ledger::Recorded recorded;
};

struct Capabilities {
  PrincipalInfo info;
  std::uint32_t policy_version;
  std::vector<Grant> grants;  // that apply to this organisation and role
  std::vector<Right> rights;
  base::Indirect<BudgetLeft> budget;
  Hold hold;  // what holds the caller back
};

struct GateStats {
  base::Counter disclosed_people, glimpsed_people, refused, missed, budget_spent, not_enrolled,
      corrupt, held_back;
};

class Gate {
 public:
  struct Parts {  // all outlive the gate
    PolicyInForce& policy;
    records::People& people;
    keys::PersonKeys& person_keys;
    keys::EraseJournal& erase_journal;
    const records::Codes& codes;
    const ledger::OversightKey& oversight;
    commit::Committer& committer;
    ledger::Ledger& ledger;
    ledger::HoldKeys& hold_keys;
    const commit::SealedState& state;
    base::Random& random;
    base::EventSink& events;
    const std::vector<tlog::VerifierKey>& officers;  // who sign policies; none: nobody can
    const records::OpenedSchema& schema;             // that `people` are of
    // What widens what somebody may do waits for a second person. Off: for simulations, whose
    // officers act alone.
    bool two_people = true;
    Observer* observer = nullptr;  // null: nobody watches
  };
  explicit Gate(Parts parts);
  ~Gate();

  Task<Outcome<Disclosed>> Disclose(Caller caller, DisclosureRequest request);
  Task<Outcome<LookedUp>> LookUp(Caller caller, LookupRequest request);

  // `idempotency`: the caller's key (kept 24 h with a keyed digest of `body`); the same key and
  // body gives the same answer again. kConflict error: the key came with another body.
  struct Once {
    std::string key;
    Bytes body;
  };
  Task<Outcome<Registered>> Register(Caller caller, records::Values values, Reason reason,
                                     Once once);
  // An error of a change that the stored values refuse (kInvalid) is recorded and charged too.
  Task<Outcome<Registered>> Update(Caller caller, std::string person, std::uint64_t if_version,
                                   std::vector<records::FieldChange> changes, Reason reason);
  struct Erased {
    ledger::Recorded recorded;
  };
  // No idempotency: the person is gone, so a retry after a lost answer is kNotAvailable. When the
  // keys can't be destroyed it is an error, tried again by RetryErasures and at every start.
  Task<Outcome<Erased>> Erase(Caller caller, std::string person, std::uint64_t if_version,
                              Reason reason);
  struct Assigned {
    std::size_t count;
    ledger::Recorded recorded;
  };
  Task<Outcome<Assigned>> Assign(Caller caller, std::vector<Assignment> assignments, Once once);
  struct Froze {
    ledger::Recorded recorded;
  };
  Task<Outcome<Froze>> Freeze(Caller caller, PrincipalId who, bool frozen);
  // Adds an entry about the person of the sealed access at `place`, under their own next number:
  // their trail shows it from then on. `reason.case_ref` says why; one officer may (two people come
  // with the approvals).
  struct Unsealing {
    ledger::Recorded recorded;
  };
  Task<Outcome<Unsealing>> Unseal(Caller caller, std::uint64_t place, Reason reason, Once once);
  Task<Outcome<Trail>> OwnTrail(Caller caller, std::optional<std::uint64_t> below,
                                std::size_t count, TrailDetail detail = TrailDetail::kLooks);
  Task<Outcome<Capabilities>> OwnCapabilities(Caller caller);
  Holds& holds();                // access/holds.h
  Jobs& jobs();                  // access/jobs.h
  Exports& exports();            // access/exports.h
  Policies& policies();          // access/policies.h
  Approvals& approvals();        // access/approvals.h
  Alerts& alerts();              // access/alerts.h
  Cases& cases();                // access/cases.h
  Citizens& citizens();          // access/citizens.h
  Explanations& explanations();  // access/explanations.h
  Freezes& freezes();            // access/freezes.h
  Questions& questions();        // access/questions.h
  Decoys& decoys();              // access/decoys.h
  Erasures& erasures();          // access/erasures.h
  Schemas& schemas();            // access/schemas.h
  // Sign-in is about to open a session bound to this key: whether the principal may use it
  // (access/session_opened.h).
  Task<Outcome<SessionOpened>> OpenSession(Caller caller, SeenKey key);

  // The principal that acts when nobody does (loads, aggregates): role "system", never frozen.
  static PrincipalId SystemPrincipal();

  // Set-up of a world (init, demo, tests, drill): enrols without approval, one leaf each.
  // Development mode only; the access issue puts approvals in front.
  Task<Status> Enrol(std::vector<PrincipalInfo> infos, base::Executor& home);
  // Set-up: pairs without codes or leaves per pair (one load entry per call), since when.
  struct SetUpPair {
    PrincipalId agent;
    PersonId person;
    Aud aud;
    std::int64_t since_ms;
  };
  Task<Status> LoadCaseload(std::vector<SetUpPair> pairs, base::Executor& home);
  // Set-up: entries of a first load (one per 1,000 people).
  Task<Status> RecordLoad(std::vector<crypto::Digest> roots, base::Executor& home);

  // An entry of the system's own, before something is done to keys: `epoch/destroy/3`.
  Task<Status> RecordKeys(std::string note, base::Executor& home);

  // Before serving. Holds principals and erase journal against the ledger (kCorrupt), records the
  // ceremony in a successor that has no entry yet, settles the schema, finishes what the journal
  // holds (what can't be is an event, for RetryErasures), sweeps orphans.
  Task<Status> Recover(base::Executor& home);
  // Tries again what failed of erasures since the start. Each hour.
  Task<Status> RetryErasures(base::Executor& home);
  // An aggregate entry: how many nobodies were refused since the last call. Each minute.
  Task<Status> FlushAggregates(base::Executor& home);
  // Forgets idempotency keys older than kIdempotencyMs. Each hour.
  Task<Status> PruneIdempotency(base::Executor& home);

  // Identity of a principal, outside the committer (sign-in): maybe one commit old. kNotFound.
  Task<Result<PrincipalInfo>> Find(PrincipalId id) const;

  // The deciding state itself, for works on the committer alone (benchmarks stage their own).
  Principals& principals();
  const GateStats& stats() const;
  // Pairs of an agent and a person whose row need not be opened again (docs/architecture.md).
  std::size_t pairs_kept() const;

 private:
  std::unique_ptr<internal::Core> core_;
  std::unique_ptr<Holds> holds_;
  std::unique_ptr<Jobs> jobs_;
  std::unique_ptr<Exports> exports_;
  std::unique_ptr<Policies> policies_;
  std::unique_ptr<Approvals> approvals_;
  std::unique_ptr<Alerts> alerts_;
  std::unique_ptr<Cases> cases_;
  std::unique_ptr<Citizens> citizens_;
  std::unique_ptr<Explanations> explanations_;
  std::unique_ptr<Freezes> freezes_;
  std::unique_ptr<Questions> questions_;
  std::unique_ptr<Decoys> decoys_;
  std::unique_ptr<Erasures> erasures_;
  std::unique_ptr<Schemas> schemas_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_GATE_H_
