#include "net/server.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "net/internal/connection.h"
#include "net/internal/loop.h"

namespace cloison::net {
namespace {

using internal::Connection;
using internal::Shard;
using internal::Watch;

constexpr std::int64_t kSweepMs = 50;
constexpr std::size_t kHeaderBytesLeast = 256;
constexpr std::size_t kHeaderBytesMost = 1u << 20;

class ServerImpl final : public Server, private internal::Host {
 public:
  ServerImpl(ServerOptions given, Handler& to, base::Clock& time)
      : Host(std::move(given), to, time) {}
  ~ServerImpl() override;

  Status Begin();

  std::uint16_t port() const override { return listener_->port(); }
  const ServerStats& stats() const override { return Host::stats; }
  bool Drain(std::int64_t wait_ms) override;
  Status Reload(TlsServerOptions tls) override;

 private:
  void Ended() override;
  Status CheckOptions() const;
  void AcceptNext();
  void Accepted(std::unique_ptr<Watch> watch, Shard& shard);
  void StopAccepting();
  void Sweep(Shard& shard);
  template <class Act>
  static void ForEach(Shard& shard, Act act);

  std::vector<std::unique_ptr<Shard>> shards_;
  std::unique_ptr<internal::Listener> listener_;
  std::size_t next_shard_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  int connections_ = 0;
  bool accepting_ = true;
  bool running_ = false;
};

Status ServerImpl::CheckOptions() const {
  if (options.threads < 1 || options.threads > kServerThreadsMax) {
    return Error{Code::kInvalid, "a listener has a bad number of threads", options.threads};
  }
  if (options.connections_max < 1 || options.requests_in_flight_max < 1 ||
      options.header_bytes_max < kHeaderBytesLeast || options.header_bytes_max > kHeaderBytesMost) {
    return Error{Code::kInvalid, "a listener's limit is out of range"};
  }
  return Ok();
}

Status ServerImpl::Begin() {
  CLOISON_TRY(CheckOptions());
  if (options.tls) {
    CLOISON_TRY(LoadTls(*options.tls));
    WipeText(options.tls->private_key_pem);
  }
  for (int i = 0; i < options.threads; ++i) shards_.push_back(std::make_unique<Shard>());
  CLOISON_TRY_ASSIGN(listener_,
                     internal::Listener::Open(shards_[0]->loop, options.address, options.port));
  if (!options.tls && !listener_->is_loopback()) {
    return Error{Code::kInvalid, "plain HTTP is for the loopback only"};
  }
  for (const auto& shard : shards_) {
    CLOISON_TRY(shard->loop.Start());
  }
  running_ = true;
  for (const auto& shard : shards_) {
    shard->loop.Post([this, swept = shard.get()] { Sweep(*swept); });
  }
  shards_[0]->loop.Post([this] { AcceptNext(); });
  return Ok();
}

void ServerImpl::AcceptNext() {
  if (!listener_->is_open()) return;
  Shard& shard = *shards_[next_shard_++ % shards_.size()];
  listener_->Accept(shard.loop, [this, &shard](std::unique_ptr<Watch> watch) {
    Accepted(std::move(watch), shard);
  });
}

void ServerImpl::Accepted(std::unique_ptr<Watch> watch, Shard& shard) {
  if (!watch) {
    // Out of descriptors, most likely: others must end first.
    shards_[0]->loop.After(kSweepMs, [this] { AcceptNext(); });
    return;
  }
  bool room = false;
  {
    const std::lock_guard lock(mutex_);
    room = connections_ < options.connections_max;
    if (room) ++connections_;
  }
  if (room) {
    Host::stats.connections.Add();
    // It deletes itself at its end.
    auto* dealt = new Connection(*this, shard, std::move(watch));
    shard.loop.Post([dealt] { dealt->Start(); });
  } else {
    Host::stats.connections_refused.Add();
    watch.reset();
  }
  AcceptNext();
}

template <class Act>
void ServerImpl::ForEach(Shard& shard, Act act) {
  for (auto it = shard.connections.begin(); it != shard.connections.end();) {
    Connection* connection = *it++;  // it may end now, and leave the list
    act(*connection);
  }
}

void ServerImpl::Sweep(Shard& shard) {
  const std::int64_t now_us = clock.mono_us();
  ForEach(shard, [now_us](Connection& connection) { connection.Sweep(now_us); });
  shard.loop.After(kSweepMs, [this, &shard] { Sweep(shard); });
}

void ServerImpl::Ended() {
  const std::lock_guard lock(mutex_);
  --connections_;
  changed_.notify_all();
}

void ServerImpl::StopAccepting() {
  StartDraining();
  shards_[0]->loop.Post([this] {
    listener_->Close();
    const std::lock_guard lock(mutex_);
    accepting_ = false;
    changed_.notify_all();
  });
  // After this, no connection appears that the count has not seen.
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !accepting_; });
}

bool ServerImpl::Drain(std::int64_t wait_ms) {
  StopAccepting();
  for (const auto& shard : shards_) {
    shard->loop.Post([drained = shard.get()] {
      ForEach(*drained, [](Connection& connection) { connection.Drain(); });
    });
  }
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                           [this] { return connections_ == 0; });
}

Status ServerImpl::Reload(TlsServerOptions tls) {
  if (!options.tls) return Error{Code::kInvalid, "a plain listener has no certificate"};
  return LoadTls(std::move(tls));
}

ServerImpl::~ServerImpl() {
  if (running_) {
    StopAccepting();
    for (const auto& shard : shards_) {
      shard->loop.Post([killed = shard.get()] {
        ForEach(*killed, [](Connection& connection) { connection.Kill(); });
      });
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return connections_ == 0; });
  }
  for (const auto& shard : shards_) shard->loop.Join();
  listener_.reset();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(ServerOptions options, Handler& handler,
                                              base::Clock& clock) {
  auto server = std::make_unique<ServerImpl>(std::move(options), handler, clock);
  CLOISON_TRY(server->Begin());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace cloison::net
