// From what the thieves of a live drill were shown to one report. Counting alone: no server.
//
// Threads  pure.
#ifndef CLOISON_DRILL_LIVE_REPORT_H_
#define CLOISON_DRILL_LIVE_REPORT_H_

#include <span>
#include <vector>

#include "drill/drill.h"
#include "drill/live_scope.h"
#include "drill/live_thief.h"

namespace cloison::drill {

// Of one account; times are since the run began.
struct LiveBook {
  const Book* book = nullptr;
  std::uint64_t unanswered = 0;  // requests
  access::Caps caps;             // as the server stated them before the run
  Tally tally;
  std::vector<LiveRung> rungs;
  std::uint64_t strangers_opened = 0;
  LiveScope scope;
};

// `whole_ms`: how long the run took, its last answer included. What of `facts` is counted from the
// books is set here.
Report SummariseLive(std::span<const LiveBook> books, std::int64_t whole_ms, LiveFacts facts);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_LIVE_REPORT_H_
