// A handler for tests: answers by path, counts, and can end elsewhere or late.
#ifndef CLOISON_NET_TESTING_ECHO_HANDLER_H_
#define CLOISON_NET_TESTING_ECHO_HANDLER_H_

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

#include "base/executor.h"
#include "net/server.h"

namespace cloison::net::testing {

// A door that stays shut until Open.
class Gate {
 public:
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

// /echo     the body back, wiped after                /peer   the thumbprint in hexadecimal
// /pool     the body back, from another thread        /gate   waits for `gate` on another thread
// /large    1 MiB of x                                /bad    a header that cannot travel
// /held     "held", not before `held_us` after it came
// else      404
class EchoHandler final : public Handler {
 public:
  explicit EchoHandler(base::Executor& pool) : pool_(pool) {}
  EchoHandler(base::Executor& pool, const base::Clock& clock) : pool_(pool), clock_(&clock) {}

  Task<Response> Handle(Request request) override {
    ++calls;
    Response response;
    if (request.path == "/echo") {
      response.wipe_body = true;
      response.body = std::move(request.body);
    } else if (request.path == "/peer") {
      if (request.peer.certificate_sha256) {
        response.body = base::ToHex(*request.peer.certificate_sha256);
      }
    } else if (request.path == "/pool") {
      co_await pool_.Schedule();
      response.body = std::move(request.body);
    } else if (request.path == "/gate") {
      ++waiting;
      co_await pool_.Schedule();
      gate.Wait();
      response.body = "through";
    } else if (request.path == "/large") {
      response.body.assign(1u << 20, 'x');
      response.wipe_body = true;
    } else if (request.path == "/held" && clock_ != nullptr) {
      response.body = "held";
      response.not_before_mono_us = clock_->mono_us() + held_us;
    } else if (request.path == "/bad") {
      response.headers.Add("x-bad", "one\r\nset-cookie: two");
    } else {
      response.status = 404;
    }
    co_return response;
  }

  Gate gate;
  std::atomic<int> waiting{0};  // came to /gate
  std::atomic<int> calls{0};
  std::atomic<std::int64_t> held_us{0};

 private:
  base::Executor& pool_;
  const base::Clock* clock_ = nullptr;
};

}  // namespace cloison::net::testing

#endif  // CLOISON_NET_TESTING_ECHO_HANDLER_H_
