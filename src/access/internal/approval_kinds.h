// What can be asked for. One implementation per kind, each in a file of its own; Gate's constructor
// puts one of each into Core::approval_kinds.
//
// A kind holds nothing of one approval: several are in one batch. It is called on the committer
// alone, but for Run.
//
//   asked:     Load, Check                        approved:  Load, Check, Enact, [commit], Run
//   one that waits: approved without Run; stopped: Load, EndWait; begun: Load, EndWait, [commit],
//   Run
#ifndef CLOISON_ACCESS_INTERNAL_APPROVAL_KINDS_H_
#define CLOISON_ACCESS_INTERNAL_APPROVAL_KINDS_H_

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "access/policy.h"
#include "access/refusal.h"
#include "approvals/document.h"
#include "approvals/entitled.h"
#include "commit/staging.h"

namespace cloison::access::internal {

using Approval = approvals::Document;

// Entries of who decides, in the order they are staged.
class EntryMaker {
 public:
  virtual ~EntryMaker() = default;
  virtual ledger::EntryDraft Draft(ledger::Kind kind, ledger::Decision decision,
                                   std::string rule) = 0;
  virtual ledger::Pending StageEntry(ledger::EntryDraft draft) = 0;
};

class ApprovalKind {
 public:
  virtual ~ApprovalKind() = default;
  virtual std::string_view name() const = 0;      // "enrol"
  virtual std::optional<Right> asks() const = 0;  // nothing: whoever is enrolled
  virtual Right approves() const = 0;
  virtual approvals::Rules rules() const { return {}; }
  // Many people at once: whoever asks proves anew who they are (Role::step_up_s).
  virtual bool bulk() const { return false; }
  // Makes readable what Check and Enact need. kInvalid: `what` is not what this kind writes.
  virtual Task<Status> Load(commit::Staging& staging, const Approval& approval) = 0;
  // When it is asked for and again when it is approved. A refusal: it cannot be, or no longer.
  virtual Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                               const Approval& approval) = 0;
  // Whom it would give something: they neither ask (rules) nor approve.
  virtual approvals::Gaining Gains(const Approval& approval) const = 0;
  // In the approving work, after Check: stages what changes, and the entries that say so. Fails
  // before it changed anything, or not at all.
  virtual Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker& entries) = 0;
  // Emitted once it has taken effect; without names.
  virtual std::optional<Literal> event() const { return std::nullopt; }
  // How long one that was agreed to waits before it runs, and whether for somebody outside; until
  // it is begun it can be stopped, and who may stop it by this right is shown it. Nothing: it does
  // not wait.
  struct Wait {
    std::int64_t delay_ms = 0;
    bool needs_yes = false;
  };
  virtual std::optional<Wait> WaitOf(const commit::Staging&, const Approval&) const {
    return std::nullopt;
  }
  virtual std::optional<Right> stops() const { return std::nullopt; }
  // In Stage, of one that waited and is stopped or begun: what stands for its waiting goes.
  virtual void EndWait(commit::Staging&, const Approval&) {}
  // After the commit, for what one commit cannot hold. Safe to repeat at any point; until it is
  // done the approval is "approved", not "used", and Approvals::Finish tries again.
  virtual bool runs() const { return false; }
  virtual Task<Status> Run(Approval, base::Executor&) { co_return Ok(); }
};

using ApprovalKinds = std::vector<std::unique_ptr<ApprovalKind>>;

// Null: no such kind.
ApprovalKind* FindKind(const ApprovalKinds& kinds, std::string_view name);

struct Core;
// The kinds about principals: enrol, change, raise, unfreeze, key, citizen_key.
void AddPrincipalKinds(Core& core);
// The kinds about people and records: erase, rekey, unseal, release of a hold.
void AddPersonKinds(Core& core);
// access, transfer (access/caseload_requests.h).
void AddCaseloadKinds(Core& core);
// job (access/job_requests.h).
void AddJobKind(Core& core);
// export (access/exports.h).
void AddExportKind(Core& core);
// case (access/cases.h): what holds somebody back, from rung 4 on, is closed by two.
void AddCaseKind(Core& core);
void AddDecoysKind(Core& core);
// schema (access/schemas.h).
void AddSchemaKind(Core& core);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_APPROVAL_KINDS_H_
