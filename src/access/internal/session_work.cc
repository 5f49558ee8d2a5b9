#include "access/internal/session_work.h"

namespace cloison::access::internal {

Result<commit::Staged> SessionWork::Decide(commit::Staging& staging) {
  pending_ = StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "session/open"));
  Charge(staging, {});
  opened_ = SessionOpened{principal().info(), false, {}};
  return commit::Staged::kDone;
}

SessionWork::Promise SessionWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  opened_->recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  return std::move(*opened_);
}

}  // namespace cloison::access::internal
