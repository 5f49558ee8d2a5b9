// The loops that connections live on: an io_context and its thread, sockets that say when they are
// ready, a listener. The only code of the project that knows Asio is behind this header.
//
// Threads  Loop::Post any; everything else on the loop's own thread, but where it says otherwise.
#ifndef CLOISON_NET_INTERNAL_LOOP_H_
#define CLOISON_NET_INTERNAL_LOOP_H_

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/executor.h"
#include "base/result.h"
#include "net/http.h"
#include "net/internal/stream.h"

namespace cloison::net::internal {

class Loop final : public base::Executor {
 public:
  Loop();
  ~Loop() override;

  Status Start();  // fails kUnavailable: no thread
  // Stops, joins, drops the jobs left. Any thread but its own.
  void Join();

  void Post(std::function<void()> job) override;
  void After(std::int64_t ms, std::function<void()> job);
  bool here() const { return thread_.get_id() == std::this_thread::get_id(); }

  // co_await loop.Hop(): as Schedule, but goes on at once when already here.
  auto Hop() {
    struct Awaiter {
      Loop& loop;
      bool await_ready() const noexcept { return loop.here(); }
      void await_suspend(std::coroutine_handle<> self) const {
        loop.Post([self] { self.resume(); });
      }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

 private:
  friend class Watch;
  friend class Alarm;
  friend class Listener;
  struct Context;

  std::unique_ptr<Context> context_;
  std::atomic<int> posting_{0};
  std::thread thread_;
};

// A connected socket, on its loop.
class Watch {
 public:
  explicit Watch(Loop& loop);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // No delay, no blocking; false when the peer is gone already.
  bool Prepare(Peer& peer);
  int socket() const;
  // Resumes `then` once the socket is ready for `want`; `failed` says that it was cancelled.
  void Wait(Io want, std::coroutine_handle<> then, bool& failed);
  void Cancel();  // what waits resumes, later
  void ShutdownSend();
  void Close();

 private:
  friend class Listener;
  struct Socket;
  std::unique_ptr<Socket> socket_;
};

// A moment of a connection, on its loop. One wait at a time.
class Alarm {
 public:
  explicit Alarm(Loop& loop);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  // Resumes `then` in `us`, never sooner; or after Cancel, later.
  void Wait(std::int64_t us, std::coroutine_handle<> then);
  void Cancel();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Listener {
 public:
  // On `loop`. `port` 0: any free one. Any thread, before the loop starts.
  // Fails  kInvalid an address that is not numeric; kUnavailable the port is taken.
  static Result<std::unique_ptr<Listener>> Open(Loop& loop, const std::string& address,
                                                std::uint16_t port);
  ~Listener();

  std::uint16_t port() const;
  bool is_loopback() const;
  bool is_open() const;
  // Calls `then` with the next connection, put on the loop `onto`, or with null when the system
  // has no room for one. Never after Close.
  void Accept(Loop& onto, std::function<void(std::unique_ptr<Watch>)> then);
  void Close();

 private:
  struct Acceptor;
  explicit Listener(Loop& loop);
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace cloison::net::internal

#endif  // CLOISON_NET_INTERNAL_LOOP_H_
