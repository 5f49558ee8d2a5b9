// Who one principal was shown, by SeenId: one memory access for a look-up, where a map of nodes has
// three. The committer looks some up for every showing, and nothing of them is in a cache.
//
// Open addressing, linear probing, seven eighths of the places used at most; what is taken out
// closes the gap behind it (Knuth, The Art of Computer Programming, volume 3, 6.4 algorithm R).
// SeenIds are PRFs: their first 8 bytes are spread evenly as they are, and say which of as many
// parts is home as there are places (Lemire, "Fast random integer generation in an interval",
// 2019).
//
// Threads  as of a std::map. Memory: 64 bytes a place.
#ifndef CLOISON_ACCESS_SEEN_TABLE_H_
#define CLOISON_ACCESS_SEEN_TABLE_H_

#include <vector>

#include "access/seen.h"

namespace cloison::access {

class SeenTable {
 public:
  // Null: unknown. Valid until the table changes.
  const Seen* Find(const SeenId& who) const {
    if (places_.empty()) return nullptr;
    const Place& place = places_[PlaceOf(who)];
    return place.used() ? &place.seen : nullptr;
  }
  // Asks for the memory that Find will look at, and does not wait for it.
  void Expect(const SeenId& who) const {
    if (!places_.empty()) __builtin_prefetch(&places_[HomeOf(who)]);
  }
  // A new one was never shown. No time of it may be below 0. `who` does not lie in the table, which
  // may grow.
  Seen& At(const SeenId& who);
  void Erase(const SeenId& who);  // who must be known
  // Room for as many in all, and no more than that: growing gives half as much again.
  void Reserve(std::size_t people);

  std::size_t size() const { return used_; }
  // Calls `each` with every one, in no order, as long as it gives true.
  template <class Each>
  void ForEach(Each&& each) const {
    for (const Place& place : places_) {
      if (place.used() && !each(place.who, place.seen)) return;
    }
  }

 private:
  static constexpr std::int64_t kFree = -1;  // no time of a showing
  struct alignas(64) Place {
    SeenId who{};
    Seen seen{{kFree}, {}};
    bool used() const { return seen.times[0] != kFree; }
  };
  static_assert(sizeof(Place) == 64);

  std::size_t HomeOf(const SeenId& who) const {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>(Wide{SeenIdHash{}(who)} * places_.size() >> 64);
  }
  std::size_t After(std::size_t at) const { return at + 1 == places_.size() ? 0 : at + 1; }
  std::size_t PlaceOf(const SeenId& who) const;  // where it is, or would go
  void Resize(std::size_t places);

  std::vector<Place> places_;
  std::size_t used_ = 0;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_SEEN_TABLE_H_
