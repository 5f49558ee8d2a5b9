// The work that opens a session: the keys and networks that a principal was seen with.
#ifndef CLOISON_ACCESS_INTERNAL_SESSION_WORK_H_
#define CLOISON_ACCESS_INTERNAL_SESSION_WORK_H_

#include "access/internal/approval_rows.h"
#include "access/internal/credentials.h"

namespace cloison::access::internal {

class SessionWork final : public GateWork {
 public:
  using Promise = std::variant<SessionOpened, Refusal>;
  SessionWork(Core& core, const Caller& caller, const SeenKey& key)
      : GateWork(core, caller, Reason{"session", ""}), key_(key), rows_(core) {}
  Promise Take(const commit::Durable& durable);

 private:
  bool changes() const override { return false; }  // a fresh proof is what rung 4 asks for
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Result<commit::Staged> OpenUnseen(commit::Staging& staging, Credentials known);
  Result<commit::Staged> WaitForAnother(commit::Staging& staging, Credentials known);
  Result<commit::Staged> Open(commit::Staging& staging, bool unseen_key);
  // The first key of one who was enrolled long ago; founders and set-up are of before anybody asks.
  bool IsDormant(std::int64_t now_ms);
  Approval Wanted(std::int64_t now_ms);
  void Tell(commit::Staging& staging, bool waits, std::uint64_t approval);

  SeenKey key_;
  ApprovalRows rows_;
  std::optional<SessionOpened> opened_;
  std::optional<ledger::Pending> pending_;
  bool asked_ = false;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_SESSION_WORK_H_
