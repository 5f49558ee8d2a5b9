// An invented access log, the same for the same seed: for trying `cloison assess` and for its
// benchmark. A world like the drill's honest one: agents with caseloads in offices of two
// organisations, working hours on working days of Paris, most looks at one's own people, some at
// strangers, and one account that is stolen near the end.
//
// Threads  one. Cost: 0.3 us a line.
#ifndef CLOISON_ASSESS_EXAMPLE_LOG_H_
#define CLOISON_ASSESS_EXAMPLE_LOG_H_

#include <cstdint>
#include <string>

namespace cloison::assess {

struct ExampleSize {
  std::uint64_t lines = 10'000;
  std::uint64_t seed = 1;
  std::uint32_t agents = 0;  // 0: one for each 2,000 lines, 20 at least
  std::uint32_t people = 0;  // 0: 150 for each agent
  bool caseload = false;     // the column that says who is followed
};

// Lines 0 to lines - 1 in the order of time; any can be made alone.
class ExampleLog {
 public:
  explicit ExampleLog(const ExampleSize& size);
  void AppendHeader(std::string& out) const;
  void AppendLine(std::string& out, std::uint64_t line) const;

 private:
  std::int64_t TimeOf(std::uint64_t line) const;

  ExampleSize size_;
  std::uint64_t per_day_;
};

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_EXAMPLE_LOG_H_
