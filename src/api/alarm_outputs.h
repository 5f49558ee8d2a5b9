// Where alarms are delivered to, as far as it is told: which outputs there are, and how far each
// is.
#ifndef CLOISON_API_ALARM_OUTPUTS_H_
#define CLOISON_API_ALARM_OUTPUTS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace cloison::api {

struct AlarmOutput {
  std::string name;             // "ocsf_file", "syslog", "webhook"
  std::uint64_t delivered = 0;  // all up to this number, but those set aside
  std::uint64_t set_aside = 0;  // how many it refused again and again
  bool failing = false;         // the last try
  std::string key;              // what its receiver checks signatures with; "": it signs nothing
};

// Threads: any.
class AlarmOutputs {
 public:
  virtual ~AlarmOutputs() = default;
  virtual std::vector<AlarmOutput> Standings() const = 0;
};

}  // namespace cloison::api

#endif  // CLOISON_API_ALARM_OUTPUTS_H_
