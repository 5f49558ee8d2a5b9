// Sign-in with access tokens that an issuer bound to a key: JWTs of RFC 9068 (and Keycloak's, where
// the issuer's entry says so), by DPoP or by the client's certificate. A token that is bound to
// nothing opens nothing.
//
//   token     Authorization: DPoP <token> when it is bound to a key (cnf.jkt), with a proof per
//             request; Bearer <token> when it is bound to a certificate (cnf.x5t#S256)
//   checked   once per token and set of keys: signature, algorithm, typ, iss, aud, client, life,
//             sub, binding; each time: expiry, certificate, proof
//   who       the principal of (iss, sub); an application when the issuers file names it so or its
//             sub is the client itself, a human otherwise
//   level     acr and amr through the issuer's maps: unknown words give no level and no method,
//             which the gate refuses
//
// A token that its issuer takes back stays good until it expires: keep token_life_s short, and
// suspend the principal here, which holds at once.
//
// Source   RFC 9068 section 4, RFC 9449 section 7, RFC 8705 section 3, RFC 6750.
#ifndef CLOISON_IDENTITY_JWT_SIGN_IN_H_
#define CLOISON_IDENTITY_JWT_SIGN_IN_H_

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "identity/dpop.h"
#include "identity/issuers.h"
#include "identity/jwt_claims.h"
#include "identity/provider_keys.h"
#include "identity/sign_in.h"

namespace cloison::identity {

inline constexpr std::size_t kJwtTokensCachedMax = 10'000;

struct JwtSignInParts {
  const Issuers& issuers;
  ProviderKeys& keys;
  const DpopNonces& nonces;
  DpopProofs& proofs;
  const base::Clock& clock;
  std::string origin;  // "https://vault.example": of htu, configured
};

class JwtSignIn final : public SignIn {
 public:
  explicit JwtSignIn(JwtSignInParts parts, std::size_t cached_max = kJwtTokensCachedMax)
      : parts_(std::move(parts)), cached_max_(cached_max) {}

  Result<SignedIn> Verify(const Presented& presented) override;
  Result<PrincipalId> Named(std::string_view name) const override {
    return parts_.issuers.Named(name);
  }
  std::string DpopNonce() const override { return parts_.nonces.Current(); }
  Task<void> Refreshed(Error refusal) override;
  std::size_t cached() const;  // tokens remembered, at most `cached_max`

 private:
  struct Known {
    SignedIn who;
    const IssuerSpec* issuer;
    std::uint64_t generation;  // of the issuer's keys
    std::int64_t expires_s;
    std::optional<crypto::Digest> key;
    std::optional<crypto::Digest> certificate;
  };
  struct DigestHash {
    std::size_t operator()(const crypto::Digest& digest) const {
      return base::LoadBig({digest.data(), 8});
    }
  };
  std::optional<Known> Remembered(const crypto::Digest& name, std::int64_t now_s) const;
  void Remember(const crypto::Digest& name, const Known& known, std::int64_t now_s);
  Result<Known> VerifyNew(std::string_view token, std::int64_t now_s) const;
  Result<Known> Judge(const IssuerSpec& issuer, const VerifiedJws& proven,
                      std::int64_t now_s) const;
  Result<SignedIn> WhoIs(const IssuerSpec& issuer, const JwtClaims& claims) const;
  Status CheckBinding(const Known& known, const Presented& presented, std::string_view token) const;

  const JwtSignInParts parts_;
  const std::size_t cached_max_;
  mutable std::mutex mutex_;  // guards known_: tokens that verified, by their SHA-256
  std::unordered_map<crypto::Digest, Known, DigestHash> known_;
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_JWT_SIGN_IN_H_
