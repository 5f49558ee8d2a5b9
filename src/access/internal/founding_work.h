// The work that begins a production register (access/founding.h).
#ifndef CLOISON_ACCESS_INTERNAL_FOUNDING_WORK_H_
#define CLOISON_ACCESS_INTERNAL_FOUNDING_WORK_H_

#include "access/internal/gate_work.h"

namespace cloison::access::internal {

// The system principal, the first policy and the founders, with an entry that names the statement
// they stand on and one for each principal.
class FoundWork final : public commit::Work {
 public:
  using Promise = Status;
  FoundWork(Core& core, std::string note, std::vector<PrincipalInfo> founders)
      : core_(core), note_(std::move(note)), founders_(std::move(founders)) {}
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Promise Take(const commit::Durable&) { return Ok(); }

 private:
  Core& core_;
  std::string note_;
  std::vector<PrincipalInfo> founders_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_FOUNDING_WORK_H_
