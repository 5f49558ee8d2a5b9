// One connection of the server, and what connections share.
//
// Threads  a Connection lives on its shard's loop, but for the handler's own steps.
#ifndef CLOISON_NET_INTERNAL_CONNECTION_H_
#define CLOISON_NET_INTERNAL_CONNECTION_H_

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/task.h"
#include "net/internal/loop.h"
#include "net/internal/parser.h"
#include "net/internal/stream.h"
#include "net/server.h"

namespace cloison::net::internal {

class Connection;

// A loop and the connections dealt to it.
struct Shard {
  std::list<Connection*> connections;
  Loop loop;  // last: it ends before the list does
};

// What a connection sees of its server. Threads: any.
class Host {
 public:
  Host(ServerOptions given, Handler& to, base::Clock& time)
      : options(std::move(given)), handler(to), clock(time) {}
  virtual ~Host() = default;

  // A connection is gone; the last thing that it does.
  virtual void Ended() = 0;

  Stream MakeStream(int socket);
  Response ErrorResponse(int status, std::string_view code) const;
  bool Admit();  // one more request in flight; false at the limit
  void Leave() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }
  bool draining() const { return draining_.load(std::memory_order_relaxed); }
  void StartDraining() { draining_ = true; }
  Status LoadTls(TlsServerOptions tls);

  ServerOptions options;
  Handler& handler;
  base::Clock& clock;
  ServerStats stats;

 private:
  std::mutex tls_mutex_;
  std::unique_ptr<TlsContext> tls_;
  std::atomic<int> in_flight_{0};
  std::atomic<bool> draining_{false};
};

// One connection: a coroutine on its loop that reads, hands over, writes, until either side has
// enough. Deadlines are a number that the loop's sweeper looks at, not a timer each: arming and
// cancelling a timer four times a request costs more than the sweep.
class Connection {
 public:
  Connection(Host& host, Shard& shard, std::unique_ptr<Watch> watch)
      : host_(host),
        shard_(shard),
        watch_(std::move(watch)),
        alarm_(shard.loop),
        parser_({host.options.header_bytes_max, host.options.body_bytes_max}) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start();
  void Sweep(std::int64_t now_us);
  void Drain();
  void Kill();

 private:
  enum class Phase { kHandshake, kFirst, kIdle, kHeader, kBody, kHandler, kHeld, kWrite, kLinger };
  enum class Read { kRequest, kRefused, kEnded };

  // co_await Ready(want): the socket can be read or written. False: the deadline, a kill, an error.
  struct ReadyAwaiter {
    Connection& connection;
    Io want;
    bool failed = false;
    bool await_ready() const noexcept { return connection.stopped(); }
    void await_suspend(std::coroutine_handle<> self) {
      connection.watch_->Wait(want, self, failed);
    }
    bool await_resume() const noexcept { return !failed && !connection.stopped(); }
  };
  ReadyAwaiter Ready(Io want) { return {*this, want}; }

  // co_await HandlerEnd(): the handler is done, or (once per deadline) it is late.
  struct HandlerAwaiter {
    Connection& connection;
    bool await_ready() const noexcept { return connection.handler_done_ || connection.stopped(); }
    void await_suspend(std::coroutine_handle<> self) const { connection.waiter_ = self; }
    void await_resume() const noexcept {}
  };

  // co_await Until(us): the alarm rang, or the deadline or a kill came first.
  struct AlarmAwaiter {
    Connection& connection;
    std::int64_t us;
    bool await_ready() const noexcept { return us <= 0 || connection.stopped(); }
    void await_suspend(std::coroutine_handle<> self) const { connection.alarm_.Wait(us, self); }
    void await_resume() const noexcept {}
  };

  Task<void> Serve();
  Task<bool> Handshake();
  Task<bool> ServeOne();
  Task<Read> ReadRequest();
  Task<bool> ReadOnce();
  Task<void> RunHandler();
  Task<bool> HoldAnswer();
  Task<bool> Send(Response response, bool close);
  Task<bool> WriteAll(std::string_view bytes);
  Task<void> RefuseAndClose(Refusal refusal);
  Task<void> Linger();

  void Enter(Phase phase, std::int64_t ms_max);
  Progress Feed();
  bool MakeRoom();
  void WakeWaiter();
  bool stopped() const { return expired_ || killed_; }
  const ServerOptions& options() const { return host_.options; }

  Host& host_;
  Shard& shard_;
  std::unique_ptr<Watch> watch_;
  Alarm alarm_;
  std::optional<Stream> stream_;
  std::list<Connection*>::iterator place_;
  RequestParser parser_;
  Peer peer_;

  Phase phase_ = Phase::kHandshake;
  std::int64_t deadline_us_ = 0;
  bool expired_ = false;
  bool killed_ = false;
  bool first_ = true;
  bool continued_ = false;

  std::string in_;  // [in_begin_, in_end_) has come and is not used yet
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  std::string out_;

  bool handler_done_ = true;
  std::coroutine_handle<> waiter_;
  Request request_;
  Response response_;
  int turn_ = 0;
};

}  // namespace cloison::net::internal

#endif  // CLOISON_NET_INTERNAL_CONNECTION_H_
