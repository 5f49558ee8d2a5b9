// What of a principal's identity never changes, kept so that a request does not read, open and
// parse the principal's row to learn it.
//
// Only what was read from the store is put in, so nobody is known who does not exist. What may
// change (frozen) or decides (role, budgets) is not in it: the committer has that from the row.
//
// Threads  any. Cost: one look-up under a shared lock.
#ifndef CLOISON_ACCESS_INTERNAL_KNOWN_PRINCIPALS_H_
#define CLOISON_ACCESS_INTERNAL_KNOWN_PRINCIPALS_H_

#include <optional>
#include <shared_mutex>
#include <unordered_map>

#include "access/caseload.h"
#include "access/principals.h"

namespace cloison::access::internal {

struct KnownPrincipal {
  OrganisationId organisation;
  std::optional<Aud> person;  // a citizen's own record
  PairsOfAgent pairs;
};

class KnownPrincipals {
 public:
  // At most `most` are kept; then all are forgotten, to be learnt again.
  explicit KnownPrincipals(const Caseload& caseload, std::size_t most = kPrincipalsCachedMax)
      : caseload_(caseload), most_(most) {}
  std::optional<KnownPrincipal> Find(const PrincipalId& id) const;
  KnownPrincipal Keep(const PrincipalInfo& info);  // as the store has it; gives what is kept
  std::size_t size() const;

 private:
  const Caseload& caseload_;
  const std::size_t most_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<PrincipalId, KnownPrincipal, IdHash> known_;  // under mutex_
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_KNOWN_PRINCIPALS_H_
