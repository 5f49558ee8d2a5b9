// Sign-in of development mode: tokens of the project's own issuer, bound to the client
// certificates made beside them, from the loopback alone. The server refuses it outside development
// mode.
#ifndef CLOISON_IDENTITY_DEVELOPMENT_H_
#define CLOISON_IDENTITY_DEVELOPMENT_H_

#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "crypto/ed25519.h"
#include "identity/sign_in.h"
#include "identity/token.h"

namespace cloison::identity {

inline constexpr std::string_view kDevelopmentIssuer = "cloison-dev";
inline constexpr std::string_view kDevelopmentAudience = "cloison";
inline constexpr std::int64_t kDevelopmentTokenSeconds = 8 * 3600;
inline constexpr std::size_t kTokensCachedMax = 10'000;

// The first 16 bytes of SHA-256("cloison-dev/" ‖ name).
PrincipalId DevelopmentPrincipalId(std::string_view name);
// 1 to 64 lower-case letters, digits, '.' and '-'.
bool IsDevelopmentName(std::string_view name);

// Threads: any. All references outlive it.
class DevelopmentIssuer {
 public:
  DevelopmentIssuer(const crypto::Signer& signer, const base::Clock& clock, base::Random& random)
      : signer_(signer), clock_(clock), random_(random) {}
  // A token for `name`, good for kDevelopmentTokenSeconds, bound to the certificate with this
  // SHA-256. kInvalid: not a name.
  Result<std::string> Issue(std::string_view name, const crypto::Digest& certificate) const;

 private:
  const crypto::Signer& signer_;
  const base::Clock& clock_;
  base::Random& random_;
};

class DevelopmentSignIn final : public SignIn {
 public:
  DevelopmentSignIn(const crypto::Ed25519PublicKey& issuer, const base::Clock& clock,
                    std::size_t cached_max = kTokensCachedMax)
      : issuer_(issuer), clock_(clock), cached_max_(cached_max) {}
  Result<SignedIn> Verify(const Presented& presented) override;
  Result<PrincipalId> Named(std::string_view name) const override;
  std::size_t cached() const;  // tokens remembered, at most `cached_max`

 private:
  struct Known {
    SignedIn who;
    std::int64_t expires_s;
  };
  struct DigestHash {
    std::size_t operator()(const crypto::Digest& digest) const {
      return base::LoadBig({digest.data(), 8});
    }
  };
  Result<Known> VerifyNew(std::string_view token, const crypto::Digest& certificate,
                          std::int64_t now_s) const;
  void Remember(const crypto::Digest& name, const Known& known, std::int64_t now_s);

  crypto::Ed25519PublicKey issuer_;
  const base::Clock& clock_;
  const std::size_t cached_max_;
  mutable std::mutex
      mutex_;  // guards known_: tokens that verified, by SHA-256(token ‖ certificate)
  std::unordered_map<crypto::Digest, Known, DigestHash> known_;
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_DEVELOPMENT_H_
