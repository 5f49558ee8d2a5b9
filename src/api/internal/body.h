// Reads the body of one request: every fault with its place, and no value kept or echoed.
//
//   Body body(call, kKeys);
//   const std::string purpose = body.Text("purpose", Need::kRequired, 64);
//   if (!body.ok()) co_return body.Refuse(call);
//
// Threads  one. The text of the request is wiped by the constructor; the parsed copy by the
//          destructor.
#ifndef CLOISON_API_INTERNAL_BODY_H_
#define CLOISON_API_INTERNAL_BODY_H_

#include "api/internal/call.h"
#include "codec/json_reader.h"

namespace cloison::api::internal {

enum class Need : std::uint8_t { kRequired, kOptional };

inline constexpr std::size_t kPersonTextBytesMax = 32;
inline constexpr std::size_t kFieldNameBytesMax = 128;

class Body {
 public:
  Body(Call& call, std::span<const std::string_view> keys);

  bool ok() const { return !malformed_.has_value() && faults_.empty(); }
  net::Response Refuse(const Call& call) const;
  void Add(const codec::JsonValue& at, std::string_view code, std::string_view detail);
  void Add(std::string pointer, std::string_view code, std::string_view detail);

  // All give an empty value after a fault.
  std::optional<codec::JsonValue> Find(std::string_view key, Need need);
  std::string Text(std::string_view key, Need need, std::size_t bytes_max);
  std::string TextOf(const codec::JsonValue& value, std::size_t bytes_max);
  // A required text of lines: its parser says which characters it takes.
  std::string Lines(std::string_view key, std::size_t bytes_max);
  bool Flag(std::string_view key);
  // purpose and case_ref.
  access::Reason Reason(Need purpose, Need case_ref);
  // An object of fields and their texts. Null empties a field where `nulls` allows it.
  std::vector<records::FieldChange> Fields(const records::Schema& schema, bool nulls,
                                           bool production);
  // In the order of the body.
  std::vector<FieldId> FieldNames(const records::Schema& schema);
  std::vector<FieldId> FieldsIn(const codec::JsonValue& names, const records::Schema& schema);
  std::optional<codec::JsonValue> root() const;

 private:
  void ReadField(const records::Schema& schema, const codec::JsonValue& value, bool production,
                 std::vector<records::FieldChange>& out);

  std::optional<codec::JsonDocument> document_;
  std::optional<FieldFault> malformed_;
  std::vector<FieldFault> faults_;
};

// The Idempotency-Key header; nothing when it is missing, empty, too long or has other characters
// than visible ASCII.
std::optional<std::string> IdempotencyKeyOf(const net::Request& request);

// The same with the digest of what came with it; nothing without a key. Before the body is parsed,
// since that wipes it.
std::optional<access::Gate::Once> OnceOf(const net::Request& request);
// The key came with another body: the only conflict of an operation that has one.
template <class T>
net::Response RefuseOnce(Call& call, const access::Outcome<T>& outcome) {
  if (!outcome.ok() && outcome.error().code() == Code::kConflict) {
    return call.RefuseAtTick(Problem(ProblemCode::kIdempotencyKeyReused));
  }
  return call.Refuse(outcome);
}

// If-Match as one strong tag of a version ("7" in quotes).
struct Precondition {
  std::optional<std::uint64_t> version;
  ProblemCode refused = ProblemCode::kIfMatchMissing;  // when there is no version
};
Precondition IfMatchOf(const net::Request& request);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_BODY_H_
