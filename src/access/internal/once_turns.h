// One request of an idempotency key at a time: until it is known how the first ended, nobody is
// looked at for the next, whose body may be another, asks for nothing then and pays nothing.
//
// Threads  any. Cost: a look-up in a map of the keys under way.
#ifndef CLOISON_ACCESS_INTERNAL_ONCE_TURNS_H_
#define CLOISON_ACCESS_INTERNAL_ONCE_TURNS_H_

#include <coroutine>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/executor.h"
#include "base/task.h"

namespace cloison::access::internal {

class OnceTurns {
 public:
  // Held until it is destroyed. Outlived by the OnceTurns.
  class Turn {
   public:
    Turn(OnceTurns& turns, std::string key) : turns_(&turns), key_(std::move(key)) {}
    Turn(Turn&& other) noexcept
        : turns_(std::exchange(other.turns_, nullptr)), key_(std::move(other.key_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->End(key_);
    }

   private:
    OnceTurns* turns_;
    std::string key_;
  };

  // In the order of asking. Goes on on `home` where it had to wait.
  Task<Turn> Take(std::string key, base::Executor& home);

 private:
  struct Waiter {
    std::coroutine_handle<> handle;
    base::Executor* home;
  };
  struct Wait;
  void End(const std::string& key);

  std::mutex mutex_;
  std::map<std::string, std::deque<Waiter>> under_way_;  // and who waits for each
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_ONCE_TURNS_H_
