// Alarms to syslog (RFC 5424): as datagrams to a socket of this machine, or over TCP, with TLS or
// without, each message preceded by its length (RFC 6587 section 3.4.1, RFC 5425 section 4.3).
//
// Syslog says nothing back: an alarm is given once the system has taken it. What is lost behind it
// shows as a gap of sequenceId. A connection is kept; one that the other side closed is opened anew
// before anything is written to it.
#ifndef CLOISON_SINKS_SYSLOG_H_
#define CLOISON_SINKS_SYSLOG_H_

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.h"
#include "net/outlet.h"
#include "sinks/output.h"

namespace cloison::sinks {

struct SyslogPlace {
  enum class How : std::uint8_t { kLocal, kTcp, kTls } how = How::kLocal;
  std::string path;  // of a local socket
  std::string host;
  std::uint16_t port = 0;
};
// "local:/dev/log", "tcp:127.0.0.1:601", "tls:logs.example:6514". kInvalid: none of these; TCP
// without TLS to another machine.
Result<SyslogPlace> ParseSyslogPlace(std::string_view text);

struct SyslogOptions {
  SyslogPlace place;
  std::string ca_pem;  // of TLS: the system's authorities when empty
  std::string origin;
  std::string host;  // HOSTNAME of the messages; "": unknown
};

class Syslog final : public Output {
 public:
  Syslog(SyslogOptions options, base::Clock& clock);

  std::string_view name() const override { return "syslog"; }
  Status Give(const access::Alarm& alarm) override;
  void Stop() override { stopped_ = true; }

 private:
  const SyslogOptions options_;
  std::atomic<bool> stopped_ = false;
  std::unique_ptr<net::Outlet> outlet_;  // null: a local socket
};

}  // namespace cloison::sinks

#endif  // CLOISON_SINKS_SYSLOG_H_
