// The work that opens a session: the keys and networks that a principal was seen with.
#ifndef CLOISON_ACCESS_INTERNAL_SESSION_WORK_H_
#define CLOISON_ACCESS_INTERNAL_SESSION_WORK_H_

#include "access/internal/gate_work.h"
#include "access/session_opened.h"

namespace cloison::access::internal {

class SessionWork final : public GateWork {
 public:
  using Promise = std::variant<SessionOpened, Refusal>;
  SessionWork(Core& core, const Caller& caller, const SeenKey& key)
      : GateWork(core, caller, Reason{"session", ""}), key_(key) {}
  Promise Take(const commit::Durable& durable);

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  SeenKey key_;
  std::optional<SessionOpened> opened_;
  std::optional<ledger::Pending> pending_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_SESSION_WORK_H_
