// Reads one JSON body: strict, bounded, and wiped afterwards, since a body may hold personal
// values.
//
// Refused, beyond the grammar: duplicate keys (compared after unescaping), bytes that are not
// UTF-8, anything after the value, and whatever exceeds JsonLimits. Nothing is coerced: "1" is no
// number.
//
// Where a fault lies is said by a JSON pointer and a byte offset. A pointer holds array indexes and
// keys that our code asked for by name (Find, Require, CheckKeys); any other key is the client's
// own text and is shown by its position, `#2` being the third member. So a pointer echoes no value:
//
//   {"person":"x","fields":[{"k":1,"nope":2}]}   ->   /fields/0/#1, offset 31
//
// Threads  one document belongs to one thread. Cost: about 1 us per KiB and one block of nodes.
// Source   RFC 8259, RFC 6901; RFC 7493 section 2.3 (no duplicate names).
#ifndef CLOISON_CODEC_JSON_READER_H_
#define CLOISON_CODEC_JSON_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace cloison::codec {

// Reaching one is kExhausted. A body at its limit is read.
struct JsonLimits {
  std::size_t bytes_max = 1u << 20;
  int depth_max = 16;  // objects and arrays inside each other
  std::size_t string_bytes_max = 64u << 10;
  std::size_t members_max = 1024;    // of one object
  std::size_t values_max = 1 << 18;  // of the document
};

enum class JsonType { kNull, kBool, kInt, kNumber, kString, kArray, kObject };

// Why and where a body was refused. `error.detail()` is the offset too.
struct JsonFault {
  Error error;
  std::string pointer;  // "" is the whole body
  std::int64_t offset;  // of the byte, from 0
};

class JsonDocument;

// A value of a document, which must outlive it. Cheap to copy.
class JsonValue {
 public:
  JsonType type() const;
  std::size_t size() const;         // members or elements; 0 for other types
  std::string_view key() const;     // of a member, unescaped; empty for others
  std::string_view string() const;  // of a kString, unescaped; empty for others

  // kInvalid when the type is another (kInt: a whole number of 64 bits, without point or exponent).
  // The views point into the document.
  Result<std::string_view> AsString() const;
  Result<std::int64_t> AsInt() const;
  Result<bool> AsBool() const;
  Result<double> AsNumber() const;  // kInt or kNumber
  bool is_null() const { return type() == JsonType::kNull; }
  bool is_object() const { return type() == JsonType::kObject; }
  bool is_array() const { return type() == JsonType::kArray; }

  // The member with that key; nothing when there is none or this is no object. The key is known
  // from then on (see above). Cost: linear in the members.
  std::optional<JsonValue> Find(std::string_view key) const;
  // The same; kInvalid when it is missing.
  Result<JsonValue> Require(std::string_view key) const;
  // kInvalid when this is no object or has a member that is not in `allowed`; `fault` then names it
  // by position.
  Status CheckKeys(std::span<const std::string_view> allowed, JsonFault* fault = nullptr) const;

  // Children in the order of the body.
  std::optional<JsonValue> First() const;
  std::optional<JsonValue> Next() const;
  // Calls f(key, value) or f(value) until one fails, and gives that. kInvalid for another type.
  template <class F>
  Status ForEachMember(F f) const {
    if (!is_object()) return Expected(JsonType::kObject);
    for (std::optional<JsonValue> at = First(); at.has_value(); at = at->Next()) {
      if (Status status = f(at->key(), *at); !status.ok()) return status;
    }
    return Ok();
  }
  template <class F>
  Status ForEachElement(F f) const {
    if (!is_array()) return Expected(JsonType::kArray);
    for (std::optional<JsonValue> at = First(); at.has_value(); at = at->Next()) {
      if (Status status = f(*at); !status.ok()) return status;
    }
    return Ok();
  }

  std::int64_t offset() const;  // of its first byte; of the key for a member
  std::string pointer() const;
  // A fault at this value, for what the caller finds wrong with it.
  JsonFault Fault(Error error) const { return {error, pointer(), offset()}; }

 private:
  friend class JsonDocument;
  struct Impl;
  JsonValue(Impl* impl, std::uint32_t node) : impl_(impl), node_(node) {}
  Error Expected(JsonType type) const;

  Impl* impl_;
  std::uint32_t node_;
};

class JsonDocument {
 public:
  // Parses a copy of `body`; the caller wipes its own. kInvalid, kExhausted; on failure `fault`,
  // when given, says where.
  static Result<JsonDocument> Parse(ByteView body, const JsonLimits& limits = {},
                                    JsonFault* fault = nullptr);

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();  // wipes the body, the strings and the numbers

  JsonValue root() const;

 private:
  explicit JsonDocument(std::unique_ptr<JsonValue::Impl> impl);
  std::unique_ptr<JsonValue::Impl> impl_;
};

}  // namespace cloison::codec

#endif  // CLOISON_CODEC_JSON_READER_H_
