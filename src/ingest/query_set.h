// Queries as people type them, with the right answers: what a search is measured with.
//
// Query n of a register follows from (seed, size of the register, n). The kinds are dealt in turn:
// exact ones of each index, variants with one wrong component, and nobody. A person who cannot have
// a variant (no double consonant to drop, no second name) is passed over for the next one who can.
//
// A right answer is the person, and whoever has the same values: at 43 million people some have the
// same names and birth date. Who judges a search compares the values.
//
// Threads  const use from any. Cost: 10 us a query. docs/format/generated.md has the JSON lines.
#ifndef CLOISON_INGEST_QUERY_SET_H_
#define CLOISON_INGEST_QUERY_SET_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/generator.h"

namespace cloison::ingest {

// The order is that of the words in docs/format/generated.md; new kinds go to the end.
enum class QueryKind : std::uint8_t {
  kExactNir,
  kExactPhone,
  kExactEmail,
  kExactAgencyId,
  kExactName,     // names and birth date, as recorded
  kTypingLast,    // a letter of the surname left out, doubled, swapped, or of a key beside it
  kTypingFirst,   // the same in the first name
  kPhoneticLast,  // the surname as it sounds
  kFirstMissing,  // surname, birth date and postcode
  kDayMonthSwapped,
  kWrongYear,
  kWrongDigit,        // of the birth date
  kNameInUse,         // for the birth name
  kPartOfName,        // one part of a compound name, or the name without its particle
  kPlainLetters,      // upper case without accents, spaces for hyphens
  kNobodyIdentifier,  // a number that nobody of the register has
  kNobodyName,        // a surname that nobody has
};
inline constexpr std::size_t kQueryKinds = 17;
inline constexpr std::uint64_t kQueryPeopleMin = 1'000;

std::string_view NameOf(QueryKind kind);

struct Query {
  QueryKind kind;
  std::vector<std::pair<std::string_view, std::string>> criteria;  // field and text
  std::optional<std::uint64_t> person;  // index; nothing: nobody is the right answer
  std::string agency_id;                // the person's; empty for nobody
};

class QuerySet {
 public:
  // `people` of a register of job seekers, kQueryPeopleMin to half of kGeneratedPeopleMax: the
  // other half is nobody.
  QuerySet(std::uint64_t seed, std::uint64_t people);
  Query At(std::uint64_t n) const;

 private:
  Generator generator_;
  std::uint64_t people_;
};

// One JSON line: {"kind", "criteria", "person", "agency_identifier"}.
void AppendQueryLine(std::string& out, const Query& query);

}  // namespace cloison::ingest

#endif  // CLOISON_INGEST_QUERY_SET_H_
