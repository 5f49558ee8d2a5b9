// One alarm for each identity provider that went out of reach or lies, however many calls of it
// fail; another when it does again after it was back, an hour after the last at the earliest: one
// that comes and goes does not drown the rest.
//
// Threads  one caller at a time.
// Source   docs/operate/alarms.md, `provider_out`.
#ifndef CLOISON_API_OUTAGE_ALARMS_H_
#define CLOISON_API_OUTAGE_ALARMS_H_

#include <map>
#include <set>
#include <string>

#include "access/alarms.h"

namespace cloison::api {

inline constexpr std::int64_t kOutageQuietMs = base::kHourMs;

class OutageAlarms {
 public:
  // out: the aliases of those that are out at `now_ms`, of a clock that is never set back. What
  // cannot be written is tried again by the next call that names it. Fails as Alarms::Tell does, at
  // the first that cannot be.
  Task<Status> Tell(std::set<std::string> out, std::int64_t now_ms, access::Alarms alarms,
                    base::Executor& home);

 private:
  struct Last {
    std::int64_t told_ms;
    bool over;  // it has been back since
  };
  std::map<std::string, Last> last_;
};

}  // namespace cloison::api

#endif  // CLOISON_API_OUTAGE_ALARMS_H_
