// Places of birth and of living: the communes of France by their INSEE code, and countries of
// birth.
//
// Source   src/ingest/data/communes.txt (INSEE and La Poste, packed by Etalab, Licence Ouverte 2.0;
//          tools/communes makes it). Countries: INSEE's codes; how many people of France were born
//          in each is rounded from INSEE, recensement 2021, by hand.
#ifndef CLOISON_INGEST_INTERNAL_PLACES_H_
#define CLOISON_INGEST_INTERNAL_PLACES_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace cloison::ingest::internal {

struct Place {
  std::string_view code;       // five characters: 31555, 2A004, 97411, 99352
  std::string_view name;       // of the commune or the country
  std::string_view postcodes;  // one or more, a space between; empty: a country
  std::uint32_t people = 0;

  bool abroad() const { return postcodes.empty(); }
};

// Places with the running sum of their people. Borrows the texts.
// Threads  const use from any.
class PlaceTable {
 public:
  explicit PlaceTable(std::vector<Place> places);
  std::span<const Place> places() const { return places_; }
  std::uint64_t people() const { return people_before_.back(); }
  // How many live or were born in places before this one.
  std::uint64_t PeopleBefore(std::size_t place) const { return people_before_[place]; }
  // The place of the nth of all people. n below people().
  std::size_t PlaceOf(std::uint64_t n) const;

 private:
  std::vector<Place> places_;
  std::vector<std::uint64_t> people_before_;
};

// Communes and countries: where people are born. Communes alone: where they live.
const PlaceTable& BirthPlaces();
const PlaceTable& Communes();

// The code of a place as births of a year were coded: Corsica was 20 before 1976; Algeria,
// Morocco and Tunisia were 91 to 96 before their independence (`spread` chooses among Algeria's
// four). Two codes of one year are never one. Source: INSEE, code officiel geographique.
struct BirthCode {
  char text[5];
  std::string_view view() const { return {text, sizeof text}; }
};
BirthCode BirthCodeOf(const Place& place, int year, std::uint64_t spread);

}  // namespace cloison::ingest::internal

#endif  // CLOISON_INGEST_INTERNAL_PLACES_H_
