#include "net/internal/link.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cloison::net::internal {

namespace {

struct Addresses {
  addrinfo* first = nullptr;
  ~Addresses() {
    if (first != nullptr) ::freeaddrinfo(first);
  }
};

}  // namespace

Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

void Link::Close() {
  if (stream_) stream_->Close();
  stream_.reset();
  socket_ = Descriptor(-1);
}

Status Link::Wait(Io want) {
  pollfd waited{socket_.get(), static_cast<short>(want == Io::kWantWrite ? POLLOUT : POLLIN), 0};
  const std::int64_t look_ms = options_.cancelled == nullptr ? 1000 : kCancelMs;
  while (true) {
    const std::int64_t left_ms = (deadline_us_ - clock_.mono_us()) / 1000;
    if (left_ms <= 0) return kTooSlow;
    if (Cancelled()) return kCancelled;
    const int ready = ::poll(&waited, 1, static_cast<int>(std::min(left_ms, look_ms)));
    if (ready > 0) return Ok();
    if (ready < 0 && errno != EINTR) return kNoConnection;
  }
}

// The system probes a connection that nothing comes on, and gives up one whose other side does not
// acknowledge: a machine that vanished says nothing, and nothing else would tell.
void Link::WatchOver() const {
  const int on = 1, probes = 3;
  const int idle_s = std::max(1, gone_ms_max_ / 2'000), apart_s = std::max(1, idle_s / probes);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_KEEPINTVL, &apart_s, sizeof(apart_s));
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms_max_, sizeof(gone_ms_max_));
}

Status Link::ConnectTo(const addrinfo& address) {
  socket_ = Descriptor(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket_.get() < 0) return kNoConnection;
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (gone_ms_max_ > 0) WatchOver();
  if (::connect(socket_.get(), address.ai_addr, address.ai_addrlen) == 0) return Ok();
  if (errno != EINPROGRESS) return kNoConnection;
  CLOISON_TRY(Wait(Io::kWantWrite));
  int failure = 0;
  socklen_t size = sizeof(failure);
  ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
  return failure == 0 ? Ok() : Status(kNoConnection);
}

Status Link::Connect() {
  SetDeadline(options_.connect_ms_max);
  if (!options_.plain && !tls_) {
    CLOISON_TRY_ASSIGN(tls_, TlsContext::ForClient({options_.ca_pem, options_.certificate_pem,
                                                    options_.private_key_pem, options_.older_tls}));
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  Addresses found;
  if (::getaddrinfo(options_.host.c_str(), std::to_string(options_.port).c_str(), &hints,
                    &found.first) != 0) {
    return Error{Code::kUnavailable, "the server's name is not known"};
  }
  Status connected = kNoConnection;
  for (const addrinfo* it = found.first; it != nullptr && !connected.ok(); it = it->ai_next) {
    connected = ConnectTo(*it);
  }
  CLOISON_TRY(connected);
  return Handshake();
}

Status Link::Handshake() {
  stream_ = options_.plain ? Stream::Plain(socket_.get())
                           : Stream::TlsClient(*tls_, socket_.get(), options_.host);
  while (true) {
    const Io io = stream_->Handshake();
    if (io == Io::kDone) return Ok();
    if (io == Io::kFailed) return kTlsRefused;
    if (io == Io::kClosed) return kClosedEarly;
    CLOISON_TRY(Wait(io));
  }
}

bool Link::IsQuiet() {
  char unasked = 0;
  std::size_t read = 0;
  return stream_->Read(std::span<char>(&unasked, 1), read) == Io::kWantRead;
}

Status Link::WriteAll(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t written = 0;
    const Io io = stream_->Write(bytes, written);
    if (io == Io::kDone) {
      bytes.remove_prefix(written);
    } else if (io == Io::kClosed || io == Io::kFailed) {
      return kClosedEarly;
    } else {
      CLOISON_TRY(Wait(io));
    }
  }
  return Ok();
}

}  // namespace cloison::net::internal
