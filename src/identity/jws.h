// JSON Web Signatures in compact form, in two types: what a stranger sent (UnverifiedJws), and what
// a key signed (VerifiedJws), which Verify alone makes. Claims are read out of the second only.
//
//   UnverifiedJws token = UnverifiedJws::Parse(text);        header, to find the key
//   VerifiedJws proven = token.Verify(key, registered);      payload
//   JwtClaims claims = ReadClaims(proven);                   identity/jwt_claims.h
//
// Refused: any other form (JSON, a fourth part, a detached payload), base64url that is not
// canonical, a member twice, an algorithm that is not in identity::JwsAlgorithm, `crit` and `b64`.
// jku, x5u, x5c, x5t and (but in a DPoP proof) jwk are ignored: a key is never taken from a token.
//
// Threads  values.
// Source   RFC 7515, RFC 8725 (best practices), RFC 8037.
#ifndef CLOISON_IDENTITY_JWS_H_
#define CLOISON_IDENTITY_JWS_H_

#include <span>
#include <string>
#include <string_view>

#include "identity/jwk.h"

namespace cloison::identity {

inline constexpr std::size_t kJwsBytesMax = 16u << 10;
inline constexpr std::string_view kDpopType = "dpop+jwt";    // typ of a proof of possession
inline constexpr std::size_t kJwsHeaderBytesMax = 4u << 10;  // decoded

struct JwsHeader {
  JwsAlgorithm algorithm;
  std::string type;        // typ in lower case, without "application/"; "" when absent
  std::string key_id;      // kid; "" when absent
  std::optional<Jwk> key;  // jwk, read in a DPoP proof and nowhere else
  bool has_key = false;    // jwk is there, readable or not
};

class VerifiedJws {
 public:
  const JwsHeader& header() const { return header_; }
  const std::string& payload() const { return payload_; }  // any bytes

 private:
  friend class UnverifiedJws;
  VerifiedJws(JwsHeader header, std::string payload)
      : header_(std::move(header)), payload_(std::move(payload)) {}
  JwsHeader header_;
  std::string payload_;
};

class UnverifiedJws {
 public:
  // kDenied, with a literal reason.
  static Result<UnverifiedJws> Parse(std::string_view compact);

  const JwsHeader& header() const { return header_; }
  // The `iss` of the payload, which nobody has vouched for: to find the entry of the issuers file
  // whose keys must have signed it, and nothing else. kDenied: none.
  Result<std::string> ClaimedIssuer() const;

  // kDenied: the header's algorithm is not in `registered`, the key does not fit it, or the
  // signature is not the key's.
  Result<VerifiedJws> Verify(const Jwk& key, std::span<const JwsAlgorithm> registered) const;

 private:
  UnverifiedJws() = default;
  std::string signed_;  // header '.' payload, as they came
  std::string payload_;
  Bytes signature_;
  JwsHeader header_{};
};

// Parse and Verify in one.
Result<VerifiedJws> VerifyJws(std::string_view compact, const Jwk& key, JwsAlgorithm registered);

// A JWS of our own. `header_members` are added to {"alg":...}, as JSON: R"("typ":"JWT","kid":"1")".
// As crypto::SigningKey::Sign fails.
Result<std::string> SignJws(JwsAlgorithm algorithm, std::string_view header_members,
                            std::string_view payload, const crypto::SigningKey& key);

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_JWS_H_
