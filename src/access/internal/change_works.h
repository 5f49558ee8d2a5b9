// The works that change something: registration, update, erasure, and the set-up of a world.
#ifndef CLOISON_ACCESS_INTERNAL_CHANGE_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_CHANGE_WORKS_H_

#include "access/internal/gate_work.h"

namespace cloison::access::internal {

// What an idempotency key was used for: a row of family idempotency, sealed.
struct Used {
  crypto::Digest body;
  std::int64_t at_ms = 0;    // budget time
  ByteArray<16> code{};      // registration: the person's code
  std::uint64_t number = 0;  // registration: the version; assignment: the count
  std::uint64_t place = 0;   // of the entry (ledger/logs.h)
};
class OnceBook {
 public:
  OnceBook(Core& core, PrincipalId caller, const Gate::Once& once);
  const store::Key& key() const { return key_; }
  // Whether the store has the key, used or expired. Nobody is looked at ahead for one that it has:
  // it may come with another body, and that asks nothing and pays nothing. Decides nothing else.
  // Threads: goes on on any.
  Task<Result<bool>> IsKnown() const;
  Task<Status> Load(commit::Staging& staging) const;
  // Nothing: not used within kIdempotencyMs. kConflict: used with another body.
  Result<std::optional<Used>> Find(const commit::Staging& staging) const;
  void Put(commit::Staging& staging, Used used) const;

 private:
  Core& core_;
  store::Key key_;
  crypto::Digest body_;
};
Result<Used> ParseUsed(ByteView plain);
// The place of an entry that this batch makes (ledger/logs.h).
std::uint64_t PlaceIn(const ledger::Ledger& log, const ledger::Pending& pending);
// As an answer is repeated: the entry by its place alone.
ledger::Recorded Repeated(const Used& used);

// A decoy has the number: it goes first, and then all is asked again.
struct Yields {
  keys::EraseJournal::Item item;
};

class RegisterWork final : public GateWork {
 public:
  using Promise = std::variant<Registered, Refusal, Yields>;
  RegisterWork(Core& core, const Caller& caller, Reason reason, records::Registration registration,
               const Gate::Once& once)
      : GateWork(core, caller, std::move(reason)),
        registration_(std::move(registration)),
        once_(core, caller.principal, once) {}
  Promise Take(const commit::Durable& durable);
  bool adopted() const { return adopted_; }  // after Submit: the person is in the register

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  records::Registration registration_;
  OnceBook once_;
  std::optional<records::Sighting> existing_;
  std::optional<Yields> yields_;
  std::optional<Registered> done_;
  std::optional<ledger::Pending> pending_;
  bool adopted_ = false;
};

// An update; or an erasure or re-key, which was already decided and is in the journal.
class ChangeWork final : public GateWork {
 public:
  using Promise = std::variant<ledger::Recorded, Refusal, Yields>;
  ChangeWork(Core& core, const Caller& caller, Reason reason, records::Change change, Right right)
      : GateWork(core, caller, std::move(reason)), change_(std::move(change)), right_(right) {}
  commit::Lane lane() const override { return commit::Lane::kNormal; }
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  records::Change change_;
  Right right_;
  std::optional<records::Sighting> existing_;  // has the unique value that the change would give
  std::optional<Yields> yields_;
  std::optional<ledger::Pending> pending_;
};

// Of an erasure that is in the journal, where no entry can be the person's: their trail, or all of
// their keys, are damaged. The row goes, by an entry that names nobody. Nothing: it was gone.
class DropRowWork final : public GateWork {
 public:
  using Promise = std::variant<std::optional<ledger::Recorded>, Refusal>;
  DropRowWork(Core& core, const Caller& caller, Reason reason, PersonId person)
      : GateWork(core, caller, std::move(reason)), person_(person) {}
  commit::Lane lane() const override { return commit::Lane::kNormal; }
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  PersonId person_;
  std::optional<ledger::Pending> pending_;
};

// Decides whether the caller may, without changing anything: before costly work is done, before a
// row is opened, before an erasure is journalled.
class MayWork final : public GateWork {
 public:
  using Promise = std::variant<std::monostate, Refusal>;
  // `alone`: without anybody to agree.
  MayWork(Core& core, const Caller& caller, Reason reason, Right right, bool alone)
      : GateWork(core, caller, std::move(reason)), right_(right), alone_(alone) {}
  Promise Take(const commit::Durable& durable);

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Right right_;
  bool alone_;
};

// A refusal found outside the committer (a code of nobody, a version that does not hold, a change
// that the stored values refuse), recorded and charged: each tells something of the person.
class RefuseWork final : public GateWork {
 public:
  using Promise = Refusal;
  RefuseWork(Core& core, const Caller& caller, Reason reason, Right right, Refusal refusal,
             std::string named)
      : GateWork(core, caller, std::move(reason)),
        right_(right),
        refusal_(std::move(refusal)),
        named_(std::move(named)) {}
  Promise Take(const commit::Durable& durable) { return TakeRefusal(durable); }

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Right right_;
  Refusal refusal_;
  std::string named_;
};

// Set-up and housekeeping by the system principal: the entries and rows that `stage` adds.
class SystemWork final : public GateWork {
 public:
  using Promise = Status;
  // `note` goes into the entries' case_ref; one entry per element of `notes`.
  SystemWork(Core& core, const Caller& caller, ledger::Kind kind, std::vector<std::string> notes)
      : GateWork(core, caller, Reason{"set-up", ""}), kind_(kind), notes_(std::move(notes)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  std::vector<store::Key> deletes;
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  ledger::Kind kind_;
  std::vector<std::string> notes_;
};

// Forgets idempotency keys: those of `keys` that are still older than `oldest_ms` when it is
// decided.
class PruneWork final : public GateWork {
 public:
  using Promise = Status;
  PruneWork(Core& core, const Caller& caller, std::vector<store::Key> keys, std::int64_t oldest_ms)
      : GateWork(core, caller, Reason{"set-up", ""}),
        keys_(std::move(keys)),
        oldest_ms_(oldest_ms) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  std::vector<store::Key> keys_;
  std::int64_t oldest_ms_;
};

// In Stage: enrols `info`, with an entry of the system principal's that names it in the sealed
// record. As Principals::Enrol fails.
Status StageEnrolment(Core& core, commit::Staging& staging, PrincipalInfo info, std::string rule);
// In Stage: such an entry, of whatever `note` names.
void StageBySystem(Core& core, commit::Staging& staging, std::string rule, std::string note);

// Enrols one principal; its entry is the system principal's (the first one enrolled is the system
// principal itself).
class EnrolWork final : public commit::Work {
 public:
  using Promise = Status;
  EnrolWork(Core& core, PrincipalInfo info) : core_(core), info_(std::move(info)) {}
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Promise Take(const commit::Durable&) { return Ok(); }

 private:
  Core& core_;
  PrincipalInfo info_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_CHANGE_WORKS_H_
