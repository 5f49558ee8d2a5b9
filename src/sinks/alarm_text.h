// An alarm as others read it: one event of OCSF, and a message of syslog around it. No names and no
// persons: an alarm knows none (access/alarms.h).
//
// Threads  pure functions.
// Source   OCSF 1.8.0, class Detection Finding (2004), checked against its schema by
//          tests/outside/run ocsf; RFC 5424; docs/format/alarms.md.
#ifndef CLOISON_SINKS_ALARM_TEXT_H_
#define CLOISON_SINKS_ALARM_TEXT_H_

#include <string>
#include <string_view>

#include "access/alarms.h"

namespace cloison::sinks {

// The same for an alarm however often it is given, and never another's, though numbers begin again
// after a restore: origin, number and time. Origins are of the register.
std::string AlarmUid(const access::Alarm& alarm, std::string_view origin);
// One JSON object, without a line end.
std::string OcsfEvent(const access::Alarm& alarm, std::string_view origin);
// Facility 13 (log audit). The number travels as sequenceId of RFC 5424 section 7.3.1, which goes
// up to kSequenceMax and then begins at 1 again.
inline constexpr std::uint64_t kSequenceMax = 2'147'483'647;
std::string SyslogMessage(const access::Alarm& alarm, std::string_view origin,
                          std::string_view host);

}  // namespace cloison::sinks

#endif  // CLOISON_SINKS_ALARM_TEXT_H_
