// Search by name, birth date and postcode: what is compared, under which keys people are posted,
// and who of the candidates is meant (docs/format/index.md; docs/design/0021-search.md).
//
// Pure. Everything here holds personal values in clear for as long as a search takes; it is wiped,
// and nothing of it leaves the vault: Matcher::Search gives ids alone.
//
// Threads  const use from any. Cost: forms of a person 1.5 us, a comparison 0.5 us.
#ifndef CLOISON_RECORDS_SEARCH_H_
#define CLOISON_RECORDS_SEARCH_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "records/index.h"
#include "records/row.h"
#include "text/date.h"

namespace cloison::records {

// In the form they are stored in; empty: not given.
struct SearchTexts {
  std::vector<std::string_view> last_names;  // of a person: at birth and in use; of a query: one
  std::string_view first_name, birth_date, postcode;
};

// What of a person, or of a query, is compared. Wiped; move-only.
struct SearchForms {
  struct Name {
    std::string joined;                 // A to Z; empty: none
    std::string sound;                  // of `joined`
    std::vector<std::string> variants;  // text::NameVariants
  };
  std::vector<Name> last;  // no empty ones
  Name first;
  std::optional<text::Date> birth;
  std::string postcode;

  SearchForms() = default;
  SearchForms(SearchForms&&) = default;
  SearchForms& operator=(SearchForms&&) = default;
  ~SearchForms();

  // kInvalid: not UTF-8, or no date.
  static Result<SearchForms> Of(const SearchTexts& texts);
  // Of a record's values; other fields may be among them.
  static Result<SearchForms> Of(const Schema& schema, const Values& values);
  // Whether there is something to look under: both of name and birth date, or both names and a
  // postcode.
  bool IsSearchable() const;
  // One text for all that is given: what a miss is charged under.
  crypto::SecretBytes Digestible() const;
};

// Under which a person is posted, and a query looks: each once. Parts joined by 0x1f.
//   6 birth date, sound of a last name      7 birth date, sound of the first name
//   8 year, both sounds                     9 month and day, both         10 postcode, both
std::vector<Criterion> SearchKeys(const SearchForms& forms);

inline constexpr std::size_t kSearchCandidatesMax = 400;  // opened for one search
inline constexpr std::size_t kSearchRowsMax = 10;         // more of one rank: none is shown
inline constexpr double kScoreMin = 0.80;
inline constexpr std::size_t kSearchesAtOnceMax = 64;  // waiting or running

// People of one slot. Nothing: more than kSlotPostingsMax, a key that tells too little.
using SlotPeople = std::optional<std::vector<PersonId>>;
// Whom to open: who is in most of the lists comes first; at most kSearchCandidatesMax.
std::vector<PersonId> PickCandidates(std::span<const SlotPeople> lists);

struct Verdict {
  bool exact;    // equal in everything that was asked
  double score;  // 0 to 1, over what was asked
  bool alike;    // may be the one who is meant: one part at most is wrong, and not by much
  bool birth_wrong = false;  // and that is the birth date
};
Verdict Compare(const SearchForms& query, const SearchForms& person);

// Who is meant: all who are exact; where nobody is, those of the best score. Namesakes of whom none
// has the birth date are told apart by nothing: one alone is shown.
struct Ranked {
  std::vector<std::size_t> best;  // ascending; at most kSearchRowsMax
  bool narrow = false;            // too many: another criterion is needed, `best` is empty
};
Ranked Rank(std::span<const Verdict> verdicts);

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_SEARCH_H_
