// Makes tokens and proofs for tests, as an issuer and a client would, or wrong in any way.
#ifndef CLOISON_IDENTITY_TESTING_FORGE_H_
#define CLOISON_IDENTITY_TESTING_FORGE_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crypto/base64.h"
#include "crypto/signing_key.h"
#include "identity/jws.h"

namespace cloison::identity::testing {

using Json = nlohmann::ordered_json;

inline crypto::SigningKey NewKey(crypto::KeyKind kind) {
  Result<crypto::SigningKey> key = crypto::SigningKey::Generate(kind);
  CLOISON_CHECK(key.ok());
  return std::move(*key);
}

inline JwsAlgorithm AlgorithmOf(const crypto::SigningKey& key) {
  switch (key.kind()) {
    case crypto::KeyKind::kP256: return JwsAlgorithm::kEs256;
    case crypto::KeyKind::kP384: return JwsAlgorithm::kEs384;
    case crypto::KeyKind::kRsa: return JwsAlgorithm::kRs256;
    case crypto::KeyKind::kEd25519: break;
  }
  return JwsAlgorithm::kEdDsa;
}

// header.payload.signature, the header exactly as given, signed with `key` as `algorithm` has it,
// whatever the header says.
inline std::string Signed(const std::string& header, const std::string& payload,
                          const crypto::SigningKey& key, JwsAlgorithm algorithm) {
  const std::string text =
      crypto::ToBase64Url(AsBytes(header)) + "." + crypto::ToBase64Url(AsBytes(payload));
  const Result<Bytes> signature = key.Sign(SchemeOf(algorithm), AsBytes(text));
  CLOISON_CHECK(signature.ok());
  return text + "." + crypto::ToBase64Url(*signature);
}
inline std::string Signed(const Json& header, const Json& payload, const crypto::SigningKey& key) {
  return Signed(header.dump(), payload.dump(), key, AlgorithmOf(key));
}

// The public half as an issuer publishes it.
inline Json PublishedJwk(const crypto::SigningKey& key, const std::string& id) {
  Json out = Json::parse(PublicJwk(key));
  out["kid"] = id;
  out["use"] = "sig";
  out["alg"] = std::string(Name(AlgorithmOf(key)));
  return out;
}
inline std::string KeySet(const std::vector<Json>& keys) {
  return Json{{"keys", keys}}.dump();
}

inline crypto::Digest ThumbprintOf(const crypto::SigningKey& key) {
  return crypto::Sha256(AsBytes(PublicJwk(key)));
}
inline std::string Digest64(const crypto::Digest& digest) {
  return crypto::ToBase64Url(digest);
}

// A proof's parts, right for this request. `token` "": none is shown with it.
inline Json ProofHeader(const crypto::SigningKey& key) {
  return {{"typ", "dpop+jwt"},
          {"alg", std::string(Name(AlgorithmOf(key)))},
          {"jwk", Json::parse(PublicJwk(key))}};
}
inline Json ProofClaims(const std::string& method, const std::string& url, std::int64_t now_s,
                        const std::string& nonce, const std::string& token) {
  static int made = 0;
  Json out{{"jti", "proof-" + std::to_string(++made)},
           {"htm", method},
           {"htu", url},
           {"iat", now_s},
           {"nonce", nonce}};
  if (!token.empty()) out["ath"] = Digest64(crypto::Sha256(AsBytes(token)));
  return out;
}

}  // namespace cloison::identity::testing

#endif  // CLOISON_IDENTITY_TESTING_FORGE_H_
