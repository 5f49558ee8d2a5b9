// The vault as OpenID client of each provider: the code flow with PKCE, state and nonce.
//
//   Begin    a URL for the browser, and the attempt to keep          (no request is made)
//   Finish   code -> tokens -> checked identity                      (requests, off the loops)
//
// Nothing that a provider says is taken before its signature, its issuer, its audience and the
// nonce of this attempt hold. Its tokens are dropped: the vault's own session follows
// (identity/sessions.h). Whether the level is enough is the gate's to say.
//
// Each provider has a redirect URI of its own, so a code that one sends cannot be taken to another
// (RFC 9700 section 4.4.2), whether or not it sends `iss`; an `iss` that is there must be its.
//
// Threads  any. Finish goes on on a thread of the provider's calls: hop home.
// Source   OpenID Connect Core 3.1, RFC 7636 (PKCE), RFC 9207 (iss), RFC 7523 (private_key_jwt),
//          RFC 9449 (DPoP), RFC 9470 (step-up).
#ifndef CLOISON_IDENTITY_OPENID_CLIENT_H_
#define CLOISON_IDENTITY_OPENID_CLIENT_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/files.h"
#include "base/random.h"
#include "identity/issuers.h"
#include "identity/jws.h"
#include "identity/pivot.h"
#include "identity/provider_calls.h"
#include "identity/provider_keys.h"

namespace cloison::identity {

inline constexpr std::size_t kCodeBytesMax = 2'048;
inline constexpr std::size_t kClientSecretBytesMax = 1'024;
inline constexpr std::string_view kCallbackPath = "/v1/sign-ins/callback/";  // and the alias

// What is kept of one attempt while the browser is away. Its texts are secrets of 256 bits.
struct Attempt {
  std::string alias;
  std::string state, nonce, verifier;
  bool step_up = false;
  std::int64_t began_s = 0;  // wall clock
};

// Who a provider says signed in.
struct Identified {
  PrincipalId principal;
  std::string name;  // alias:sub
  IssuerKind kind;
  Assurance assurance;                           // Actor::kHuman
  std::shared_ptr<const Pivot> pivot = nullptr;  // of a citizens' provider
};

struct OpenIdParts {
  const Issuers& issuers;
  ProviderKeys& keys;
  ProviderCalls& calls;
  base::Files& files;
  const base::Clock& clock;
  base::Random& random;
};

class OpenIdClient {
 public:
  // `public_url` without a slash at its end: "https://vault.example".
  OpenIdClient(OpenIdParts parts, std::string public_url);
  ~OpenIdClient();

  // Reads the key or secret of each provider's client. `problems` gets a line for each that cannot
  // be used; kInvalid then.
  Status Start(std::vector<std::string>& problems);

  struct Begun {
    Attempt attempt;
    std::string url;
  };
  // kNotFound: no such provider, or nobody signs in there through a browser. kInvalid: step-up at
  // a provider that takes no max_age. kUnavailable: its discovery has not answered.
  Result<Begun> Begin(std::string_view alias, bool step_up);

  // After kUnavailable with Remedy::kRefresh: ends when the discovery has answered, or has not, on
  // any thread.
  Task<void> Refreshed(std::string alias);

  // `code` as the provider sent it. kDenied: a literal reason that may be shown; kUnavailable,
  // kExhausted: as ProviderCalls.
  Task<Result<Identified>> Finish(Attempt attempt, std::string code);

  std::string RedirectUri(std::string_view alias) const;
  const Issuers& issuers() const { return parts_.issuers; }

 private:
  struct Credential;
  struct Tokens;
  Task<Result<Tokens>> Exchange(const IssuerSpec& issuer, const Attempt& attempt,
                                const std::string& code);
  Result<ProviderRequest> TokenRequest(const IssuerSpec& issuer, const Attempt& attempt,
                                       const std::string& code);
  Status Authenticate(const IssuerSpec& issuer, ProviderRequest& request);
  Result<std::string> SignProof(const ProviderRequest& request, std::string_view nonce,
                                std::string_view access_token);
  Task<Result<net::Response>> SendProved(const IssuerSpec& issuer,
                                         std::function<Result<ProviderRequest>()> make,
                                         std::string access_token);
  Task<Result<VerifiedJws>> VerifyOf(const IssuerSpec& issuer, std::string compact);
  Task<Result<std::shared_ptr<const Pivot>>> UserInfo(const IssuerSpec& issuer,
                                                      const Tokens& tokens, std::string sub);
  Result<std::shared_ptr<const Pivot>> PivotIn(const IssuerSpec& issuer, std::string_view json,
                                               std::string_view sub) const;
  Result<Identified> ReadIdentity(const IssuerSpec& issuer, const Attempt& attempt,
                                  const VerifiedJws& proven, std::string_view access_token) const;
  Error Lie(const IssuerSpec& issuer, Error error) const;
  std::string NewSecret();

  OpenIdParts parts_;
  const std::string public_url_;
  std::map<std::string, Credential, std::less<>> credentials_;  // by alias
  std::unique_ptr<crypto::SigningKey> proving_;  // for providers that bind tokens (DPoP)
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_OPENID_CLIENT_H_
