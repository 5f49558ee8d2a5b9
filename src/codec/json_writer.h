// Appends one JSON value to a string, without spaces.
//
//   JsonWriter out(body);
//   out.BeginObject().Key("items").BeginArray().Int(1).EndArray().EndObject();
//
// Strings are escaped as RFC 8259 section 7 asks (quote, backslash, U+0000 to U+001F); bytes that
// are not UTF-8 become U+FFFD, so that the output is always a JSON text. Misuse (a value where a
// key is due, an end that has no begin, a second value, nesting above kJsonWriterDepthMax) is a bug
// of ours and ends the process.
//
// Threads  one. Cost: appending; the text belongs to the caller, who wipes it when it is personal.
#ifndef CLOISON_CODEC_JSON_WRITER_H_
#define CLOISON_CODEC_JSON_WRITER_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cloison::codec {

inline constexpr int kJsonWriterDepthMax = 32;

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  JsonWriter& Int(std::int64_t value);
  JsonWriter& Uint(std::uint64_t value);
  JsonWriter& Number(
      double value);  // the shortest form that reads back the same; null when not finite
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // One JSON value that is already text, taken as it is.
  JsonWriter& Raw(std::string_view json);

  bool complete() const { return depth_ == 0 && started_; }  // one whole value was written

 private:
  enum class Place : std::uint8_t { kObjectKey, kObjectValue, kArray };
  void BeforeValue();
  void AfterValue();
  void Begin(Place place, char sign);
  void End(Place place, char sign);

  std::string& out_;
  int depth_ = 0;
  bool started_ = false;
  std::array<Place, kJsonWriterDepthMax> places_{};
  std::array<bool, kJsonWriterDepthMax> filled_{};
};

// Appends `value` as a JSON string with its quotes.
void AppendJsonString(std::string& out, std::string_view value);

}  // namespace cloison::codec

#endif  // CLOISON_CODEC_JSON_WRITER_H_
