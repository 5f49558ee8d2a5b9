// The works that show people: disclosure, look-up, a person's own trail, own capabilities.
#ifndef CLOISON_ACCESS_INTERNAL_READ_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_READ_WORKS_H_

#include "access/internal/archive.h"

namespace cloison::access::internal {

// One person's fields in one form, allowed and durable: what the Opener needs.
struct Allowed {
  std::size_t target;
  ledger::Receipt receipt;
};

class DiscloseWork final : public GateWork {
 public:
  struct Granted {
    std::vector<Target> targets;
    std::vector<Allowed> allowed;  // by target, plain before masked
    base::Indirect<BudgetLeft> budget;
  };
  using Promise = std::variant<Granted, Refusal>;

  DiscloseWork(Core& core, const Caller& caller, Reason reason, std::vector<Target> targets,
               std::vector<FieldId> fields)
      : GateWork(core, caller, std::move(reason)),
        targets_(std::move(targets)),
        fields_(std::move(fields)) {}
  commit::Lane lane() const override { return commit::Lane::kCaseload; }
  Promise Take(const commit::Durable& durable);

 private:
  bool changes() const override { return false; }
  // Each that would be opened off the caseload has its second person, as the rung asks for.
  Result<bool> HasSecondPersons(const std::vector<const Grant*>& grants, std::int64_t now_ms);
  struct Plan {  // what one target would be shown
    std::vector<FieldId> plain, masked;
    Standing standing;
    bool beyond = false;  // opened off the caseload, beyond the office's départements
  };
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  // The first field that this purpose never gives to this role.
  std::optional<FieldId> NeverGranted(const std::vector<const Grant*>& grants) const;
  Result<std::optional<Plan>> PlanFor(const std::vector<const Grant*>& grants, const Target& target,
                                      std::int64_t now_ms);
  Result<bool> IsBeyond(const Target& target, const Plan& plan);
  Principals::Debit DebitFor(const Target& target, const Plan& plan);
  void StageForms(Target& target, std::size_t number, const Plan& plan);

  std::vector<Target> targets_;
  std::vector<FieldId> fields_;
  ArchiveQuestion archive_;
  std::vector<std::pair<std::size_t, ledger::Pending>> pending_;
  base::Indirect<BudgetLeft> budget_;
};

// What a look-up needs, whoever is found: no application, and a purpose that shows somebody.
class SearchingWork : public GateWork {
 protected:
  using GateWork::GateWork;
  bool changes() const final { return false; }
  std::optional<Result<commit::Staged>> RefuseAsking(commit::Staging& staging);
};

// Before a search by name, which is dear: whether the caller may ask for anybody. Held back or
// spent, they may not, though somebody whom they were shown already would be free.
class MaySearchWork final : public SearchingWork {
 public:
  using Promise = std::variant<PrincipalInfo, Refusal>;  // who asks, as the policy in force has it
  MaySearchWork(Core& core, const Caller& caller, Reason reason, const records::SearchForms& search)
      : SearchingWork(core, caller, std::move(reason)), search_(search) {}
  Promise Take(const commit::Durable& durable);

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  const records::SearchForms& search_;
  std::optional<PrincipalInfo> info_;
};

// The fields of the identity that a row of a search shows, masked whatever the grant's form.
std::vector<FieldId> RowFields(const records::Schema& schema,
                               const std::vector<const Grant*>& grants, Relation relation);

class LookUpWork final : public SearchingWork {
 public:
  struct Found {
    std::vector<Target> targets;
    std::vector<Allowed> allowed;
    base::Indirect<BudgetLeft> budget;
    std::optional<ledger::Recorded> miss;
    bool narrow;
  };
  using Promise = std::variant<Found, Refusal>;

  // What the index gave, outside the committer.
  struct Searched {
    std::vector<Target> targets;
    std::vector<std::uint64_t> seqs;  // of a search by name: of the rows that were compared
    bool narrow = false;              // there are too many
    std::optional<Error> failed;      // it could not be ended: said only to who may search
  };
  LookUpWork(Core& core, const Caller& caller, LookupRequest request, Searched searched)
      : SearchingWork(core, caller, std::move(request.reason)),
        criterion_(std::move(request.criterion)),
        search_(std::move(request.search)),
        targets_(std::move(searched.targets)),
        seqs_(std::move(searched.seqs)),
        narrow_(searched.narrow),
        failed_(searched.failed) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  struct Row {  // one person who is to be shown
    std::size_t target;
    std::vector<FieldId> fields;
    std::string rule;
    Principals::Debit debit;
  };
  Result<std::optional<Row>> RowOf(const std::vector<const Grant*>& grants, std::size_t number,
                                   std::int64_t now_ms);
  void StageRow(const Row& row);
  QuerySteps Steps() const;
  Result<commit::Staged> Miss(commit::Staging& staging);
  // Whether the target still is whom the index gave.
  Result<bool> StillMeant(std::size_t number) const;
  Principals::Debit DebitOfAsking();

  records::Criterion criterion_;
  std::shared_ptr<const records::SearchForms> search_;
  std::vector<Target> targets_;
  std::vector<std::uint64_t> seqs_;
  bool narrow_;
  std::optional<Error> failed_;
  ArchiveQuestion archive_;
  std::vector<std::pair<std::size_t, ledger::Pending>> pending_;
  std::optional<ledger::Pending> miss_;
  base::Indirect<BudgetLeft> budget_;
};

class OwnTrailWork final : public GateWork {
 public:
  using Promise = std::variant<ledger::Recorded, Refusal>;
  // `own` outlives the work, which reads it again when it has changed; nothing: no record.
  OwnTrailWork(Core& core, const Caller& caller, std::optional<records::Sighting>& own)
      : GateWork(core, caller, Reason{"own", ""}), own_(own) {}
  Promise Take(const commit::Durable& durable);

 private:
  bool changes() const override { return false; }
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  bool Holds(const commit::Staging& staging) const;
  std::optional<records::Sighting>& own_;
  std::optional<ledger::Pending> pending_;
};

// Reads the caller's own state; stages nothing.
class CapabilitiesWork final : public GateWork {
 public:
  using Promise = std::variant<Capabilities, Refusal>;
  CapabilitiesWork(Core& core, const Caller& caller) : GateWork(core, caller, Reason{}) {}
  Promise Take(const commit::Durable& durable);

 private:
  bool changes() const override { return false; }
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  std::optional<Capabilities> found_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_READ_WORKS_H_
