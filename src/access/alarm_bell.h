// Rings when an alarm is durable: whoever follows them waits here instead of asking again and
// again.
//
// What rings is a number and nothing else: who is woken reads the store. Waiting holds no thread of
// the server's; one thread of the bell's own, begun by the first who waits, looks at the time.
//
// Threads  any. Cost: Ring, a lock; nobody waits: a lock.
#ifndef CLOISON_ACCESS_ALARM_BELL_H_
#define CLOISON_ACCESS_ALARM_BELL_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <list>
#include <mutex>
#include <thread>

#include "base/executor.h"
#include "base/task.h"

namespace cloison::access {

inline constexpr std::size_t kAlarmListenersMax = 64;

class AlarmBell {
 public:
  AlarmBell() = default;
  // Nobody waits any more: Hush, and whoever was woken has gone on.
  ~AlarmBell();
  AlarmBell(const AlarmBell&) = delete;
  AlarmBell& operator=(const AlarmBell&) = delete;

  // Those up to `last` are durable.
  void Ring(std::uint64_t last);
  // From now on nobody waits: whoever does is woken. At a stop.
  void Hush();

  // Until one above `after` is durable, at most `wait_ms`; goes on as a job of `home`. At once, and
  // false, when kAlarmListenersMax wait already or after Hush: they come again later.
  Task<bool> Wait(std::uint64_t after, std::int64_t wait_ms, base::Executor& home);
  // The same for a thread of its own, which is not counted; ends early once `stopped` is true and
  // Wake was called, and at Hush.
  void WaitHere(std::uint64_t after, std::int64_t wait_ms, const std::atomic<bool>& stopped);
  void Wake();

  std::uint64_t last() const;  // that is durable
  std::size_t waiting() const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Waiter {
    std::uint64_t after;
    Time until;
    base::Executor* home;
    std::coroutine_handle<> handle;
  };
  struct Awaiter {
    AlarmBell& bell;
    Waiter waiter;
    bool waited = false;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> self) {
      waiter.handle = self;
      return bell.Add(waiter, waited);
    }
    bool await_resume() const noexcept { return waited; }
  };
  bool Add(const Waiter& waiter, bool& waited);
  void Run();
  void WakeDue(Time now);  // under the lock

  mutable std::mutex mutex_;  // guards what follows
  std::uint64_t last_ = 0;
  bool hushed_ = false;
  std::list<Waiter> waiters_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_ALARM_BELL_H_
