#include "ingest/internal/population.h"

#include <algorithm>

#include "base/check.h"

namespace cloison::ingest::internal {
namespace {

constexpr std::uint64_t kSlotsOfGroup = 28;  // for 24 people: no role runs out
constexpr std::uint64_t kWindowYears = 5;
constexpr std::uint64_t kMonths = 12;

// age up to, thousands of people; of 1,000: child, family, lone (women), couple
constexpr AgeBand kJobSeekers[] = {
    {19, 830, 850, 0, 0, 10},    {24, 830, 600, 0, 0, 120}, {29, 790, 200, 0, 0, 400},
    {34, 790, 0, 0, 0, 560},     {42, 850, 0, 0, 0, 560},   {44, 850, 0, 260, 260, 420},
    {62, 870, 0, 260, 260, 420}, {64, 870, 0, 0, 0, 640},   {74, 790, 0, 0, 0, 640},
    {79, 640, 0, 0, 0, 640},     {84, 430, 0, 0, 0, 640}};
constexpr AgeBand kInsuredPersons[] = {
    {4, 680, 1'000, 0, 0, 0},    {9, 760, 1'000, 0, 0, 0},    {17, 830, 1'000, 0, 0, 0},
    {22, 830, 600, 0, 0, 120},   {24, 830, 250, 0, 0, 250},   {25, 790, 250, 0, 0, 250},
    {29, 790, 0, 0, 0, 250},     {34, 790, 0, 480, 250, 200}, {44, 850, 0, 480, 250, 200},
    {55, 870, 0, 480, 250, 200}, {64, 870, 0, 0, 0, 620},     {74, 790, 0, 0, 0, 620},
    {79, 640, 0, 0, 0, 620},     {84, 430, 0, 0, 0, 620},     {89, 300, 0, 0, 0, 620},
    {94, 170, 0, 0, 0, 620},     {99, 50, 0, 0, 0, 620}};

// Floored. No overflow: slots of a line and people of a country are below 2^30.
std::uint64_t Scaled(std::uint64_t value, std::uint64_t share, std::uint64_t whole) {
  return value * share / whole;
}

}  // namespace

const Profile& JobSeekersProfile() {
  static constexpr Profile profile{16, kJobSeekers, 1, 1, 6, 6};
  return profile;
}

const Profile& InsuredPersonsProfile() {
  static constexpr Profile profile{0, kInsuredPersons, 2, 2, 4, 5};
  return profile;
}

Population::Population(std::uint64_t seed, const Profile& profile, const PlaceTable& places,
                       std::uint64_t groups)
    : seed_(Mix(seed)), profile_(profile), places_(places), groups_(groups) {
  CLOISON_CHECK(groups >= 2'000);
  CutLayers();
  CheckRoom();
}

void Population::CutLayers() {
  std::vector<const AgeBand*> ages;  // of each age from the youngest
  std::uint64_t weight = 0;
  for (const AgeBand& band : profile_.bands) {
    const int years = band.age_max - profile_.age_min + 1;
    while (static_cast<int>(ages.size()) < years) {
      ages.push_back(&band);
      weight += band.people;
    }
  }
  for (const bool woman : {false, true}) {
    std::array<Line, kRoles>& lines = lines_[woman ? 1 : 0];
    std::array<std::uint64_t, kRoles> years{};
    for (Line& line : lines) line.before.push_back(0);
    for (std::size_t i = ages.size(); i-- > 0;) {
      const AgeBand& band = *ages[i];
      const std::array<std::uint64_t, kRoles - 1> shares = {band.child, band.family,
                                                            woman ? band.lone : 0, band.couple};
      Layer layer{kThisYear - profile_.age_min - static_cast<int>(i),
                  Scaled(groups_ * kSlotsOfGroup, band.people, 2 * weight),
                  {}};
      for (std::size_t role = 0; role < kRoles; ++role) {
        const std::uint64_t begin = layer.begin[role];
        const std::uint64_t end =
            role + 1 < kRoles ? begin + layer.slots * shares[role] / 1'000 : layer.slots;
        if (role + 1 < kRoles) layer.begin[role + 1] = end;
        lines[role].before.push_back(lines[role].size() + end - begin);
        years[role] += end > begin ? 1 : 0;
      }
      layers_[woman ? 1 : 0].push_back(layer);
    }
    for (std::size_t role = 0; role < kRoles; ++role) {
      const std::uint64_t window =
          lines[role].size() * kWindowYears / std::max<std::uint64_t>(1, years[role]);
      lines[role].window = std::max<std::uint64_t>(2, window);
    }
  }
}

// What makes every step one-to-one: no line is shorter than the places that are asked of it, and no
// place has more births in a month than order numbers.
void Population::CheckRoom() const {
  const std::uint64_t half = (groups_ + 1) / 2;
  const std::uint64_t children = 2 * profile_.families + profile_.lone_children;
  std::uint32_t most = 0;
  for (const Place& place : places_.places()) most = std::max(most, place.people);
  for (const bool woman : {false, true}) {
    CLOISON_CHECK(LineOf(Role::kChild, woman).size() / children >= half);
    CLOISON_CHECK(LineOf(Role::kFamily, woman).size() >= groups_ * profile_.families);
    CLOISON_CHECK(LineOf(Role::kCouple, woman).size() >= groups_ * profile_.couples);
    CLOISON_CHECK(LineOf(Role::kSingle, woman).size() >= (groups_ * profile_.singles + 1) / 2);
    for (const Layer& layer : layers_[woman ? 1 : 0]) {
      CLOISON_CHECK(Scaled(layer.slots, most, places_.people()) < kMonths * (kOrdersMax - 1));
    }
  }
  CLOISON_CHECK(LineOf(Role::kLone, true).size() >= groups_);
}

const Population::Line& Population::LineOf(Role role, bool woman) const {
  return lines_[woman ? 1 : 0][static_cast<std::size_t>(role)];
}

// A group is its families (two parents, two children each), a lone parent with children, couples,
// people alone.
Standing Population::StandingOf(std::uint64_t person) const {
  CLOISON_CHECK(person < people());
  struct Kind {
    Role role;
    std::uint64_t size, count, children;
  };
  const Kind kinds[] = {{Role::kFamily, 4, profile_.families, 2},
                        {Role::kLone, 1 + profile_.lone_children, 1, profile_.lone_children},
                        {Role::kCouple, 2, profile_.couples, 0},
                        {Role::kSingle, 1, profile_.singles, 0}};
  std::uint64_t at = person % kGroupPeople;
  const std::uint64_t group = person / kGroupPeople;
  for (const Kind& kind : kinds) {
    if (at >= kind.size * kind.count) {
      at -= kind.size * kind.count;
      continue;
    }
    return {person - at % kind.size, kind.role, static_cast<std::uint8_t>(at % kind.size),
            static_cast<std::uint8_t>(kind.children), group * kind.count + at / kind.size};
  }
  CLOISON_CHECK(false);
  return {};
}

Seat Population::SeatOf(std::uint64_t person) const {
  const Standing standing = StandingOf(person);
  const Role role = standing.role;
  bool woman = role == Role::kLone || standing.rank == 1;
  std::uint64_t all = groups_, nth = standing.nth;
  if (role == Role::kFamily) all *= profile_.families;
  if (role == Role::kCouple) all *= profile_.couples;
  if (role == Role::kSingle) {  // every other one is a woman
    all = (all * profile_.singles + 1) / 2;
    woman = nth % 2 == 1;
    nth /= 2;
  }
  const std::uint64_t key = seed_ ^ Mix(1 + static_cast<std::uint64_t>(role));
  const std::uint64_t among = Permutation(all, key).Of(nth);
  const std::uint8_t adults = role == Role::kFamily || role == Role::kCouple ? 2 : 1;
  if (standing.rank >= adults) return ChildSeat(standing, among);
  const std::uint64_t place = Scaled(among, LineOf(role, woman).size(), all);
  return Take(role, woman, place, standing.rank == 1);
}

// The children's line is dealt out in turn to the children that a group has; two groups share a
// place of it, one of each sex.
Seat Population::ChildSeat(const Standing& standing, std::uint64_t among) const {
  const std::uint64_t families = profile_.families;
  const bool lone = standing.role == Role::kLone;
  const std::uint64_t child = standing.rank - (lone ? 1u : 2u), pair = among / 2;
  const bool woman = (among + child) % 2 == 1;
  const std::uint64_t turns = 2 * families + profile_.lone_children, half = (groups_ + 1) / 2;
  const std::uint64_t turn = lone ? 2 * families + child : families * child + pair % families;
  const std::uint64_t place = lone ? pair : pair / families;
  const std::uint64_t round = Scaled(place, LineOf(Role::kChild, woman).size() / turns, half);
  return Take(Role::kChild, woman, round * turns + turn, true);
}

Seat Population::Take(Role role, bool woman, std::uint64_t place, bool moved) const {
  const Line& line = LineOf(role, woman);
  const std::uint64_t block = place / line.window;
  if (moved && (block + 1) * line.window <= line.size()) {
    const std::uint64_t key = Mix(seed_ ^ Mix(64 + 2 * static_cast<std::uint64_t>(role) + woman));
    const Permutation inside(line.window, key ^ Mix(block));
    place = block * line.window + inside.Of(place - block * line.window);
  }
  const auto after = std::upper_bound(line.before.begin(), line.before.end(), place);
  const auto year = static_cast<std::size_t>(after - line.before.begin()) - 1;
  const Layer& layer = layers_[woman ? 1 : 0][year];
  const std::uint64_t in_layer =
      layer.begin[static_cast<std::size_t>(role)] + place - line.before[year];
  const std::uint64_t key = Mix(seed_ ^ Mix(static_cast<std::uint64_t>(2 * layer.year + woman)));
  return SeatIn(layer, woman, Permutation(layer.slots, key).Of(in_layer));
}

// Place p has the slots from its first person's to the next place's, in proportion; months are
// dealt in turn from one that the place and year choose.
Seat Population::SeatIn(const Layer& layer, bool woman, std::uint64_t slot) const {
  const std::uint64_t all = places_.people();
  const std::size_t place = places_.PlaceOf(((slot + 1) * all - 1) / layer.slots);
  const std::uint64_t inside = slot - Scaled(places_.PeopleBefore(place), layer.slots, all);
  const std::uint64_t start = Mix(seed_ ^ Mix(place * 4'096 + static_cast<unsigned>(layer.year)));
  Seat seat{&places_.places()[place], woman, layer.year, 0, 0, 0};
  seat.month = 1 + static_cast<int>((start % kMonths + inside) % kMonths);
  seat.order = 1 + inside / kMonths;
  seat.spread = Mix(start ^ Mix(slot * 2 + woman));
  CLOISON_CHECK(seat.order <= kOrdersMax);
  return seat;
}

}  // namespace cloison::ingest::internal
