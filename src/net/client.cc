#include "net/client.h"

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
#include <optional>
#include <utility>
#include <vector>

#include "net/internal/message.h"
#include "net/internal/parser.h"
#include "net/internal/stream.h"

namespace cloison::net {
namespace {

using internal::Io;
using internal::Progress;

constexpr std::size_t kReadBytes = 16u << 10;

constexpr Error kTooSlow{Code::kUnavailable, "the server does not answer in time"};
constexpr Error kClosedEarly{Code::kUnavailable, "the server closed the connection"};
constexpr Error kCancelled{Code::kUnavailable, "given up by its caller"};
constexpr Error kNoConnection{Code::kUnavailable, "the server cannot be reached"};
constexpr Error kTlsRefused{Code::kDenied, "the TLS connection was refused"};

bool MayRepeat(Method method) {
  return method == Method::kGet || method == Method::kHead || method == Method::kPut ||
         method == Method::kDelete || method == Method::kOptions;
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  int get() const { return value_; }

 private:
  int value_;
};

struct Addresses {
  addrinfo* first = nullptr;
  ~Addresses() {
    if (first != nullptr) ::freeaddrinfo(first);
  }
};

}  // namespace

class HttpClient::Impl {
 public:
  Impl(ClientOptions options, base::Clock& clock) : options_(std::move(options)), clock_(clock) {}

  Result<Response> Send(const Request& request);
  void Close();

 private:
  Status Connect();
  Status ConnectTo(const addrinfo& address);
  Status Handshake();
  Result<Response> Exchange(const Request& request);
  Result<Response> ReadResponse(bool to_head);
  Status WriteAll(std::string_view bytes);
  Status Wait(Io want);
  bool KeptIsAlive();
  bool Cancelled() const { return options_.cancelled != nullptr && options_.cancelled->load(); }
  void SetDeadline(std::int64_t ms_max) { deadline_us_ = clock_.mono_us() + ms_max * 1000; }
  std::string HostHeader() const;

  ClientOptions options_;
  base::Clock& clock_;
  std::unique_ptr<internal::TlsContext> tls_;
  Descriptor socket_{-1};
  std::optional<internal::Stream> stream_;
  std::int64_t deadline_us_ = 0;
  bool answer_begun_ = false;
};

void HttpClient::Impl::Close() {
  if (stream_) stream_->Close();
  stream_.reset();
  socket_ = Descriptor(-1);
}

std::string HttpClient::Impl::HostHeader() const {
  const bool is_ipv6 = options_.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + options_.host + "]" : options_.host;
  const int usual = options_.plain ? 80 : 443;
  return options_.port == usual ? host : host + ":" + std::to_string(options_.port);
}

Status HttpClient::Impl::Wait(Io want) {
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

Status HttpClient::Impl::ConnectTo(const addrinfo& address) {
  socket_ = Descriptor(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket_.get() < 0) return kNoConnection;
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (::connect(socket_.get(), address.ai_addr, address.ai_addrlen) == 0) return Ok();
  if (errno != EINPROGRESS) return kNoConnection;
  CLOISON_TRY(Wait(Io::kWantWrite));
  int failure = 0;
  socklen_t size = sizeof(failure);
  ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
  return failure == 0 ? Ok() : Status(kNoConnection);
}

Status HttpClient::Impl::Connect() {
  SetDeadline(options_.connect_ms_max);
  if (!options_.plain && !tls_) {
    CLOISON_TRY_ASSIGN(
        tls_, internal::TlsContext::ForClient({options_.ca_pem, options_.certificate_pem,
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

Status HttpClient::Impl::Handshake() {
  stream_ = options_.plain ? internal::Stream::Plain(socket_.get())
                           : internal::Stream::TlsClient(*tls_, socket_.get(), options_.host);
  while (true) {
    const Io io = stream_->Handshake();
    if (io == Io::kDone) return Ok();
    if (io == Io::kFailed) return kTlsRefused;
    if (io == Io::kClosed) return kClosedEarly;
    CLOISON_TRY(Wait(io));
  }
}

// Reads what came while nobody asked: a session ticket leaves the connection good, anything else
// ends it before a request is spent on it.
bool HttpClient::Impl::KeptIsAlive() {
  char unasked = 0;
  std::size_t read = 0;
  return stream_->Read(std::span<char>(&unasked, 1), read) == Io::kWantRead;
}

Status HttpClient::Impl::WriteAll(std::string_view bytes) {
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

Result<Response> HttpClient::Impl::ReadResponse(bool to_head) {
  internal::ResponseParser parser({kHeaderBytesMax, options_.body_bytes_max}, to_head);
  std::vector<char> buffer(kReadBytes);
  std::size_t begin = 0;
  std::size_t end = 0;
  Progress progress = Progress::kMore;
  while (progress == Progress::kMore) {
    std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(begin),
              buffer.begin() + static_cast<std::ptrdiff_t>(end), buffer.begin());
    end -= std::exchange(begin, 0);
    if (end == buffer.size()) buffer.resize(buffer.size() * 2);  // the parser's limits stop it
    std::size_t read = 0;
    const std::span<char> room(buffer.data() + end, buffer.size() - end);
    const Io io = stream_->Read(room, read);
    if (io == Io::kWantRead || io == Io::kWantWrite) {
      CLOISON_TRY(Wait(io));
      continue;
    }
    if (io == Io::kFailed) return answer_begun_ || options_.plain ? kClosedEarly : kTlsRefused;
    if (io == Io::kClosed) {
      progress = answer_begun_ ? parser.PutEnd() : Progress::kFailed;
      if (progress != Progress::kDone) return kClosedEarly;
      break;
    }
    answer_begun_ = true;
    end += read;
    progress = parser.Put(std::string_view(buffer.data(), end), begin);
  }
  if (progress == Progress::kFailed) {
    if (parser.too_large()) return Error{Code::kExhausted, "the answer is larger than the limit"};
    return Error{Code::kCorrupt, "the answer is not HTTP/1.1"};
  }
  const bool keep = parser.keep_alive() && begin == end;
  if (!keep) Close();
  return parser.Take();
}

Result<Response> HttpClient::Impl::Exchange(const Request& request) {
  SetDeadline(options_.answer_ms_max);
  answer_begun_ = false;
  std::string out;
  internal::AppendRequestHead(out, request, HostHeader());
  out += request.body;
  // A server may refuse before it has read everything: its answer is worth more than our error.
  const Status written = WriteAll(out);
  WipeText(out);
  if (!written.ok() && written.error().text() == kTooSlow.text()) return written.error();
  return ReadResponse(request.method == Method::kHead);
}

Result<Response> HttpClient::Impl::Send(const Request& request) {
  const auto fits = [](char c) { return c > 0x20 && c < 0x7f && c != '#'; };
  const bool good_target = request.path.starts_with('/') &&
                           std::all_of(request.path.begin(), request.path.end(), fits) &&
                           std::all_of(request.query.begin(), request.query.end(), fits);
  if (!good_target || request.method == Method::kOther || !CanTravel(request.headers)) {
    return Error{Code::kInvalid, "a request has a path or a header that cannot be sent"};
  }
  if (Cancelled()) return kCancelled;
  if (stream_ && !KeptIsAlive()) Close();
  const bool kept = stream_.has_value();
  if (!kept) {
    const Status connected = Connect();
    if (!connected.ok()) {
      Close();
      return connected.error();
    }
  }
  Result<Response> answer = Exchange(request);
  if (answer.ok()) return answer;
  Close();
  const bool stale =
      kept && !answer_begun_ && !Cancelled() && answer.error().text() != kTooSlow.text();
  if (!stale || !MayRepeat(request.method)) return answer;
  CLOISON_TRY(Connect());
  answer = Exchange(request);
  if (!answer.ok()) Close();
  return answer;
}

HttpClient::HttpClient(ClientOptions options, base::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<Response> HttpClient::Send(const Request& request) {
  return impl_->Send(request);
}

void HttpClient::Close() {
  impl_->Close();
}

Request MakeRequest(Method method, std::string path, std::string body) {
  Request request;
  request.method = method;
  request.path = std::move(path);
  request.body = std::move(body);
  return request;
}

}  // namespace cloison::net
