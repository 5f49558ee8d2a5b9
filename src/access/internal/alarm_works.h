// The works of alarms: those above a number, one that says it is a test, and one that no request
// raises.
#ifndef CLOISON_ACCESS_INTERNAL_ALARM_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_ALARM_WORKS_H_

#include "access/internal/gate_calls.h"
#include "access/internal/gate_work.h"

namespace cloison::access::internal {

class AlarmWork : public GateWork {
 protected:
  AlarmWork(Core& core, const Caller& caller) : GateWork(core, caller, Reason{"alarms", ""}) {}
  // Whoever may freeze: of all organisations, as with cases.
  bool MayHear();
  Result<commit::Staged> RefuseDeaf(commit::Staging& staging);
};

// An empty page is no entry: a stream asks each second or two.
class ListAlarmsWork final : public AlarmWork {
 public:
  using Promise = std::variant<Alarms::Page, Refusal>;
  ListAlarmsWork(Core& core, const Caller& caller, std::uint64_t after, std::size_t count)
      : AlarmWork(core, caller), after_(after), count_(count) {}
  Promise Take(const commit::Durable& durable);

 private:
  bool changes() const override { return false; }
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::uint64_t after_;
  std::size_t count_;
  Alarms::Page page_;
  std::optional<ledger::Pending> pending_;
};

class TestAlarmWork final : public AlarmWork {
 public:
  using Promise = std::variant<Alarms::Raised, Refusal>;
  TestAlarmWork(Core& core, const Caller& caller) : AlarmWork(core, caller) {}
  Promise Take(const commit::Durable& durable);

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  std::uint64_t number_ = 0;
  std::optional<ledger::Pending> pending_;
};

class TellAlarmWork final : public GateWork {
 public:
  using Promise = Status;
  TellAlarmWork(Core& core, base::Executor& home, Alarm alarm)
      : GateWork(core, SystemCaller(home), Reason{"alarms", ""}), alarm_(std::move(alarm)) {}
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  const Alarm alarm_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_ALARM_WORKS_H_
