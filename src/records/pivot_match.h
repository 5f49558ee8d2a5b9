// Whether a record is of the person whom a citizens' provider describes: compared inside, never
// given out.
//
// Names are compared as a provider and a register may spell the same one: without case, accents,
// hyphens and apostrophes. All given names must be the record's, in order; a record that holds the
// first alone is held against the first alone. Sex and date must be the same. A place is compared
// where the record holds an INSEE code. A field that the record does not hold, but the place, does
// not match.
//
// Threads  any. Cost: opens one compartment.
#ifndef CLOISON_RECORDS_PIVOT_MATCH_H_
#define CLOISON_RECORDS_PIVOT_MATCH_H_

#include <string_view>

#include "records/people.h"

namespace cloison::records {

// Views of what the provider says; its owner wipes.
struct PivotView {
  std::string_view birth_name, given_names, gender, birth_date, birth_place, birth_country;
};

// kCorrupt: the row does not open. kNotFound: the schema has no identity compartment of this form.
Result<bool> MatchesPivot(const Schema& schema, const Sighting& sighting, const PivotView& pivot);

// The form names are compared in; "" when it is not UTF-8. The caller wipes.
std::string ComparableName(std::string_view name);

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_PIVOT_MATCH_H_
