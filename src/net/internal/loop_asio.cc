#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <system_error>
#include <utility>

#include "net/internal/loop.h"

namespace cloison::net::internal {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using LoopExecutor = asio::io_context::executor_type;
using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, LoopExecutor>;
using TcpSocket = asio::basic_stream_socket<tcp, LoopExecutor>;

constexpr int kBacklog = 1024;

AddressClass ClassOf(const asio::ip::address& address) {
  if (address.is_v6() && !address.to_v6().is_v4_mapped()) {
    const asio::ip::address_v6 v6 = address.to_v6();
    if (v6.is_loopback()) return AddressClass::kLoopback;
    const bool local = (v6.to_bytes()[0] & 0xfe) == 0xfc || v6.is_link_local();
    return local ? AddressClass::kPrivate : AddressClass::kPublic;
  }
  const asio::ip::address_v4 v4 =
      address.is_v4() ? address.to_v4()
                      : asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  if (v4.is_loopback()) return AddressClass::kLoopback;
  const std::uint32_t bits = v4.to_uint();
  // 10/8, 172.16/12, 192.168/16, 169.254/16, 100.64/10.
  const bool local = bits >> 24 == 10 || bits >> 20 == 0xac1 || bits >> 16 == 0xc0a8 ||
                     bits >> 16 == 0xa9fe || bits >> 22 == 0x191;
  return local ? AddressClass::kPrivate : AddressClass::kPublic;
}

// Whose neighbours share it: a /24, a /56.
ByteArray<8> NetworkOf(const asio::ip::address& address) {
  ByteArray<8> network{};
  if (address.is_v6() && !address.to_v6().is_v4_mapped()) {
    const asio::ip::address_v6::bytes_type bytes = address.to_v6().to_bytes();
    network[0] = 6;
    std::copy_n(bytes.begin(), 7, network.begin() + 1);
    return network;
  }
  const asio::ip::address_v4 v4 =
      address.is_v4() ? address.to_v4()
                      : asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  network[0] = 4;
  std::copy_n(v4.to_bytes().begin(), 3, network.begin() + 1);
  return network;
}

}  // namespace

struct Loop::Context {
  asio::io_context io{1};
  asio::executor_work_guard<LoopExecutor> work{io.get_executor()};
};

Loop::Loop() : context_(std::make_unique<Context>()) {}
Loop::~Loop() {
  Join();
}

Status Loop::Start() {
  try {
    thread_ = std::thread([this] { context_->io.run(); });
  } catch (const std::system_error& failure) {
    return Error{Code::kUnavailable, "a listener cannot start its threads", failure.code().value()};
  }
  return Ok();
}

void Loop::Join() {
  context_->io.stop();
  if (thread_.joinable()) thread_.join();
  while (posting_.load() != 0) std::this_thread::yield();
}

void Loop::Post(std::function<void()> job) {
  // The job may run, and let the server end, before the call that posts it has returned.
  posting_.fetch_add(1);
  asio::post(context_->io, std::move(job));
  posting_.fetch_sub(1);
}

void Loop::After(std::int64_t ms, std::function<void()> job) {
  auto timer = std::make_unique<Timer>(context_->io, std::chrono::milliseconds(ms));
  Timer& armed = *timer;
  armed.async_wait([held = std::move(timer), then = std::move(job)](error_code ec) {
    if (!ec) then();
  });
}

struct Watch::Socket {
  explicit Socket(asio::io_context& io) : stream(io) {}
  TcpSocket stream;
};

Watch::Watch(Loop& loop) : socket_(std::make_unique<Socket>(loop.context_->io)) {}
Watch::~Watch() = default;

bool Watch::Prepare(Peer& peer) {
  error_code ec;
  socket_->stream.set_option(tcp::no_delay(true), ec);
  if (!ec) socket_->stream.native_non_blocking(true, ec);
  if (ec) return false;
  const tcp::endpoint remote = socket_->stream.remote_endpoint(ec);
  if (ec) return false;
  peer.address = ClassOf(remote.address());
  peer.network = NetworkOf(remote.address());
  return true;
}

int Watch::socket() const {
  return socket_->stream.native_handle();
}

void Watch::Wait(Io want, std::coroutine_handle<> then, bool& failed) {
  const auto way = want == Io::kWantWrite ? TcpSocket::wait_write : TcpSocket::wait_read;
  socket_->stream.async_wait(way, [then, &failed](error_code ec) {
    failed = static_cast<bool>(ec);
    then.resume();
  });
}

void Watch::Cancel() {
  error_code ignored;
  socket_->stream.cancel(ignored);
}

void Watch::ShutdownSend() {
  error_code ignored;
  socket_->stream.shutdown(tcp::socket::shutdown_send, ignored);
}

void Watch::Close() {
  error_code ignored;
  socket_->stream.close(ignored);
}

struct Alarm::State {
  explicit State(asio::io_context& io) : timer(io) {}
  Timer timer;
};

Alarm::Alarm(Loop& loop) : state_(std::make_unique<State>(loop.context_->io)) {}
Alarm::~Alarm() = default;

void Alarm::Wait(std::int64_t us, std::coroutine_handle<> then) {
  state_->timer.expires_after(std::chrono::microseconds(us));
  state_->timer.async_wait([then](error_code) { then.resume(); });
}

void Alarm::Cancel() {
  state_->timer.cancel();
}

struct Listener::Acceptor {
  explicit Acceptor(asio::io_context& io) : listening(io) {}
  asio::basic_socket_acceptor<tcp, LoopExecutor> listening;
  tcp::endpoint endpoint;
};

Listener::Listener(Loop& loop) : acceptor_(std::make_unique<Acceptor>(loop.context_->io)) {}
Listener::~Listener() = default;

Result<std::unique_ptr<Listener>> Listener::Open(Loop& loop, const std::string& address,
                                                 std::uint16_t port) {
  error_code ec;
  const asio::ip::address parsed = asio::ip::make_address(address, ec);
  if (ec) return Error{Code::kInvalid, "a listener's address is not numeric"};
  std::unique_ptr<Listener> made(new Listener(loop));
  auto& acceptor = made->acceptor_->listening;
  const tcp::endpoint endpoint(parsed, port);
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(kBacklog, ec);
  if (!ec) made->acceptor_->endpoint = acceptor.local_endpoint(ec);
  if (ec) return Error{Code::kUnavailable, "a listener cannot have its port", ec.value()};
  return made;
}

std::uint16_t Listener::port() const {
  return acceptor_->endpoint.port();
}

bool Listener::is_loopback() const {
  return acceptor_->endpoint.address().is_loopback();
}

bool Listener::is_open() const {
  return acceptor_->listening.is_open();
}

void Listener::Accept(Loop& onto, std::function<void(std::unique_ptr<Watch>)> then) {
  auto watch = std::make_unique<Watch>(onto);
  TcpSocket& socket = watch->socket_->stream;
  acceptor_->listening.async_accept(
      socket, [this, held = std::move(watch), call = std::move(then)](error_code ec) mutable {
        if (ec == asio::error::operation_aborted || !is_open()) return;
        if (ec) held.reset();
        call(std::move(held));
      });
}

void Listener::Close() {
  error_code ignored;
  acceptor_->listening.close(ignored);
}

}  // namespace cloison::net::internal
