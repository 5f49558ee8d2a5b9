// The policy that decides now. Whoever decides holds this instead of a policy: another one may take
// its place while the vault runs, between two works of the committer.
//
// A work that stages the change says Take; the works after it, in the same batch too, are decided
// by the new one. When the work is dropped it is taken back.
//
// Threads  Now, serial, stored, Take and what a participant does: the committer's. Current: any.
#ifndef CLOISON_ACCESS_POLICY_IN_FORCE_H_
#define CLOISON_ACCESS_POLICY_IN_FORCE_H_

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "access/policy.h"
#include "commit/committer.h"

namespace cloison::access {

class PolicyInForce final : public commit::Participant {
 public:
  // `stored`: the store has this policy as that version; 0: it has none yet.
  explicit PolicyInForce(std::shared_ptr<const Policy> policy, std::uint32_t stored = 0)
      : now_{std::move(policy), stored}, current_(now_.policy) {}

  // Nothing of it may be kept over two works.
  const Policy& Now() const { return *now_.policy; }
  std::shared_ptr<const Policy> Shared() const { return now_.policy; }
  std::uint32_t stored() const { return now_.stored; }
  // Another one whenever Now may be another policy: what was made of the policy before is old.
  std::uint64_t serial() const { return serial_; }
  // What is durable. Shared, since who reads it may go on while another one comes.
  std::shared_ptr<const Policy> Current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  // In Stage, with its row staged: decides from the next work on.
  void Take(std::shared_ptr<const Policy> next);

  Task<Status> Prepare(commit::Staging&) override { co_return Ok(); }
  void Begin(const commit::Staging& staging) override;
  std::size_t Mark() const override { return before_.size(); }
  void Rollback(std::size_t mark) override;
  void Close(commit::Staging&) override {}
  void Committed(const commit::Durable& durable) override;

 private:
  struct Version {
    std::shared_ptr<const Policy> policy;
    std::uint32_t stored;
  };
  Version now_;
  std::uint64_t serial_ = 1;
  std::vector<Version> before_;  // of each Take of the batch now made
  mutable std::mutex mutex_;
  std::shared_ptr<const Policy> current_;  // under mutex_
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_POLICY_IN_FORCE_H_
