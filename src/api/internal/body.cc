#include "api/internal/body.h"

#include <algorithm>
#include <charconv>

#include "api/handler.h"
#include "crypto/mac.h"

namespace cloison::api::internal {

namespace {

constexpr codec::JsonLimits kLimits{.bytes_max = kApiBodyBytesMax,
                                    .depth_max = 8,
                                    .string_bytes_max = 16u << 10,
                                    .members_max = 512,
                                    .values_max = 8'192};

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

Body::Body(Call& call, std::span<const std::string_view> keys) {
  codec::JsonFault fault{Error{Code::kInvalid, "the body is not read"}, "", 0};
  Result<codec::JsonDocument> parsed =
      codec::JsonDocument::Parse(AsBytes(call.request.body), kLimits, &fault);
  net::WipeText(call.request.body);
  if (!parsed.ok()) {
    malformed_ = FieldFault{fault.pointer, "malformed", fault.error.text()};
    return;
  }
  document_.emplace(std::move(*parsed));
  if (!document_->root().is_object()) {
    Add("", "wrong_type", "an object is expected");
    return;
  }
  if (!document_->root().CheckKeys(keys, &fault).ok()) {
    Add(fault.pointer, "unknown_key", fault.error.text());
  }
}

std::optional<codec::JsonValue> Body::root() const {
  if (!document_.has_value()) return std::nullopt;
  return document_->root();
}

net::Response Body::Refuse(const Call& call) const {
  Problem problem(malformed_.has_value() ? ProblemCode::kMalformedBody
                                         : ProblemCode::kInvalidRequest);
  problem.errors = faults_;
  if (malformed_.has_value()) problem.errors = {*malformed_};
  return call.Refuse(problem);
}

void Body::Add(const codec::JsonValue& at, std::string_view code, std::string_view detail) {
  Add(at.pointer(), code, detail);
}

void Body::Add(std::string pointer, std::string_view code, std::string_view detail) {
  if (faults_.size() < kFaultsMax) faults_.push_back({std::move(pointer), code, detail});
}

std::optional<codec::JsonValue> Body::Find(std::string_view key, Need need) {
  if (!document_.has_value()) return std::nullopt;
  std::optional<codec::JsonValue> value = document_->root().Find(key);
  if (!value.has_value() && need == Need::kRequired) {
    Add("/" + std::string(key), "missing", "the member is required");
  }
  return value;
}

std::string Body::TextOf(const codec::JsonValue& value, std::size_t bytes_max) {
  if (value.type() != codec::JsonType::kString) {
    Add(value, "wrong_type", "a string is expected");
    return {};
  }
  const std::string_view text = value.string();
  if (text.empty()) Add(value, "invalid_value", "the text is empty");
  if (text.size() > bytes_max) Add(value, "too_long", "the text is too long");
  if (HasControl(text)) Add(value, "invalid_value", "the text has a control character");
  if (text.size() > bytes_max) return {};
  return std::string(text);
}

std::string Body::Text(std::string_view key, Need need, std::size_t bytes_max) {
  const std::optional<codec::JsonValue> value = Find(key, need);
  return value.has_value() ? TextOf(*value, bytes_max) : std::string();
}

std::string Body::Lines(std::string_view key, std::size_t bytes_max) {
  const std::optional<codec::JsonValue> value = Find(key, Need::kRequired);
  if (!value.has_value()) return {};
  const Result<std::string_view> text = value->AsString();
  if (!text.ok()) {
    Add(*value, "wrong_type", "a text is expected");
  } else if (text->empty() || text->size() > bytes_max) {
    Add(*value, "invalid_value", "the text is empty or too long");
  } else {
    return std::string(*text);
  }
  return {};
}

bool Body::Flag(std::string_view key) {
  const std::optional<codec::JsonValue> value = Find(key, Need::kOptional);
  if (!value.has_value()) return false;
  const Result<bool> flag = value->AsBool();
  if (!flag.ok()) Add(*value, "wrong_type", "true or false is expected");
  return flag.ok() && *flag;
}

access::Reason Body::Reason(Need purpose, Need case_ref) {
  std::string purpose_text = Text("purpose", purpose, ledger::kPurposeBytesMax);
  return {std::move(purpose_text), Text("case_ref", case_ref, ledger::kCaseRefBytesMax)};
}

void Body::ReadField(const records::Schema& schema, const codec::JsonValue& value, bool production,
                     std::vector<records::FieldChange>& out) {
  const records::FieldSpec* field = schema.Find(value.key());
  if (field == nullptr) {
    Add(value, "unknown_field", "the schema has no such field");
    return;
  }
  // From here on the key is one of ours: asked for by name, it may stand in a pointer.
  (void)document_->root().Find("fields")->Find(field->name);
  if (value.is_null()) {
    out.push_back({field->id, std::nullopt});
    return;
  }
  const Result<std::string_view> text = value.AsString();
  if (!text.ok()) {
    Add(value, "wrong_type", "a string is expected");
    return;
  }
  Result<crypto::SecretBytes> canonical = schema.Canonical(*field, *text, production);
  if (!canonical.ok()) {
    const bool long_text = canonical.error().code() == Code::kExhausted;
    Add(value, long_text ? "too_long" : "invalid_value", canonical.error().text());
    return;
  }
  out.push_back({field->id, std::move(*canonical)});
}

std::vector<records::FieldChange> Body::Fields(const records::Schema& schema, bool nulls,
                                               bool production) {
  std::vector<records::FieldChange> out;
  const std::optional<codec::JsonValue> fields = Find("fields", Need::kRequired);
  if (!fields.has_value()) return out;
  if (!fields->is_object() || fields->size() == 0) {
    Add(*fields, "wrong_type", "an object of fields is expected");
    return out;
  }
  for (auto at = fields->First(); at.has_value(); at = at->Next()) {
    ReadField(schema, *at, production, out);
    if (at->is_null() && !nulls) Add(*at, "wrong_type", "a string is expected");
  }
  std::sort(out.begin(), out.end(),
            [](const records::FieldChange& a, const records::FieldChange& b) {
              return a.field < b.field;
            });
  return out;
}

std::vector<FieldId> Body::FieldNames(const records::Schema& schema) {
  const std::optional<codec::JsonValue> names = Find("fields", Need::kRequired);
  return names.has_value() ? FieldsIn(*names, schema) : std::vector<FieldId>{};
}

std::vector<FieldId> Body::FieldsIn(const codec::JsonValue& names, const records::Schema& schema) {
  std::vector<FieldId> out;
  if (!names.is_array() || names.size() == 0 || names.size() > records::kFieldsMax) {
    Add(names, "wrong_type", "a list of 1 to 256 field names is expected");
    return out;
  }
  for (auto at = names.First(); at.has_value(); at = at->Next()) {
    const std::string name = TextOf(*at, kFieldNameBytesMax);
    const records::FieldSpec* field = schema.Find(name);
    if (field == nullptr) {
      Add(*at, "unknown_field", "the schema has no such field");
    } else if (std::find(out.begin(), out.end(), field->id) != out.end()) {
      Add(*at, "duplicate", "the field is named twice");
    } else {
      out.push_back(field->id);
    }
  }
  return out;
}

std::optional<std::string> IdempotencyKeyOf(const net::Request& request) {
  const std::string_view key = request.headers.get("idempotency-key");
  const bool visible =
      std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.empty() || key.size() > access::kIdempotencyKeyBytesMax || !visible) return std::nullopt;
  return std::string(key);
}

std::optional<access::Gate::Once> OnceOf(const net::Request& request) {
  std::optional<std::string> key = IdempotencyKeyOf(request);
  if (!key.has_value()) return std::nullopt;
  const crypto::Digest digest = crypto::Sha256({AsBytes(request.path), AsBytes(request.body)});
  return access::Gate::Once{std::move(*key), base::ToBytes(digest)};
}

Precondition IfMatchOf(const net::Request& request) {
  if (request.headers.count("if-match") == 0) return {};
  const std::string_view tag = request.headers.get("if-match");
  Precondition malformed{std::nullopt, ProblemCode::kIfMatchMalformed};
  if (request.headers.count("if-match") > 1 || tag.size() < 3) return malformed;
  if (tag.front() != '"' || tag.back() != '"') return malformed;
  const std::string_view digits = tag.substr(1, tag.size() - 2);
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || digits.front() == '0') return malformed;
  return {version, ProblemCode::kIfMatchMissing};
}

}  // namespace cloison::api::internal
