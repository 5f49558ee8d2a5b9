// The files of development mode: an authority, the server's certificate, and per principal a client
// certificate, its key and a token bound to it, so that pasted commands work.
//
//   ca.pem  ca.key  server.pem  server.key  issuer.key  until   NAME.pem  NAME.key  NAME.token
//
// What is there is used again as long as it lasts, so that a restarted server knows the clients it
// had; tokens are new at each start (the older ones stay good for their 8 hours). All files 0600 in
// a directory of 0700.
#ifndef CLOISON_IDENTITY_CREDENTIALS_H_
#define CLOISON_IDENTITY_CREDENTIALS_H_

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/random.h"
#include "crypto/ed25519.h"

namespace cloison::identity {

inline constexpr std::int64_t kCredentialsDays = 365;
inline constexpr std::size_t kCredentialNamesMax = 10'000;

struct DevelopmentCredentials {
  std::string ca_pem;
  std::string server_certificate_pem;
  std::string server_private_key_pem;
  crypto::Ed25519PublicKey issuer;  // who signs the tokens
};

struct CredentialsParts {
  base::Files& files;
  const base::Clock& clock;
  base::Random& random;
};

// A name of development that is none of the files' own ("ca", "server", "issuer").
bool MayHaveCredentials(std::string_view name);

// Fails  kInvalid: a name that is none; as base::Files and crypto::Issue... do.
Result<DevelopmentCredentials> PrepareDevelopmentCredentials(const std::string& directory,
                                                             const std::vector<std::string>& names,
                                                             CredentialsParts parts);

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_CREDENTIALS_H_
