#include "identity/internal/id_token.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "crypto/base64.h"
#include "crypto/secret.h"
#include "identity/principal_name.h"

namespace cloison::identity::internal {

namespace {

constexpr Error Denied(Literal why) {
  return Error{Code::kDenied, why};
}

bool Same(std::string_view a, std::string_view b) {
  return crypto::EqualConstantTime(AsBytes(a), AsBytes(b));
}

Status CheckFreshness(const JwtClaims& claims, const Expected& expected) {
  CLOISON_TRY(CheckTimes(claims, expected.now_s));
  if (!claims.issued_s.has_value()) return Denied("the ID token does not say when it was made");
  if (expected.now_s - *claims.issued_s > kIdTokenAgeSecondsMax) {
    return Denied("the ID token is old");
  }
  if (claims.auth_time_s.has_value() && *claims.auth_time_s > expected.now_s + kSkewSeconds) {
    return Denied("the ID token's auth_time is to come");
  }
  if (!expected.step_up) return Ok();
  if (!claims.auth_time_s.has_value()) return Denied("the provider does not say when it asked");
  if (*claims.auth_time_s + kSkewSeconds < expected.began_s) {
    return Denied("the provider did not ask again");
  }
  return Ok();
}

bool IsDate(std::string_view text) {
  static constexpr std::string_view kForm = "dddd-dd-dd";
  return text.size() == kForm.size() &&
         std::equal(text.begin(), text.end(), kForm.begin(), [](char c, char form) {
           return form == 'd' ? c >= '0' && c <= '9' : c == form;
         });
}

}  // namespace

Status CheckParties(const JwtClaims& claims, const Expected& expected) {
  if (claims.issuer != expected.issuer) return Denied("the ID token is of another issuer");
  if (!claims.IsFor(expected.client)) return Denied("the ID token is for another client");
  const bool several = claims.audiences.size() > 1;
  if (several && claims.authorized_party.empty()) {
    return Denied("the ID token has several audiences and no azp");
  }
  if (!claims.authorized_party.empty() && claims.authorized_party != expected.client) {
    return Denied("the ID token was made for another client");
  }
  if (!IsSub(claims.sub)) return Denied("the ID token has no usable sub");
  return Ok();
}

Status CheckIdToken(const VerifiedJws& proven, const JwtClaims& claims, const Expected& expected) {
  const std::string& type = proven.header().type;
  if (!type.empty() && type != "jwt") return Denied("a token of another kind");
  CLOISON_TRY(CheckFreshness(claims, expected));
  if (!Same(claims.nonce, expected.nonce)) return Denied("the ID token has another nonce");
  if (!claims.access_digest.empty() &&
      !Same(claims.access_digest, AccessDigest(proven.header().algorithm, expected.access_token))) {
    return Denied("the ID token belongs to another access token");
  }
  return Ok();
}

std::string AccessDigest(JwsAlgorithm algorithm, std::string_view access_token) {
  const EVP_MD* digest = EVP_sha256();
  if (algorithm == JwsAlgorithm::kEs384) digest = EVP_sha384();
  if (algorithm == JwsAlgorithm::kEdDsa) digest = EVP_sha512();
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  CLOISON_CHECK(EVP_Digest(access_token.data(), access_token.size(), out.data(), &size, digest,
                           nullptr) == 1);
  return crypto::ToBase64Url({out.data(), size / 2});
}

Result<codec::JsonDocument> ReadUserInfo(std::string_view json, std::string_view sub) {
  constexpr codec::JsonLimits kLimits{.bytes_max = 64u << 10, .depth_max = 8};
  Result<codec::JsonDocument> document = codec::JsonDocument::Parse(AsBytes(json), kLimits);
  if (!document.ok() || !document->root().is_object()) {
    return Denied("the user information is not a JSON object");
  }
  const std::optional<codec::JsonValue> said = document->root().Find("sub");
  if (!said.has_value() || said->type() != codec::JsonType::kString || said->string() != sub) {
    return Denied("the user information is about somebody else");
  }
  return document;
}

Result<std::shared_ptr<const Pivot>> ReadPivot(const codec::JsonDocument& user_info) {
  const codec::JsonValue root = user_info.root();
  auto pivot = std::make_shared<Pivot>();
  const struct {
    std::string_view name;
    std::string& into;
    bool may_be_empty;
  } kParts[] = {
      {"family_name", pivot->birth_name, false}, {"given_name", pivot->given_names, false},
      {"gender", pivot->gender, false},          {"birthdate", pivot->birth_date, false},
      {"birthplace", pivot->birth_place, true},  {"birthcountry", pivot->birth_country, false},
  };
  for (const auto& part : kParts) {
    const std::optional<codec::JsonValue> value = root.Find(part.name);
    const bool is_text = value.has_value() && value->type() == codec::JsonType::kString;
    if (!is_text || value->string().size() > kPivotTextBytesMax ||
        (value->string().empty() && !part.may_be_empty)) {
      return Denied("the provider does not give the whole pivot identity");
    }
    part.into = value->string();
  }
  if (!IsDate(pivot->birth_date)) return Denied("the provider's birth date is not whole");
  return std::shared_ptr<const Pivot>(std::move(pivot));
}

}  // namespace cloison::identity::internal
