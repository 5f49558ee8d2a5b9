// GET /v1/alarms, /v1/alarms/stream, /v1/alarms/outputs, POST /v1/alarms:test: what an operator
// must hear of.
#ifndef CLOISON_API_INTERNAL_ALARM_OPERATIONS_H_
#define CLOISON_API_INTERNAL_ALARM_OPERATIONS_H_

#include "api/internal/call.h"

namespace cloison::api::internal {

// How long an answer of the stream waits for the next alarm.
inline constexpr std::int64_t kStreamWaitMs = 5'000;

Task<net::Response> ListAlarms(Call& call);
// Server-sent events, each answer a piece of the stream: those above Last-Event-ID at once, or the
// next one as soon as it is durable, or after kStreamWaitMs a comment. Whoever follows asks again
// on the same connection, with the number of the last, as browsers do by themselves. So nobody who
// reads slowly holds anything of the server's, and whoever may hear is asked again each time.
Task<net::Response> StreamAlarms(Call& call);
Task<net::Response> ListAlarmOutputs(Call& call);
Task<net::Response> TestAlarm(Call& call);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_ALARM_OPERATIONS_H_
