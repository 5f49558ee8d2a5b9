#include "codec/json_reader.h"

#include <simdjson.h>
#include <string.h>  // explicit_bzero

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>
#include <vector>

#include "codec/internal/json_locate.h"

namespace cloison::codec {
namespace {

namespace dom = simdjson::dom;

constexpr std::uint32_t kNoNode = 0xffffffffu;
constexpr std::size_t kOffsetMax = 0xffffff00u;  // offsets are kept in 32 bits

struct Node {
  JsonType type = JsonType::kNull;
  bool known = false;  // our code asked for the key by name
  std::uint32_t offset = 0;
  std::uint32_t parent = kNoNode;
  std::uint32_t first = kNoNode;
  std::uint32_t next = kNoNode;
  std::uint32_t count = 0;
  std::uint32_t position = 0;  // among its parent's children
  std::string_view key;
  std::string_view string;
  std::uint64_t number = 0;  // bits of the int64, double or bool
};

std::int64_t Signed(std::size_t offset) {
  return static_cast<std::int64_t>(offset);
}

Error ErrorOf(simdjson::error_code code, std::int64_t offset) {
  switch (code) {
    case simdjson::DEPTH_ERROR: return {Code::kExhausted, "the body has too many levels", offset};
    case simdjson::CAPACITY: return {Code::kExhausted, "the body is too large", offset};
    case simdjson::MEMALLOC: return {Code::kUnavailable, "no memory for the body", offset};
    case simdjson::UTF8_ERROR: return {Code::kInvalid, "the body is not UTF-8", offset};
    case simdjson::EMPTY: return {Code::kInvalid, "the body is empty", offset};
    case simdjson::NUMBER_ERROR:
      return {Code::kInvalid, "the body has a malformed number or one out of range", offset};
    case simdjson::STRING_ERROR:
    case simdjson::UNESCAPED_CHARS:
      return {Code::kInvalid, "the body has a malformed string", offset};
    case simdjson::UNCLOSED_STRING:
      return {Code::kInvalid, "the body ends inside a string", offset};
    default: return {Code::kInvalid, "the body is not JSON", offset};
  }
}

void AppendPointerKey(std::string& out, std::string_view key) {
  for (const char c : key) {
    if (c == '~') {
      out.append("~0");
    } else if (c == '/') {
      out.append("~1");
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace

struct JsonValue::Impl {
  Impl(ByteView body, const JsonLimits& limits_of_body)
      : limits(limits_of_body),
        size(body.size()),
        text(std::make_unique<char[]>(body.size() + simdjson::SIMDJSON_PADDING)) {
    std::copy(body.begin(), body.end(), text.get());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    explicit_bzero(text.get(), size);
    if (!nodes.empty()) explicit_bzero(nodes.data(), nodes.size() * sizeof(Node));
    // Not more than what simdjson allocates for this capacity (dom::document::allocate).
    const std::size_t capacity = parser.doc.capacity();
    if (parser.doc.string_buf) explicit_bzero(parser.doc.string_buf.get(), 5 * capacity / 3);
    if (parser.doc.tape) explicit_bzero(parser.doc.tape.get(), capacity * sizeof(std::uint64_t));
  }

  std::optional<JsonFault> Parse();
  std::optional<JsonFault> Add(dom::element value, std::uint32_t parent, int depth);
  std::optional<JsonFault> AddObject(dom::object object, std::uint32_t node, int depth);
  std::optional<JsonFault> AddArray(dom::array array, std::uint32_t node, int depth);
  std::optional<JsonFault> CheckDuplicates(std::uint32_t object) const;
  void SetScalar(dom::element value, Node& node) const;
  std::uint32_t NextOffset() { return parser.implementation->structural_indexes[token++]; }
  std::string PointerOf(std::uint32_t node) const;
  JsonFault FaultAt(std::uint32_t node, Error error) const {
    const std::int64_t offset = nodes[node].offset;
    return {error, PointerOf(node), offset};
  }

  const JsonLimits limits;
  const std::size_t size;
  const std::unique_ptr<char[]> text;
  dom::parser parser;
  std::vector<Node> nodes;
  std::size_t token = 0;      // next of simdjson's structural indexes, while building
  std::string_view next_key;  // of the member being added
};

std::optional<JsonFault> JsonValue::Impl::Parse() {
  if (parser.allocate(size, static_cast<std::size_t>(limits.depth_max) + 1) != simdjson::SUCCESS) {
    return JsonFault{{Code::kUnavailable, "no memory for the body"}, "", 0};
  }
  dom::element root;
  const simdjson::error_code code = parser.parse(text.get(), size, false).get(root);
  if (code != simdjson::SUCCESS) {
    internal::JsonPlace place = internal::LocateJsonFault({text.get(), size}, limits.depth_max);
    const std::int64_t offset = Signed(place.offset);
    return JsonFault{ErrorOf(code, offset), std::move(place.pointer), offset};
  }
  // simdjson notes where each token begins, in the order of the text: the walk below goes through
  // the same order and so knows every offset without reading the text again. The nodes never move:
  // a copy left behind could not be wiped.
  nodes.reserve(
      std::min<std::size_t>(parser.implementation->n_structural_indexes, limits.values_max));
  return Add(root, kNoNode, 0);
}

std::optional<JsonFault> JsonValue::Impl::Add(dom::element value, std::uint32_t parent, int depth) {
  const std::uint32_t offset = NextOffset();
  if (nodes.size() >= limits.values_max) {
    return JsonFault{{Code::kExhausted, "the body has too many values", offset}, "", offset};
  }
  const auto index = static_cast<std::uint32_t>(nodes.size());
  Node& node = nodes.emplace_back();
  node.offset = offset;
  node.parent = parent;
  if (parent != kNoNode) node.position = nodes[parent].count++;
  const bool container = value.is_object() || value.is_array();
  if (container && depth >= limits.depth_max) {
    return FaultAt(index, {Code::kExhausted, "the body has too many levels", offset});
  }
  if (value.is_object()) return AddObject(value.get_object().value_unsafe(), index, depth + 1);
  if (value.is_array()) return AddArray(value.get_array().value_unsafe(), index, depth + 1);
  SetScalar(value, node);
  if (node.string.size() > limits.string_bytes_max) {
    return FaultAt(index, {Code::kExhausted, "the body has a string too long", offset});
  }
  return std::nullopt;
}

void JsonValue::Impl::SetScalar(dom::element value, Node& node) const {
  switch (value.type()) {
    case dom::element_type::STRING:
      node.type = JsonType::kString;
      node.string = value.get_string().value_unsafe();
      break;
    case dom::element_type::BOOL:
      node.type = JsonType::kBool;
      node.number = value.get_bool().value_unsafe() ? 1 : 0;
      break;
    case dom::element_type::INT64:
      node.type = JsonType::kInt;
      node.number = static_cast<std::uint64_t>(value.get_int64().value_unsafe());
      break;
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      node.type = JsonType::kNumber;
      node.number = std::bit_cast<std::uint64_t>(value.get_double().value_unsafe());
      break;
    default: break;
  }
}

std::optional<JsonFault> JsonValue::Impl::AddObject(dom::object object, std::uint32_t node,
                                                    int depth) {
  nodes[node].type = JsonType::kObject;
  std::uint32_t last = kNoNode;
  for (const dom::key_value_pair member : object) {
    const std::uint32_t key_offset = NextOffset();
    ++token;  // the colon
    const auto index = static_cast<std::uint32_t>(nodes.size());
    std::optional<JsonFault> fault = Add(member.value, node, depth);
    if (index < nodes.size()) {
      nodes[index].key = member.key;
      nodes[index].offset = key_offset;
    }
    if (fault.has_value()) return fault;
    if (nodes[node].count > limits.members_max) {
      return FaultAt(index, {Code::kExhausted, "an object has too many members", key_offset});
    }
    if (member.key.size() > limits.string_bytes_max) {
      return FaultAt(index, {Code::kExhausted, "the body has a string too long", key_offset});
    }
    (last == kNoNode ? nodes[node].first : nodes[last].next) = index;
    last = index;
    ++token;  // the comma or the end
  }
  if (last == kNoNode) ++token;
  return CheckDuplicates(node);
}

std::optional<JsonFault> JsonValue::Impl::AddArray(dom::array array, std::uint32_t node,
                                                   int depth) {
  nodes[node].type = JsonType::kArray;
  std::uint32_t last = kNoNode;
  for (const dom::element element : array) {
    const auto index = static_cast<std::uint32_t>(nodes.size());
    if (std::optional<JsonFault> fault = Add(element, node, depth); fault.has_value()) return fault;
    (last == kNoNode ? nodes[node].first : nodes[last].next) = index;
    last = index;
    ++token;  // the comma or the end
  }
  if (last == kNoNode) ++token;
  return std::nullopt;
}

std::optional<JsonFault> JsonValue::Impl::CheckDuplicates(std::uint32_t object) const {
  std::vector<std::uint32_t> members;
  members.reserve(nodes[object].count);
  for (std::uint32_t at = nodes[object].first; at != kNoNode; at = nodes[at].next) {
    members.push_back(at);
  }
  std::sort(members.begin(), members.end(), [this](std::uint32_t a, std::uint32_t b) {
    return std::tie(nodes[a].key, a) < std::tie(nodes[b].key, b);
  });
  const auto twice = std::adjacent_find(
      members.begin(), members.end(),
      [this](std::uint32_t a, std::uint32_t b) { return nodes[a].key == nodes[b].key; });
  if (twice == members.end()) return std::nullopt;
  const std::uint32_t second = *(twice + 1);
  return FaultAt(second, {Code::kInvalid, "an object has a member twice", nodes[second].offset});
}

std::string JsonValue::Impl::PointerOf(std::uint32_t node) const {
  std::vector<std::uint32_t> path;
  for (; nodes[node].parent != kNoNode; node = nodes[node].parent) path.push_back(node);
  std::string out;
  for (auto at = path.rbegin(); at != path.rend(); ++at) {
    const Node& step = nodes[*at];
    out.push_back('/');
    if (step.known) {
      AppendPointerKey(out, step.key);
      continue;
    }
    if (nodes[step.parent].type == JsonType::kObject) out.push_back('#');
    out.append(std::to_string(step.position));
  }
  return out;
}

JsonType JsonValue::type() const {
  return impl_->nodes[node_].type;
}
std::size_t JsonValue::size() const {
  return impl_->nodes[node_].count;
}
std::string_view JsonValue::key() const {
  return impl_->nodes[node_].key;
}
std::string_view JsonValue::string() const {
  return impl_->nodes[node_].string;
}
std::int64_t JsonValue::offset() const {
  return impl_->nodes[node_].offset;
}
std::string JsonValue::pointer() const {
  return impl_->PointerOf(node_);
}

Error JsonValue::Expected(JsonType type) const {
  switch (type) {
    case JsonType::kString: return {Code::kInvalid, "a string is expected", offset()};
    case JsonType::kInt: return {Code::kInvalid, "a whole number is expected", offset()};
    case JsonType::kNumber: return {Code::kInvalid, "a number is expected", offset()};
    case JsonType::kBool: return {Code::kInvalid, "true or false is expected", offset()};
    case JsonType::kArray: return {Code::kInvalid, "an array is expected", offset()};
    case JsonType::kObject: return {Code::kInvalid, "an object is expected", offset()};
    case JsonType::kNull: break;
  }
  return {Code::kInvalid, "null is expected", offset()};
}

Result<std::string_view> JsonValue::AsString() const {
  if (type() != JsonType::kString) return Expected(JsonType::kString);
  return string();
}

Result<std::int64_t> JsonValue::AsInt() const {
  if (type() != JsonType::kInt) return Expected(JsonType::kInt);
  return static_cast<std::int64_t>(impl_->nodes[node_].number);
}

Result<bool> JsonValue::AsBool() const {
  if (type() != JsonType::kBool) return Expected(JsonType::kBool);
  return impl_->nodes[node_].number != 0;
}

Result<double> JsonValue::AsNumber() const {
  const std::uint64_t bits = impl_->nodes[node_].number;
  if (type() == JsonType::kInt) return static_cast<double>(static_cast<std::int64_t>(bits));
  if (type() != JsonType::kNumber) return Expected(JsonType::kNumber);
  return std::bit_cast<double>(bits);
}

std::optional<JsonValue> JsonValue::First() const {
  const std::uint32_t first = impl_->nodes[node_].first;
  if (first == kNoNode) return std::nullopt;
  return JsonValue(impl_, first);
}

std::optional<JsonValue> JsonValue::Next() const {
  const std::uint32_t next = impl_->nodes[node_].next;
  if (next == kNoNode) return std::nullopt;
  return JsonValue(impl_, next);
}

std::optional<JsonValue> JsonValue::Find(std::string_view key) const {
  if (!is_object()) return std::nullopt;
  for (std::optional<JsonValue> at = First(); at.has_value(); at = at->Next()) {
    if (at->key() != key) continue;
    impl_->nodes[at->node_].known = true;
    return at;
  }
  return std::nullopt;
}

Result<JsonValue> JsonValue::Require(std::string_view key) const {
  if (!is_object()) return Expected(JsonType::kObject);
  const std::optional<JsonValue> found = Find(key);
  if (!found.has_value()) return Error{Code::kInvalid, "a required member is missing", offset()};
  return *found;
}

Status JsonValue::CheckKeys(std::span<const std::string_view> allowed, JsonFault* fault) const {
  std::optional<JsonFault> found;
  if (!is_object()) found = Fault(Expected(JsonType::kObject));
  for (std::optional<JsonValue> at = First(); at.has_value() && !found; at = at->Next()) {
    Node& member = impl_->nodes[at->node_];
    if (std::find(allowed.begin(), allowed.end(), member.key) != allowed.end()) {
      member.known = true;
    } else {
      found = at->Fault({Code::kInvalid, "an unknown member", at->offset()});
    }
  }
  if (!found.has_value()) return Ok();
  const Error error = found->error;
  if (fault != nullptr) *fault = std::move(*found);
  return error;
}

JsonDocument::JsonDocument(std::unique_ptr<JsonValue::Impl> impl) : impl_(std::move(impl)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonValue JsonDocument::root() const {
  return JsonValue(impl_.get(), 0);
}

Result<JsonDocument> JsonDocument::Parse(ByteView body, const JsonLimits& limits,
                                         JsonFault* fault) {
  std::optional<JsonFault> found;
  std::unique_ptr<JsonValue::Impl> impl;
  if (body.size() > std::min(limits.bytes_max, kOffsetMax)) {
    const std::int64_t offset = Signed(limits.bytes_max);
    found = JsonFault{{Code::kExhausted, "the body is too large", offset}, "", offset};
  } else {
    impl = std::make_unique<JsonValue::Impl>(body, limits);
    found = impl->Parse();
  }
  if (!found.has_value()) return JsonDocument(std::move(impl));
  const Error error = found->error;
  if (fault != nullptr) *fault = std::move(*found);
  return error;
}

}  // namespace cloison::codec
