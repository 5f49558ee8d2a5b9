// What an ID token and user information must say before anything of them is believed.
//
// Threads  pure functions.
// Source   OpenID Connect Core 3.1.3.7, 3.1.3.8, 5.3.2, 5.3.4; RFC 9470 section 6.
#ifndef CLOISON_IDENTITY_INTERNAL_ID_TOKEN_H_
#define CLOISON_IDENTITY_INTERNAL_ID_TOKEN_H_

#include <memory>
#include <string_view>

#include "codec/json_reader.h"
#include "identity/issuers.h"
#include "identity/jwt_claims.h"
#include "identity/pivot.h"

namespace cloison::identity::internal {

inline constexpr std::int64_t kIdTokenAgeSecondsMax = 600;

// What the vault asked for.
struct Expected {
  std::string_view issuer;
  std::string_view client;
  std::string_view nonce;
  std::string_view access_token;
  bool step_up = false;
  std::int64_t began_s = 0;  // when the browser was sent away
  std::int64_t now_s = 0;
};
// Who signed, for whom, about whom. kDenied, with a literal reason.
Status CheckParties(const JwtClaims& claims, const Expected& expected);
// The rest: when, for which sign-in, with which access token. As CheckParties fails.
Status CheckIdToken(const VerifiedJws& proven, const JwtClaims& claims, const Expected& expected);

// base64url of the left half of the digest that belongs to `algorithm` (at_hash).
std::string AccessDigest(JwsAlgorithm algorithm, std::string_view access_token);

// User information as far as an honest provider is never wrong. kDenied: not a strict JSON object,
// or about another than `sub`. `json` is wiped by the caller.
Result<codec::JsonDocument> ReadUserInfo(std::string_view json, std::string_view sub);
// The pivot identity in it. kDenied: a part is missing, too long or of another form, as it is of
// people of whom their provider does not know all.
Result<std::shared_ptr<const Pivot>> ReadPivot(const codec::JsonDocument& user_info);

}  // namespace cloison::identity::internal

#endif  // CLOISON_IDENTITY_INTERNAL_ID_TOKEN_H_
