// What is read, written and read again is written the same; a refusal places its fault inside the
// body; and no key of the client's shows in a pointer.
#include <algorithm>
#include <string>

#include "codec/json_reader.h"
#include "codec/json_writer.h"

namespace cloison::codec {
namespace {

void Copy(const JsonValue& value, JsonWriter& out) {
  switch (value.type()) {
    case JsonType::kNull: out.Null(); return;
    case JsonType::kBool: out.Bool(*value.AsBool()); return;
    case JsonType::kInt: out.Int(*value.AsInt()); return;
    case JsonType::kNumber: out.Number(*value.AsNumber()); return;
    case JsonType::kString: out.String(*value.AsString()); return;
    case JsonType::kArray: out.BeginArray(); break;
    case JsonType::kObject: out.BeginObject(); break;
  }
  std::int64_t last = value.offset();
  std::size_t count = 0;
  for (auto at = value.First(); at.has_value(); at = at->Next()) {
    CLOISON_CHECK(at->offset() > last);
    last = at->offset();
    ++count;
    if (value.is_object()) out.Key(at->key());
    Copy(*at, out);
  }
  CLOISON_CHECK(count == value.size());
  value.is_object() ? out.EndObject() : out.EndArray();
}

std::string Write(const JsonDocument& document) {
  std::string text;
  JsonWriter out(text);
  Copy(document.root(), out);
  CLOISON_CHECK(out.complete());
  return text;
}

bool ShowsPositionsOnly(const std::string& pointer) {
  return std::all_of(pointer.begin(), pointer.end(),
                     [](char c) { return c == '/' || c == '#' || (c >= '0' && c <= '9'); });
}

}  // namespace
}  // namespace cloison::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison::codec;
  JsonFault fault{{cloison::Code::kCorrupt, "untouched"}, "?", -1};
  const auto document = JsonDocument::Parse({data, size}, {}, &fault);
  if (!document.ok()) {
    CLOISON_CHECK(fault.offset >= 0 && fault.offset <= static_cast<std::int64_t>(size));
    CLOISON_CHECK(ShowsPositionsOnly(fault.pointer));
    return 0;
  }
  // Escapes may make the text longer than a body may be, so the second reading has no such limit.
  const JsonLimits wide = {.bytes_max = 16u << 20};
  const std::string once = Write(*document);
  const auto again = JsonDocument::Parse(cloison::AsBytes(once), wide);
  CLOISON_CHECK(again.ok());
  CLOISON_CHECK(Write(*again) == once);
  return 0;
}
