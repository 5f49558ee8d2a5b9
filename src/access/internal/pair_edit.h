// Changes of pairs and tallies within one work: worked out against the store plus the earlier works
// of the batch, held against the ceilings, then staged. Nothing is staged before all is decided.
#ifndef CLOISON_ACCESS_INTERNAL_PAIR_EDIT_H_
#define CLOISON_ACCESS_INTERNAL_PAIR_EDIT_H_

#include <map>
#include <unordered_map>

#include "access/internal/gate_work.h"
#include "access/tally.h"

namespace cloison::access::internal {

// In Load: makes the tallies of these principals known. One that has no row yet is counted from its
// pairs: rows of a set-up, or of the version before.
class TallyCounts {
 public:
  Task<Status> Load(Core& core, commit::Staging& staging, std::vector<PrincipalId> principals);
  Result<Tally> Of(Core& core, const commit::Staging& staging, const PrincipalId& principal) const;

 private:
  std::map<PrincipalId, std::uint32_t> people_;  // of those without a row, when it was loaded
};

// A ceiling that would be passed: "ceiling/caseload/people".
struct Passed {
  std::string rule;
  std::int64_t retry_after_ms = 0;  // 0: no time frees a place
};

Refusal CeilingRefusal(const Passed& passed);
Refusal Plain(RefusalCode code, std::string rule);
bool HasApplicationRole(Core& core, const PrincipalInfo& who);

class PairEdit {
 public:
  PairEdit(Core& core, const commit::Staging& staging, const TallyCounts& counts)
      : core_(core), staging_(staging), counts_(counts) {}

  // The pair as it is after the changes so far. The row must be loaded. Empty: there is none.
  Result<Pair*> Find(const PrincipalId& agent, const PersonId& person, const Aud& aud);
  // What was found is now otherwise.
  void Touch(const PrincipalId& agent, const PersonId& person);
  // The tally as it is after the changes so far.
  Result<Tally*> TallyOf(const PrincipalId& principal);
  // Puts what was touched, and all tallies that were asked for. Last.
  void Stage(commit::Staging& staging) const;

 private:
  struct Edited {
    PrincipalId agent;
    PersonId person;
    Pair pair;
    bool was_there;
    bool touched;
  };
  Core& core_;
  const commit::Staging& staging_;
  const TallyCounts& counts_;
  std::unordered_map<store::Key, Edited, store::KeyHash> pairs_;
  std::map<PrincipalId, Tally> tallies_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_PAIR_EDIT_H_
