#include "codec/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/check.h"
#include "base/utf8.h"

namespace cloison::codec {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// ASCII that needs no escape.
constexpr std::array<bool, 256> kAsItIs = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x80; ++c) table[c] = c != '"' && c != '\\';
  return table;
}();

// Eight bytes at a time: the first that is not as it is, or the end of what can be looked at so.
// Bit 7 of a byte is set where it is below 0x20, '"', '\\' or not ASCII (as "Determine if a word
// has a byte less than n" of Bit Twiddling Hacks; a borrow may set it too early after a set one
// only).
std::size_t SkipAsItIs(std::string_view value, std::size_t at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x80 * kOnes;
  for (std::uint64_t word = 0; value.size() - at >= sizeof(word); at += sizeof(word)) {
    std::memcpy(&word, value.data() + at, sizeof(word));
    const std::uint64_t quote = word ^ (kOnes * '"');
    const std::uint64_t backslash = word ^ (kOnes * '\\');
    const std::uint64_t below = (word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes);
    if (((below | word) & kHighs) != 0) break;
  }
  return at;
}

void AppendEscaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"': out.append("\\\""); return;
    case '\\': out.append("\\\\"); return;
    case '\n': out.append("\\n"); return;
    case '\r': out.append("\\r"); return;
    case '\t': out.append("\\t"); return;
    default: break;
  }
  out.append("\\u00");
  out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
  out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
}

template <class Value, class... Format>
void AppendNumber(std::string& out, Value value, Format... format) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), value, format...);
  CLOISON_CHECK(end.ec == std::errc());
  out.append(digits, end.ptr);
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view value) {
  out.push_back('"');
  std::size_t run = 0;  // where what is taken as it is began
  std::size_t at = SkipAsItIs(value, 0);
  while (at < value.size()) {
    const char c = value[at];
    if (kAsItIs[static_cast<unsigned char>(c)]) {
      ++at;
      continue;
    }
    const std::size_t length = base::Utf8SequenceLength(value, at);
    if (length > 1) {
      at += length;
      continue;
    }
    out.append(value, run, at - run);
    if (length == 0) {
      out.append(kReplacement);
    } else {
      AppendEscaped(out, c);
    }
    run = ++at;
  }
  out.append(value, run);
  out.push_back('"');
}

void JsonWriter::BeforeValue() {
  if (depth_ == 0) {
    CLOISON_CHECK(!started_);
    started_ = true;
    return;
  }
  const auto top = static_cast<std::size_t>(depth_ - 1);
  CLOISON_CHECK(places_[top] != Place::kObjectKey);
  if (places_[top] != Place::kArray) return;
  if (filled_[top]) out_.push_back(',');
  filled_[top] = true;
}

void JsonWriter::AfterValue() {
  if (depth_ == 0) return;
  const auto top = static_cast<std::size_t>(depth_ - 1);
  if (places_[top] == Place::kObjectValue) places_[top] = Place::kObjectKey;
}

void JsonWriter::Begin(Place place, char sign) {
  BeforeValue();
  CLOISON_CHECK(depth_ < kJsonWriterDepthMax);
  places_[static_cast<std::size_t>(depth_)] = place;
  filled_[static_cast<std::size_t>(depth_)] = false;
  ++depth_;
  out_.push_back(sign);
}

void JsonWriter::End(Place place, char sign) {
  CLOISON_CHECK(depth_ > 0 && places_[static_cast<std::size_t>(depth_ - 1)] == place);
  --depth_;
  out_.push_back(sign);
  AfterValue();
}

JsonWriter& JsonWriter::BeginObject() {
  Begin(Place::kObjectKey, '{');
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  End(Place::kObjectKey, '}');
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  Begin(Place::kArray, '[');
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  End(Place::kArray, ']');
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  CLOISON_CHECK(depth_ > 0);
  const auto top = static_cast<std::size_t>(depth_ - 1);
  CLOISON_CHECK(places_[top] == Place::kObjectKey);
  if (filled_[top]) out_.push_back(',');
  filled_[top] = true;
  places_[top] = Place::kObjectValue;
  AppendJsonString(out_, key);
  out_.push_back(':');
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  BeforeValue();
  AppendJsonString(out_, value);
  AfterValue();
  return *this;
}

JsonWriter& JsonWriter::Int(std::int64_t value) {
  BeforeValue();
  AppendNumber(out_, value);
  AfterValue();
  return *this;
}

JsonWriter& JsonWriter::Uint(std::uint64_t value) {
  BeforeValue();
  AppendNumber(out_, value);
  AfterValue();
  return *this;
}

JsonWriter& JsonWriter::Number(double value) {
  if (!std::isfinite(value)) return Null();
  BeforeValue();
  if (value == 0) value = 0;  // -0.0 would be read back as the whole number 0
  // Written out, a large double looks like a whole number that readers can't hold.
  constexpr double kWrittenOutMax = 1e15;
  if (std::abs(value) < kWrittenOutMax) {
    AppendNumber(out_, value);
  } else {
    AppendNumber(out_, value, std::chars_format::scientific);
  }
  AfterValue();
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) {
  return Raw(value ? "true" : "false");
}

JsonWriter& JsonWriter::Null() {
  return Raw("null");
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  BeforeValue();
  out_.append(json);
  AfterValue();
  return *this;
}

}  // namespace cloison::codec
