#include "records/internal/schema_parser.h"

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "records/history.h"
#include "records/internal/field_types.h"

namespace cloison::records {
namespace {

using codec::Diagnostics;
using codec::Need;
using codec::TomlTable;

constexpr std::string_view kTopKeys[] = {"name", "register", "version", "capacity", "compartment"};
constexpr std::string_view kCompartmentKeys[] = {"id", "name", "least", "sensitive", "field"};
constexpr std::string_view kFieldKeys[] = {
    "id",        "name",      "type",    "mask",   "index",   "unique",   "required",
    "sensitive", "bytes_max", "choices", "search", "history", "keep_days"};
constexpr std::size_t kPadStep = 32;
constexpr std::int64_t kFieldIdMax = 0x7FFF;

bool IsName(std::string_view text, char joint) {
  if (text.empty() || text.size() > kSchemaNameBytesMax) return false;
  if (text.front() < 'a' || text.front() > 'z') return false;
  return std::all_of(text.begin(), text.end(), [joint](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == joint;
  });
}

int LineOf(const TomlTable& table, std::string_view key) {
  const codec::TomlValue* value = table.Find(key);
  return value == nullptr ? table.line() : value->line();
}

// The row of `table` named `name`; nullptr and a diagnostic with the nearest name otherwise.
template <class Row, std::size_t N>
const Row* FindNamed(const Row (&rows)[N], const std::string& name, int line,
                     Diagnostics& problems) {
  std::array<std::string_view, N> names;
  for (std::size_t i = 0; i < N; ++i) {
    if (rows[i].name == name) return &rows[i];
    names[i] = rows[i].name;
  }
  const std::string_view nearest = base::NearestName(name, names);
  std::string message = "unknown word '" + name + "'";
  if (!nearest.empty()) message += "; the nearest is '" + std::string(nearest) + "'";
  problems.Add(line, std::move(message));
  return nullptr;
}

bool MaskFits(MaskForm mask, FieldType type) {
  switch (mask) {
    case MaskForm::kYear: return type == FieldType::kDate;
    case MaskForm::kLastTwo: return type == FieldType::kPhone;
    case MaskForm::kEmail: return type == FieldType::kEmail;
    case MaskForm::kNir: return type == FieldType::kNir;
    case MaskForm::kHidden:
    case MaskForm::kInitial:
    case MaskForm::kPlain: return true;
  }
  return false;
}

}  // namespace

std::shared_ptr<const Schema> SchemaParser::Parse(std::string_view toml) {
  const std::optional<TomlTable> top = codec::ParseToml(toml, problems_);
  if (!top.has_value()) return nullptr;
  ReadTop(*top);
  for (const TomlTable* table : codec::ReadTables(*top, "compartment", problems_)) {
    ReadCompartment(*table);
  }
  CheckWhole(*top);
  if (!problems_.empty()) return nullptr;
  const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
  std::sort(schema_.compartments_.begin(), schema_.compartments_.end(), by_id);
  std::sort(schema_.fields_.begin(), schema_.fields_.end(), by_id);
  schema_.document_ = toml;
  return std::shared_ptr<const Schema>(new Schema(std::move(schema_)));
}

std::string SchemaParser::ReadName(const TomlTable& table, char joint) {
  const std::optional<std::string> name =
      codec::ReadString(table, "name", Need::kRequired, problems_);
  if (!name.has_value()) return {};
  if (!IsName(*name, joint)) {
    problems_.Add(LineOf(table, "name"), "a name is lower-case letters, digits and '" +
                                             std::string(1, joint) +
                                             "', begins with a letter, and has 64 signs at most");
  }
  return *name;
}

std::int64_t SchemaParser::ReadNumber(const TomlTable& table, std::string_view key,
                                      codec::TomlRange range) {
  return codec::ReadInt(table, key, Need::kRequired, range, problems_).value_or(range.min);
}

void SchemaParser::ReadTop(const TomlTable& top) {
  codec::CheckKeys(top, kTopKeys, problems_);
  schema_.name_ = ReadName(top, '-');
  schema_.register_id_ =
      RegisterId(static_cast<std::uint32_t>(ReadNumber(top, "register", {1, 0xFFFFFFFF})));
  schema_.version_ = static_cast<std::uint32_t>(ReadNumber(top, "version", {1, 0xFFFFFFFF}));
  schema_.capacity_ = static_cast<std::uint64_t>(
      ReadNumber(top, "capacity", {1, static_cast<std::int64_t>(kCapacityMax)}));
}

void SchemaParser::ReadCompartment(const TomlTable& table) {
  codec::CheckKeys(table, kCompartmentKeys, problems_);
  CompartmentSpec compartment{
      .id = CompartmentId(static_cast<std::uint16_t>(ReadNumber(table, "id", {1, 0xFFFF}))),
      .name = ReadName(table, '_'),
      .least =
          static_cast<std::uint16_t>(ReadNumber(table, "least", {kPadStep, kCompartmentBytesMax})),
      .sensitive = codec::ReadBool(table, "sensitive", Need::kOptional, problems_).value_or(false)};
  if (compartment.least % kPadStep != 0) {
    problems_.Add(LineOf(table, "least"), "'least' is a multiple of 32");
  }
  for (const CompartmentSpec& other : schema_.compartments_) {
    if (other.id == compartment.id) problems_.Add(LineOf(table, "id"), "this id is taken");
    if (other.name == compartment.name) problems_.Add(LineOf(table, "name"), "this name is taken");
  }
  for (const TomlTable* field : codec::ReadTables(table, "field", problems_)) {
    ReadField(*field, compartment);
  }
  if (compartment.sensitive) CheckSensitiveSize(compartment, table.line());
  schema_.compartments_.push_back(std::move(compartment));
}

void SchemaParser::ReadField(const TomlTable& table, const CompartmentSpec& compartment) {
  codec::CheckKeys(table, kFieldKeys, problems_);
  FieldSpec field{
      .id = FieldId(static_cast<std::uint16_t>(ReadNumber(table, "id", {1, kFieldIdMax}))),
      .name = compartment.name + "." + ReadName(table, '_'),
      .compartment = compartment.id,
      .type = FieldType::kText,
      .mask = MaskForm::kHidden,
      .index = 0,
      .unique = false,
      .required = false,
      .sensitive = compartment.sensitive,
      .bytes_max = 0,
      .choices = {}};
  for (const FieldSpec& other : schema_.fields_) {
    if (other.id == field.id) problems_.Add(LineOf(table, "id"), "this id is taken");
    if (other.name == field.name) problems_.Add(LineOf(table, "name"), "this name is taken");
  }
  ReadKind(table, field);
  ReadIndex(table, field);
  ReadSearch(table, field);
  ReadChoices(table, field);
  ReadFlags(table, compartment, field);
  ReadHistory(table, field);
  schema_.fields_.push_back(std::move(field));
}

void SchemaParser::ReadKind(const TomlTable& table, FieldSpec& field) {
  const std::optional<std::string> type =
      codec::ReadString(table, "type", Need::kRequired, problems_);
  if (!type.has_value()) return;
  const internal::TypeRow* row =
      FindNamed(internal::kTypes, *type, LineOf(table, "type"), problems_);
  if (row == nullptr) return;
  field.type = row->type;
  field.mask = row->mask;
  field.bytes_max = static_cast<std::uint16_t>(
      codec::ReadInt(table, "bytes_max", Need::kOptional, {1, row->bytes_max}, problems_)
          .value_or(row->bytes_max));
  const std::optional<std::string> mask =
      codec::ReadString(table, "mask", Need::kOptional, problems_);
  if (!mask.has_value()) return;
  const internal::MaskRow* form =
      FindNamed(internal::kMasks, *mask, LineOf(table, "mask"), problems_);
  if (form == nullptr) return;
  field.mask = form->form;
  if (!MaskFits(field.mask, field.type)) {
    problems_.Add(LineOf(table, "mask"), "this mask does not fit the type");
  }
}

void SchemaParser::ReadIndex(const TomlTable& table, FieldSpec& field) {
  const std::optional<std::string> name =
      codec::ReadString(table, "index", Need::kOptional, problems_);
  if (!name.has_value()) return;
  const internal::IndexRow* row =
      FindNamed(internal::kIndexNames, *name, LineOf(table, "index"), problems_);
  if (row == nullptr) return;
  if (internal::RowOf(field.type).index != row->index) {
    problems_.Add(LineOf(table, "index"), "this index does not fit the type");
    return;
  }
  field.index = row->index;
}

void SchemaParser::ReadSearch(const TomlTable& table, FieldSpec& field) {
  const std::optional<std::string> name =
      codec::ReadString(table, "search", Need::kOptional, problems_);
  if (!name.has_value()) return;
  const int line = LineOf(table, "search");
  const internal::SearchRow* row = FindNamed(internal::kSearchParts, *name, line, problems_);
  if (row == nullptr) return;
  if (field.type != row->type) problems_.Add(line, "this part of a search does not fit the type");
  const auto same =
      std::count_if(schema_.fields_.begin(), schema_.fields_.end(),
                    [row](const FieldSpec& other) { return other.search == row->part; });
  const std::ptrdiff_t most = row->part == SearchPart::kLastName ? 2 : 1;
  if (same >= most) problems_.Add(line, "too many fields are this part of a search");
  field.search = row->part;
  schema_.has_search_ = true;
}

void SchemaParser::ReadChoices(const TomlTable& table, FieldSpec& field) {
  const bool is_choice = field.type == FieldType::kChoice;
  const std::optional<std::vector<std::string>> choices = codec::ReadStrings(
      table, "choices", is_choice ? Need::kRequired : Need::kOptional, problems_);
  if (!choices.has_value()) return;
  const int line = LineOf(table, "choices");
  if (!is_choice) problems_.Add(line, "only a field of type 'choice' has choices");
  if (choices->empty() || choices->size() > kChoicesMax) {
    problems_.Add(line, "a choice has 1 to 64 choices");
  }
  for (std::size_t i = 0; i < choices->size(); ++i) {
    const std::string& choice = (*choices)[i];
    if (!IsName(choice, '_') || choice.size() > field.bytes_max) {
      problems_.Add(line, "a choice is a lower-case word that fits bytes_max");
    }
    if (std::count(choices->begin(), choices->end(), choice) > 1) {
      problems_.Add(line, "a choice is there twice");
      break;
    }
  }
  field.choices = *choices;
}

void SchemaParser::ReadFlags(const TomlTable& table, const CompartmentSpec& compartment,
                             FieldSpec& field) {
  field.unique = codec::ReadBool(table, "unique", Need::kOptional, problems_).value_or(false);
  field.required = codec::ReadBool(table, "required", Need::kOptional, problems_).value_or(false);
  field.sensitive = codec::ReadBool(table, "sensitive", Need::kOptional, problems_)
                        .value_or(compartment.sensitive);
  if (field.unique && field.index == 0) {
    problems_.Add(LineOf(table, "unique"), "a unique field needs an index");
  }
  if (compartment.sensitive && !field.sensitive) {
    problems_.Add(LineOf(table, "sensitive"),
                  "every field of a sensitive compartment is sensitive");
  }
  if (field.sensitive && field.mask == MaskForm::kPlain) {
    problems_.Add(LineOf(table, "mask"), "a sensitive field is not shown plain when masked");
  }
}

void SchemaParser::ReadHistory(const TomlTable& table, FieldSpec& field) {
  field.history = codec::ReadBool(table, "history", Need::kOptional, problems_).value_or(false);
  const bool is_history = field.type == FieldType::kHistory;
  const int line = LineOf(table, "history");
  // One line each: a history has a line for each value that was.
  const bool has_none = is_history || field.type == FieldType::kNote ||
                        field.type == FieldType::kNir;  // its plain form needs a decree
  if (field.history && has_none) problems_.Add(line, "a field of this type has no history");
  const auto days =
      codec::ReadInt(table, "keep_days", is_history ? Need::kRequired : Need::kOptional,
                     {1, kHistoryDaysMax}, problems_);
  if (!is_history) {
    if (days.has_value())
      problems_.Add(LineOf(table, "keep_days"), "only a history has 'keep_days'");
    return;
  }
  field.keep_days = static_cast<std::uint16_t>(days.value_or(1));
  if (field.required || field.mask != MaskForm::kHidden) {
    problems_.Add(table.line(), "a history is neither required nor shown masked");
  }
  if (schema_.history_.has_value()) problems_.Add(table.line(), "a schema has one history");
  schema_.history_ = field.id;
}

// Where what was is kept has the right of none of the fields that it is about.
void SchemaParser::CheckHistory(int line) {
  const auto has = std::ranges::find(schema_.fields_, FieldType::kHistory, &FieldSpec::type);
  std::size_t room = 0;
  for (const FieldSpec& field : schema_.fields_) {
    if (has == schema_.fields_.end()) {
      if (field.history) problems_.Add(line, "'history' needs a field of type 'history'");
      continue;
    }
    if (&field != &*has && field.compartment == has->compartment) {
      problems_.Add(line, "a history has a compartment of its own");
    }
    if (!field.history) continue;
    room += kHistoryLineBytesMax + field.bytes_max;
    // Of one size, too: how often such a field changed is nobody's to see.
    if (field.sensitive && !schema_.Find(has->compartment)->sensitive) {
      problems_.Add(line, "the history of a sensitive field has a sensitive compartment");
    }
  }
  if (has != schema_.fields_.end() && has->bytes_max < room) {
    problems_.Add(line, "a history has room for a line of each of its fields: 'bytes_max' is " +
                            std::to_string(room) + " or more");
  }
}

void SchemaParser::CheckSensitiveSize(const CompartmentSpec& compartment, int line) {
  std::size_t content = 1;
  for (const FieldSpec& field : schema_.fields_) {
    if (field.compartment == compartment.id) content += 4u + field.bytes_max;
  }
  if (content > compartment.least) {
    problems_.Add(line, "a sensitive compartment has one size: 'least' must be at least " +
                            std::to_string((content + kPadStep - 1) / kPadStep * kPadStep));
  }
}

void SchemaParser::CheckWhole(const TomlTable& top) {
  if (schema_.compartments_.empty()) problems_.Add(top.line(), "a schema has a [[compartment]]");
  if (schema_.compartments_.size() > kCompartmentsMax) {
    problems_.Add(top.line(), "a schema has 32 compartments at most");
  }
  if (schema_.fields_.empty()) problems_.Add(top.line(), "a schema has a [[compartment.field]]");
  for (const internal::SearchRow& row : internal::kSearchParts) {
    if (!schema_.has_search_ || row.part == SearchPart::kPostcode) continue;
    const bool there =
        std::any_of(schema_.fields_.begin(), schema_.fields_.end(),
                    [&row](const FieldSpec& field) { return field.search == row.part; });
    if (!there) {
      problems_.Add(top.line(), "a search has last_name, first_name and birth_date");
      break;
    }
  }
  CheckHistory(top.line());
  if (schema_.fields_.size() > kFieldsMax) {
    problems_.Add(top.line(), "a schema has 256 fields at most");
  }
}

}  // namespace cloison::records
