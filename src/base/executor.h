// Where work runs. The network's loops, the committer's thread, pools and the simulator are
// Executors; the code between them does not know which.
#ifndef CLOISON_BASE_EXECUTOR_H_
#define CLOISON_BASE_EXECUTOR_H_

#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cloison::base {

class Executor {
 public:
  virtual ~Executor() = default;

  // Post runs `job` later, never inside this call. Jobs of one thread keep their order.
  // Threads: any. After shutdown the job is dropped and destroyed.
  virtual void Post(std::function<void()> job) = 0;

  // co_await executor.Schedule(): goes on as a job of this executor.
  auto Schedule() {
    struct Awaiter {
      Executor& executor;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> self) const {
        executor.Post([self] { self.resume(); });
      }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }
};

// `threads` threads and one queue. The destructor finishes what is queued, then joins.
class ThreadPool final : public Executor {
 public:
  // Scheduling of its threads, as nice(1) has it: what nobody waits for goes after the rest.
  static constexpr int kUsual = 0, kLast = 5;

  explicit ThreadPool(int threads, int niceness = kUsual);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void Post(std::function<void()> job) override;

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace cloison::base

#endif  // CLOISON_BASE_EXECUTOR_H_
