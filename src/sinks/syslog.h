// Alarms to syslog (RFC 5424): as datagrams to a socket of this machine, or over TCP, with TLS or
// without, each message preceded by its length (RFC 6587 section 3.4.1, RFC 5425 section 4.3).
//
// Syslog says nothing back: an alarm is given once the system has taken it. A connection is kept,
// and looked at before each alarm and each kSyslogLookMs while there are alarms that were written
// within kSyslogAgainMs. When it has died those are written again to the next one, before what is
// new: nobody knows which of them arrived, so some may come twice, with the same uid. What remains:
// a receiver that takes and does not read for longer, and then dies, loses what it took. That shows
// as a gap of sequenceId.
#ifndef CLOISON_SINKS_SYSLOG_H_
#define CLOISON_SINKS_SYSLOG_H_

#include <atomic>
#include <deque>
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

inline constexpr std::int64_t kSyslogAgainMs = 120'000, kSyslogLookMs = 5'000;
inline constexpr std::size_t kSyslogAgainMax = 256;            // the youngest
static_assert(net::kGoneMs + kSyslogLookMs < kSyslogAgainMs);  // or a machine that vanished is
                                                               // noticed too late

class Syslog final : public Output {
 public:
  Syslog(SyslogOptions options, base::Clock& clock);

  std::string_view name() const override { return "syslog"; }
  Status Give(const access::Alarm& alarm) override;
  Status Look() override;
  std::int64_t look_ms() const override { return lately_.empty() ? INT64_MAX : kSyslogLookMs; }
  void Stop() override { stopped_ = true; }

 private:
  struct Written {
    std::int64_t at_us;
    std::string frame;
  };
  Status Write(std::string_view frame);
  void Forget();  // what is older

  const SyslogOptions options_;
  base::Clock& clock_;
  std::deque<Written> lately_;  // the oldest first
  std::atomic<bool> stopped_ = false;
  std::unique_ptr<net::Outlet> outlet_;  // null: a local socket
};

}  // namespace cloison::sinks

#endif  // CLOISON_SINKS_SYSLOG_H_
