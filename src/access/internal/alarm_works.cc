#include "access/internal/alarm_works.h"

#include "access/internal/pair_edit.h"

namespace cloison::access::internal {

bool AlarmWork::MayHear() {
  return core_.parts.policy.Now().Has(principal().info().role, Right::kFreeze);
}

Result<commit::Staged> AlarmWork::RefuseDeaf(commit::Staging& staging) {
  return Refuse(staging, Refusal{RefusalCode::kNoRight, "right/freeze", {}, {}, 0, {}, {}, {}},
                ledger::Decision::kRefuse, {});
}

Task<Status> ListAlarmsWork::LoadMore(commit::Staging& staging) {
  page_ = {};
  CLOISON_CO_TRY_ASSIGN(page_.items, co_await core_.alarms.Read(staging.store(), after_, count_));
  co_return Ok();
}

Result<commit::Staged> ListAlarmsWork::Decide(commit::Staging& staging) {
  pending_.reset();
  if (!MayHear()) return RefuseDeaf(staging);
  page_.first = core_.alarms.first();
  page_.last = core_.alarms.last();
  if (page_.items.empty()) return commit::Staged::kDone;
  pending_ = StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "alarm/list"));
  Charge(staging, {});
  return commit::Staged::kDone;
}

ListAlarmsWork::Promise ListAlarmsWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  if (pending_.has_value()) {
    page_.recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  }
  return std::move(page_);
}

Result<commit::Staged> TestAlarmWork::Decide(commit::Staging& staging) {
  pending_.reset();
  if (!MayHear()) return RefuseDeaf(staging);
  const std::int64_t in_ms = core_.alarms.MayTestIn(caller_.principal, staging.time().budget_ms);
  if (in_ms > 0) {
    return Refuse(staging, CeilingRefusal({"alarm/tests", in_ms}), ledger::Decision::kRefuse, {});
  }
  Alarm alarm;
  alarm.what = Alarm::What::kTest;
  alarm.organisation = principal().info().organisation;
  number_ = core_.alarms.RaiseTest(std::move(alarm), caller_.principal);
  pending_ = StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "alarm/test"));
  Charge(staging, {});
  return commit::Staged::kDone;
}

TestAlarmWork::Promise TestAlarmWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Alarms::Raised{number_, core_.parts.ledger.Redeem(std::move(*pending_), durable)};
}

Result<commit::Staged> TellAlarmWork::Decide(commit::Staging& staging) {
  (void)core_.alarms.Raise(alarm_);
  ledger::EntryDraft draft = Draft(ledger::Kind::kAggregate, ledger::Decision::kAllow, "alarm/");
  draft.rule += Name(alarm_.what);
  draft.case_ref = alarm_.why;
  (void)StageEntry(std::move(draft));
  Charge(staging, {});
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
