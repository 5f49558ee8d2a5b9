// Simulated time and one thread: a month of a register in seconds. A drill decides when a
// millisecond passes; nothing else does.
#ifndef CLOISON_DRILL_SIMULATION_H_
#define CLOISON_DRILL_SIMULATION_H_

#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/executor.h"
#include "base/task.h"

namespace cloison::drill {

// What time it is. Threads: one.
class SimulatedClock final : public base::Clock {
 public:
  explicit SimulatedClock(std::int64_t now_ms) : now_ms_(now_ms) {}
  std::int64_t now_ms() const { return now_ms_; }
  std::int64_t wall_ms() const override { return now_ms_ + wall_ahead_ms_; }
  std::int64_t boot_ms() const override { return now_ms_ - booted_ms_; }
  std::int64_t mono_us() const override { return now_ms_ * 1000; }
  ByteArray<16> boot_id() const override { return {boots_}; }
  void SetWall(std::int64_t ahead_ms) { wall_ahead_ms_ = ahead_ms; }
  void Reboot() {
    booted_ms_ = now_ms_;
    ++boots_;
  }
  void GoTo(std::int64_t at_ms) {
    CLOISON_CHECK(at_ms >= now_ms_);
    now_ms_ = at_ms;
  }

 private:
  std::int64_t now_ms_;
  std::int64_t wall_ahead_ms_ = 0, booted_ms_ = 0;
  std::uint8_t boots_ = 1;  // two boots in a row differ
};

// Runs jobs in the order they were posted, on the thread that waits. Threads: one.
class QueueExecutor final : public base::Executor {
 public:
  void Post(std::function<void()> job) override { jobs_.push_back(std::move(job)); }

  void RunAll() {
    while (!jobs_.empty()) {
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      job();
    }
  }

  // Starts `task` and runs jobs until it has ended. A task that waits for nobody is a bug of ours.
  template <class T>
  T Wait(Task<T> task) {
    std::optional<T> out;
    base::Detach(Store(std::move(task), out));
    while (!out.has_value()) {
      CLOISON_CHECK(!jobs_.empty());
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      job();
    }
    return std::move(*out);
  }

 private:
  template <class T>
  static Task<void> Store(Task<T> task, std::optional<T>& out) {
    T value = co_await std::move(task);
    out.emplace(std::move(value));
  }

  std::deque<std::function<void()>> jobs_;
};

// Draws that a seed decides (splitmix64, Steele et al. 2014): whom a thief asks for, when an agent
// works. Never keys.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}
  // In [0, bound), bound > 0 and far below 2^64: its bias does not matter here.
  std::uint64_t Below(std::uint64_t bound) {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % bound;
  }

 private:
  std::uint64_t state_;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_SIMULATION_H_
