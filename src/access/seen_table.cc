#include "access/seen_table.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace cloison::access {

namespace {

constexpr std::size_t kFirstPlaces = 8;

std::size_t PlacesFor(std::size_t people) {
  return people * 8 / 7 + 1;
}

}  // namespace

std::size_t SeenTable::PlaceOf(const SeenId& who) const {
  std::size_t at = HomeOf(who);
  while (places_[at].used() && places_[at].who != who) at = After(at);
  return at;
}

void SeenTable::Resize(std::size_t places) {
  const std::vector<Place> before = std::exchange(places_, std::vector<Place>(places));
  for (const Place& place : before) {
    if (place.used()) places_[PlaceOf(place.who)] = place;
  }
}

void SeenTable::Reserve(std::size_t people) {
  const std::size_t places = PlacesFor(people);
  if (people > 0 && places > places_.size()) Resize(places);
}

Seen& SeenTable::At(const SeenId& who) {
  const std::size_t least = PlacesFor(used_ + 1);
  if (least > places_.size()) Resize(std::max({least, kFirstPlaces, places_.size() * 3 / 2}));
  Place& place = places_[PlaceOf(who)];
  if (!place.used()) {
    place = Place{who, Seen{}};
    ++used_;
  }
  return place.seen;
}

void SeenTable::Erase(const SeenId& who) {
  CLOISON_CHECK(used_ > 0);
  const auto distance = [this](std::size_t from, std::size_t to) {
    return to >= from ? to - from : to + places_.size() - from;
  };
  std::size_t gap = PlaceOf(who);
  CLOISON_CHECK(places_[gap].used());
  --used_;
  // Whoever stands behind a gap and is at home before it, or in it, would not be found any more.
  for (std::size_t at = After(gap); places_[at].used(); at = After(at)) {
    if (distance(HomeOf(places_[at].who), at) < distance(gap, at)) continue;
    places_[gap] = places_[at];
    gap = at;
  }
  places_[gap] = Place{};
}

}  // namespace cloison::access
