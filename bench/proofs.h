// Proofs of possession for the bench `access`, all by one key: that of adviser.ft's certificate.
#ifndef CLOISON_BENCH_PROOFS_H_
#define CLOISON_BENCH_PROOFS_H_

#include <string>

#include "crypto/mac.h"
#include "crypto/signing_key.h"

namespace cloison::bench {

inline constexpr std::string_view kPublicUrl = "https://register.invalid";

class ProofMaker {
 public:
  // Ends the program, saying why, when there is no such key.
  explicit ProofMaker(const std::string& credentials);
  crypto::Digest thumbprint() const;
  // For a POST to `path`, good once.
  std::string Make(const std::string& path, const std::string& token, const std::string& nonce);

 private:
  crypto::SigningKey key_;
  std::string header_;
  std::string prefix_;  // of jti
  std::uint64_t made_ = 0;
};

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_PROOFS_H_
