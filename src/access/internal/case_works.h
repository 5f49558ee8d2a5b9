// The works of cases: list, read, close.
#ifndef CLOISON_ACCESS_INTERNAL_CASE_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_CASE_WORKS_H_

#include "access/internal/case_rows.h"

namespace cloison::access::internal {

class ListCasesWork final : public GateWork {
 public:
  using Promise = std::variant<Cases::Page, Refusal>;
  ListCasesWork(Core& core, const Caller& caller, bool open, const CaseId& above, std::size_t count)
      : GateWork(core, caller, Reason{"cases", ""}), open_(open), above_(above), count_(count) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  bool open_;
  CaseId above_;
  std::size_t count_;
  Cases::Page page_;
  std::optional<ledger::Pending> pending_;
};

// Reads one; with a reason, closes it.
class CaseWork final : public GateWork, protected EntryMaker {
 public:
  using Promise = std::variant<Cases::Shown, Refusal>;
  CaseWork(Core& core, const Caller& caller, const CaseId& id, std::optional<std::string> reason)
      : GateWork(core, caller, Reason{"cases", base::ToHex(id)}),
        id_(id),
        reason_to_close_(std::move(reason)) {}
  Promise Take(const commit::Durable& durable);

 private:
  ledger::EntryDraft Draft(ledger::Kind kind, ledger::Decision decision,
                           std::string rule) override {
    return GateWork::Draft(kind, decision, std::move(rule));
  }
  ledger::Pending StageEntry(ledger::EntryDraft draft) override {
    return GateWork::StageEntry(std::move(draft));
  }
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Result<commit::Staged> Show(commit::Staging& staging, Case found);
  Result<commit::Staged> Close(commit::Staging& staging, Case found);

  CaseId id_;
  std::optional<std::string> reason_to_close_;
  std::optional<Case> shown_;
  std::vector<Evidence> evidence_;
  std::optional<ledger::Pending> pending_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_CASE_WORKS_H_
