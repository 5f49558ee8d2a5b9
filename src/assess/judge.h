// What a budget would have said of an account's accesses, one by one: allowed, or the cap that
// refuses. Decides as access::Windows does (a refused access is no showing and counts nowhere), at
// O(1) an access; a property test holds the two together.
//
// Threads  one. Cost: 0.1 us.
#ifndef CLOISON_ASSESS_JUDGE_H_
#define CLOISON_ASSESS_JUDGE_H_

#include <array>
#include <optional>
#include <unordered_map>

#include "assess/sliding_people.h"

namespace cloison::assess {

// Which counters a showing counts in.
access::CounterSet CountersOf(bool opens, bool sensitive, bool off_caseload);

class Judge {
 public:
  // Shows `person` (a small number of the caller's) if all caps allow it; else what refused.
  std::optional<access::Spent> Show(const access::Caps& caps, std::int64_t now_ms,
                                    std::uint32_t person, access::CounterSet counters);
  // Another account.
  void Clear();

 private:
  std::array<SlidingPeople, access::kCounters> shown_;
  // Few of an account's people are ever shown under a budget: they get numbers of their own.
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;
};

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_JUDGE_H_
