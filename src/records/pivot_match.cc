#include "records/pivot_match.h"

#include <algorithm>
#include <array>

#include "text/utf8.h"

namespace cloison::records {

namespace {

// Latin letters with a mark, and the letter they are compared as (after case folding).
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kPlain = {{
    {"àáâãäåā", "a"},
    {"çćč", "c"},
    {"èéêëēėę", "e"},
    {"ìíîïī", "i"},
    {"ñń", "n"},
    {"òóôõöøō", "o"},
    {"ùúûüū", "u"},
    {"ýÿ", "y"},
    {"šś", "s"},
    {"žźż", "z"},
    {"ł", "l"},
    {"ď", "d"},
    {"œ", "oe"},
    {"æ", "ae"},
}};

std::string_view PlainOf(std::string_view character) {
  for (const auto& [marked, plain] : kPlain) {
    std::string_view left = marked;
    while (!left.empty()) {
      const std::string_view first = text::FirstCharacter(left);
      if (first == character) return plain;
      left.remove_prefix(first.size());
    }
  }
  return character;
}

bool Separates(std::string_view character) {
  return character == " " || character == "-" || character == "'" || character == "’" ||
         character == "\xc2\xa0";
}

// Overwrites what it held.
struct Wiped {
  explicit Wiped(std::string given) : text(std::move(given)) {}
  ~Wiped() { text::WipeText(text); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  std::string text;
};

const Value* Find(const Schema& schema, const Values& values, std::string_view name) {
  const FieldSpec* field = schema.Find(name);
  if (field == nullptr) return nullptr;
  const auto found = std::ranges::find(values, field->id, &Value::field);
  return found == values.end() ? nullptr : &*found;
}

std::string_view TextOf(const Value* value) {
  return value == nullptr ? std::string_view() : AsText(value->text.Reveal());
}

bool SameName(std::string_view stored, std::string_view said) {
  const Wiped a(ComparableName(stored)), b(ComparableName(said));
  return !a.text.empty() && crypto::EqualConstantTime(AsBytes(a.text), AsBytes(b.text));
}

// The record's first name, and the others where it holds them.
bool SameGivenNames(std::string_view first, std::string_view others, std::string_view said) {
  const Wiped stored(ComparableName(first)), rest(ComparableName(others));
  const Wiped whole(ComparableName(said));
  if (stored.text.empty()) return false;
  if (!rest.text.empty()) return stored.text + " " + rest.text == whole.text;
  return whole.text == stored.text || whole.text.starts_with(stored.text + " ");
}

bool IsInseeCode(std::string_view place) {
  return place.size() == 5 && std::ranges::all_of(place, [](char c) {
           return (c >= '0' && c <= '9') || c == 'A' || c == 'B';
         });
}

// "99350" for who was born abroad: then the country's code is what the record holds.
bool SamePlace(std::string_view stored, const PivotView& pivot) {
  if (!IsInseeCode(stored)) return true;
  return stored == (pivot.birth_place.empty() ? pivot.birth_country : pivot.birth_place);
}

std::string_view SexOf(std::string_view gender) {
  return gender == "female" ? "F" : gender == "male" ? "M" : "";
}

}  // namespace

std::string ComparableName(std::string_view name) {
  const Result<std::string> folded = text::FoldCase(text::Trim(name));
  if (!folded.ok()) return {};
  std::string out;
  std::string_view left = *folded;
  while (!left.empty()) {
    const std::string_view character = text::FirstCharacter(left);
    left.remove_prefix(character.size());
    if (!Separates(character)) {
      out += PlainOf(character);
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

Result<bool> MatchesPivot(const Schema& schema, const Sighting& sighting, const PivotView& pivot) {
  const FieldSpec* birth_name = schema.Find("identity.birth_name");
  if (birth_name == nullptr) return Error{Code::kNotFound, "the schema has no birth name"};
  const std::array<CompartmentId, 1> wanted = {birth_name->compartment};
  CLOISON_TRY_ASSIGN(const Values values,
                     internal::OpenRow(schema, sighting.key, sighting.row, wanted));
  const auto text = [&](std::string_view name) { return TextOf(Find(schema, values, name)); };
  const std::string_view sex = text("identity.sex"), date = text("identity.birth_date");
  const bool names = SameName(text("identity.birth_name"), pivot.birth_name) &&
                     SameGivenNames(text("identity.first_name"), text("identity.other_first_names"),
                                    pivot.given_names);
  return names && !sex.empty() && sex == SexOf(pivot.gender) && !date.empty() &&
         date == pivot.birth_date && SamePlace(text("identity.birth_place"), pivot);
}

}  // namespace cloison::records
