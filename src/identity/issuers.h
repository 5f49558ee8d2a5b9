// The issuers file: whose sign-ins count, and what their words mean here (docs/format/issuers.md).
// Everything that a deployment may set of a provider is here; what it does not name is refused.
//
// Threads  values; immutable once read.
// Source   OpenID Connect Core and Discovery, RFC 8414, RFC 7523 (private_key_jwt), RFC 9068.
#ifndef CLOISON_IDENTITY_ISSUERS_H_
#define CLOISON_IDENTITY_ISSUERS_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "crypto/mac.h"
#include "identity/assurance.h"
#include "identity/jwk.h"
#include "identity/principal_name.h"

namespace cloison::identity {

inline constexpr std::size_t kIssuersBytesMax = 256u << 10;
inline constexpr std::size_t kIssuersMax = 32;
inline constexpr std::size_t kClientsMax = 1'000;
inline constexpr std::size_t kReturnUrlsMax = 16;
inline constexpr std::size_t kMappingsMax = 64;  // of one acr or amr table
inline constexpr std::int64_t kTokenLifeSecondsMax = 3'600;

enum class IssuerKind : std::uint8_t { kAgents, kCitizens };

// Which of an issuer's JWTs open a request by themselves.
enum class AccessTokens : std::uint8_t {
  kNone,   // none: its sign-ins become sessions of ours
  kAtJwt,  // RFC 9068: typ at+jwt
  kJwt,    // as Keycloak makes them: typ JWT, a claim typ Bearer or DPoP, client in azp
};

enum class ClientAuthentication : std::uint8_t { kPrivateKeyJwt, kSecretBasic, kSecretPost };

struct IssuerEndpoints {  // "" where neither the file nor discovery names one
  std::string jwks;
  std::string authorization;
  std::string token;
  std::string userinfo;
  std::string end_session;
};

struct IssuerClient {  // the vault, as a client of this issuer
  std::string id;
  ClientAuthentication authentication = ClientAuthentication::kPrivateKeyJwt;
  JwsAlgorithm algorithm = JwsAlgorithm::kEs256;  // of private_key_jwt
  std::string file;                               // the key (PEM) or the secret
  std::vector<std::string> scopes;                // "openid" among them
  std::string claims;  // the claims request (Core section 5.5), as JSON; "": not sent
  std::vector<std::string> acr_values;  // asked for; what came is checked all the same
  bool max_age = true;                  // it takes max_age: step-up asks for max_age=0
  bool pkce = true;                     // it takes code_challenge
  bool dpop = false;                    // it binds its tokens to a key (RFC 9449)
  std::string key_id;                   // kid of private_key_jwt; "": not sent
};

struct IssuerSpec {
  std::string alias;
  std::string issuer;  // the URL, compared byte for byte
  IssuerKind kind = IssuerKind::kAgents;
  std::vector<std::string> audiences;  // of access tokens: one of them must be there
  std::vector<JwsAlgorithm> algorithms;
  AccessTokens access_tokens = AccessTokens::kNone;
  std::vector<std::string> token_clients;  // clients whose access tokens count (client_id, azp)
  std::int64_t token_life_s_max = kTokenLifeSecondsMax;
  std::map<std::string, std::string, std::less<>> levels;  // acr of the issuer -> level of ours
  std::map<std::string, Method, std::less<>> methods;      // amr of the issuer -> method
  bool discovery = true;               // or every endpoint that is needed is named
  IssuerEndpoints endpoints;           // named ones win over discovery's
  std::string ca_file;                 // "": the system's authorities
  std::optional<IssuerClient> client;  // absent: nobody signs in through the browser

  // The level of `acr`: as the map has it; without a map "eidas2" and "eidas3" alone stand for
  // themselves. "" for anything else: no level.
  std::string LevelOf(std::string_view acr) const;
  // Names that neither the map nor MethodNamed knows are left out.
  Methods MethodsOf(const std::vector<std::string>& amr) const;
};

// An application that agents or citizens work in: registered, and known by its key. A public one
// (the console, the command line) has none of its own: each sign-in brings its own DPoP key.
struct RegisteredClient {
  std::string name;
  ClientId id;                                // of `name`
  std::optional<crypto::Digest> certificate;  // SHA-256 of its DER
  std::optional<crypto::Digest> key;          // jkt
  std::vector<std::string> return_urls;       // compared byte for byte
  std::optional<PrincipalName> principal;     // the application as a principal of its own
};
// The first 4 bytes of SHA-256("cloison-client/" ‖ name).
ClientId ClientIdOf(std::string_view name);
// SHA-256("cloison-client-key/" ‖ name): what the key of an application that people work in is
// remembered by, so that its renewal is no unseen key of theirs.
crypto::Digest ClientKeyName(std::string_view name);

class Issuers {
 public:
  Issuers() = default;
  const std::vector<IssuerSpec>& all() const { return issuers_; }
  const std::vector<RegisteredClient>& clients() const { return clients_; }

  const IssuerSpec* Find(std::string_view alias) const;  // null: none
  const IssuerSpec* FindByUrl(std::string_view issuer) const;
  const RegisteredClient* FindClient(std::string_view name) const;
  const RegisteredClient* FindClientOf(const PrincipalName& principal) const;
  const RegisteredClient* FindClientByCertificate(const crypto::Digest& certificate) const;
  const RegisteredClient* FindClientByKey(const crypto::Digest& key) const;
  // What is remembered of a key that somebody signed in with: its thumbprint; of an application's,
  // certificate or other, ClientKeyName.
  crypto::Digest SeenKeyOf(const crypto::Digest& thumbprint) const;

  // "alias:sub" of a known alias. kInvalid otherwise.
  Result<PrincipalId> Named(std::string_view name) const;

 private:
  friend class IssuersReader;
  std::vector<IssuerSpec> issuers_;
  std::vector<RegisteredClient> clients_;
};

struct IssuersRules {
  bool loopback_http = false;  // development and tests: http:// to 127.0.0.1, ::1 and localhost
};

// kInvalid, and each problem as "line 12: unknown key 'algoritms'; the nearest is 'algorithms'".
// Files that it names are not opened here.
Result<Issuers> ParseIssuers(std::string_view toml, IssuersRules rules,
                             std::vector<std::string>& problems);

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_ISSUERS_H_
