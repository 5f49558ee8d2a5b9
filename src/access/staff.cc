#include "access/staff.h"

#include <map>

namespace cloison::access {

void Staff::Keep(const PrincipalInfo& info) {
  if (info.person.has_value()) return;
  const std::lock_guard lock(mutex_);
  places_.insert_or_assign(info.id, Place{info.organisation, info.office, info.role});
}

std::optional<PoolKey> Staff::PoolOf(const PrincipalId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(id);
  if (found == places_.end()) return std::nullopt;
  const Place& place = found->second;
  return PoolKey{place.organisation.value(), place.office.has_value() ? place.office->value() : 0};
}

std::vector<PrincipalId> Staff::OfRoles(
    std::optional<OrganisationId> organisation,
    const std::function<bool(const std::string&)>& wanted) const {
  std::vector<PrincipalId> found;
  std::map<std::string, bool> asked;  // there are few roles
  const std::lock_guard lock(mutex_);
  for (const auto& [id, place] : places_) {
    if (organisation.has_value() && place.organisation != *organisation) continue;
    auto answer = asked.find(place.role);
    if (answer == asked.end()) answer = asked.emplace(place.role, wanted(place.role)).first;
    if (answer->second) found.push_back(id);
  }
  return found;
}

}  // namespace cloison::access
