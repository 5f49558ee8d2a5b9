// The registered claims of a JWT that somebody signed: ID tokens, access tokens, signed user
// information. Only types are checked here; what the values must be is the caller's to say.
//
// A claim of the wrong type refuses the token. Two are different because the rules ask for it: an
// acr that is no text is an empty level (never a level), and an amr that is no list of texts is
// empty. Claims that are not named here stay in VerifiedJws::payload.
//
// Source   RFC 7519 section 4.1, OpenID Connect Core section 2, RFC 9068, RFC 7800 and RFC 9449
//          section 6 (cnf.jkt), RFC 8705 section 3.1 (cnf.x5t#S256).
#ifndef CLOISON_IDENTITY_JWT_CLAIMS_H_
#define CLOISON_IDENTITY_JWT_CLAIMS_H_

#include <optional>
#include <string>
#include <vector>

#include "crypto/mac.h"
#include "identity/jws.h"
#include "identity/sign_in.h"

namespace cloison::identity {

inline constexpr std::size_t kAudiencesMax = 16;
inline constexpr std::size_t kMethodsMax = 16;
inline constexpr std::size_t kClaimBytesMax = 1'024;

struct JwtClaims {
  std::string issuer;  // "" when absent, as all texts here
  std::string sub;
  std::vector<std::string> audiences;  // one text or a list
  std::optional<std::int64_t> expires_s;
  std::optional<std::int64_t> not_before_s;
  std::optional<std::int64_t> issued_s;
  std::optional<std::int64_t> auth_time_s;
  std::string id;       // jti
  std::string session;  // sid
  std::string nonce;
  std::string authorized_party;  // azp
  std::string client;            // client_id
  std::string type;              // typ, a claim that Keycloak adds to the header of that name
  std::string access_digest;     // at_hash
  std::string acr;               // "" too when it is a list or anything else but a text
  std::vector<std::string> amr;
  std::optional<crypto::Digest> bound_key;          // cnf.jkt
  std::optional<crypto::Digest> bound_certificate;  // cnf.x5t#S256

  bool IsFor(std::string_view audience) const;
};

// kDenied: not strict JSON, no object, a claim of the wrong type or too long, two bindings of one
// kind.
Result<JwtClaims> ReadClaims(const VerifiedJws& proven);

// exp is there and not over; nbf and iat are not to come; all with kSkewSeconds to spare. kDenied.
Status CheckTimes(const JwtClaims& claims, std::int64_t now_s);

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_JWT_CLAIMS_H_
