#include "access/internal/search_audience.h"

namespace cloison::access::internal {

Task<Result<std::vector<bool>>> SearchAudience::MayBeToldOf(
    std::span<const records::Sighting> people) const {
  std::vector<store::Key> keys;
  for (const records::Sighting& person : people) {
    keys.push_back(core_.caseload.PairKey(asker_.id, person.key.person()));
  }
  std::vector<store::Key> wanted = keys;
  CLOISON_CO_TRY_ASSIGN(
      const std::vector<store::Row> pairs,
      co_await core_.parts.people.store().MultiGet(std::move(wanted), store::ReadMode::kAny));
  const commit::BatchTime now = core_.parts.committer.Now();
  std::vector<bool> told;
  for (std::size_t i = 0; i < people.size(); ++i) {
    CLOISON_CO_TRY_ASSIGN(const bool one, MayBeTold(people[i], keys[i], pairs[i], now));
    told.push_back(one);
  }
  co_return told;
}

Result<bool> SearchAudience::MayBeTold(const records::Sighting& person, const store::Key& key,
                                       const store::Row& pair, const commit::BatchTime& now) const {
  Relation relation = Relation::kSelf;
  if (asker_.person != person.key.aud()) {
    CLOISON_TRY_ASSIGN(const Standing standing, StandingByPair(core_, key, pair, now.budget_ms));
    relation = standing.relation;
  }
  const std::vector<const Grant*> grants =
      policy_->GrantsOf(asker_.organisation, asker_.role, reason_.purpose);
  if (RowFields(core_.parts.people.schema(), grants, relation).empty()) return false;
  if (relation == Relation::kSelf) return true;
  const ArchiveQuestion question{IsArchivist(*policy_, asker_.role), true,
                                 !reason_.case_ref.empty(), now.wall_ms};
  CLOISON_TRY_ASSIGN(const bool kept_away, IsKeptAway(core_, *policy_, question, person));
  return !kept_away;
}

}  // namespace cloison::access::internal
