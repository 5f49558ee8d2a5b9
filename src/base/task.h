// Task<T>: a lazy coroutine. It starts when awaited, resumes its awaiter when it ends, and is
// destroyed by its owner. Nothing throws: an exception that escapes a Task ends the process.
//
// Use      Task<Result<Row>> Load(...) { ... co_return row; }     Result<Row> row = co_await
// Load(...); Mind     (g++ 12) no capturing lambda and no braced temporary inside a co_await
// expression; take
//          parameters by value or by reference to what outlives the await.
// Threads  a Task runs on whichever thread resumes it; hop with `co_await executor.Schedule()`
//          (base/executor.h). Cost: one heap frame per call.
#ifndef CLOISON_BASE_TASK_H_
#define CLOISON_BASE_TASK_H_

#include <condition_variable>
#include <coroutine>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "base/check.h"

namespace cloison::base {

template <class T>
class Task;

namespace internal {

struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
    return self.promise().awaiter;
  }
  void await_resume() const noexcept {}
};

struct PromiseBase {
  std::coroutine_handle<> awaiter = std::noop_coroutine();
  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T Take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void Take() const noexcept {}
};

}  // namespace internal

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept {
    handle_.promise().awaiter = awaiter;
    return handle_;
  }
  T await_resume() { return handle_.promise().Take(); }

 private:
  Handle handle_;
};

namespace internal {
template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

// A coroutine nobody awaits: it destroys itself at its end.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

template <class T>
struct WaitState {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<T> value;
};

template <class T>
Detached RunInto(Task<T> task, WaitState<T>& state) {
  T value = co_await std::move(task);
  const std::lock_guard lock(state.mutex);
  state.value.emplace(std::move(value));
  state.changed.notify_all();
}
inline Detached RunDetached(Task<void> task) {
  co_await std::move(task);
}
}  // namespace internal

// Starts `task` on this thread and lets it go on by itself.
inline void Detach(Task<void> task) {
  internal::RunDetached(std::move(task));
}

// Starts `task` on this thread and blocks until it has ended. Never on a thread that the task
// needs.
template <class T>
T SyncWait(Task<T> task) {
  internal::WaitState<T> state;
  internal::RunInto(std::move(task), state);
  std::unique_lock lock(state.mutex);
  state.changed.wait(lock, [&state] { return state.value.has_value(); });
  return std::move(*state.value);
}

}  // namespace cloison::base

namespace cloison {
using base::Task;
}

#endif  // CLOISON_BASE_TASK_H_
