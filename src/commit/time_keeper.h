// Budget time and ledger time (the time contract, docs/architecture.md).
//
// Budget time advances with the boot clock and is persisted with every commit. Over a restart
// within one boot the difference of the boot clock counts; over a reboot nothing counts unless
// Confirm() is called (a witness's time or two officers) before the first batch. So a step of the
// wall clock opens nothing and closes nothing. Ledger time is the wall clock, never before the
// previous entry's. Threads: Next and Row on the committer; the rest any.
#ifndef CLOISON_COMMIT_TIME_KEEPER_H_
#define CLOISON_COMMIT_TIME_KEEPER_H_

#include <atomic>
#include <mutex>

#include "base/clock.h"
#include "commit/durable.h"

namespace cloison::commit {

inline constexpr char kClockRow[] = "clock";  // in store::Family::kMeta

class TimeKeeper {
 public:
  // `row`: the persisted clock row, empty on first start (budget time then starts at the wall
  // clock). Plain: its owner opens it. kCorrupt when it cannot be read.
  static Result<TimeKeeper> Open(base::Clock& clock, ByteView row);
  TimeKeeper(TimeKeeper&&) noexcept;

  BatchTime Next();        // the time of the batch now made; monotone in both
  Bytes Row() const;       // what to persist with that batch
  BatchTime Peek() const;  // now, without moving anything
  bool confirmed() const;  // false after a reboot, until Confirm: destructive jobs wait
  // Somebody trusted says how long the machine was down: budget time gains `down_ms` (>= 0) if no
  // batch was made since the reboot. Who was shown after it would grow old by a time that was over
  // before: then it gains nothing, and windows free later than they might.
  // Nothing happens when it is confirmed already.
  void Confirm(std::int64_t down_ms);
  // The same by what time it is now, as a witness's cosignature says it.
  void ConfirmAt(std::int64_t trusted_wall_ms);

 private:
  enum class Since : std::uint8_t { kDecided, kReboot };  // what came last
  struct Times {
    std::int64_t budget_ms, wall_ms;
  };
  TimeKeeper(base::Clock& clock, Times times, bool confirmed, Since since);
  BatchTime PeekAt(std::int64_t boot_ms) const;

  base::Clock* clock_;
  std::atomic<std::int64_t> base_budget_ms_;  // budget time at boot clock base_boot_ms_
  std::int64_t base_boot_ms_;
  std::atomic<std::int64_t> last_budget_ms_;
  std::atomic<std::int64_t> last_wall_ms_;
  std::int64_t row_boot_ms_;  // the boot clock that last_budget_ms_ belongs to
  std::mutex confirming_;
  std::atomic<bool> confirmed_;
  std::atomic<Since> since_;  // leaves kReboot under confirming_
};

}  // namespace cloison::commit

#endif  // CLOISON_COMMIT_TIME_KEEPER_H_
