// Who person i is, as a civil register would say: sex, year, month and place of birth, the order
// number there, and the household. Person i is made alone, in any order, and no two people of one
// seed have the same sex, year, month, place and order: by construction, without a list.
//
// How. Every sex and year of birth is a layer of slots, as many as the age pyramid gives it; a slot
// is a place, a month and an order number, and each place has its share of a layer. A layer is cut
// into the roles people have in households (single, partner, parent, child ...), as large as their
// share at that age. So a role is a line of slots from the oldest to the youngest. People come in
// groups of 24, each with the same households; the nth household of a kind takes the nth place of a
// permutation of its role's line. Who belongs together takes the same place of another role's line,
// moved within five years: partners are of about one age, a child is some 30 years younger. All of
// these steps are one-to-one, so the whole is.
//
// Threads  const use from any. Cost: 0.2 us a seat; 10 KB.
// Source   Shares of ages: INSEE, pyramide des ages 2025, rounded; of households: INSEE,
//          recensement 2021 (couples, families, people alone), rounded to groups of 24.
#ifndef CLOISON_INGEST_INTERNAL_POPULATION_H_
#define CLOISON_INGEST_INTERNAL_POPULATION_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "ingest/internal/permutation.h"
#include "ingest/internal/places.h"

namespace cloison::ingest::internal {

inline constexpr int kThisYear = 2025;  // ages are those of its last day
inline constexpr std::size_t kGroupPeople = 24;
inline constexpr std::uint64_t kOrdersMax = 999;

enum class Role : std::uint8_t { kChild, kFamily, kLone, kCouple, kSingle };
inline constexpr std::size_t kRoles = 5;

// Up to this age: people of that age (thousands) and how many of 1,000 have each role; singles are
// the rest. Lone parents of the world are women.
struct AgeBand {
  int age_max;
  std::uint32_t people;
  std::uint32_t child, family, lone, couple;
};

struct Profile {
  int age_min;
  std::span<const AgeBand> bands;
  // Households of each group: families have two children; this many lone parents' children.
  std::uint32_t families, lone_children, couples, singles;
};
const Profile& JobSeekersProfile();      // 16 to 84: who was registered in the last twenty years
const Profile& InsuredPersonsProfile();  // 0 to 99

// What a NIR says of a birth.
struct Seat {
  const Place* place;
  bool woman;
  int year;
  int month;             // 1 to 12
  std::uint64_t order;   // 1 to 999
  std::uint64_t spread;  // even bits that belong to the seat
};

// Where person i stands: household `household` is the number of its first person.
struct Standing {
  std::uint64_t household;
  Role role;              // of the household: never kChild
  std::uint8_t rank;      // in the household: 0 the first, then the partner, then children
  std::uint8_t children;  // of the household, in this register
  std::uint64_t nth;      // household of its kind
};

class Population {
 public:
  // `places` outlives it. At least 2,000 groups; every layer must fit the order numbers, which
  // 3,000,000 groups and the places of France do.
  Population(std::uint64_t seed, const Profile& profile, const PlaceTable& places,
             std::uint64_t groups);
  std::uint64_t people() const { return groups_ * kGroupPeople; }
  Standing StandingOf(std::uint64_t person) const;
  Seat SeatOf(std::uint64_t person) const;

 private:
  struct Layer {
    int year;
    std::uint64_t slots;
    std::array<std::uint64_t, kRoles> begin;  // of each role in the layer
  };
  // The line of a role and sex: where each layer begins in it, from the oldest.
  struct Line {
    std::vector<std::uint64_t> before;
    std::uint64_t window = 0;  // about five years of it
    std::uint64_t size() const { return before.back(); }
  };

  void CutLayers();
  void CheckRoom() const;
  const Line& LineOf(Role role, bool woman) const;
  // The slot at `place` of a line, moved within its window when `moved`.
  Seat Take(Role role, bool woman, std::uint64_t place, bool moved) const;
  Seat SeatIn(const Layer& layer, bool woman, std::uint64_t slot) const;
  Seat ChildSeat(const Standing& standing, std::uint64_t among) const;

  std::uint64_t seed_;
  const Profile& profile_;
  const PlaceTable& places_;
  std::uint64_t groups_;
  std::array<std::vector<Layer>, 2> layers_;  // men, women; from the oldest
  std::array<std::array<Line, kRoles>, 2> lines_;
};

}  // namespace cloison::ingest::internal

#endif  // CLOISON_INGEST_INTERNAL_POPULATION_H_
