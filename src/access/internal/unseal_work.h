// The work that brings a sealed access to its person's trail.
#ifndef CLOISON_ACCESS_INTERNAL_UNSEAL_WORK_H_
#define CLOISON_ACCESS_INTERNAL_UNSEAL_WORK_H_

#include "access/internal/change_works.h"

namespace cloison::access::internal {

class UnsealWork final : public GateWork {
 public:
  using Promise = std::variant<Gate::Unsealing, Refusal>;
  // `sealed`: the entry, found and checked outside the committer: entries never change.
  UnsealWork(Core& core, const Caller& caller, Reason reason, ledger::TrailEntry sealed,
             records::Sighting person, const Gate::Once& once, bool decided);
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  bool Holds(const commit::Staging& staging) const;

  ledger::TrailEntry sealed_;
  std::optional<records::Sighting> person_;  // nothing: erased meanwhile
  OnceBook once_;
  store::Key marker_;  // says that the entry was unsealed
  bool decided_;       // two people did: whose right it was is no question any more
  std::optional<Gate::Unsealing> done_;
  std::optional<ledger::Pending> pending_;
};

// The entry at a place and its person, or why there is nothing to unseal. Fails kCorrupt as well.
struct SealedAccess {
  ledger::TrailEntry entry;
  records::Sighting person;
};
using FoundAccess = std::variant<SealedAccess, Refusal>;
Task<Result<FoundAccess>> FindAccess(Core& core, std::uint64_t place);

// The row that says that the entry at a place was unsealed. The place is of a log that there is.
store::Key UnsealedKey(Core& core, std::uint64_t place);

// After two people decided it.
Task<Outcome<Gate::Unsealing>> UnsealDecided(Core& core, Caller caller, std::uint64_t place,
                                             Reason reason, Gate::Once once);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_UNSEAL_WORK_H_
