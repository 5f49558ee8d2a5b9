// The count of distinct people in each window, as showings come: what access::Windows counts, in
// O(1) a showing however many people there are. Of one account and one counter.
//
// A person's latest showing stands in a queue; each window has a place in the queue, and whoever's
// latest showing lies before it is no longer in the window. A property test holds it against
// access::Windows.
//
// Times never go back. Threads: one. Memory: 16 bytes per showing of the last 31 days that is its
// person's latest, and as much again.
#ifndef CLOISON_ASSESS_SLIDING_PEOPLE_H_
#define CLOISON_ASSESS_SLIDING_PEOPLE_H_

#include <array>
#include <cstdint>
#include <vector>

#include "access/windows.h"

namespace cloison::assess {

class SlidingPeople {
 public:
  using Counts = std::array<std::uint32_t, access::kWindows>;

  // Lets time pass: people whose latest showing is before now - W leave the window W.
  void Advance(std::int64_t now_ms);
  // After Advance: how many are in each window, and whether this one is.
  const Counts& counts() const { return counts_; }
  bool IsIn(std::size_t window, std::uint32_t person) const {
    return person < latest_.size() && latest_[person] != 0 && latest_[person] > passed_[window];
  }
  // A person (a small number of the caller's) is shown now.
  void Show(std::int64_t now_ms, std::uint32_t person);
  void Clear();

 private:
  struct Shown {
    std::int64_t at_ms;
    std::uint32_t person;
  };
  void Compact();

  // Showings have numbers from 1; queue_[i] is number first_ + i.
  std::vector<Shown> queue_;
  std::uint64_t first_ = 1;
  std::vector<std::uint64_t> latest_;                     // number of it; 0: none
  std::array<std::uint64_t, access::kWindows> passed_{};  // all up to this number are out
  Counts counts_{};
};

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_SLIDING_PEOPLE_H_
