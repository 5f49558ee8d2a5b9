// A turn that one task at a time has: those who come meanwhile wait, without a thread, in the order
// in which they came.
//
// Threads  any. Whoever has the turn gives it back; with Close it was the last.
#ifndef CLOISON_LEDGER_INTERNAL_TURN_H_
#define CLOISON_LEDGER_INTERNAL_TURN_H_

#include <coroutine>
#include <deque>
#include <mutex>
#include <utility>

#include "base/executor.h"

namespace cloison::ledger::internal {

class Turn {
 public:
  // co_await turn.Take(): suspends while somebody else has it; goes on where that one gives it.
  auto Take() {
    struct Waiter {
      Turn& turn;
      bool await_ready() const noexcept { return false; }
      bool await_suspend(std::coroutine_handle<> self) const {
        const std::lock_guard lock(turn.mutex_);
        if (!std::exchange(turn.taken_, true)) return false;
        turn.waiters_.push_back(self);
        return true;
      }
      void await_resume() const noexcept {}
    };
    return Waiter{*this};
  }
  // False: somebody has it, or it is closed.
  bool TryTake() {
    const std::lock_guard lock(mutex_);
    return !closed_ && !std::exchange(taken_, true);
  }
  // Straight to the one who waits longest, as a job of `executor`.
  void Give(base::Executor& executor) {
    std::coroutine_handle<> next;
    {
      const std::lock_guard lock(mutex_);
      taken_ = !waiters_.empty();
      if (!taken_) return;
      next = waiters_.front();
      waiters_.pop_front();
    }
    executor.Post([next] { next.resume(); });
  }
  bool waited_for() const {
    const std::lock_guard lock(mutex_);
    return !waiters_.empty();
  }
  // By the one who has it: those who take it from now on see that nothing is to be begun.
  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  mutable std::mutex mutex_;
  bool taken_ = false;
  bool closed_ = false;
  std::deque<std::coroutine_handle<>> waiters_;
};

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_TURN_H_
