#include "sinks/syslog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "sinks/alarm_text.h"

namespace cloison::sinks {

namespace {

constexpr std::int64_t kWriteMsMax = 10'000;
constexpr Error kBadPlace{
    Code::kInvalid, "a syslog is local:PATH, tcp:HOST:PORT on this machine, or tls:HOST:PORT"};

net::ClientOptions ClientOf(const SyslogOptions& options, const std::atomic<bool>& stopped) {
  net::ClientOptions client;
  client.host = options.place.host;
  client.port = options.place.port;
  client.plain = options.place.how == SyslogPlace::How::kTcp;
  client.older_tls = true;  // of others' servers
  client.ca_pem = options.ca_pem;
  client.connect_ms_max = kWriteMsMax;
  client.answer_ms_max = kWriteMsMax;
  client.cancelled = &stopped;
  return client;
}

// The receiver may be another one each time: it is asked for by name.
Status SendLocal(const std::string& path, std::string_view message) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CLOISON_CHECK(path.size() < sizeof(address.sun_path));
  std::copy(path.begin(), path.end(), address.sun_path);
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return Error{Code::kUnavailable, "no socket", errno};
  const ssize_t sent = ::sendto(socket, message.data(), message.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int why = errno;
  ::close(socket);
  if (sent == static_cast<ssize_t>(message.size())) return Ok();
  return Error{Code::kUnavailable, "the local syslog does not take it", sent < 0 ? why : 0};
}

}  // namespace

Result<SyslogPlace> ParseSyslogPlace(std::string_view text) {
  SyslogPlace place;
  constexpr std::string_view kLocal = "local:", kTcp = "tcp:", kTls = "tls:";
  if (text.starts_with(kLocal)) {
    place.path = std::string(text.substr(kLocal.size()));
    const bool fit = place.path.starts_with('/') &&
                     place.path.size() < sizeof(sockaddr_un::sun_path) &&
                     place.path.find('\0') == std::string::npos;
    return fit ? Result<SyslogPlace>(std::move(place)) : kBadPlace;
  }
  if (!text.starts_with(kTcp) && !text.starts_with(kTls)) return kBadPlace;
  place.how = text.starts_with(kTcp) ? SyslogPlace::How::kTcp : SyslogPlace::How::kTls;
  const std::string_view rest = text.substr(kTcp.size());
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return kBadPlace;
  place.host = std::string(rest.substr(0, colon));
  if (place.host.starts_with('[') && place.host.ends_with(']')) {
    place.host = place.host.substr(1, place.host.size() - 2);
  }
  if (place.host.empty()) return kBadPlace;
  const std::string_view port = rest.substr(colon + 1);
  const auto read = std::from_chars(port.data(), port.data() + port.size(), place.port);
  if (read.ec != std::errc() || read.ptr != port.data() + port.size() || place.port == 0) {
    return kBadPlace;
  }
  const bool here = place.host == "::1" || place.host.starts_with("127.");
  if (place.how == SyslogPlace::How::kTcp && !here) return kBadPlace;
  return place;
}

Syslog::Syslog(SyslogOptions options, base::Clock& clock)
    : options_(std::move(options)), clock_(clock) {
  if (options_.place.how == SyslogPlace::How::kLocal) return;
  outlet_ = std::make_unique<net::Outlet>(ClientOf(options_, stopped_), clock);
}

Status Syslog::Give(const access::Alarm& alarm) {
  const std::string message = SyslogMessage(alarm, options_.origin, options_.host);
  if (outlet_ == nullptr) return SendLocal(options_.place.path, message);
  std::string frame = std::to_string(message.size()) + " " + message;
  CLOISON_TRY(Write(frame));
  Forget();
  if (lately_.size() == kSyslogAgainMax) lately_.pop_front();
  lately_.push_back({clock_.mono_us(), std::move(frame)});
  return Ok();
}

// While the connection stands: what a dead one swallowed waits for another one, however long.
void Syslog::Forget() {
  while (!lately_.empty() && clock_.mono_us() - lately_.front().at_us > kSyslogAgainMs * 1000) {
    lately_.pop_front();
  }
}

Status Syslog::Look() {
  if (outlet_ == nullptr || lately_.empty()) return Ok();
  if (!outlet_->Stands()) return Write("");
  Forget();
  return Ok();
}

// After what may be lost, where the connection is another one.
Status Syslog::Write(std::string_view frame) {
  // A handshake that fails is somebody's to mend, and no word about this alarm.
  constexpr Error kNotTaken{Code::kUnavailable, "no syslog takes it"};
  std::string again;
  for (const Written& one : lately_) again += one.frame;
  const bool stands = outlet_->Stands();
  const std::uint64_t before = outlet_->connections();
  if (!outlet_->Write(stands ? std::string(frame) : again + std::string(frame)).ok()) {
    return kNotTaken;
  }
  // It died between the look and the writing.
  const bool another = stands && outlet_->connections() != before;
  if (another && !outlet_->Write(again).ok()) return kNotTaken;
  if (stands && !another) return Ok();
  for (Written& one : lately_) one.at_us = clock_.mono_us();
  return Ok();
}

}  // namespace cloison::sinks
