// First names, streets and phrases of the invented people.
//
// First names go by sex and generation: of each generation the thirty most given names in the order
// that INSEE's fichier des prenoms is usually published in, as far as we know it; in a head of
// falling chances (1 / (rank + 4)), whose share of all births falls from 68 % (born before 1946) to
// 30 % (born since 2006), as choice has widened. The rest is other generations' names, foreign
// names and compounds (Marie-Claire, Jean-Luc). The shares are set by hand, not measured.
#ifndef CLOISON_INGEST_INTERNAL_NAMES_H_
#define CLOISON_INGEST_INTERNAL_NAMES_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ingest/internal/surnames.h"

namespace cloison::ingest::internal {

// The name that 64 even bits draw.
std::string FirstName(bool woman, int year, Origin origin, std::uint64_t draw);

using WordList = std::span<const std::string_view>;
struct Words {
  WordList streets, street_kinds;
  WordList notes, needs;
};
const Words& AllWords();

}  // namespace cloison::ingest::internal

#endif  // CLOISON_INGEST_INTERNAL_NAMES_H_
