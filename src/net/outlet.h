// A connection on which one writes and reads nothing: for receivers that say nothing back, as those
// of syslog. TLS as the HTTP client has it.
//
// Threads  one at a time; blocks up to connect_ms_max and then answer_ms_max.
#ifndef CLOISON_NET_OUTLET_H_
#define CLOISON_NET_OUTLET_H_

#include <memory>
#include <string_view>

#include "net/client.h"

namespace cloison::net {

// What was written and not acknowledged, or a connection that nothing came on, for so long is
// given up by the system.
inline constexpr int kGoneMs = 30'000;

class Outlet {
 public:
  Outlet(ClientOptions options, base::Clock& clock);
  ~Outlet();

  // All of `bytes`, on the connection that is kept; on a new one when the other side closed it, or
  // said anything. After a failure the connection is closed: nobody knows how much arrived.
  // Fails  kDenied: the TLS handshake. kUnavailable: no connection, too slow, closed, cancelled.
  Status Write(std::string_view bytes);
  // Whether the connection still stands, as far as anybody told: one that the other side closed or
  // said anything on, or whose machine has been silent for kGoneMs, is closed.
  bool Stands();
  // How many were made. When it grew, nobody knows what of before arrived.
  std::uint64_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cloison::net

#endif  // CLOISON_NET_OUTLET_H_
