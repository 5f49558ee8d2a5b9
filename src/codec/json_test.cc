#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "codec/internal/json_locate.h"
#include "codec/json_reader.h"
#include "codec/json_writer.h"

namespace cloison::codec {
namespace {

JsonLimits Small() {
  return {
      .bytes_max = 400, .depth_max = 4, .string_bytes_max = 20, .members_max = 5, .values_max = 30};
}

// Writes what was read.
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
  for (auto at = value.First(); at.has_value(); at = at->Next()) {
    if (value.is_object()) out.Key(at->key());
    Copy(*at, out);
  }
  value.is_object() ? out.EndObject() : out.EndArray();
}

TEST(JsonReaderTest, Accepts) {
  const struct {
    const char* why;
    std::string body;
    std::string written;
  } rows[] = {
      {"object", R"({"a":1,"b":[true,false,null]})", R"({"a":1,"b":[true,false,null]})"},
      {"spaces", " \r\n\t{ \"a\" : [ ] } ", R"({"a":[]})"},
      {"scalar", "7", "7"},
      {"string", R"("x")", R"("x")"},
      {"empty object", "{}", "{}"},
      {"escapes", R"(["\u00e9\n\"\\\/\ud83d\ude00"])", "[\"\u00e9\\n\\\"\\\\/\U0001F600\"]"},
      {"NUL in a string", R"(["\u0000"])", R"(["\u0000"])"},
      {"largest and smallest", "[9223372036854775807,-9223372036854775808]",
       "[9223372036854775807,-9223372036854775808]"},
      {"fraction and exponent", "[1.5,-2e3,0.1]", "[1.5,-2000,0.1]"},
      {"above 63 bits", "[18446744073709551615,1e15]", "[1.8446744073709552e+19,1e+15]"},
      {"minus zero", "[-0,-0.0]", "[0,0]"},
      {"empty key", R"({"":1})", R"({"":1})"},
      {"depth at its limit", "[[[[1]]]]", "[[[[1]]]]"},
      {"members at their limit", R"({"a":1,"b":2,"c":3,"d":4,"e":5})",
       R"({"a":1,"b":2,"c":3,"d":4,"e":5})"},
      {"string at its limit", "[\"" + std::string(20, 'x') + "\"]",
       "[\"" + std::string(20, 'x') + "\"]"},
      {"keys that differ by case", R"({"a":1,"A":2})", R"({"a":1,"A":2})"},
      {"one key in two objects", R"([{"a":1},{"a":2}])", R"([{"a":1},{"a":2}])"},
  };
  for (const auto& row : rows) {
    const Result<JsonDocument> document = JsonDocument::Parse(AsBytes(row.body), Small());
    ASSERT_TRUE(document.ok()) << row.why << ": " << document.error().text();
    std::string written;
    JsonWriter out(written);
    Copy(document->root(), out);
    EXPECT_TRUE(out.complete()) << row.why;
    EXPECT_EQ(written, row.written) << row.why;
  }
}

struct Refused {
  const char* why;
  std::string body;
  Code code;
  std::int64_t offset;
  const char* pointer;
};

void ExpectRefused(const Refused& row) {
  JsonFault fault{{Code::kCorrupt, "untouched"}, "untouched", -1};
  const Result<JsonDocument> document = JsonDocument::Parse(AsBytes(row.body), Small(), &fault);
  ASSERT_FALSE(document.ok()) << row.why;
  EXPECT_EQ(document.error().code(), row.code) << row.why << ": " << document.error().text();
  EXPECT_EQ(fault.error.text(), document.error().text()) << row.why;
  EXPECT_EQ(fault.offset, row.offset) << row.why;
  EXPECT_EQ(fault.pointer, row.pointer) << row.why;
  EXPECT_EQ(fault.error.detail(), row.offset) << row.why;
}

TEST(JsonReaderTest, RefusesWhatIsNoJson) {
  const Refused rows[] = {
      {"empty", "", Code::kInvalid, 0, ""},
      {"spaces", "  ", Code::kInvalid, 2, ""},
      {"word", "nope", Code::kInvalid, 1, ""},
      {"capital", "[True]", Code::kInvalid, 1, "/0"},
      {"word too long", "[truex]", Code::kInvalid, 5, ""},
      {"unclosed object", R"({"a":1)", Code::kInvalid, 6, ""},
      {"unclosed array", "[1,2", Code::kInvalid, 4, ""},
      {"unclosed string", R"({"a":"x)", Code::kInvalid, 7, "/#0"},
      {"wrong end", R"({"a":1])", Code::kInvalid, 6, ""},
      {"comma at the end", "[1,]", Code::kInvalid, 3, "/1"},
      {"comma at the end of an object", R"({"a":1,})", Code::kInvalid, 7, "/#1"},
      {"two commas", "[1,,2]", Code::kInvalid, 3, "/1"},
      {"no comma", "[1 2]", Code::kInvalid, 3, ""},
      {"no colon", R"({"a" 1})", Code::kInvalid, 5, "/#0"},
      {"key without quotes", "{a:1}", Code::kInvalid, 1, "/#0"},
      {"single quotes", "{'a':1}", Code::kInvalid, 1, "/#0"},
      {"number as key", "{1:1}", Code::kInvalid, 1, "/#0"},
      {"something behind", R"({"a":1}x)", Code::kInvalid, 7, ""},
      {"a second value", "{}{}", Code::kInvalid, 2, ""},
      {"a NUL behind", std::string("{}\0", 3), Code::kInvalid, 2, ""},
      {"comment", "[1/*x*/]", Code::kInvalid, 2, ""},
      {"zero in front", "[012]", Code::kInvalid, 2, ""},
      {"plus", "[+1]", Code::kInvalid, 1, "/0"},
      {"point in front", "[.5]", Code::kInvalid, 1, "/0"},
      {"point behind", "[5.]", Code::kInvalid, 3, "/0"},
      {"exponent without digits", "[5e]", Code::kInvalid, 3, "/0"},
      {"minus alone", "[-]", Code::kInvalid, 2, "/0"},
      {"hexadecimal", "[0x10]", Code::kInvalid, 2, ""},
      {"NaN", "[NaN]", Code::kInvalid, 1, "/0"},
      {"too large for a double", "[1e999]", Code::kInvalid, 1, "/0"},
      {"too large for 64 bits", "[99999999999999999999]", Code::kInvalid, 1, "/0"},
      {"unknown escape", R"(["\x41"])", Code::kInvalid, 2, "/0"},
      {"short escape", R"(["\u12"])", Code::kInvalid, 2, "/0"},
      {"lone high surrogate", R"(["\ud83d"])", Code::kInvalid, 2, "/0"},
      {"lone low surrogate", R"(["\ude00"])", Code::kInvalid, 2, "/0"},
      {"line break in a string", "[\"a\nb\"]", Code::kInvalid, 3, "/0"},
      {"not UTF-8", "[\"a\xff\"]", Code::kInvalid, 3, "/0"},
      {"a surrogate in UTF-8", "[\"\xed\xa0\x80\"]", Code::kInvalid, 2, "/0"},
      {"overlong", "{\"\xc0\xaf\":1}", Code::kInvalid, 2, "/#0"},
      {"byte order mark", "\xef\xbb\xbf{}", Code::kInvalid, 0, ""},
      {"UTF-16", std::string("{\0}\0", 4), Code::kInvalid, 1, "/#0"},
  };
  for (const Refused& row : rows) ExpectRefused(row);
}

TEST(JsonReaderTest, RefusesWhatExceedsLimitsOrRepeats) {
  std::string many = "[0";
  for (int i = 0; i < 29; ++i) many += ",0";
  const Refused rows[] = {
      {"same key twice", R"({"a":1,"b":2,"a":3})", Code::kInvalid, 13, "/#2"},
      {"same key, escaped", R"({"a":1,"\u0061":3})", Code::kInvalid, 7, "/#1"},
      {"same key, further in", R"([0,{"x":{"k":1,"k":1}}])", Code::kInvalid, 15, "/1/#0/#1"},
      {"same key three times", R"({"a":1,"a":2,"a":3})", Code::kInvalid, 7, "/#1"},
      {"too deep", "[[[[[1]]]]]", Code::kExhausted, 4, "/0/0/0/0"},
      {"too deep and empty", "[[[[[]]]]]", Code::kExhausted, 4, "/0/0/0/0"},
      {"too deep, objects", R"({"a":{"a":{"a":{"a":{}}}}})", Code::kExhausted, 20, "/#0/#0/#0/#0"},
      {"string too long", "[\"" + std::string(21, 'x') + "\"]", Code::kExhausted, 1, "/0"},
      {"key too long", "{\"" + std::string(21, 'x') + "\":1}", Code::kExhausted, 1, "/#0"},
      {"too many members", R"({"a":1,"b":2,"c":3,"d":4,"e":5,"f":6})", Code::kExhausted, 31, "/#5"},
      {"too many values", many + "]", Code::kExhausted, 59, ""},
      {"too many bytes", std::string(401, ' '), Code::kExhausted, 400, ""},
  };
  for (const Refused& row : rows) ExpectRefused(row);
  // Deep and unclosed: either fault may be named.
  EXPECT_FALSE(JsonDocument::Parse(AsBytes(std::string(300, '[')), Small()).ok());
}

TEST(JsonReaderTest, TypesAreNotCoerced) {
  const std::string body = R"({"s":"1","i":1,"n":1.0,"b":true,"z":null,"a":[],"o":{}})";
  const Result<JsonDocument> document = JsonDocument::Parse(AsBytes(body));
  ASSERT_TRUE(document.ok());
  const JsonValue root = document->root();
  const struct {
    const char* key;
    bool text, whole, number, boolean;
  } rows[] = {
      {"s", true, false, false, false},  {"i", false, true, true, false},
      {"n", false, false, true, false},  {"b", false, false, false, true},
      {"z", false, false, false, false}, {"a", false, false, false, false},
      {"o", false, false, false, false},
  };
  for (const auto& row : rows) {
    const std::optional<JsonValue> value = root.Find(row.key);
    ASSERT_TRUE(value.has_value()) << row.key;
    EXPECT_EQ(value->AsString().ok(), row.text) << row.key;
    EXPECT_EQ(value->AsInt().ok(), row.whole) << row.key;
    EXPECT_EQ(value->AsNumber().ok(), row.number) << row.key;
    EXPECT_EQ(value->AsBool().ok(), row.boolean) << row.key;
  }
  EXPECT_FALSE(root.Find("missing").has_value());
  EXPECT_FALSE(root.Find("s")->Find("x").has_value());
  EXPECT_EQ(root.Require("missing").error().code(), Code::kInvalid);
  EXPECT_FALSE(root.ForEachElement([](const JsonValue&) { return Ok(); }).ok());
  EXPECT_FALSE(root.Find("a")->ForEachMember([](auto, auto) { return Ok(); }).ok());
}

TEST(JsonReaderTest, PointersNameOnlyKeysWeKnow) {
  const std::string body = R"({"person":"x","fields":[{"k":1,"secret-of-client":2}],"a/b~c":3})";
  const Result<JsonDocument> document = JsonDocument::Parse(AsBytes(body));
  ASSERT_TRUE(document.ok());
  const JsonValue root = document->root();
  const std::optional<JsonValue> fields = root.Find("fields");
  ASSERT_TRUE(fields.has_value());
  const std::string_view allowed[] = {"k"};
  JsonFault fault{{Code::kCorrupt, "untouched"}, "", 0};
  EXPECT_EQ(fields->First()->CheckKeys(allowed, &fault).error().text(), "an unknown member");
  EXPECT_EQ(fault.pointer, "/fields/0/#1");
  EXPECT_EQ(fault.offset, 31);
  EXPECT_EQ(root.First()->pointer(), "/#0");
  EXPECT_EQ(root.Find("a/b~c")->pointer(), "/a~1b~0c");
  EXPECT_EQ(root.pointer(), "");
  const std::string_view all[] = {"person", "fields", "a/b~c"};
  EXPECT_TRUE(root.CheckKeys(all).ok());
  EXPECT_EQ(root.First()->pointer(), "/person");
  EXPECT_EQ(root.First()->CheckKeys(all, &fault).error().text(), "an object is expected");
}

TEST(JsonReaderTest, IterationStopsAtTheFirstFault) {
  const std::string body = "[1,2,\"x\",4]";
  const Result<JsonDocument> document = JsonDocument::Parse(AsBytes(body));
  ASSERT_TRUE(document.ok());
  std::int64_t sum = 0;
  const Status status = document->root().ForEachElement([&sum](const JsonValue& value) -> Status {
    CLOISON_TRY_ASSIGN(const std::int64_t whole, value.AsInt());
    sum += whole;
    return Ok();
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.error().detail(), 5);
  EXPECT_EQ(sum, 3);
}

TEST(JsonReaderTest, DocumentsMove) {
  Result<JsonDocument> first = JsonDocument::Parse(AsBytes("[\"text\"]"));
  ASSERT_TRUE(first.ok());
  JsonDocument moved = std::move(*first);
  EXPECT_EQ(*moved.root().First()->AsString(), "text");
}

TEST(JsonWriterTest, Escapes) {
  const struct {
    const char* why;
    std::string value;
    std::string written;
  } rows[] = {
      {"quote and backslash", "a\"b\\", R"("a\"b\\")"},
      {"control characters", std::string("\x01\n\r\t\x1f\0", 6), R"("\u0001\n\r\t\u001f\u0000")"},
      {"beyond ASCII", "é€", "\"é€\""},
      {"not UTF-8",
       "a\xff"
       "b",
       "\"a\ufffdb\""},
      {"cut sequence", "a\xe2\x82", "\"a\ufffd\ufffd\""},
      {"empty", "", "\"\""},
      {"first and last", "\"ab\"", R"("\"ab\"")"},
      {"one after the other", "\\\n\"x", R"("\\\n\"x")"},
      {"beyond ASCII around an escape", "é\"é", "\"é\\\"é\""},
      {"not UTF-8 around an escape", "\x80\"\xc3", "\"\ufffd\\\"\ufffd\""},
      {"DEL needs none",
       "a\x7f"
       "b",
       "\"a\x7f"
       "b\""},
  };
  for (const auto& row : rows) {
    std::string out;
    AppendJsonString(out, row.value);
    EXPECT_EQ(out, row.written) << row.why;
    EXPECT_TRUE(JsonDocument::Parse(AsBytes(out)).ok()) << row.why;
  }
}

// Each byte at each place of a text that is looked at in steps of eight.
TEST(JsonWriterTest, EscapesWhereverItStands) {
  for (int byte = 0; byte < 0x80; ++byte) {
    const char c = static_cast<char>(byte);
    std::string alone;
    AppendJsonString(alone, std::string_view(&c, 1));
    const std::string written = alone.substr(1, alone.size() - 2);
    EXPECT_EQ(written.size() > 1, byte < 0x20 || c == '"' || c == '\\') << byte;
    for (std::size_t at = 0; at < 17; ++at) {
      std::string value(17, 'a');
      value[at] = c;
      std::string out;
      AppendJsonString(out, value);
      const std::string want = std::string(at, 'a') + written + std::string(16 - at, 'a');
      EXPECT_EQ(out, '"' + want + '"') << byte << " at " << at;
    }
  }
}

TEST(JsonWriterTest, Numbers) {
  std::string text;
  JsonWriter out(text);
  out.BeginArray().Int(INT64_MIN).Uint(UINT64_MAX).Number(0.1).Number(std::nan("")).Raw("{}");
  EXPECT_FALSE(out.complete());
  out.EndArray();
  EXPECT_TRUE(out.complete());
  EXPECT_EQ(text, "[-9223372036854775808,18446744073709551615,0.1,null,{}]");
}

TEST(JsonWriterDeathTest, MisuseIsABug) {
  std::string text;
  EXPECT_DEATH(JsonWriter(text).BeginObject().Int(1), "kObjectKey");
  EXPECT_DEATH(JsonWriter(text).BeginArray().Key("a"), "kObjectKey");
  EXPECT_DEATH(JsonWriter(text).BeginArray().EndObject(), "place");
  EXPECT_DEATH(JsonWriter(text).BeginObject().Key("a").EndObject(), "place");
  EXPECT_DEATH(JsonWriter(text).Int(1).Int(2), "started_");
  EXPECT_DEATH(JsonWriter(text).EndArray(), "depth_");
}

}  // namespace
}  // namespace cloison::codec
