// Of whom a search by name may tell: those of whom the purpose shows the asker something, and who
// are not kept away. Nobody else may change what the others see of it, nor how many there are.
//
// Outside the committer, from rows that may be a moment old; LookUpWork decides again.
#ifndef CLOISON_ACCESS_INTERNAL_SEARCH_AUDIENCE_H_
#define CLOISON_ACCESS_INTERNAL_SEARCH_AUDIENCE_H_

#include "access/internal/read_works.h"

namespace cloison::access::internal {

class SearchAudience final : public records::Audience {
 public:
  // All references outlive it.
  SearchAudience(Core& core, const PrincipalInfo& asker, const Reason& reason)
      : core_(core), asker_(asker), reason_(reason), policy_(core.parts.policy.Current()) {}
  Task<Result<std::vector<bool>>> MayBeToldOf(
      std::span<const records::Sighting> people) const override;

 private:
  Result<bool> MayBeTold(const records::Sighting& person, const store::Key& key,
                         const store::Row& pair, const commit::BatchTime& now) const;

  Core& core_;
  const PrincipalInfo& asker_;
  const Reason& reason_;
  const std::shared_ptr<const Policy> policy_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_SEARCH_AUDIENCE_H_
