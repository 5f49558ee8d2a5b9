#include "access/internal/known_principals.h"

#include <mutex>

namespace cloison::access::internal {

std::optional<KnownPrincipal> KnownPrincipals::Find(const PrincipalId& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = known_.find(id);
  if (found == known_.end()) return std::nullopt;
  return found->second;
}

void KnownPrincipals::Keep(const PrincipalInfo& info) {
  const std::unique_lock lock(mutex_);
  if (known_.size() >= most_ && !known_.contains(info.id)) known_.clear();
  known_.insert_or_assign(info.id, KnownPrincipal{info.organisation, info.person});
}

std::size_t KnownPrincipals::size() const {
  const std::shared_lock lock(mutex_);
  return known_.size();
}

}  // namespace cloison::access::internal
