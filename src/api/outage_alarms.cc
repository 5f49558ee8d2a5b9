#include "api/outage_alarms.h"

#include <utility>

#include "identity/principal_name.h"

namespace cloison::api {

static_assert(identity::kAliasBytesMax + access::kWhyLies.size() <= access::kAlarmWhyBytesMax);

namespace {

Task<Status> TellOne(std::string why, access::Alarms alarms, base::Executor& home) {
  access::Alarm alarm;
  alarm.what = access::Alarm::What::kProviderOut;
  alarm.why = std::move(why);
  co_return co_await alarms.Tell(std::move(alarm), home);
}

}  // namespace

Task<Status> OutageAlarms::Tell(std::vector<ProviderTroubles> all, std::int64_t now_ms,
                                access::Alarms alarms, base::Executor& home) {
  for (const ProviderTroubles& one : all) {
    Last& last = last_[one.alias];
    const bool out = one.out || one.failures != last.failures;
    if (!out) last.over = true;
    if (out && last.over && now_ms - last.out_ms >= kOutageQuietMs) {
      CLOISON_CO_TRY(co_await TellOne(one.alias, alarms, home));
      last.out_ms = now_ms;
      last.over = false;
    }
    last.failures = one.failures;
    if (one.lies != last.lies && now_ms - last.lies_ms >= kOutageQuietMs) {
      std::string why = one.alias + std::string(access::kWhyLies);
      CLOISON_CO_TRY(co_await TellOne(std::move(why), alarms, home));
      last.lies_ms = now_ms;
      last.lies = one.lies;
    }
  }
  co_return Ok();
}

}  // namespace cloison::api
