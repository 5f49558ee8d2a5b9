#include "identity/jwk.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/json_writer.h"
#include "crypto/base64.h"

namespace cloison::identity {

namespace {

constexpr codec::JsonLimits kKeyLimits{
    .bytes_max = kJwkBytesMax, .depth_max = 4, .string_bytes_max = 8u << 10, .members_max = 32};
constexpr codec::JsonLimits kSetLimits{
    .bytes_max = kJwkSetBytesMax, .depth_max = 6, .string_bytes_max = 16u << 10, .members_max = 32};
constexpr std::size_t kKeyOperationsMax = 8;

constexpr std::array<std::pair<std::string_view, JwsAlgorithm>, 5> kAlgorithms = {{
    {"ES256", JwsAlgorithm::kEs256},
    {"ES384", JwsAlgorithm::kEs384},
    {"RS256", JwsAlgorithm::kRs256},
    {"PS256", JwsAlgorithm::kPs256},
    {"EdDSA", JwsAlgorithm::kEdDsa},
}};

// A text, "" when absent. kInvalid: another type, or too long.
Result<std::string> TextOf(const codec::JsonValue& value, std::string_view key) {
  const std::optional<codec::JsonValue> member = value.Find(key);
  if (!member.has_value()) return std::string();
  if (member->type() != codec::JsonType::kString || member->string().size() > kKeyIdBytesMax) {
    return Error{Code::kInvalid, "a member of the key is no short text"};
  }
  return std::string(member->string());
}

Result<Bytes> BytesOf(const codec::JsonValue& value, std::string_view key) {
  const std::optional<codec::JsonValue> member = value.Find(key);
  if (!member.has_value() || member->type() != codec::JsonType::kString) {
    return Error{Code::kInvalid, "a member of the key is missing"};
  }
  return crypto::FromBase64Url(member->string());
}

std::string JsonOf(const crypto::PublicParts& parts) {
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject();
  const std::string first = crypto::ToBase64Url(parts.first);
  const std::string second = crypto::ToBase64Url(parts.second);
  switch (parts.kind) {
    case crypto::KeyKind::kP256:
    case crypto::KeyKind::kP384:
      json.Key("crv").String(parts.kind == crypto::KeyKind::kP256 ? "P-256" : "P-384");
      json.Key("kty").String("EC").Key("x").String(first).Key("y").String(second);
      break;
    case crypto::KeyKind::kRsa:
      json.Key("e").String(second).Key("kty").String("RSA").Key("n").String(first);
      break;
    case crypto::KeyKind::kEd25519:
      json.Key("crv").String("Ed25519").Key("kty").String("OKP").Key("x").String(first);
  }
  json.EndObject();
  return out;
}

Result<crypto::PublicParts> PartsOf(const codec::JsonValue& value) {
  CLOISON_TRY_ASSIGN(const std::string type, TextOf(value, "kty"));
  CLOISON_TRY_ASSIGN(const std::string curve, TextOf(value, "crv"));
  crypto::PublicParts parts{};
  if (type == "EC" && (curve == "P-256" || curve == "P-384")) {
    parts.kind = curve == "P-256" ? crypto::KeyKind::kP256 : crypto::KeyKind::kP384;
    CLOISON_TRY_ASSIGN(parts.first, BytesOf(value, "x"));
    CLOISON_TRY_ASSIGN(parts.second, BytesOf(value, "y"));
  } else if (type == "RSA") {
    parts.kind = crypto::KeyKind::kRsa;
    CLOISON_TRY_ASSIGN(parts.first, BytesOf(value, "n"));
    CLOISON_TRY_ASSIGN(parts.second, BytesOf(value, "e"));
  } else if (type == "OKP" && curve == "Ed25519") {
    parts.kind = crypto::KeyKind::kEd25519;
    CLOISON_TRY_ASSIGN(parts.first, BytesOf(value, "x"));
  } else {
    return Error{Code::kInvalid, "a kind of key that is not used here"};
  }
  return parts;
}

Result<crypto::PublicKey> KeyOf(const crypto::PublicParts& parts) {
  switch (parts.kind) {
    case crypto::KeyKind::kP256: return crypto::PublicKey::P256(parts.first, parts.second);
    case crypto::KeyKind::kP384: return crypto::PublicKey::P384(parts.first, parts.second);
    case crypto::KeyKind::kRsa: return crypto::PublicKey::Rsa(parts.first, parts.second);
    case crypto::KeyKind::kEd25519: break;
  }
  return crypto::PublicKey::Ed25519(parts.first);
}

bool HasPrivatePart(const codec::JsonValue& value) {
  static constexpr std::string_view kPrivate[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  return std::ranges::any_of(
      kPrivate, [&value](std::string_view key) { return value.Find(key).has_value(); });
}

// Whether `use` and `key_ops` let the key verify. kInvalid: not their types.
Result<bool> IsForSignatures(const codec::JsonValue& value) {
  CLOISON_TRY_ASSIGN(const std::string use, TextOf(value, "use"));
  if (value.Find("use").has_value() && use != "sig") return false;
  const std::optional<codec::JsonValue> operations = value.Find("key_ops");
  if (!operations.has_value()) return true;
  if (!operations->is_array() || operations->size() > kKeyOperationsMax) {
    return Error{Code::kInvalid, "key_ops is no short list"};
  }
  bool verifies = false;
  for (auto at = operations->First(); at.has_value(); at = at->Next()) {
    verifies = verifies || at->string() == "verify";
  }
  return verifies;
}

}  // namespace

std::optional<JwsAlgorithm> JwsAlgorithmNamed(std::string_view name) {
  const auto found =
      std::ranges::find(kAlgorithms, name, &decltype(kAlgorithms)::value_type::first);
  if (found == kAlgorithms.end()) return std::nullopt;
  return found->second;
}

std::string_view Name(JwsAlgorithm algorithm) {
  return std::ranges::find(kAlgorithms, algorithm, &decltype(kAlgorithms)::value_type::second)
      ->first;
}

crypto::SignatureScheme SchemeOf(JwsAlgorithm algorithm) {
  switch (algorithm) {
    case JwsAlgorithm::kEs256: return crypto::SignatureScheme::kEs256;
    case JwsAlgorithm::kEs384: return crypto::SignatureScheme::kEs384;
    case JwsAlgorithm::kRs256: return crypto::SignatureScheme::kRs256;
    case JwsAlgorithm::kPs256: return crypto::SignatureScheme::kPs256;
    case JwsAlgorithm::kEdDsa: break;
  }
  return crypto::SignatureScheme::kEd25519;
}

Result<Jwk> Jwk::Parse(ByteView json) {
  CLOISON_TRY_ASSIGN(const codec::JsonDocument document,
                     codec::JsonDocument::Parse(json, kKeyLimits));
  return Read(document.root());
}

Result<Jwk> Jwk::Read(const codec::JsonValue& value) {
  if (!value.is_object()) return Error{Code::kInvalid, "a key is an object"};
  if (HasPrivatePart(value)) return Error{Code::kInvalid, "a key with its private part"};
  CLOISON_TRY_ASSIGN(const crypto::PublicParts parts, PartsOf(value));
  CLOISON_TRY_ASSIGN(crypto::PublicKey key, KeyOf(parts));
  Jwk out(std::move(key), crypto::Sha256(AsBytes(JsonOf(parts))));
  CLOISON_TRY_ASSIGN(out.id_, TextOf(value, "kid"));
  CLOISON_TRY_ASSIGN(out.algorithm_, TextOf(value, "alg"));
  CLOISON_TRY_ASSIGN(out.for_signatures_, IsForSignatures(value));
  return out;
}

bool Jwk::Fits(JwsAlgorithm algorithm) const {
  return for_signatures_ && crypto::KindFor(SchemeOf(algorithm)) == key_.kind() &&
         (algorithm_.empty() || algorithm_ == Name(algorithm));
}

Result<JwkSet> JwkSet::Parse(ByteView json) {
  CLOISON_TRY_ASSIGN(const codec::JsonDocument document,
                     codec::JsonDocument::Parse(json, kSetLimits));
  const std::optional<codec::JsonValue> keys = document.root().Find("keys");
  if (!keys.has_value() || !keys->is_array()) return Error{Code::kInvalid, "not a set of keys"};
  if (keys->size() > kJwkSetKeysMax) return Error{Code::kExhausted, "too many keys in a set"};
  JwkSet out;
  for (auto at = keys->First(); at.has_value(); at = at->Next()) {
    Result<Jwk> key = Jwk::Read(*at);
    if (key.ok()) {
      out.keys_.push_back(std::move(*key));
    } else {
      ++out.left_out_;
    }
  }
  return out;
}

const Jwk* JwkSet::Find(std::string_view id, JwsAlgorithm algorithm) const {
  const Jwk* found = nullptr;
  for (const Jwk& key : keys_) {
    if (!key.Fits(algorithm) || (!id.empty() && key.id() != id)) continue;
    if (found != nullptr) return nullptr;
    found = &key;
  }
  return found;
}

std::string PublicJwk(const crypto::SigningKey& key) {
  return JsonOf(key.public_parts());
}

}  // namespace cloison::identity
