#include "base/executor.h"

#include <sys/resource.h>

#include <utility>

namespace cloison::base {

namespace {

// Of this thread alone: on Linux "process 0" is the calling thread.
void SetNiceness(int niceness) {
  if (niceness != ThreadPool::kUsual) static_cast<void>(setpriority(PRIO_PROCESS, 0, niceness));
}

}  // namespace

ThreadPool::ThreadPool(int threads, int niceness) {
  threads_.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this, niceness] {
      SetNiceness(niceness);
      Run();
    });
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::Post(std::function<void()> job) {
  // Told under the lock: once it is let go of, the job may have run, and whoever waited for that
  // may have destroyed the pool.
  const std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(job));
  changed_.notify_one();
}

void ThreadPool::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

}  // namespace cloison::base
