#include "bench/proofs.h"

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/random.h"
#include "bench/our_server.h"
#include "crypto/base64.h"
#include "identity/jws.h"

namespace cloison::bench {

namespace {

crypto::SigningKey ReadKey(const std::string& path) {
  Result<crypto::SigningKey> key = crypto::SigningKey::FromPem(AsBytes(ReadWholeFile(path)));
  if (!key.ok()) GiveUp("no key for proofs in " + path);
  return std::move(*key);
}

}  // namespace

ProofMaker::ProofMaker(const std::string& credentials)
    : key_(ReadKey(credentials + "/adviser.ft.key")),
      header_(R"("typ":"dpop+jwt","jwk":)" + identity::PublicJwk(key_)) {
  base::SystemRandom random;
  prefix_ = base::ToHex(random.Draw<8>()) + "-";
}

crypto::Digest ProofMaker::thumbprint() const {
  return crypto::Sha256(AsBytes(identity::PublicJwk(key_)));
}

std::string ProofMaker::Make(const std::string& path, const std::string& token,
                             const std::string& nonce) {
  const nlohmann::json claims{{"htm", "POST"},
                              {"htu", std::string(kPublicUrl) + path},
                              {"jti", prefix_ + std::to_string(made_++)},
                              {"iat", base::SystemClock().wall_ms() / base::kSecondMs},
                              {"nonce", nonce},
                              {"ath", crypto::ToBase64Url(crypto::Sha256(AsBytes(token)))}};
  const Result<std::string> proof =
      identity::SignJws(identity::JwsAlgorithm::kEs256, header_, claims.dump(), key_);
  if (!proof.ok()) GiveUp("a proof cannot be signed");
  return *proof;
}

}  // namespace cloison::bench
