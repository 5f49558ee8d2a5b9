// A session of production as the command line keeps it: whose server, the token, and the key that
// it is bound to, in a file that only its owner can read:
//
//   cloison session 1
//   server https://vault.example
//   ca /etc/ssl/vault.pem             or "ca " for the system's authorities
//   seed <43 characters of base64url>
//   token cls_…                       or "token ": nobody is signed in, the key alone
//
// The key is made here and never leaves: it signs a proof for each request (RFC 9449).
//
// Threads  values; Read and Write: one at a time.
// Source   docs/operate/sign_in.md "The command line".
#ifndef CLOISON_CLI_SESSION_FILE_H_
#define CLOISON_CLI_SESSION_FILE_H_

#include <memory>
#include <string>

#include "base/clock.h"
#include "crypto/secret.h"
#include "crypto/signing_key.h"

namespace cloison::cli {

inline constexpr std::size_t kSessionFileBytesMax = 8u << 10;

// A key that proves possession of itself, request by request.
class ProofKey {
 public:
  // kInvalid: OpenSSL does not take it.
  static Result<ProofKey> FromSeed(const crypto::Secret<32>& seed);
  // The proof of one request; `url` without a query. `nonce`, `token`: "" for none.
  Result<std::string> Proof(std::string_view method, std::string_view url, std::string_view nonce,
                            std::string_view token, base::Clock& clock) const;

 private:
  explicit ProofKey(crypto::SigningKey key) : key_(std::move(key)) {}
  crypto::SigningKey key_;
};

struct SessionFile {
  std::string server, ca;
  crypto::Secret<32> seed;
  std::string token;
};
crypto::SecretBytes Serialise(const SessionFile& file);
// Fails kInvalid unless the bytes are exactly what Serialise gives.
Result<SessionFile> ParseSessionFile(ByteView bytes);

// kDenied: others than its owner can read the file; kNotFound; kInvalid.
Result<SessionFile> ReadSessionFile(const std::string& path);
// Whole, mode 0600; the directory is made (0700) when it is missing.
Status WriteSessionFile(const SessionFile& file, const std::string& path);

// $XDG_STATE_HOME/cloison/session, or what that stands for when it is not set. "": no home.
std::string DefaultSessionPath();

}  // namespace cloison::cli

#endif  // CLOISON_CLI_SESSION_FILE_H_
