// Writes alarms down: in the batch that they are raised in, each under the next number.
//
//   02 ‖ u64 number    an alarm
//   03                 01 ‖ u64 the first that is kept ‖ u64 the last
//                         ‖ u8 n ‖ n × (u64 ms ‖ principal): tests of the last hour, oldest first
//
// The row of the numbers is tied to the anchor (Ceilings::Tie), so an older one, or none, is
// noticed at start; and so alarms are written in commits that have entries alone.
//
// Threads  the committer's; RaiseSoon: any.
// Source   docs/format/state.md "Alarms".
#ifndef CLOISON_ACCESS_INTERNAL_ALARM_BOX_H_
#define CLOISON_ACCESS_INTERNAL_ALARM_BOX_H_

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/alarm_bell.h"
#include "access/alarms.h"
#include "access/ceilings.h"
#include "commit/committer.h"
#include "commit/sealed_state.h"
#include "ledger/ledger.h"

namespace cloison::access::internal {

store::Key AlarmKey(std::uint64_t number);
store::Key AlarmNumbersKey();

class AlarmBox final : public commit::Participant {
 public:
  AlarmBox(const commit::SealedState& state, const ledger::Ledger& ledger, Ceilings& ceilings)
      : state_(state), ledger_(ledger), ceilings_(ceilings) {}

  // Before the first work. How many are not there that are kept by the numbers. kCorrupt: the
  // numbers do not open.
  Task<Result<std::uint64_t>> Recover(store::Store& store);
  // In Stage, of a work that stages an entry too. Gives the number that it has once the batch
  // is durable: what was raised before it in the batch stays.
  std::uint64_t Raise(Alarm alarm) {
    raised_.push_back({std::move(alarm), {}});
    return last_ + raised_.size();
  }
  // One that somebody asked for, as Raise; after MayTestIn has said so.
  std::uint64_t RaiseTest(Alarm alarm, const PrincipalId& by) {
    raised_.push_back({std::move(alarm), by});
    return last_ + raised_.size();
  }
  // In Stage: in how many ms of budget time one more test of this account is within
  // kAlarmTestsOfOne and kAlarmTestsOfAll; 0: now. What was asked for is in the row of the numbers,
  // so a restart gives nothing back.
  std::int64_t MayTestIn(const PrincipalId& by, std::int64_t now_ms) const;
  // Where nothing is staged: with the next entry, if the process lives that long. Whoever finds
  // the same again within kSoonQuietMs says no more by it, and would drown the rest; at most
  // kSoonMax wait.
  void RaiseSoon(Alarm alarm);
  // In Stage.
  std::uint64_t first() const { return first_; }
  std::uint64_t last() const { return last_; }
  // One scan of rows that are durable.
  Task<Result<std::vector<Alarm>>> Read(store::Store& store, std::uint64_t after,
                                        std::size_t count) const;

  Task<Status> Prepare(commit::Staging&) override { co_return Ok(); }
  void Begin(const commit::Staging&) override { raised_.clear(); }
  std::size_t Mark() const override { return raised_.size(); }
  void Rollback(std::size_t mark) override {
    raised_.erase(raised_.begin() + static_cast<std::ptrdiff_t>(mark), raised_.end());
  }
  void Close(commit::Staging& staging) override;
  void Committed(const commit::Durable&) override {
    if (!raised_.empty()) bell_.Ring(last_);
    raised_.clear();
  }
  AlarmBell& bell() { return bell_; }

 private:
  static constexpr std::size_t kSoonMax = 64;
  static constexpr std::int64_t kSoonQuietMs = base::kMinuteMs;
  struct Raised {
    Alarm alarm;
    std::optional<PrincipalId> tested_by;
  };
  struct Tested {
    std::int64_t at_ms;  // budget time
    PrincipalId by;
  };
  Status ReadNumbers(ByteView plain);
  Bytes Numbers() const;
  Task<Result<std::uint64_t>> CountGone(store::Store& store) const;
  void TakeSoon(std::int64_t wall_ms);
  void Put(commit::Staging& staging, store::Key key, ByteView plain) const;

  const commit::SealedState& state_;
  const ledger::Ledger& ledger_;
  Ceilings& ceilings_;
  std::optional<Bytes> numbers_;  // as they are tied; nothing: there is no row yet
  AlarmBell bell_;
  std::uint64_t first_ = 1, last_ = 0;
  std::vector<Raised> raised_;
  std::vector<Tested> tests_;                    // of the last hour, the oldest first
  std::mutex mutex_;                             // guards soon_
  std::vector<Alarm> soon_;                      // from other threads, or of works that failed
  std::map<std::string, std::int64_t> said_ms_;  // by why; the names of events, so there are few
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_ALARM_BOX_H_
