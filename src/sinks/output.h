// Somebody who is told of alarms: a file, a syslog, a receiver of webhooks.
#ifndef CLOISON_SINKS_OUTPUT_H_
#define CLOISON_SINKS_OUTPUT_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "access/alarms.h"

namespace cloison::sinks {

// How far an output has come: the last alarm that it took.
struct Position {
  std::uint64_t number = 0;
  std::int64_t wall_ms = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

class Output {
 public:
  virtual ~Output() = default;
  virtual std::string_view name() const = 0;
  // What it knows itself of how far it came; nothing: it keeps none of it.
  virtual std::optional<Position> Reached() { return std::nullopt; }
  // Once it returns well the alarm is theirs. kDenied: they refuse this one, and said so; the rest:
  // to be tried again. Threads: one; may block for some seconds.
  virtual Status Give(const access::Alarm& alarm) = 0;
  // Between alarms, and at the latest look_ms() after the last of these: sees whether what was
  // given lately is still on its way, and gives again what may be lost. Threads: as Give. Fails as
  // Give.
  virtual Status Look() { return Ok(); }
  virtual std::int64_t look_ms() const { return INT64_MAX; }
  // Give ends soon, and those that come. Threads: any.
  virtual void Stop() {}
};

}  // namespace cloison::sinks

#endif  // CLOISON_SINKS_OUTPUT_H_
