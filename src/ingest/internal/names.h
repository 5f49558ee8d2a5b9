// Names and phrases of the invented people. The order of a list of names is its rank.
#ifndef CLOISON_INGEST_INTERNAL_NAMES_H_
#define CLOISON_INGEST_INTERNAL_NAMES_H_

#include <span>
#include <string_view>

namespace cloison::ingest::internal {

using NameList = std::span<const std::string_view>;

struct NameLists {
  NameList family_french, family_foreign;
  NameList women_old, women_young, men_old, men_young;  // first names, by generation
  NameList women_foreign, men_foreign;
  NameList streets, street_kinds;
  NameList notes, needs;
};
const NameLists& Lists();

}  // namespace cloison::ingest::internal

#endif  // CLOISON_INGEST_INTERNAL_NAMES_H_
