#include "api/outage_alarms.h"

#include <utility>

#include "identity/principal_name.h"

namespace cloison::api {

static_assert(identity::kAliasBytesMax <= access::kAlarmWhyBytesMax);

Task<Status> OutageAlarms::Tell(std::set<std::string> out, std::int64_t now_ms,
                                access::Alarms alarms, base::Executor& home) {
  for (auto& [alias, last] : last_) last.over = last.over || !out.contains(alias);
  for (const std::string& alias : out) {
    const auto last = last_.find(alias);
    const bool again = last == last_.end() ||
                       (last->second.over && now_ms - last->second.told_ms >= kOutageQuietMs);
    if (!again) continue;
    access::Alarm alarm;
    alarm.what = access::Alarm::What::kProviderOut;
    alarm.why = alias;
    CLOISON_CO_TRY(co_await alarms.Tell(std::move(alarm), home));
    last_.insert_or_assign(alias, Last{now_ms, false});
  }
  co_return Ok();
}

}  // namespace cloison::api
