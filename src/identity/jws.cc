#include "identity/jws.h"

#include <algorithm>

#include "codec/json_writer.h"
#include "crypto/base64.h"

namespace cloison::identity {

namespace {

constexpr codec::JsonLimits kHeaderLimits{.bytes_max = kJwsHeaderBytesMax,
                                          .depth_max = 5,
                                          .string_bytes_max = kJwsHeaderBytesMax,
                                          .members_max = 16};
constexpr codec::JsonLimits kPayloadLimits{.bytes_max = kJwsBytesMax, .values_max = 2'048};
constexpr std::size_t kTypeBytesMax = 64;

Result<std::string> TextOf(const codec::JsonValue& root, std::string_view key,
                           std::size_t bytes_max) {
  const std::optional<codec::JsonValue> member = root.Find(key);
  if (!member.has_value()) return std::string();
  if (member->type() != codec::JsonType::kString || member->string().size() > bytes_max) {
    return Error{Code::kDenied, "a member of the token's header is no short text"};
  }
  return std::string(member->string());
}

// RFC 7515 section 4.1.9: media types, compared without case; "application/" may be left out.
std::string TypeOf(std::string_view text) {
  static constexpr std::string_view kApplication = "application/";
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (out.starts_with(kApplication)) out.erase(0, kApplication.size());
  return out;
}

Result<JwsHeader> HeaderOf(std::string_view part) {
  const Result<Bytes> bytes = crypto::FromBase64Url(part);
  if (!bytes.ok()) return Error{Code::kDenied, "the token's header is not base64url"};
  Result<codec::JsonDocument> document = codec::JsonDocument::Parse(*bytes, kHeaderLimits);
  if (!document.ok() || !document->root().is_object()) {
    return Error{Code::kDenied, "the token's header is not strict JSON"};
  }
  const codec::JsonValue root = document->root();
  // Both change what the signature means, and no extension is understood here.
  if (root.Find("crit").has_value() || root.Find("b64").has_value()) {
    return Error{Code::kDenied, "the token's header asks for an extension"};
  }
  CLOISON_TRY_ASSIGN(const std::string name, TextOf(root, "alg", kTypeBytesMax));
  const std::optional<JwsAlgorithm> algorithm = JwsAlgorithmNamed(name);
  if (!algorithm.has_value()) {
    return Error{Code::kDenied, "the token's algorithm is none that is accepted"};
  }
  CLOISON_TRY_ASSIGN(const std::string type, TextOf(root, "typ", kTypeBytesMax));
  JwsHeader header{*algorithm, TypeOf(type), {}, {}, false};
  CLOISON_TRY_ASSIGN(header.key_id, TextOf(root, "kid", kKeyIdBytesMax));
  const std::optional<codec::JsonValue> key = root.Find("jwk");
  header.has_key = key.has_value();
  if (header.has_key && header.type == kDpopType) {
    if (Result<Jwk> read = Jwk::Read(*key); read.ok()) header.key = std::move(*read);
  }
  return header;
}

}  // namespace

Result<UnverifiedJws> UnverifiedJws::Parse(std::string_view compact) {
  if (compact.size() > kJwsBytesMax) return Error{Code::kDenied, "the token is too long"};
  const std::size_t first = compact.find('.');
  const std::size_t second = first == std::string_view::npos ? first : compact.find('.', first + 1);
  if (second == std::string_view::npos || compact.find('.', second + 1) != std::string_view::npos) {
    return Error{Code::kDenied, "the token does not have three parts"};
  }
  UnverifiedJws out;
  CLOISON_TRY_ASSIGN(out.header_, HeaderOf(compact.substr(0, first)));
  const Result<Bytes> payload =
      crypto::FromBase64Url(compact.substr(first + 1, second - first - 1));
  if (!payload.ok()) return Error{Code::kDenied, "the token's payload is not base64url"};
  Result<Bytes> signature = crypto::FromBase64Url(compact.substr(second + 1));
  if (!signature.ok() || signature->empty()) {
    return Error{Code::kDenied, "the token's signature is not base64url"};
  }
  out.payload_ = AsText(*payload);
  out.signature_ = std::move(*signature);
  out.signed_ = compact.substr(0, second);
  return out;
}

Result<std::string> UnverifiedJws::ClaimedIssuer() const {
  const Result<codec::JsonDocument> document =
      codec::JsonDocument::Parse(AsBytes(payload_), kPayloadLimits);
  if (!document.ok()) return Error{Code::kDenied, "the token's claims are not strict JSON"};
  const std::optional<codec::JsonValue> issuer = document->root().Find("iss");
  if (!issuer.has_value() || issuer->string().empty()) {
    return Error{Code::kDenied, "the token names no issuer"};
  }
  return std::string(issuer->string());
}

Result<VerifiedJws> UnverifiedJws::Verify(const Jwk& key,
                                          std::span<const JwsAlgorithm> registered) const {
  if (std::ranges::find(registered, header_.algorithm) == registered.end()) {
    return Error{Code::kDenied, "the token's algorithm is not the issuer's"};
  }
  if (!key.Fits(header_.algorithm)) {
    return Error{Code::kDenied, "the key is not for the token's algorithm"};
  }
  if (!key.key().Verify(SchemeOf(header_.algorithm), AsBytes(signed_), signature_)) {
    return Error{Code::kDenied, "the token's signature does not verify"};
  }
  return VerifiedJws(header_, payload_);
}

Result<VerifiedJws> VerifyJws(std::string_view compact, const Jwk& key, JwsAlgorithm registered) {
  CLOISON_TRY_ASSIGN(const UnverifiedJws token, UnverifiedJws::Parse(compact));
  return token.Verify(key, std::span(&registered, 1));
}

Result<std::string> SignJws(JwsAlgorithm algorithm, std::string_view header_members,
                            std::string_view payload, const crypto::SigningKey& key) {
  std::string header = R"({"alg":")" + std::string(Name(algorithm)) + '"';
  if (!header_members.empty()) header.append(",").append(header_members);
  header += '}';
  std::string out =
      crypto::ToBase64Url(AsBytes(header)) + '.' + crypto::ToBase64Url(AsBytes(payload));
  CLOISON_TRY_ASSIGN(const Bytes signature, key.Sign(SchemeOf(algorithm), AsBytes(out)));
  return out + '.' + crypto::ToBase64Url(signature);
}

}  // namespace cloison::identity
