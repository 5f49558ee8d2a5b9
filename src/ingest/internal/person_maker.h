// What people of a household share and what each has alone: names, numbers, homes. Both registers'
// records are written from it.
//
// Threads  const use from any.
#ifndef CLOISON_INGEST_INTERNAL_PERSON_MAKER_H_
#define CLOISON_INGEST_INTERNAL_PERSON_MAKER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/internal/draws.h"
#include "ingest/internal/population.h"
#include "ingest/internal/surnames.h"
#include "text/date.h"

namespace cloison::ingest::internal {

struct Identity {
  std::uint64_t index;
  Standing standing;
  Seat seat;
  text::Date born;
  std::string birth_name, name_in_use, first_name, other_first_names;  // some are empty

  int age() const { return kThisYear - seat.year; }
};

struct Home {
  std::string line_1, line_2, postcode, city, fixed_line;
};

class PersonMaker {
 public:
  // Both outlive it.
  PersonMaker(std::uint64_t seed, const Population& population);

  Identity IdentityOf(std::uint64_t index) const;
  Home HomeOf(const Identity& person) const;
  // 13 characters and the key.
  std::string NirOf(const Seat& seat) const;
  std::string NirOfHead(const Identity& person) const;
  // 8 characters or 11 digits; never one twice.
  std::string AgencyIdOf(std::uint64_t index) const;
  std::string EmailOf(const Identity& person, Draws& draws) const;
  std::string MobileOf(Draws& draws) const;
  std::string IbanOf(Draws& draws) const;
  Draws DrawsOf(std::uint64_t index) const { return Draws(seed_ ^ Mix(index)); }

 private:
  struct Name {
    Origin origin;
    std::string text;
  };
  Name SurnameOf(const Seat& adult) const;
  Name ChildSurname(const Standing& standing, std::uint64_t index) const;
  std::string NameInUse(const Identity& person, Draws& draws) const;

  std::uint64_t seed_;
  const Population& population_;
};

// Of a name of the lists: lower case without accents, a space for what is no letter.
std::string PlainName(std::string_view name);
// Decimal, zeros ahead.
std::string Digits(std::uint64_t value, std::size_t width);

}  // namespace cloison::ingest::internal

#endif  // CLOISON_INGEST_INTERNAL_PERSON_MAKER_H_
