#include "cli/facts.h"

#include <algorithm>

namespace cloison::cli {

namespace {

using codec::JsonType;
using codec::JsonValue;

constexpr std::size_t kNameColumns = 14;

std::string Printable(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

// Empty: it has no word of its own.
std::string WordOf(const JsonValue& value) {
  switch (value.type()) {
    case JsonType::kString: return Printable(value.string());
    case JsonType::kInt: return std::to_string(*value.AsInt());
    case JsonType::kNumber: return std::to_string(*value.AsNumber());
    case JsonType::kBool: return *value.AsBool() ? "yes" : "no";
    case JsonType::kNull:
    case JsonType::kArray:
    case JsonType::kObject: return "";
  }
  return "";
}

void Add(const JsonValue& value, const std::string& name, bool plain,
         std::vector<std::string>& lines) {
  std::string words = WordOf(value);
  std::size_t element = 0;
  for (auto at = value.First(); at.has_value(); at = at->Next()) {
    const std::string word = WordOf(*at);
    if (value.is_array() && !word.empty()) {
      words += (words.empty() ? "" : " ") + word;
      continue;
    }
    const std::string key = value.is_array() ? std::to_string(++element) : Printable(at->key());
    Add(*at, name.empty() ? key : name + "." + key, plain, lines);
  }
  if (words.empty()) return;
  const std::string gap(name.size() < kNameColumns ? kNameColumns - name.size() : 1, ' ');
  lines.push_back(name + (plain ? "\t" : gap) + words);
}

}  // namespace

std::vector<std::string> FactsOf(const JsonValue& object, bool plain) {
  std::vector<std::string> lines;
  Add(object, "", plain, lines);
  return lines;
}

}  // namespace cloison::cli
