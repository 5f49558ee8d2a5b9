// A connection that is made from here: name, socket, TLS, and what of it blocks, each with a time
// limit and a way to end it early. The HTTP client and the outlet stand on it.
//
// Threads  one at a time.
#ifndef CLOISON_NET_INTERNAL_LINK_H_
#define CLOISON_NET_INTERNAL_LINK_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "net/client.h"
#include "net/internal/stream.h"

struct addrinfo;

namespace cloison::net::internal {

inline constexpr Error kTooSlow{Code::kUnavailable, "the server does not answer in time"};
inline constexpr Error kClosedEarly{Code::kUnavailable, "the server closed the connection"};
inline constexpr Error kCancelled{Code::kUnavailable, "given up by its caller"};
inline constexpr Error kNoConnection{Code::kUnavailable, "the server cannot be reached"};
inline constexpr Error kTlsRefused{Code::kDenied, "the TLS connection was refused"};

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  int get() const { return value_; }

 private:
  int value_;
};

class Link {
 public:
  // Of `options`: where to, TLS, connect_ms_max, cancelled. They outlive it. A connection whose
  // other side acknowledges nothing for `gone_ms_max` is given up; 0: as the system does, after a
  // quarter of an hour.
  Link(const ClientOptions& options, base::Clock& clock, int gone_ms_max = 0)
      : options_(options), clock_(clock), gone_ms_max_(gone_ms_max) {}

  Status Connect();
  void Close();
  // Until the next of these: what blocks ends then, kTooSlow; and at the end of the whole, if there
  // is one, whatever is set.
  void SetDeadline(std::int64_t ms_max) {
    deadline_us_ = std::min(clock_.mono_us() + ms_max * 1000, whole_us_);
  }
  void SetWhole(std::int64_t ms_max) {
    whole_us_ = ms_max == 0 ? INT64_MAX : clock_.mono_us() + ms_max * 1000;
  }
  Status Wait(Io want);
  Status WriteAll(std::string_view bytes);
  bool Cancelled() const { return options_.cancelled != nullptr && options_.cancelled->load(); }
  bool open() const { return stream_.has_value(); }
  // What came while nobody asked is read: a session ticket leaves the connection good, anything
  // else ends it before a request is spent on it.
  bool IsQuiet();
  Stream& stream() { return *stream_; }

 private:
  Status ConnectTo(const addrinfo& address);
  void WatchOver() const;
  Status Handshake();

  const ClientOptions& options_;
  base::Clock& clock_;
  const int gone_ms_max_;
  std::unique_ptr<TlsContext> tls_;
  Descriptor socket_{-1};
  std::optional<Stream> stream_;
  std::int64_t deadline_us_ = 0, whole_us_ = INT64_MAX;
};

}  // namespace cloison::net::internal

#endif  // CLOISON_NET_INTERNAL_LINK_H_
