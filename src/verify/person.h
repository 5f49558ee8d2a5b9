// A person's own trail, held against the published log: docs/format/ledger.md, "A trail with
// proofs".
#ifndef CLOISON_VERIFY_PERSON_H_
#define CLOISON_VERIFY_PERSON_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "verify/log.h"

namespace cloison::verify {

inline constexpr std::size_t kPersonPagesMax = 10'000;
// How far beyond the last number known tags are looked for: a number left out is no way to hide
// what follows it.
inline constexpr std::uint64_t kTagsAhead = 1'024;

struct PersonFile {
  // Answers of GET /v1/me/disclosures with proofs, as they came: one or several pages.
  std::vector<Bytes> pages;
  // The number of a field by its name, as the register's schema has it; nothing: names are counted,
  // not checked.
  std::function<std::optional<FieldId>(std::string_view name)> field_of = {};
};

struct PersonFacts {
  std::uint64_t rows = 0;              // opened and held against leaf, proof and log
  std::uint64_t expired = 0;           // entries whose record has expired: leaf, tag and log alone
  std::uint64_t unsealed = 0;          // sealed accesses brought to light
  std::uint64_t unsealed_expired = 0;  // of which the file says that their record has expired
  std::uint64_t newer = 0;           // of all these, those that the log given does not publish yet
  std::uint64_t elsewhere = 0;       // of other logs: their keys check them
  std::uint64_t later = 0;           // entries that came after the file was made
  std::uint64_t first = 0, end = 0;  // the numbers that the pages answer for
};

struct PersonReport {
  Report log;  // its fault is the file's when the log has none
  PersonFacts facts;
};

// Reads the whole log, so `options.since` and `options.observer` must be empty.
//
// Gives    as VerifyLog; faults of the file name "person" (of several pages "person#2") and a JSON
//          pointer. A number that the pages answer for and do not have is kGap; an entry of this
//          person that the log had when the file was made and the file does not tell is kLater.
// Fails    as VerifyLog; kInvalid for no page, more than kPersonPagesMax, or options that do not go
//          together
Result<PersonReport> VerifyPerson(Source& source, const LogOptions& options,
                                  const PersonFile& file);

}  // namespace cloison::verify

#endif  // CLOISON_VERIFY_PERSON_H_
