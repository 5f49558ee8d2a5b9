#include "ingest/internal/person_maker.h"

#include <algorithm>

#include "base/check.h"
#include "ingest/internal/names.h"
#include "text/nir.h"

namespace cloison::ingest::internal {
namespace {

// Ten thousand numbers each, by the zone of the numbering plan.
constexpr std::string_view kFictionMobile = "06 39 98";
constexpr std::string_view kFictionFixed[] = {"01 99 00", "02 61 91", "03 53 01", "04 65 71",
                                              "05 36 49"};
// The departments of zones 1, 2, 3 and 5; all others are of zone 4. Source: Arcep.
constexpr std::string_view kZones[] = {
    "75 77 78 91 92 93 94 95", "14 18 22 27 28 29 35 36 37 41 44 45 49 50 53 56 61 72 76 85",
    "02 08 10 21 25 39 51 52 54 55 57 58 59 60 62 67 68 70 71 80 88 89 90", "",
    "09 12 16 17 19 23 24 31 32 33 40 46 47 64 65 79 81 82 86 87 97"};
constexpr std::string_view kDomains[] = {"example.org", "example.com", "example.net"};
constexpr std::string_view kBankCode = "99998";  // given to no bank
constexpr std::uint64_t kShortIds = 10'000'000ull * 26, kLongIds = 100'000'000'000ull;
constexpr std::size_t kEmailNameLetters = 20;
constexpr std::size_t kCityCharacters = 32;  // a line of 38 holds a postcode and a space too

// In percent.
constexpr std::uint64_t kForeignNameAbroad = 80, kForeignNameHome = 8;
constexpr std::uint64_t kStayedHome = 55;

// Decimal digits modulo 97.
std::uint64_t Mod97(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char digit : digits) value = (value * 10 + static_cast<unsigned>(digit - '0')) % 97;
  return value;
}

std::string Phone(std::string_view block, std::uint64_t number) {
  std::string phone(block);
  phone += ' ';
  phone += Digits(number / 100, 2);
  phone += ' ';
  return phone += Digits(number % 100, 2);
}

std::string_view FixedBlock(std::string_view commune) {
  for (std::size_t zone = 0; zone < std::size(kZones); ++zone) {
    if (kZones[zone].find(commune.substr(0, 2)) != std::string_view::npos) {
      return kFictionFixed[zone];
    }
  }
  return kFictionFixed[3];
}

// A city of arrondissements is addressed by its name and postcode. Names too long for a line lose
// their last words, as La Poste's do.
std::string CityOf(const Place& place) {
  const std::size_t divided = place.name.find("Arrondissement");
  if (divided != std::string_view::npos) {
    return std::string(place.name.substr(0, place.name.find(' ')));
  }
  std::string city(place.name);
  while (std::count_if(city.begin(), city.end(), [](char c) { return (c & 0xc0) != 0x80; }) >
         static_cast<std::ptrdiff_t>(kCityCharacters)) {
    city.resize(city.find_last_of(" -'"));
    city.resize(city.find_last_not_of(" -") + 1);
  }
  return city;
}

std::string Joined(std::string_view first, std::string_view second) {
  std::string both(first);
  both += '-';
  return both += second;
}

}  // namespace

std::string PlainName(std::string_view name) {
  struct Letter {
    std::string_view from;
    char to;
  };
  static constexpr Letter kLetters[] = {
      {"é", 'e'}, {"è", 'e'}, {"ê", 'e'}, {"ë", 'e'}, {"É", 'e'}, {"à", 'a'}, {"â", 'a'},
      {"ã", 'a'}, {"ï", 'i'}, {"î", 'i'}, {"í", 'i'}, {"ı", 'i'}, {"ô", 'o'}, {"ö", 'o'},
      {"ó", 'o'}, {"Ö", 'o'}, {"û", 'u'}, {"ü", 'u'}, {"ú", 'u'}, {"á", 'a'}, {"ç", 'c'},
      {"Ç", 'c'}, {"ć", 'c'}, {"ş", 's'}, {"Ş", 's'}, {"Ś", 's'}, {"ś", 's'}, {"ğ", 'g'},
      {"ñ", 'n'}, {"ń", 'n'}, {"ł", 'l'}, {"ż", 'z'}};
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const char c = name[at];
    if (static_cast<std::uint8_t>(c) >= 0x80) {
      const std::string_view rest = name.substr(at);
      for (const Letter& letter : kLetters) {
        if (rest.starts_with(letter.from)) out.push_back(letter.to);
      }
      at += 2;  // the lists hold letters of two bytes at most
      continue;
    }
    const bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
    out.push_back(upper ? static_cast<char>(c - 'A' + 'a') : lower ? c : ' ');
    ++at;
  }
  return out;
}

std::string Digits(std::uint64_t value, std::size_t width) {
  std::string out(width, '0');
  for (std::size_t i = width; i > 0 && value > 0; value /= 10) {
    out[--i] = static_cast<char>('0' + value % 10);
  }
  return out;
}

PersonMaker::PersonMaker(std::uint64_t seed, const Population& population)
    : seed_(Mix(seed)), population_(population) {}

PersonMaker::Name PersonMaker::SurnameOf(const Seat& adult) const {
  Draws draws(adult.spread ^ 1);
  const bool foreign = draws.Percent(adult.place->abroad() ? kForeignNameAbroad : kForeignNameHome);
  const Origin origin = foreign ? Origin::kForeign : Origin::kFrench;
  const std::uint32_t rank = SurnameRank(origin, static_cast<std::uint32_t>(draws.Bits() >> 32));
  std::string name = SurnameOfRank(origin, rank);
  // Particles: nine of a thousand, of names that are not of everybody.
  if (!foreign && rank >= 100 && draws.Below(1'000) < 9) {
    const bool vowel = std::string_view("AEIOUYH").find(name[0]) != std::string_view::npos;
    name.insert(0, vowel ? "d'" : draws.Percent(20) ? "de La " : "de ");
  }
  return {origin, std::move(name)};
}

// The father's name, both names, or the mother's; a lone mother's children may have another name.
PersonMaker::Name PersonMaker::ChildSurname(const Standing& standing, std::uint64_t index) const {
  Draws draws(seed_ ^ Mix(standing.household) ^ 2);
  const std::uint64_t kind = draws.Below(100);
  const bool lone = standing.role == Role::kLone;
  Name first = SurnameOf(population_.SeatOf(standing.household));
  if (lone) {
    if (kind < 45) return first;
    Seat father = population_.SeatOf(index);
    father.spread = draws.Bits();
    return SurnameOf(father);
  }
  if (kind < 82) return first;
  Name second = SurnameOf(population_.SeatOf(standing.household + 1));
  if (kind >= 92) return second;
  return {first.origin, Joined(first.text, second.text)};
}

std::string PersonMaker::NameInUse(const Identity& person, Draws& draws) const {
  const std::uint64_t kind = draws.Below(100);
  if (!person.seat.woman || person.age() < 20) return {};
  const bool partner = person.standing.rank == 1;
  if (partner && person.standing.role != Role::kLone) {
    if (kind >= (person.seat.year < 1965 ? 85u : 55u)) return {};
    std::string his = SurnameOf(population_.SeatOf(person.standing.household)).text;
    return kind < 8 ? Joined(person.birth_name, his) : his;
  }
  // Widows and divorced women who keep the name.
  if (person.standing.rank > 0 || kind >= (person.seat.year < 1965 ? 40u : 10u)) return {};
  Seat former = person.seat;
  former.spread = draws.Bits();
  return SurnameOf(former).text;
}

Identity PersonMaker::IdentityOf(std::uint64_t index) const {
  Identity person{index, population_.StandingOf(index), population_.SeatOf(index), {}, {}, {}, {},
                  {}};
  Draws draws(seed_ ^ Mix(index) ^ 3);
  const text::Date first{person.seat.year, person.seat.month, 1};
  const text::Date next = first.month == 12 ? text::Date{first.year + 1, 1, 1}
                                            : text::Date{first.year, first.month + 1, 1};
  const std::int64_t days = text::DaysOf(next) - text::DaysOf(first);
  const auto day = static_cast<int>(draws.Below(static_cast<std::uint64_t>(days)));
  person.born = {first.year, first.month, 1 + day};
  const std::uint8_t adults =
      person.standing.role == Role::kFamily || person.standing.role == Role::kCouple ? 2 : 1;
  Name surname = person.standing.rank >= adults ? ChildSurname(person.standing, index)
                                                : SurnameOf(person.seat);
  person.birth_name = std::move(surname.text);
  person.name_in_use = NameInUse(person, draws);
  const bool woman = person.seat.woman;
  person.first_name = FirstName(woman, person.seat.year, surname.origin, draws.Bits());
  if (draws.Percent(35)) {
    person.other_first_names = FirstName(woman, person.seat.year, surname.origin, draws.Bits());
  }
  return person;
}

Home PersonMaker::HomeOf(const Identity& person) const {
  const Words& words = AllWords();
  Draws draws(seed_ ^ Mix(person.standing.household) ^ 4);
  const bool head = person.standing.rank == 0;
  const Seat first = head ? person.seat : population_.SeatOf(person.standing.household);
  const Place* place = first.place;
  const std::uint64_t anywhere = draws.Bits() % Communes().people();
  if (!draws.Percent(kStayedHome) || place->abroad()) {
    place = &Communes().places()[Communes().PlaceOf(anywhere)];
  }
  Home home;
  const std::uint64_t numbers = std::clamp<std::uint64_t>(place->people / 20, 9, 240);
  home.line_1 = std::to_string(1 + draws.Below(numbers));
  home.line_1 += ' ';
  home.line_1 += draws.One(words.street_kinds);
  home.line_1 += ' ';
  home.line_1 += draws.One(words.streets);
  const std::uint64_t flat = 1 + draws.Below(120);
  if (draws.Percent(place->people > 5'000 ? 55 : 5)) {
    home.line_2 = "Appartement " + std::to_string(flat);
  }
  const std::size_t codes = (place->postcodes.size() + 1) / 6;
  home.postcode = place->postcodes.substr(6 * draws.Below(codes), 5);
  home.city = CityOf(*place);
  home.fixed_line = Phone(FixedBlock(place->code), draws.Below(10'000));
  return home;
}

// Of those born abroad, three of a hundred have a pseudo-month (20-30, 31-42 or 51-62: the month
// is not known) and one a temporary number (3, 4, 7 or 8). Both rewrite one number into one.
std::string PersonMaker::NirOf(const Seat& seat) const {
  Draws draws(seat.spread ^ 5);
  const std::uint64_t kind = seat.place->abroad() ? draws.Below(100) : 100;
  std::uint64_t sex = seat.woman ? 2 : 1, month = static_cast<std::uint64_t>(seat.month);
  if (kind == 0) month += month < 12 ? 19 : 30;
  if (kind == 1) month += 30;
  if (kind == 2) month += 50;
  if (kind == 3) sex += seat.spread % 2 == 0 ? 2 : 6;
  std::string nir = Digits(sex, 1);
  nir += Digits(static_cast<std::uint64_t>(seat.year % 100), 2);
  nir += Digits(month, 2);
  nir += BirthCodeOf(*seat.place, seat.year, seat.spread >> 8).view();
  nir += Digits(seat.order, 3);
  const Result<int> key = text::NirKey(nir);
  CLOISON_CHECK(key.ok());
  return nir += Digits(static_cast<std::uint64_t>(*key), 2);
}

std::string PersonMaker::NirOfHead(const Identity& person) const {
  return NirOf(population_.SeatOf(person.standing.household));
}

std::string PersonMaker::AgencyIdOf(std::uint64_t index) const {
  if (Draws(seed_ ^ Mix(index) ^ 6).Percent(30)) {
    return Digits(Permutation(kLongIds, seed_ ^ 3).Of(index), 11);
  }
  const std::uint64_t id = Permutation(kShortIds, seed_ ^ 2).Of(index);
  return Digits(id / 26, 7) + static_cast<char>('A' + id % 26);
}

std::string PersonMaker::EmailOf(const Identity& person, Draws& draws) const {
  std::string email;
  for (const std::string_view name : {person.first_name, person.birth_name}) {
    std::string plain = PlainName(name);
    std::erase(plain, ' ');
    email += std::string_view(plain).substr(0, kEmailNameLetters);
    email += '.';
  }
  email += std::to_string(person.index);
  email += '@';
  return email += draws.One(kDomains);
}

std::string PersonMaker::MobileOf(Draws& draws) const {
  return Phone(kFictionMobile, draws.Below(10'000));
}

std::string PersonMaker::IbanOf(Draws& draws) const {
  const std::uint64_t branch = 1 + draws.Below(99'999), account = 1 + draws.Below(99'999'999'999);
  std::string bban(kBankCode);
  bban += Digits(branch, 5);
  bban += Digits(account, 11);
  // The national key makes the 23 digits 0 modulo 97; the international one the whole 1.
  bban += Digits(97 - Mod97(bban + "00"), 2);
  const std::uint64_t check = 98 - Mod97(bban + "152700");  // F is 15, R is 27
  return "FR" + Digits(check, 2) + bban;
}

}  // namespace cloison::ingest::internal
