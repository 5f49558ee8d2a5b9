#include "access/alarm_bell.h"

#include <algorithm>

namespace cloison::access {

AlarmBell::~AlarmBell() {
  Hush();
  if (thread_.joinable()) thread_.join();
}

void AlarmBell::Ring(std::uint64_t last) {
  {
    const std::lock_guard lock(mutex_);
    last_ = std::max(last_, last);
  }
  changed_.notify_all();
}

void AlarmBell::Hush() {
  {
    const std::lock_guard lock(mutex_);
    hushed_ = true;
  }
  changed_.notify_all();
}

void AlarmBell::Wake() {
  { const std::lock_guard lock(mutex_); }  // who is about to wait has looked, or will be woken
  changed_.notify_all();
}

std::uint64_t AlarmBell::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

std::size_t AlarmBell::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiters_.size();
}

// Whoever is woken resumes on their own executor, maybe before this returns: nothing of the awaiter
// is looked at once the waiter is in the list.
bool AlarmBell::Add(const Waiter& waiter, bool& waited) {
  {
    const std::lock_guard lock(mutex_);
    if (hushed_ || waiters_.size() >= kAlarmListenersMax) return false;
    waited = true;
    waiters_.push_back(waiter);
    if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  }
  changed_.notify_all();
  return true;
}

void AlarmBell::WakeDue(Time now) {
  std::erase_if(waiters_, [&](const Waiter& waiter) {
    if (!hushed_ && last_ <= waiter.after && now < waiter.until) return false;
    const std::coroutine_handle<> handle = waiter.handle;
    waiter.home->Post([handle] { handle.resume(); });
    return true;
  });
}

void AlarmBell::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    WakeDue(std::chrono::steady_clock::now());
    if (hushed_) return;
    if (waiters_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = std::ranges::min_element(waiters_, {}, &Waiter::until);
    const Time until = first->until;
    changed_.wait_until(lock, until);
  }
}

Task<bool> AlarmBell::Wait(std::uint64_t after, std::int64_t wait_ms, base::Executor& home) {
  const Time until = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
  Awaiter rung{*this, Waiter{after, until, &home, {}}};
  co_return co_await rung;
}

void AlarmBell::WaitHere(std::uint64_t after, std::int64_t wait_ms,
                         const std::atomic<bool>& stopped) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                    [&] { return hushed_ || last_ > after || stopped; });
}

}  // namespace cloison::access
