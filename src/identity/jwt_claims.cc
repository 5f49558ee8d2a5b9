#include "identity/jwt_claims.h"

#include <algorithm>

#include "codec/json_reader.h"
#include "crypto/base64.h"

namespace cloison::identity {

namespace {

constexpr codec::JsonLimits kLimits{.bytes_max = kJwsBytesMax, .values_max = 2'048};
constexpr std::int64_t kSecondsMax = 1ll << 40;  // so that sums stay whole
constexpr Error kWrongType{Code::kDenied, "a claim of the token has another type"};

Status ReadText(const codec::JsonValue& root, std::string_view key, std::string& out) {
  const std::optional<codec::JsonValue> value = root.Find(key);
  if (!value.has_value()) return Ok();
  if (value->type() != codec::JsonType::kString || value->string().empty() ||
      value->string().size() > kClaimBytesMax) {
    return kWrongType;
  }
  out = value->string();
  return Ok();
}

// RFC 7519 section 2, NumericDate: it may have a fraction, which is dropped.
Status ReadSeconds(const codec::JsonValue& root, std::string_view key,
                   std::optional<std::int64_t>& out) {
  const std::optional<codec::JsonValue> value = root.Find(key);
  if (!value.has_value()) return Ok();
  const Result<double> seconds = value->AsNumber();
  if (!seconds.ok() || !(*seconds >= 0) || *seconds > static_cast<double>(kSecondsMax)) {
    return Error{Code::kDenied, "a time of the token is no time"};
  }
  out = static_cast<std::int64_t>(*seconds);
  return Ok();
}

Status ReadAudiences(const codec::JsonValue& root, std::vector<std::string>& out) {
  const std::optional<codec::JsonValue> value = root.Find("aud");
  if (!value.has_value()) return Ok();
  if (value->type() == codec::JsonType::kString) {
    out.emplace_back(value->string());
    return value->string().size() > kClaimBytesMax ? Status(kWrongType) : Ok();
  }
  if (!value->is_array() || value->size() > kAudiencesMax) return kWrongType;
  return value->ForEachElement([&out](const codec::JsonValue& audience) -> Status {
    if (audience.type() != codec::JsonType::kString || audience.string().size() > kClaimBytesMax) {
      return kWrongType;
    }
    out.emplace_back(audience.string());
    return Ok();
  });
}

// What is no list of texts is no method at all.
std::vector<std::string> MethodsIn(const codec::JsonValue& root) {
  const std::optional<codec::JsonValue> value = root.Find("amr");
  std::vector<std::string> out;
  if (!value.has_value() || !value->is_array() || value->size() > kMethodsMax) return out;
  for (auto at = value->First(); at.has_value(); at = at->Next()) {
    if (at->type() != codec::JsonType::kString) return {};
    out.emplace_back(at->string());
  }
  return out;
}

std::string LevelIn(const codec::JsonValue& root) {
  const std::optional<codec::JsonValue> value = root.Find("acr");
  if (!value.has_value() || value->string().size() > kClaimBytesMax) return {};
  return std::string(value->string());  // "" for whatever is no text
}

Status ReadDigest(const codec::JsonValue& binding, std::string_view key,
                  std::optional<crypto::Digest>& out) {
  const std::optional<codec::JsonValue> value = binding.Find(key);
  if (!value.has_value()) return Ok();
  const Result<Bytes> bytes = crypto::FromBase64Url(value->string());
  if (!bytes.ok() || bytes->size() != sizeof(crypto::Digest)) {
    return Error{Code::kDenied, "the token's binding is no digest"};
  }
  out.emplace();
  std::ranges::copy(*bytes, out->begin());
  return Ok();
}

}  // namespace

bool JwtClaims::IsFor(std::string_view audience) const {
  return std::ranges::find(audiences, audience) != audiences.end();
}

Result<JwtClaims> ReadClaims(const VerifiedJws& proven) {
  const Result<codec::JsonDocument> document =
      codec::JsonDocument::Parse(AsBytes(proven.payload()), kLimits);
  if (!document.ok() || !document->root().is_object()) {
    return Error{Code::kDenied, "the token's claims are not strict JSON"};
  }
  const codec::JsonValue root = document->root();
  JwtClaims claims;
  CLOISON_TRY(ReadText(root, "iss", claims.issuer));
  CLOISON_TRY(ReadText(root, "sub", claims.sub));
  CLOISON_TRY(ReadAudiences(root, claims.audiences));
  CLOISON_TRY(ReadSeconds(root, "exp", claims.expires_s));
  CLOISON_TRY(ReadSeconds(root, "nbf", claims.not_before_s));
  CLOISON_TRY(ReadSeconds(root, "iat", claims.issued_s));
  CLOISON_TRY(ReadSeconds(root, "auth_time", claims.auth_time_s));
  CLOISON_TRY(ReadText(root, "jti", claims.id));
  CLOISON_TRY(ReadText(root, "sid", claims.session));
  CLOISON_TRY(ReadText(root, "nonce", claims.nonce));
  CLOISON_TRY(ReadText(root, "azp", claims.authorized_party));
  CLOISON_TRY(ReadText(root, "client_id", claims.client));
  CLOISON_TRY(ReadText(root, "typ", claims.type));
  CLOISON_TRY(ReadText(root, "at_hash", claims.access_digest));
  claims.acr = LevelIn(root);
  claims.amr = MethodsIn(root);
  if (const std::optional<codec::JsonValue> binding = root.Find("cnf"); binding.has_value()) {
    if (!binding->is_object()) return kWrongType;
    CLOISON_TRY(ReadDigest(*binding, "jkt", claims.bound_key));
    CLOISON_TRY(ReadDigest(*binding, "x5t#S256", claims.bound_certificate));
  }
  return claims;
}

Status CheckTimes(const JwtClaims& claims, std::int64_t now_s) {
  if (!claims.expires_s.has_value()) return Error{Code::kDenied, "the token never expires"};
  if (*claims.expires_s + kSkewSeconds <= now_s) return Error{Code::kDenied, "the token expired"};
  if (claims.not_before_s.value_or(0) > now_s + kSkewSeconds) {
    return Error{Code::kDenied, "the token is not valid yet"};
  }
  if (claims.issued_s.value_or(0) > now_s + kSkewSeconds) {
    return Error{Code::kDenied, "the token comes from the future"};
  }
  return Ok();
}

}  // namespace cloison::identity
