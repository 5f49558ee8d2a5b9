#include "access/policy_in_force.h"

#include "base/check.h"

namespace cloison::access {

void PolicyInForce::Take(std::shared_ptr<const Policy> next) {
  CLOISON_CHECK(next != nullptr);
  before_.push_back(now_);
  const std::uint32_t version = next->version();
  now_ = Version{std::move(next), version};
  ++serial_;
}

// A batch that was dropped whole never came to Committed.
void PolicyInForce::Begin(const commit::Staging&) {
  Rollback(0);
}

void PolicyInForce::Rollback(std::size_t mark) {
  CLOISON_CHECK(mark <= before_.size());
  if (mark == before_.size()) return;
  now_ = before_[mark];
  before_.resize(mark);
  ++serial_;
}

void PolicyInForce::Committed(const commit::Durable&) {
  if (before_.empty()) return;
  before_.clear();
  const std::lock_guard lock(mutex_);
  current_ = now_.policy;
}

}  // namespace cloison::access
