#include "access/internal/known_principals.h"

#include <mutex>

namespace cloison::access::internal {

std::optional<KnownPrincipal> KnownPrincipals::Find(const PrincipalId& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = known_.find(id);
  if (found == known_.end()) return std::nullopt;
  return found->second;
}

KnownPrincipal KnownPrincipals::Keep(const PrincipalInfo& info) {
  const KnownPrincipal one{info.organisation, info.person, caseload_.PairsFor(info.id)};
  const std::unique_lock lock(mutex_);
  if (known_.size() >= most_ && !known_.contains(info.id)) known_.clear();
  known_.insert_or_assign(info.id, one);
  return one;
}

std::size_t KnownPrincipals::size() const {
  const std::shared_lock lock(mutex_);
  return known_.size();
}

}  // namespace cloison::access::internal
