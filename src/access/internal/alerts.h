// The rows of alerts, and the works on them (access/alerts.h).
//
//   u32 organisation ‖ u64 budget ms ‖ random[8]
//         02 | u8 what | u8 whom | about[16] | u8 has manager | manager[16] | u64 approval sealed
//
// Source   docs/format/state.md "Outbox".
#ifndef CLOISON_ACCESS_INTERNAL_ALERTS_H_
#define CLOISON_ACCESS_INTERNAL_ALERTS_H_

#include "access/alerts.h"
#include "access/internal/gate_work.h"

namespace cloison::access::internal {

Bytes EncodeAlert(const Alert& alert);
Result<Alert> ParseAlert(ByteView plain, OrganisationId organisation);  // kCorrupt
store::Key AlertKey(OrganisationId organisation, const AlertId& id);
// In Stage: told from this commit on.
void PutAlert(Core& core, commit::Staging& staging, const Alert& alert);
// The same, and it is the one that is there: one of this kind about this account in a day, dated at
// the day's beginning. Acknowledged, it comes again.
void PutAlertOfDay(Core& core, commit::Staging& staging, const Alert& alert);

class AlertWork : public GateWork {
 protected:
  AlertWork(Core& core, const Caller& caller) : GateWork(core, caller, Reason{"alerts", ""}) {}
  // Whether it is for the caller to read.
  bool IsForCaller(const Alert& alert);
  // Whether all alerts of the organisation are.
  bool ReadsAll();
  Result<Alert> Open(const AlertId& id, const store::Row& row);
};

class ListAlertsWork final : public AlertWork {
 public:
  using Promise = std::variant<Alerts::Page, Refusal>;
  ListAlertsWork(Core& core, const Caller& caller, const AlertId& above, std::size_t count)
      : AlertWork(core, caller), above_(above), count_(count) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  std::size_t ScansMost();

  AlertId above_;
  std::size_t count_;
  std::vector<Alerts::Told> found_;
  std::optional<AlertId> scanned_to_;  // there may be more above it
  Alerts::Page page_;
  std::optional<ledger::Pending> pending_;
};

class AcknowledgeWork final : public AlertWork {
 public:
  using Promise = std::variant<Alerts::Acknowledged, Refusal>;
  AcknowledgeWork(Core& core, const Caller& caller, const AlertId& id)
      : AlertWork(core, caller), id_(id) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Result<std::optional<Alert>> Find(const commit::Staging& staging);
  // Whom it is about, who asked for what it tells and who agreed.
  Result<std::vector<PrincipalId>> WhoseIs(const commit::Staging& staging,
                                           const Alert& alert) const;

  AlertId id_;
  std::optional<ledger::Pending> pending_;
};

// By the system principal.
class PruneAlertsWork final : public GateWork {
 public:
  using Promise = Status;
  PruneAlertsWork(Core& core, const Caller& caller, std::vector<store::Key> rows)
      : GateWork(core, caller, Reason{"prune", ""}), rows_(std::move(rows)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  std::vector<store::Key> rows_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_ALERTS_H_
