#include "server/officer_round.h"

#include <algorithm>
#include <set>
#include <utility>

#include "server/freeze_file.h"

namespace cloison::server {

OfficerRound::Asked OfficerRound::Next(std::vector<PrincipalId> kept,
                                       const std::vector<PrincipalId>& named,
                                       std::vector<PrincipalId> all) {
  const std::lock_guard lock(mutex_);
  Asked asked{std::move(kept), false};
  const bool full = asked.who.size() >= kOfficersMax && all.size() > asked.who.size();
  asked.too_many = full && !std::exchange(told_, full);
  std::set<PrincipalId> met(asked.who.begin(), asked.who.end());
  for (const PrincipalId& one : named) {
    if (met.insert(one).second) asked.who.push_back(one);
  }
  std::ranges::sort(all);
  std::ranges::rotate(all, std::ranges::upper_bound(all, last_));
  std::size_t more = kOfficersPerRound;
  for (const PrincipalId& one : all) {
    if (!met.insert(one).second) continue;
    if (more-- == 0) break;
    asked.who.push_back(one);
    last_ = one;
  }
  return asked;
}

}  // namespace cloison::server
