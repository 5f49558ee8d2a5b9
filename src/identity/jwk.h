// JSON Web Keys of issuers and of DPoP proofs: public keys alone, strictly read.
//
// Refused: a key twice, base64url that is not canonical or has another length, a private part (`d`
// and its like: whoever published it lost the key), and what crypto::PublicKey refuses. Members
// that nobody knows are ignored, as RFC 7517 section 4 asks; x5u and x5c are never followed.
//
// Threads  values.
// Source   RFC 7517, RFC 7518 section 6, RFC 8037 section 2, RFC 7638 (thumbprint).
#ifndef CLOISON_IDENTITY_JWK_H_
#define CLOISON_IDENTITY_JWK_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_reader.h"
#include "crypto/mac.h"
#include "crypto/public_key.h"
#include "crypto/signing_key.h"

namespace cloison::identity {

inline constexpr std::size_t kJwkBytesMax = 16u << 10;
inline constexpr std::size_t kJwkSetBytesMax = 64u << 10;
inline constexpr std::size_t kJwkSetKeysMax = 64;
inline constexpr std::size_t kKeyIdBytesMax = 256;

// What a JWS may be signed with here. None and the HMACs have no name, so nothing can choose them.
enum class JwsAlgorithm : std::uint8_t { kEs256, kEs384, kRs256, kPs256, kEdDsa };
std::optional<JwsAlgorithm> JwsAlgorithmNamed(std::string_view name);  // "ES256", exactly
std::string_view Name(JwsAlgorithm algorithm);
crypto::SignatureScheme SchemeOf(JwsAlgorithm algorithm);

class Jwk {
 public:
  // kInvalid, with a literal reason. kExhausted: larger than a limit above.
  static Result<Jwk> Parse(ByteView json);
  static Result<Jwk> Read(const codec::JsonValue& value);

  const std::string& id() const { return id_; }  // kid; "" when absent
  // Kind and curve are the algorithm's; `alg`, when present, is it; `use` is absent or "sig";
  // `key_ops` is absent or has "verify".
  bool Fits(JwsAlgorithm algorithm) const;
  const crypto::PublicKey& key() const { return key_; }
  // SHA-256 of the required members alone, in their order: DPoP's jkt.
  const crypto::Digest& thumbprint() const { return thumbprint_; }

 private:
  Jwk(crypto::PublicKey key, const crypto::Digest& thumbprint)
      : key_(std::move(key)), thumbprint_(thumbprint) {}
  std::string id_;
  std::string algorithm_;  // "": absent
  bool for_signatures_ = true;
  crypto::PublicKey key_;
  crypto::Digest thumbprint_;
};

// The keys of one issuer. A key that is none of ours (symmetric, for encryption, of another curve,
// too short) is left out, as RFC 7517 section 5 asks; a set that is no set is refused whole.
class JwkSet {
 public:
  JwkSet() = default;
  // kInvalid: not strict JSON, no "keys". kExhausted: larger than a limit above.
  static Result<JwkSet> Parse(ByteView json);

  const std::vector<Jwk>& keys() const { return keys_; }
  std::size_t left_out() const { return left_out_; }
  // The one key that is named so and fits. `id` "": the one key that fits. Null: none, or more than
  // one.
  const Jwk* Find(std::string_view id, JwsAlgorithm algorithm) const;

 private:
  std::vector<Jwk> keys_;
  std::size_t left_out_ = 0;
};

// The public half of `key` as a JWK: its required members in the order of RFC 7638, so that its
// SHA-256 is the thumbprint.
std::string PublicJwk(const crypto::SigningKey& key);

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_JWK_H_
