#include "identity/token.h"

#include <optional>

#include "codec/json_reader.h"
#include "codec/json_writer.h"
#include "crypto/base64.h"

namespace cloison::identity {

namespace {

constexpr std::string_view kHeader = R"({"alg":"EdDSA","typ":"at+jwt"})";
constexpr codec::JsonLimits kLimits{
    .bytes_max = kTokenBytesMax, .depth_max = 3, .string_bytes_max = 256, .members_max = 16};

Result<codec::JsonDocument> ParsePart(std::string_view part) {
  const Result<Bytes> bytes = crypto::FromBase64Url(part);
  if (!bytes.ok()) return Error{Code::kDenied, "the token is not base64url"};
  Result<codec::JsonDocument> document = codec::JsonDocument::Parse(*bytes, kLimits);
  if (!document.ok()) return Error{Code::kDenied, "the token is not strict JSON"};
  return document;
}

Status CheckHeader(std::string_view part) {
  CLOISON_TRY_ASSIGN(const codec::JsonDocument document, ParsePart(part));
  const codec::JsonValue root = document.root();
  static constexpr std::string_view kKeys[] = {"alg", "typ"};
  if (!root.CheckKeys(kKeys).ok()) return Error{Code::kDenied, "the token's header is unknown"};
  const std::optional<codec::JsonValue> algorithm = root.Find("alg");
  const std::optional<codec::JsonValue> type = root.Find("typ");
  if (!algorithm.has_value() || algorithm->string() != "EdDSA") {
    return Error{Code::kDenied, "the token's algorithm is not EdDSA"};
  }
  if (!type.has_value() || type->string() != "at+jwt") {
    return Error{Code::kDenied, "the token is no access token"};
  }
  return Ok();
}

Result<std::string> TextOf(const codec::JsonValue& root, std::string_view key) {
  const std::optional<codec::JsonValue> value = root.Find(key);
  if (!value.has_value() || value->type() != codec::JsonType::kString || value->string().empty()) {
    return Error{Code::kDenied, "a claim of the token is missing or of another type"};
  }
  return std::string(value->string());
}

Result<std::int64_t> SecondsOf(const codec::JsonValue& root, std::string_view key) {
  static constexpr std::int64_t kSecondsMax = 1ll << 40;  // so that sums stay whole
  const std::optional<codec::JsonValue> value = root.Find(key);
  const Result<std::int64_t> seconds =
      value.has_value() ? value->AsInt() : Error{Code::kInvalid, "missing"};
  if (!seconds.ok() || *seconds < 0 || *seconds > kSecondsMax) {
    return Error{Code::kDenied, "a time of the token is missing or out of range"};
  }
  return *seconds;
}

template <std::size_t N>
Result<ByteArray<N>> BytesOf(const codec::JsonValue& root, std::string_view key) {
  CLOISON_TRY_ASSIGN(const std::string text, TextOf(root, key));
  const Result<Bytes> bytes = crypto::FromBase64Url(text);
  if (!bytes.ok() || bytes->size() != N) {
    return Error{Code::kDenied, "a claim of the token has the wrong length"};
  }
  ByteArray<N> out;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

Result<Claims> ReadClaims(std::string_view part) {
  CLOISON_TRY_ASSIGN(const codec::JsonDocument document, ParsePart(part));
  const codec::JsonValue root = document.root();
  static constexpr std::string_view kKeys[] = {"iss", "sub", "aud", "iat",
                                               "nbf", "exp", "jti", "cnf"};
  static constexpr std::string_view kBindingKeys[] = {"x5t#S256"};
  if (!root.CheckKeys(kKeys).ok()) return Error{Code::kDenied, "the token has unknown claims"};
  const std::optional<codec::JsonValue> binding = root.Find("cnf");
  if (!binding.has_value() || !binding->CheckKeys(kBindingKeys).ok()) {
    return Error{Code::kDenied, "the token is not bound to a certificate"};
  }
  Claims claims;
  CLOISON_TRY_ASSIGN(claims.issuer, TextOf(root, "iss"));
  CLOISON_TRY_ASSIGN(claims.subject, TextOf(root, "sub"));
  CLOISON_TRY_ASSIGN(claims.audience, TextOf(root, "aud"));
  CLOISON_TRY_ASSIGN(claims.issued_s, SecondsOf(root, "iat"));
  CLOISON_TRY_ASSIGN(claims.not_before_s, SecondsOf(root, "nbf"));
  CLOISON_TRY_ASSIGN(claims.expires_s, SecondsOf(root, "exp"));
  CLOISON_TRY_ASSIGN(const ByteArray<16> session, BytesOf<16>(root, "jti"));
  CLOISON_TRY_ASSIGN(claims.certificate, BytesOf<32>(*binding, "x5t#S256"));
  claims.session = SessionId(session);
  return claims;
}

}  // namespace

Result<std::string> SignToken(const Claims& claims, const crypto::Signer& signer) {
  std::string payload;
  codec::JsonWriter json(payload);
  json.BeginObject().Key("iss").String(claims.issuer).Key("sub").String(claims.subject);
  json.Key("aud").String(claims.audience).Key("iat").Int(claims.issued_s);
  json.Key("nbf").Int(claims.not_before_s).Key("exp").Int(claims.expires_s);
  json.Key("jti").String(crypto::ToBase64Url(claims.session.bytes()));
  json.Key("cnf").BeginObject().Key("x5t#S256").String(crypto::ToBase64Url(claims.certificate));
  json.EndObject().EndObject();
  std::string token = crypto::ToBase64Url(AsBytes(kHeader));
  token += "." + crypto::ToBase64Url(AsBytes(payload));
  CLOISON_TRY_ASSIGN(const crypto::Ed25519Signature signature, signer.Sign(AsBytes(token)));
  return token + "." + crypto::ToBase64Url(signature);
}

Result<Claims> ReadToken(std::string_view token, const crypto::Ed25519PublicKey& key) {
  if (token.size() > kTokenBytesMax) return Error{Code::kDenied, "the token is too long"};
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return Error{Code::kDenied, "the token does not have three parts"};
  }
  CLOISON_TRY(CheckHeader(token.substr(0, first)));
  const Result<Bytes> signature = crypto::FromBase64Url(token.substr(second + 1));
  if (!signature.ok() || signature->size() != sizeof(crypto::Ed25519Signature) ||
      !crypto::VerifyEd25519(key, AsBytes(token.substr(0, second)), *signature)) {
    return Error{Code::kDenied, "the token's signature does not verify"};
  }
  return ReadClaims(token.substr(first + 1, second - first - 1));
}

}  // namespace cloison::identity
