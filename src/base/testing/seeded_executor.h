// One thread, one seed: runs posted jobs in an order that the seed decides. Drive it with Run or
// RunUntil.
#ifndef CLOISON_BASE_TESTING_SEEDED_EXECUTOR_H_
#define CLOISON_BASE_TESTING_SEEDED_EXECUTOR_H_

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/task.h"
#include "base/testing/seeded_random.h"

namespace cloison::base::testing {

class SeededExecutor final : public Executor {
 public:
  explicit SeededExecutor(std::uint64_t seed) : random_(seed) {}
  void Post(std::function<void()> job) override { jobs_.push_back(std::move(job)); }

  // Runs one job; false when there is none.
  bool Step() {
    if (jobs_.empty()) return false;
    const std::size_t pick = random_.Below(jobs_.size());
    std::function<void()> job = std::move(jobs_[pick]);
    jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(pick));
    job();
    return true;
  }
  void RunAll() {
    while (Step()) {
    }
  }
  std::size_t waiting() const { return jobs_.size(); }
  // A crash: what was queued never happens. The jobs are kept for ever, so that a leak checker
  // still sees the coroutines that wait in them.
  void DropAll() {
    static auto* const graveyard = new std::vector<std::vector<std::function<void()>>>;
    graveyard->push_back(std::exchange(jobs_, {}));
  }

  // Starts `task` and runs jobs until it has ended; nothing when the jobs ran out first.
  template <class T>
  std::optional<T> Wait(Task<T> task) {
    std::optional<T> out;
    Detach(Store(std::move(task), out));
    while (!out.has_value() && Step()) {
    }
    return out;
  }

 private:
  template <class T>
  static Task<void> Store(Task<T> task, std::optional<T>& out) {
    T value = co_await std::move(task);
    out.emplace(std::move(value));
  }

  SeededRandom random_;
  std::vector<std::function<void()>> jobs_;
};

}  // namespace cloison::base::testing

#endif  // CLOISON_BASE_TESTING_SEEDED_EXECUTOR_H_
