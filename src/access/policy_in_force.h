// The policy that decides now. Whoever decides holds this instead of a policy: another one may take
// its place while the vault runs, between two works of the committer.
//
// Threads  Now: the committer's. Current: any.
#ifndef CLOISON_ACCESS_POLICY_IN_FORCE_H_
#define CLOISON_ACCESS_POLICY_IN_FORCE_H_

#include <memory>
#include <mutex>
#include <utility>

#include "access/policy.h"

namespace cloison::access {

class PolicyInForce {
 public:
  explicit PolicyInForce(std::shared_ptr<const Policy> policy)
      : now_(std::move(policy)), current_(now_) {}

  // Nothing of it may be kept over two works.
  const Policy& Now() const { return *now_; }
  // What is durable. Shared, since who reads it may go on while another one comes.
  std::shared_ptr<const Policy> Current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

 private:
  std::shared_ptr<const Policy> now_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Policy> current_;  // under mutex_
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_POLICY_IN_FORCE_H_
