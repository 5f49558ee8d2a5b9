// Places of birth and of living: communes by their INSEE code, and countries of birth.
#ifndef CLOISON_INGEST_INTERNAL_PLACES_H_
#define CLOISON_INGEST_INTERNAL_PLACES_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace cloison::ingest::internal {

inline constexpr int kPlaceWeightMax = 100;

struct Place {
  std::string_view code;      // five characters, as a NIR holds them: 31555, 2A004, 97411, 99352
  std::string_view name;      // of the commune or the country
  std::string_view postcode;  // empty: a country, where nobody of the register lives
  int weight;                 // births, relative: 1 to kPlaceWeightMax
};

// Communes first, then countries.
std::span<const Place> Places();
std::span<const Place> Communes();

}  // namespace cloison::ingest::internal

#endif  // CLOISON_INGEST_INTERNAL_PLACES_H_
