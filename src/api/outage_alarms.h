// One alarm for each identity provider that went out of reach, however many calls of it fail;
// another when it does again after it was back. One for each that lies, and another for what it
// lied since. Each kind an hour after its last at the earliest: one that comes and goes does not
// drown the rest, and an outage hides no lie.
//
// Threads  one caller at a time.
// Source   docs/operate/alarms.md, `provider_out`.
#ifndef CLOISON_API_OUTAGE_ALARMS_H_
#define CLOISON_API_OUTAGE_ALARMS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "access/alarms.h"

namespace cloison::api {

inline constexpr std::int64_t kOutageQuietMs = base::kHourMs;

// What was met at one provider until now.
struct ProviderTroubles {
  std::string alias;
  bool out = false;            // now
  std::uint64_t failures = 0;  // since the start: how often it was found out of reach
  std::uint64_t lies = 0;      // since the start
};

class OutageAlarms {
 public:
  // `all`: each provider, at `now_ms`, of a clock that is never set back. Who was out between two
  // calls alone was out; lies that come too soon are told when they may be. What cannot be written
  // is tried again by the next call. Fails as Alarms::Tell does, at the first that cannot be.
  Task<Status> Tell(std::vector<ProviderTroubles> all, std::int64_t now_ms, access::Alarms alarms,
                    base::Executor& home);

 private:
  static constexpr std::int64_t kNever = INT64_MIN / 2;
  struct Last {
    std::int64_t out_ms = kNever, lies_ms = kNever;  // when each was told
    bool over = true;                                // it has been back since out_ms
    std::uint64_t failures = 0;                      // that were seen
    std::uint64_t lies = 0;                          // that were told
  };
  std::map<std::string, Last> last_;  // by alias
};

}  // namespace cloison::api

#endif  // CLOISON_API_OUTAGE_ALARMS_H_
