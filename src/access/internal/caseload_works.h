// The works of the caseload: who is put on it, taken off it, confirmed; what goes with an erased
// person.
#ifndef CLOISON_ACCESS_INTERNAL_CASELOAD_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_CASELOAD_WORKS_H_

#include "access/internal/change_works.h"
#include "access/internal/pair_edit.h"

namespace cloison::access::internal {

// An agent and a person as a request names them, and what was read of them before the committer.
struct PairItem {
  PrincipalId agent{ByteArray<16>{}};
  std::optional<OrganisationId> agents_organisation;  // nothing: not a principal. Never changes.
  std::string named;                                  // the person's code as given
  std::optional<records::Sighting> person;            // nothing: nobody
  std::optional<ledger::PrefetchedHead> head;
};
// Decodes, sights and prefetches. `named` in each item is set; `organisation`: the caller's.
Task<Status> SightPairs(Core& core, OrganisationId organisation, std::vector<PairItem*> items);
// In Load: reads again who changed since, loads pairs, heads and the rows of the agents.
Task<Status> LoadPairs(Core& core, commit::Staging& staging, std::vector<PairItem*> items);
// In Stage: an earlier work of this batch changed the person.
bool PersonChanged(const commit::Staging& staging, const PairItem& item);
// In Load: makes known of which humans the accounts `whose` are, if the caller's own is of one.
Task<Status> LoadHumansOf(Core& core, commit::Staging& staging, const PrincipalInfo& caller,
                          std::vector<PrincipalId> whose);
// In Stage, after that: `other` is an account of the same human as the caller.
bool IsSameHuman(Core& core, const PrincipalInfo& caller, const PrincipalId& other);
// The agent is another human's principal of the caller's organisation. After LoadHumansOf the
// agents.
bool IsOthersAgent(Core& core, const commit::Staging& staging, const PrincipalInfo& caller,
                   const PairItem& item);
// The same, and the person exists.
bool IsOthersPair(Core& core, const commit::Staging& staging, const PrincipalInfo& caller,
                  const PairItem& item);
// The people and agents of a list of items, each once.
std::vector<PrincipalId> AgentsOf(const std::vector<PairItem*>& items);

// One entry for each pair that changes; all of a request, or nothing of it.
class AssignWork final : public GateWork {
 public:
  using Promise = std::variant<Gate::Assigned, Refusal>;
  struct Item : PairItem {
    std::optional<std::int64_t> until_ms;
    enum class Does : std::uint8_t { kAssign, kRemove, kConfirm } does = Does::kAssign;
  };
  AssignWork(Core& core, const Caller& caller, std::vector<Item> items, const Gate::Once& once)
      : GateWork(core, caller, Reason{"assign", ""}),
        items_(std::move(items)),
        once_(core, caller.principal, once) {}
  commit::Lane lane() const override { return commit::Lane::kCaseload; }
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::vector<PairItem*> Pairs();
  Result<bool> MayChange(const commit::Staging& staging, const Item& item);
  Result<std::vector<PrincipalId>> WritersOf(const commit::Staging& staging);
  Result<bool> IsOwnWork(const commit::Staging& staging, const Item& item);
  // Whether anything of it changes; or which ceiling it would pass.
  Result<std::variant<bool, Passed>> Apply(PairEdit& edit, const Item& item, std::int64_t now_ms);
  Result<std::variant<bool, Passed>> PutOn(PairEdit& edit, const Item& item, std::int64_t now_ms);
  void StageChange(const Item& item);

  std::vector<Item> items_;
  OnceBook once_;
  TallyCounts counts_;
  std::optional<Gate::Assigned> done_;
  std::optional<ledger::Pending> last_;
};

// Pairs of a set-up, settled from the start.
class LoadPairsWork final : public GateWork {
 public:
  using Promise = Status;
  LoadPairsWork(Core& core, const Caller& caller, std::vector<Gate::SetUpPair> pairs)
      : GateWork(core, caller, Reason{"set-up", "caseload " + std::to_string(pairs.size())}),
        pairs_(std::move(pairs)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::vector<Gate::SetUpPair> pairs_;
  TallyCounts counts_;
};

// What is known of an erased person goes: pairs, tallies, emergencies that nobody has looked at.
class ForgetPersonWork final : public GateWork {
 public:
  using Promise = Status;
  ForgetPersonWork(Core& core, const Caller& caller, PersonId person,
                   std::vector<PrincipalId> agents, std::vector<store::Key> reviews)
      : GateWork(core, caller, Reason{"erase", ""}),
        person_(person),
        agents_(std::move(agents)),
        reviews_(std::move(reviews)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  PersonId person_;
  std::vector<PrincipalId> agents_;
  std::vector<store::Key> reviews_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_CASELOAD_WORKS_H_
