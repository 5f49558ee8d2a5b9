#include "ingest/internal/places.h"

#include <algorithm>

#include "base/check.h"

namespace cloison::embedded {
extern const std::string_view kCommunes;
}

namespace cloison::ingest::internal {
namespace {

constexpr Place kCountries[] = {
    {"99352", "Algérie", "", 1'150'000},
    {"99350", "Maroc", "", 1'000'000},
    {"99139", "Portugal", "", 640'000},
    {"99351", "Tunisie", "", 430'000},
    {"99127", "Italie", "", 320'000},
    {"99134", "Espagne", "", 300'000},
    {"99208", "Turquie", "", 260'000},
    {"99109", "Allemagne", "", 220'000},
    {"99132", "Royaume-Uni", "", 170'000},
    {"99131", "Belgique", "", 160'000},
    {"99333", "Madagascar", "", 150'000},
    {"99341", "Sénégal", "", 140'000},
    {"99114", "Roumanie", "", 140'000},
    {"99326", "Côte d'Ivoire", "", 125'000},
    {"99243", "Viêt Nam", "", 125'000},
    {"99216", "Chine", "", 120'000},
    {"99122", "Pologne", "", 110'000},
    {"99322", "Cameroun", "", 100'000},
    {"99397", "Comores", "", 100'000},
    {"99410", "Haïti", "", 100'000},
    {"99312", "République démocratique du Congo", "", 95'000},
    {"99335", "Mali", "", 90'000},
    {"99324", "Congo", "", 85'000},
    {"99140", "Suisse", "", 85'000},
    {"99234", "Cambodge", "", 80'000},
    {"99123", "Russie", "", 75'000},
    {"99235", "Sri Lanka", "", 60'000},
    {"99205", "Liban", "", 60'000},
    {"99241", "Laos", "", 55'000},
    {"99330", "Guinée", "", 55'000},
    {"99416", "Brésil", "", 55'000},
    {"99212", "Afghanistan", "", 50'000},
    {"99390", "Maurice", "", 45'000},
    {"99135", "Pays-Bas", "", 45'000},
    {"99404", "États-Unis", "", 45'000},
    {"99206", "Syrie", "", 45'000},
    {"99155", "Ukraine", "", 40'000},
    {"99223", "Inde", "", 40'000},
    {"99121", "Serbie", "", 40'000},
    {"99252", "Arménie", "", 30'000},
    {"99246", "Pakistan", "", 30'000},
    {"99204", "Iran", "", 28'000},
};

// Of these a birth was coded otherwise before the year, with the place of the country.
struct Former {
  std::string_view code;
  int before;
  std::string_view departments;  // two characters each
};
constexpr Former kFormer[] = {
    {"99352", 1962, "91929394"}, {"99350", 1956, "95"}, {"99351", 1956, "96"}};
constexpr int kCorsicaDivided = 1976;

std::string_view TakeUntil(std::string_view& rest, char end) {
  const std::size_t at = std::min(rest.find(end), rest.size());
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return taken;
}

// The file is ours: a fault in it is a bug, and a test reads all of it.
std::vector<Place> ReadCommunes() {
  std::vector<Place> places;
  places.reserve(36'000);
  for (std::string_view rest = embedded::kCommunes; !rest.empty();) {
    std::string_view line = TakeUntil(rest, '\n');
    if (line.empty() || line.front() == '#' || line.front() == '=') continue;
    Place place;
    place.code = TakeUntil(line, '|');
    place.name = TakeUntil(line, '|');
    for (const char digit : TakeUntil(line, '|')) {
      place.people = place.people * 10 + static_cast<unsigned>(digit - '0');
    }
    place.postcodes = line;
    CLOISON_CHECK(place.code.size() == 5 && place.people > 0 && !place.postcodes.empty());
    places.push_back(place);
  }
  return places;
}

}  // namespace

PlaceTable::PlaceTable(std::vector<Place> places) : places_(std::move(places)) {
  people_before_.reserve(places_.size() + 1);
  people_before_.push_back(0);
  for (const Place& place : places_) {
    people_before_.push_back(people_before_.back() + place.people);
  }
}

std::size_t PlaceTable::PlaceOf(std::uint64_t n) const {
  CLOISON_CHECK(n < people());
  const auto after = std::upper_bound(people_before_.begin(), people_before_.end(), n);
  return static_cast<std::size_t>(after - people_before_.begin()) - 1;
}

const PlaceTable& Communes() {
  static const PlaceTable table(ReadCommunes());
  return table;
}

const PlaceTable& BirthPlaces() {
  static const PlaceTable table([] {
    const std::span<const Place> communes = Communes().places();
    std::vector<Place> all(communes.begin(), communes.end());
    all.insert(all.end(), std::begin(kCountries), std::end(kCountries));
    return all;
  }());
  return table;
}

BirthCode BirthCodeOf(const Place& place, int year, std::uint64_t spread) {
  BirthCode code;
  place.code.copy(code.text, sizeof code.text);
  if (place.code[0] == '2' && place.code[1] > '9' && year < kCorsicaDivided) code.text[1] = '0';
  if (!place.abroad()) return code;
  for (const Former& former : kFormer) {
    if (place.code != former.code || year >= former.before) continue;
    const std::size_t which = 2 * (spread % (former.departments.size() / 2));
    former.departments.substr(which, 2).copy(code.text, 2);
  }
  return code;
}

}  // namespace cloison::ingest::internal
