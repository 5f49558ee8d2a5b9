#include "access/seen_table.h"

#include <utility>

#include "base/check.h"

namespace cloison::access {

namespace {
constexpr std::size_t kFirstPlaces = 8;
}  // namespace

std::size_t SeenTable::PlaceOf(const SeenId& who) const {
  std::size_t at = HomeOf(who);
  while (places_[at].used() && places_[at].who != who) at = (at + 1) & mask();
  return at;
}

void SeenTable::Grow() {
  std::vector<Place> before = std::exchange(places_, {});
  places_.resize(before.empty() ? kFirstPlaces : 2 * before.size());
  for (const Place& place : before) {
    if (place.used()) places_[PlaceOf(place.who)] = place;
  }
}

Seen& SeenTable::At(const SeenId& who) {
  if (8 * (used_ + 1) > 7 * places_.size()) Grow();
  Place& place = places_[PlaceOf(who)];
  if (!place.used()) {
    place = Place{who, Seen{}};
    ++used_;
  }
  return place.seen;
}

void SeenTable::Erase(const SeenId& who) {
  CLOISON_CHECK(used_ > 0);
  std::size_t gap = PlaceOf(who);
  CLOISON_CHECK(places_[gap].used());
  --used_;
  // Whoever stands behind a gap and is at home before it, or in it, would not be found any more.
  for (std::size_t at = (gap + 1) & mask(); places_[at].used(); at = (at + 1) & mask()) {
    const std::size_t from_home = (at - HomeOf(places_[at].who)) & mask();
    if (from_home < ((at - gap) & mask())) continue;
    places_[gap] = places_[at];
    gap = at;
  }
  places_[gap] = Place{};
}

}  // namespace cloison::access
