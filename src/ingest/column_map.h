// Which column or member of an input is which field, and how its texts become the field's: the
// --map of an import, a TOML file.
//
//   ignore = ["Commentaire"]                    columns that are left out
//   [columns]
//   "Nom de naissance" = "identity.birth_name"
//   "Né le" = { field = "identity.birth_date", date = "day-month-year" }
//   "Sexe"  = { field = "identity.sex", values = { "Masculin" = "M", "Féminin" = "F" } }
//   "CP"    = { field = "address.postcode", pad = 5, empty = ["-"] }
//   [constants]
//   "status.registration" = "registered"        the same for every row
//
// A field has one column or one constant. The order of steps is: empty, values, date, pad, letters;
// what they give is checked as any text of the field is. docs/operate/import.md has them all.
//
// Threads  const use from any.
#ifndef CLOISON_INGEST_COLUMN_MAP_H_
#define CLOISON_INGEST_COLUMN_MAP_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "records/schema.h"

namespace cloison::ingest {

inline constexpr std::int64_t kPadMax = 32;

// As people write a day; what stands between is a point, dash, slash or space, or nothing with two
// digits each.
enum class DateOrder : std::uint8_t { kAsIs, kDayMonthYear, kMonthDayYear, kYearMonthDay };
enum class Letters : std::uint8_t { kAsIs, kUpper, kLower };

struct ColumnRule {
  std::string field;
  std::vector<std::string> empty = {};  // texts that mean: no value
  // When given, every other text is wrong.
  std::map<std::string, std::string, std::less<>> values = {};
  DateOrder date = DateOrder::kAsIs;
  std::size_t pad = 0;  // with zeros ahead to this many characters
  Letters letters = Letters::kAsIs;

  // True when the text is the field's as it stands.
  bool plain() const;
  // `text` is trimmed. Fails: kInvalid no such value, no such day; as text::UpperCase.
  Result<std::string> Apply(std::string_view text) const;
};

class ColumnMap {
 public:
  struct Constant {
    std::string field, text;
  };
  // kInvalid: `problems` (never null) gets lines for the operator, each with its line and, for an
  // unknown name, the nearest.
  static Result<ColumnMap> Parse(std::string_view toml, const records::Schema& schema,
                                 std::vector<std::string>* problems);
  // nullptr: not in the map.
  const ColumnRule* Find(std::string_view column) const;
  bool Ignores(std::string_view column) const;
  const std::vector<Constant>& constants() const { return constants_; }

 private:
  friend class MapReader;
  std::map<std::string, ColumnRule, std::less<>> columns_;
  std::vector<std::string> ignored_;
  std::vector<Constant> constants_;
};

}  // namespace cloison::ingest

#endif  // CLOISON_INGEST_COLUMN_MAP_H_
