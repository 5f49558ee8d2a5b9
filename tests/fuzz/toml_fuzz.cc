// A tree that is read has lines inside its text and values of one kind each; a refusal is one
// diagnostic. Whatever is asked of the tree then, an answer or a diagnostic comes, not both.
#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "codec/toml_reader.h"

namespace cloison::codec {
namespace {

int LinesOf(std::string_view text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
}

void CheckTable(const TomlTable& table, int lines, int depth);

void CheckValue(const TomlValue& value, int lines, int depth) {
  CLOISON_CHECK(depth <= kTomlDepthMax + 1);
  CLOISON_CHECK(value.line() >= 0 && value.line() <= lines);
  const int kinds = (value.AsString() != nullptr) + value.AsInt().has_value() +
                    (value.type() == TomlType::kNumber && value.AsNumber().has_value()) +
                    value.AsBool().has_value() + (value.AsTime() != nullptr) +
                    (value.AsArray() != nullptr) + (value.AsTable() != nullptr);
  CLOISON_CHECK(kinds == 1);
  CLOISON_CHECK(!TomlTypeName(value.type()).empty());
  if (const auto* const array = value.AsArray()) {
    for (const TomlValue& element : *array) CheckValue(element, lines, depth + 1);
  }
  if (value.AsTable() != nullptr) CheckTable(*value.AsTable(), lines, depth + 1);
}

// Asks for one member as `Read` reads it.
template <class Read>
void Ask(Read read) {
  Diagnostics problems;
  const bool given = read(problems);
  CLOISON_CHECK(given == problems.empty());
}

void CheckTable(const TomlTable& table, int lines, int depth) {
  CLOISON_CHECK(table.line() >= 0 && table.line() <= lines);
  for (const TomlTable::Member& member : table.members()) {
    CLOISON_CHECK(table.Find(member.key) == &member.value);
    CheckValue(member.value, lines, depth);
    const std::string& key = member.key;
    constexpr Need kNeed = Need::kRequired;
    Ask([&](Diagnostics& out) { return ReadString(table, key, kNeed, out).has_value(); });
    Ask([&](Diagnostics& out) { return ReadBool(table, key, kNeed, out).has_value(); });
    Ask([&](Diagnostics& out) { return ReadInt(table, key, kNeed, {0, 9}, out).has_value(); });
    Ask([&](Diagnostics& out) { return ReadStrings(table, key, kNeed, out).has_value(); });
    Ask([&](Diagnostics& out) { return ReadTable(table, key, kNeed, out) != nullptr; });
  }
}

}  // namespace
}  // namespace cloison::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison::codec;
  const std::string_view text = cloison::AsText({data, size});
  Diagnostics problems;
  const auto table = ParseToml(text, problems);
  CLOISON_CHECK(table.has_value() == problems.empty());
  CLOISON_CHECK(problems.entries().size() <= 1);
  if (!table.has_value()) {
    CLOISON_CHECK(problems.entries()[0].line <= LinesOf(text));
    return 0;
  }
  CLOISON_CHECK(size <= kTomlBytesMax);
  CheckTable(*table, LinesOf(text), 0);
  static constexpr std::string_view kAllowed[] = {"name", "version", "field"};
  const bool known = CheckKeys(*table, kAllowed, problems);
  CLOISON_CHECK(known == problems.empty());
  CLOISON_CHECK(problems.entries().size() <= kDiagnosticsMax);
  return 0;
}
