// Caseload: the people an agent follows, as pairs both ways (family caseload):
//   00 ‖ PRF(principal) ‖ PRF(principal ‖ person)   and   01 ‖ PRF(person) ‖ PRF(person ‖
//   principal)
// Values are sealed: since, until, source, and the other side's name (AUD; principal id).
#ifndef CLOISON_ACCESS_CASELOAD_H_
#define CLOISON_ACCESS_CASELOAD_H_

#include <vector>

#include "commit/committer.h"
#include "commit/sealed_state.h"

namespace cloison::access {

inline constexpr std::size_t kCaseloadMax = 1'000;  // people of one agent

struct CaseloadPair {
  std::int64_t since_ms;  // budget time
  std::int64_t until_ms = INT64_MAX;
  std::uint32_t source = 0;  // the client that assigned it
};

class Caseload {
 public:
  explicit Caseload(const commit::SealedState& state) : state_(state) {}
  store::Key PairKey(const PrincipalId& agent, const PersonId& person) const;
  store::Key ReverseKey(const PersonId& person, const PrincipalId& agent) const;
  // kNotFound for an absent row; kCorrupt.
  Result<CaseloadPair> Open(const store::Key& key, const store::Row& row) const;
  void Put(commit::Staging& staging, const PrincipalId& agent, const PersonId& person,
           const Aud& aud, const CaseloadPair& pair) const;
  void Remove(commit::Staging& staging, const PrincipalId& agent, const PersonId& person) const;
  // Who follows this person, by the reverse rows, at most `most` (1 to store::kScanRowsMax): an
  // erased person's pairs go with them.
  Task<Result<std::vector<PrincipalId>>> AgentsOf(store::Store& store, PersonId person,
                                                  std::size_t most) const;

 private:
  const commit::SealedState& state_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_CASELOAD_H_
