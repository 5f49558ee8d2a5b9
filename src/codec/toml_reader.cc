#include "codec/toml_reader.h"

#include <toml++/toml.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <sstream>

#include "base/nearest.h"

namespace cloison::codec {
namespace {

std::string Quoted(std::string_view key) {
  return "'" + std::string(key) + "'";
}

int LineOf(const toml::source_region& source) {
  return static_cast<int>(source.begin.line);
}

template <class Value>
std::string TextOf(const toml::value<Value>& value) {
  std::ostringstream out;
  out << value.get();
  return out.str();
}

// The line of the first text line above kTomlLineBytesMax; 0 when there is none.
int LongLine(std::string_view text) {
  int line = 1;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    if (size > kTomlLineBytesMax) return line;
    text.remove_prefix(std::min(size + 1, text.size()));
    ++line;
  }
  return 0;
}

}  // namespace

// Copies the parser's tree into ours.
class TomlBuilder {
 public:
  explicit TomlBuilder(Diagnostics& problems) : problems_(problems) {}

  bool Table(const toml::table& from, int depth, TomlTable& to) {
    to.line_ = LineOf(from.source());
    if (depth > kTomlDepthMax) {
      problems_.Add(to.line_, "tables are nested too deep");
      return false;
    }
    for (const auto& [key, node] : from) {
      TomlTable::Member& member = to.members_.emplace_back();
      member.key = std::string(key.str());
      member.line = LineOf(key.source());
      if (!Value(node, depth, member.value)) return false;
      if (member.line == 0) member.line = member.value.line_;
    }
    std::stable_sort(
        to.members_.begin(), to.members_.end(),
        [](const TomlTable::Member& a, const TomlTable::Member& b) { return a.line < b.line; });
    return true;
  }

 private:
  bool Value(const toml::node& from, int depth, TomlValue& to) {
    to.line_ = LineOf(from.source());
    if (const toml::table* table = from.as_table()) {
      to.type_ = TomlType::kTable;
      return Table(*table, depth + 1, to.value_.emplace<TomlTable>());
    }
    if (const toml::array* array = from.as_array()) return Array(*array, depth + 1, to);
    if (const auto* text = from.as_string()) {
      to.type_ = TomlType::kString;
      to.value_ = text->get();
    } else if (const auto* whole = from.as_integer()) {
      to.type_ = TomlType::kInt;
      to.value_ = whole->get();
    } else if (const auto* number = from.as_floating_point()) {
      to.type_ = TomlType::kNumber;
      to.value_ = number->get();
    } else if (const auto* boolean = from.as_boolean()) {
      to.type_ = TomlType::kBool;
      to.value_ = boolean->get();
    } else {
      Time(from, to);
    }
    return true;
  }

  bool Array(const toml::array& from, int depth, TomlValue& to) {
    to.type_ = TomlType::kArray;
    if (depth > kTomlDepthMax) {
      problems_.Add(to.line_, "arrays are nested too deep");
      return false;
    }
    auto& elements = to.value_.emplace<std::vector<TomlValue>>();
    elements.reserve(from.size());
    for (const toml::node& node : from) {
      if (!Value(node, depth, elements.emplace_back())) return false;
    }
    return true;
  }

  static void Time(const toml::node& from, TomlValue& to) {
    to.type_ = TomlType::kTime;
    if (const auto* date = from.as_date()) to.value_ = TextOf(*date);
    if (const auto* time = from.as_time()) to.value_ = TextOf(*time);
    if (const auto* both = from.as_date_time()) to.value_ = TextOf(*both);
  }

  Diagnostics& problems_;
};

void Diagnostics::Add(int line, std::string message) {
  if (entries_.size() < kDiagnosticsMax) entries_.push_back({line, std::move(message)});
}

std::string Diagnostics::Text(std::string_view file_name) const {
  std::vector<Diagnostic> sorted = entries_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
  std::string out;
  for (const Diagnostic& entry : sorted) {
    out.append(file_name).append(":");
    if (entry.line > 0) out.append(std::to_string(entry.line)).append(":");
    out.append(" ").append(entry.message).append("\n");
  }
  return out;
}

std::string_view TomlTypeName(TomlType type) {
  switch (type) {
    case TomlType::kString: return "a string";
    case TomlType::kInt: return "a whole number";
    case TomlType::kNumber: return "a number";
    case TomlType::kBool: return "true or false";
    case TomlType::kTime: return "a date or time";
    case TomlType::kArray: return "an array";
    case TomlType::kTable: return "a table";
  }
  return "a value";
}

const TomlValue* TomlTable::Find(std::string_view key) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [key](const Member& member) { return member.key == key; });
  return found == members_.end() ? nullptr : &found->value;
}

const std::string* TomlValue::AsString() const {
  return type_ == TomlType::kString ? std::get_if<std::string>(&value_) : nullptr;
}

std::optional<std::int64_t> TomlValue::AsInt() const {
  const auto* whole = std::get_if<std::int64_t>(&value_);
  return whole == nullptr ? std::nullopt : std::optional(*whole);
}

std::optional<double> TomlValue::AsNumber() const {
  if (const std::optional<std::int64_t> whole = AsInt()) return static_cast<double>(*whole);
  const auto* number = std::get_if<double>(&value_);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

std::optional<bool> TomlValue::AsBool() const {
  const auto* boolean = std::get_if<bool>(&value_);
  return boolean == nullptr ? std::nullopt : std::optional(*boolean);
}

const std::string* TomlValue::AsTime() const {
  return type_ == TomlType::kTime ? std::get_if<std::string>(&value_) : nullptr;
}

const std::vector<TomlValue>* TomlValue::AsArray() const {
  return std::get_if<std::vector<TomlValue>>(&value_);
}

const TomlTable* TomlValue::AsTable() const {
  return std::get_if<TomlTable>(&value_);
}

std::optional<TomlTable> ParseToml(std::string_view text, Diagnostics& problems) {
  if (text.size() > kTomlBytesMax) {
    problems.Add(0, "the file is too large");
    return std::nullopt;
  }
  if (const int line = LongLine(text); line != 0) {
    problems.Add(line, "the line is too long");
    return std::nullopt;
  }
  try {
    const toml::table parsed = toml::parse(text);
    TomlTable out;
    if (!TomlBuilder(problems).Table(parsed, 1, out)) return std::nullopt;
    return out;
  } catch (const toml::parse_error& error) {
    problems.Add(LineOf(error.source()), std::string(error.description()));
  } catch (const std::exception&) {
    problems.Add(0, "the file can't be read as TOML");
  }
  return std::nullopt;
}

bool CheckKeys(const TomlTable& table, std::span<const std::string_view> allowed,
               Diagnostics& problems) {
  bool clean = true;
  for (const TomlTable::Member& member : table.members()) {
    if (std::find(allowed.begin(), allowed.end(), member.key) != allowed.end()) continue;
    clean = false;
    std::string message = "unknown key " + Quoted(member.key);
    const std::string_view nearest = base::NearestName(member.key, allowed);
    if (!nearest.empty()) message += "; the nearest is " + Quoted(nearest);
    problems.Add(member.line, std::move(message));
  }
  return clean;
}

namespace {

// The member when it is there and of that type; says what is wrong otherwise.
const TomlValue* Look(const TomlTable& table, std::string_view key, TomlType type, Need need,
                      Diagnostics& problems) {
  const TomlValue* value = table.Find(key);
  if (value == nullptr) {
    if (need == Need::kRequired) problems.Add(table.line(), "missing key " + Quoted(key));
    return nullptr;
  }
  if (value->type() == type) return value;
  problems.Add(value->line(), Quoted(key) + " must be " + std::string(TomlTypeName(type)) +
                                  ", not " + std::string(TomlTypeName(value->type())));
  return nullptr;
}

}  // namespace

std::optional<std::string> ReadString(const TomlTable& table, std::string_view key, Need need,
                                      Diagnostics& problems) {
  const TomlValue* value = Look(table, key, TomlType::kString, need, problems);
  if (value == nullptr) return std::nullopt;
  return *value->AsString();
}

std::optional<bool> ReadBool(const TomlTable& table, std::string_view key, Need need,
                             Diagnostics& problems) {
  const TomlValue* value = Look(table, key, TomlType::kBool, need, problems);
  return value == nullptr ? std::nullopt : value->AsBool();
}

std::optional<std::int64_t> ReadInt(const TomlTable& table, std::string_view key, Need need,
                                    TomlRange range, Diagnostics& problems) {
  const TomlValue* value = Look(table, key, TomlType::kInt, need, problems);
  if (value == nullptr) return std::nullopt;
  const std::int64_t whole = *value->AsInt();
  if (whole >= range.min && whole <= range.max) return whole;
  problems.Add(value->line(), Quoted(key) + " must be from " + std::to_string(range.min) + " to " +
                                  std::to_string(range.max));
  return std::nullopt;
}

std::optional<std::vector<std::string>> ReadStrings(const TomlTable& table, std::string_view key,
                                                    Need need, Diagnostics& problems) {
  const TomlValue* value = Look(table, key, TomlType::kArray, need, problems);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> out;
  for (const TomlValue& element : *value->AsArray()) {
    const std::string* text = element.AsString();
    if (text == nullptr) {
      problems.Add(element.line(), Quoted(key) + " must hold strings only");
      return std::nullopt;
    }
    out.push_back(*text);
  }
  return out;
}

const TomlTable* ReadTable(const TomlTable& table, std::string_view key, Need need,
                           Diagnostics& problems) {
  const TomlValue* value = Look(table, key, TomlType::kTable, need, problems);
  return value == nullptr ? nullptr : value->AsTable();
}

std::vector<const TomlTable*> ReadTables(const TomlTable& table, std::string_view key,
                                         Diagnostics& problems) {
  std::vector<const TomlTable*> out;
  const TomlValue* value = Look(table, key, TomlType::kArray, Need::kOptional, problems);
  if (value == nullptr) return out;
  for (const TomlValue& element : *value->AsArray()) {
    if (const TomlTable* item = element.AsTable(); item != nullptr) {
      out.push_back(item);
    } else {
      problems.Add(element.line(),
                   Quoted(key) + " must hold tables only ([[" + std::string(key) + "]])");
    }
  }
  return out;
}

}  // namespace cloison::codec
