#include "ingest/column_map.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "codec/toml_reader.h"
#include "text/date.h"
#include "text/utf8.h"

namespace cloison::ingest {
namespace {

template <class Value>
struct Word {
  std::string_view word;
  Value value;
};
constexpr Word<DateOrder> kDateOrders[] = {{"day-month-year", DateOrder::kDayMonthYear},
                                           {"month-day-year", DateOrder::kMonthDayYear},
                                           {"year-month-day", DateOrder::kYearMonthDay}};
constexpr Word<Letters> kLetters[] = {{"upper", Letters::kUpper}, {"lower", Letters::kLower}};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Three numbers of a day: apart by signs, or eight digits run together. The year has four digits.
std::optional<std::array<std::string_view, 3>> PartsOfDay(std::string_view text, bool year_first) {
  std::array<std::string_view, 3> parts;
  if (text.size() == 8 && std::all_of(text.begin(), text.end(), IsDigit)) {
    const std::size_t first = year_first ? 4 : 2;
    parts = {text.substr(0, first), text.substr(first, 2), text.substr(first + 2)};
    return parts;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    parts[i] = text.substr(0, end);
    text.remove_prefix(end);
    if (parts[i].empty()) return std::nullopt;
    if (i + 1 == parts.size()) break;
    if (text.empty() || std::string_view("./- ").find(text.front()) == std::string_view::npos) {
      return std::nullopt;
    }
    text.remove_prefix(1);
  }
  return text.empty() ? std::optional(parts) : std::nullopt;
}

Result<std::string> DayOf(DateOrder order, std::string_view text) {
  const auto parts = PartsOfDay(text, order == DateOrder::kYearMonthDay);
  if (!parts.has_value()) return Error{Code::kInvalid, "a day is three numbers"};
  auto [a, b, c] = *parts;
  if (order == DateOrder::kDayMonthYear) std::swap(a, c);
  if (order == DateOrder::kMonthDayYear) {
    std::swap(a, c);  // year, day, month
    std::swap(b, c);
  }
  if (a.size() != 4 || b.size() > 2 || c.size() > 2) {
    return Error{Code::kInvalid, "a day has a year of four digits and a month and day of two"};
  }
  std::string day(a);
  for (const std::string_view part : {b, c}) {
    day += part.size() == 1 ? "-0" : "-";
    day += part;
  }
  return day;
}

}  // namespace

bool ColumnRule::plain() const {
  return empty.empty() && values.empty() && date == DateOrder::kAsIs && pad == 0 &&
         letters == Letters::kAsIs;
}

Result<std::string> ColumnRule::Apply(std::string_view text) const {
  if (text.empty() || std::find(empty.begin(), empty.end(), text) != empty.end()) {
    return std::string();
  }
  std::string out(text);
  if (!values.empty()) {
    const auto known = values.find(text);
    if (known == values.end()) return Error{Code::kInvalid, "a value that the map does not name"};
    out = known->second;
  }
  if (date != DateOrder::kAsIs) {
    CLOISON_TRY_ASSIGN(out, DayOf(date, out));
  }
  const std::size_t characters = text::CountCharacters(out);
  if (characters < pad && !out.empty()) out.insert(0, pad - characters, '0');
  if (letters == Letters::kUpper) return text::UpperCase(out);
  if (letters == Letters::kLower) return text::LowerCase(out);
  return out;
}

// Gathers all that is wrong with a map.
class MapReader {
 public:
  MapReader(const records::Schema& schema, codec::Diagnostics& found)
      : schema_(schema), found_(found) {
    for (const records::FieldSpec& field : schema.fields()) names_.push_back(field.name);
  }

  ColumnMap Read(const codec::TomlTable& file) {
    static constexpr std::string_view kKeys[] = {"columns", "ignore", "constants"};
    codec::CheckKeys(file, kKeys, found_);
    map_.ignored_ = codec::ReadStrings(file, "ignore", codec::Need::kOptional, found_)
                        .value_or(std::vector<std::string>{});
    const codec::TomlTable* columns =
        codec::ReadTable(file, "columns", codec::Need::kRequired, found_);
    if (columns != nullptr) {
      for (const codec::TomlTable::Member& member : columns->members()) ReadColumn(member);
    }
    const codec::TomlTable* constants =
        codec::ReadTable(file, "constants", codec::Need::kOptional, found_);
    if (constants != nullptr) {
      for (const codec::TomlTable::Member& member : constants->members()) ReadConstant(member);
    }
    return std::move(map_);
  }

 private:
  // Says what is wrong with the name of a field; true when nothing is.
  bool CheckField(int line, const std::string& what, const std::string& field) {
    if (schema_.Find(field) == nullptr) {
      std::string problem = what + ": no such field";
      const std::string_view nearest = text::NearestName(field, names_);
      if (!nearest.empty()) problem += "; the nearest is '" + std::string(nearest) + "'";
      found_.Add(line, std::move(problem));
      return false;
    }
    if (!fields_.insert(field).second) {
      found_.Add(line, what + ": the field '" + field + "' has its column or constant already");
      return false;
    }
    return true;
  }

  void ReadColumn(const codec::TomlTable::Member& member) {
    const std::string what = "column '" + member.key + "'";
    ColumnRule rule;
    if (const std::string* field = member.value.AsString()) {
      rule.field = *field;
    } else if (const codec::TomlTable* table = member.value.AsTable()) {
      if (!ReadRule(*table, rule)) return;
    } else {
      found_.Add(member.line, what + ": a field's name, or a table with one, is needed");
      return;
    }
    if (!CheckField(member.line, what, rule.field)) return;
    if (map_.Ignores(member.key)) {
      found_.Add(member.line, what + ": stands among those to ignore as well");
    }
    map_.columns_.emplace(member.key, std::move(rule));
  }

  bool ReadRule(const codec::TomlTable& table, ColumnRule& rule) {
    static constexpr std::string_view kKeys[] = {"field", "empty", "values",
                                                 "date",  "pad",   "letters"};
    bool good = codec::CheckKeys(table, kKeys, found_);
    const auto field = codec::ReadString(table, "field", codec::Need::kRequired, found_);
    good = good && field.has_value();
    rule.field = field.value_or("");
    rule.empty = codec::ReadStrings(table, "empty", codec::Need::kOptional, found_)
                     .value_or(std::vector<std::string>{});
    rule.pad = static_cast<std::size_t>(
        codec::ReadInt(table, "pad", codec::Need::kOptional, {1, kPadMax}, found_).value_or(0));
    ReadWord(table, "date", kDateOrders, rule.date);
    ReadWord(table, "letters", kLetters, rule.letters);
    const codec::TomlTable* values =
        codec::ReadTable(table, "values", codec::Need::kOptional, found_);
    if (values == nullptr) return good;
    for (const codec::TomlTable::Member& member : values->members()) {
      if (const std::string* text = member.value.AsString()) {
        rule.values.emplace(member.key, *text);
      } else {
        found_.Add(member.line, "a value's text is needed");
      }
    }
    return good;
  }

  template <class Value, std::size_t kCount>
  void ReadWord(const codec::TomlTable& table, std::string_view key,
                const Word<Value> (&words)[kCount], Value& out) {
    const auto text = codec::ReadString(table, key, codec::Need::kOptional, found_);
    if (!text.has_value()) return;
    std::vector<std::string_view> known;
    for (const Word<Value>& word : words) {
      if (word.word == *text) {
        out = word.value;
        return;
      }
      known.push_back(word.word);
    }
    std::string problem = "unknown " + std::string(key) + " '" + *text + "'";
    const std::string_view nearest = text::NearestName(*text, known);
    if (!nearest.empty()) problem += "; the nearest is '" + std::string(nearest) + "'";
    found_.Add(table.line(), std::move(problem));
  }

  void ReadConstant(const codec::TomlTable::Member& member) {
    const std::string what = "constant '" + member.key + "'";
    const std::string* text = member.value.AsString();
    if (text == nullptr) {
      found_.Add(member.line, what + ": a text is needed");
      return;
    }
    if (!CheckField(member.line, what, member.key)) return;
    if (!schema_.Canonical(*schema_.Find(member.key), *text, true).ok()) {
      found_.Add(member.line, what + ": the field does not take this text");
    }
    map_.constants_.push_back({member.key, *text});
  }

  const records::Schema& schema_;
  codec::Diagnostics& found_;
  std::vector<std::string_view> names_;
  std::set<std::string> fields_;
  ColumnMap map_;
};

Result<ColumnMap> ColumnMap::Parse(std::string_view toml, const records::Schema& schema,
                                   std::vector<std::string>* problems) {
  CLOISON_CHECK(problems != nullptr);
  codec::Diagnostics found;
  ColumnMap map;
  if (const std::optional<codec::TomlTable> file = codec::ParseToml(toml, found)) {
    map = MapReader(schema, found).Read(*file);
  }
  if (found.empty()) return map;
  for (const codec::Diagnostic& problem : found.entries()) {
    problems->push_back("line " + std::to_string(problem.line) + ": " + problem.message);
  }
  return Error{Code::kInvalid, "the column map has faults"};
}

const ColumnRule* ColumnMap::Find(std::string_view column) const {
  const auto at = columns_.find(column);
  return at == columns_.end() ? nullptr : &at->second;
}

bool ColumnMap::Ignores(std::string_view column) const {
  return std::find(ignored_.begin(), ignored_.end(), column) != ignored_.end();
}

}  // namespace cloison::ingest
