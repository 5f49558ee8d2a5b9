// Sign-in of production: our own sessions, key-bound JWTs of issuers that make them, and
// applications known by their certificate. What it decides by, in this order:
//
//   authorization: DPoP cls_...     a session; a proof by its key, bound to the token (ath)
//   authorization: Bearer cls_...   a session; the client certificate it is bound to
//   authorization: anything else    a JWT of an issuer: the sign-in for tokens
//   cookie __Host-cloison           a session of a console: a proof by its key, bound to the token;
//                                   or a citizen's: Actor::kCookie, and what changes something
//                                   needs the page's origin and form token beside the cookie
//   nothing, a client certificate   the application that is registered with it
//
// An unbound bearer opens nothing.
//
// Threads  any.
// Source   RFC 9449 section 7, RFC 8705 section 3, docs/operate/sign_in.md.
#ifndef CLOISON_IDENTITY_PRODUCTION_SIGN_IN_H_
#define CLOISON_IDENTITY_PRODUCTION_SIGN_IN_H_

#include <string>

#include "identity/dpop.h"
#include "identity/issuers.h"
#include "identity/sessions.h"
#include "identity/sign_in.h"

namespace cloison::identity {

inline constexpr std::string_view kSessionCookie = "__Host-cloison";
inline constexpr std::string_view kBrowserCookie = "__Host-cloison-sign-in";

// The value of the cookie `name` in a Cookie header; "" when it is absent or there twice.
std::string_view CookieNamed(std::string_view header, std::string_view name);

// What a page must send beside a cookie alone to change something: base64url of
// SHA-256("cloison-form/" ‖ token).
std::string FormTokenOf(std::string_view token);

class ProductionSignIn final : public SignIn {
 public:
  struct Parts {  // all outlive it
    const Issuers& issuers;
    SignIn& tokens;  // for JWTs
    Sessions& sessions;
    const DpopNonces& nonces;
    DpopProofs& proofs;
    const base::Clock& clock;
  };
  ProductionSignIn(Parts parts, std::string public_url)
      : parts_(parts), public_url_(std::move(public_url)) {}

  Result<SignedIn> Verify(const Presented& presented) override;
  Result<PrincipalId> Named(std::string_view name) const override {
    return parts_.issuers.Named(name);
  }
  std::string DpopNonce() const override { return parts_.nonces.Current(); }
  Task<void> Refreshed(Error refusal) override { return parts_.tokens.Refreshed(refusal); }

  // The key that a request proves without a session: by a proof, else by its certificate. kDenied.
  Result<BoundKey> ProveKey(const Presented& presented);

 private:
  Result<SignedIn> VerifySession(std::string_view token, Carrier carrier,
                                 const Presented& presented);
  Status CheckKey(const Session& session, std::string_view token, const Presented& presented);
  Status CheckPage(std::string_view token, const Presented& presented) const;
  Result<SignedIn> Application(const Presented& presented) const;
  Result<crypto::Digest> Proof(const Presented& presented, std::optional<std::string_view> token);

  Parts parts_;
  // Proofs of whoever has no session: anybody makes such keys, and who has a session must not wait
  // for them.
  DpopProofs strangers_;
  const std::string public_url_;
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_PRODUCTION_SIGN_IN_H_
