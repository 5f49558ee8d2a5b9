// Keys of officers who sign policies, and notes signed by them.
#ifndef CLOISON_VAULT_TESTING_OFFICER_KEYS_H_
#define CLOISON_VAULT_TESTING_OFFICER_KEYS_H_

#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "crypto/ed25519.h"
#include "tlog/note.h"

namespace cloison::vault::testing {

inline crypto::Secret<32> SeedOf(std::uint8_t byte) {
  crypto::Secret<32> seed;
  std::ranges::fill(seed.Reveal(), byte);
  return seed;
}

inline tlog::VerifierKey KeyOf(std::uint8_t seed) {
  const crypto::Ed25519Signer signer(SeedOf(seed));
  return *tlog::VerifierKey::Make("officer-" + std::to_string(seed), tlog::KeyType::kSignature,
                                  signer.public_key());
}

// Without a seed: the bare text.
inline std::string Signed(const std::string& text, const std::vector<std::uint8_t>& seeds) {
  tlog::Note note{text, {}};
  for (const std::uint8_t seed : seeds) {
    CLOISON_CHECK(tlog::Sign(note, KeyOf(seed), crypto::Ed25519Signer(SeedOf(seed))).ok());
  }
  return seeds.empty() ? text : tlog::PrintNote(note);
}

}  // namespace cloison::vault::testing

#endif  // CLOISON_VAULT_TESTING_OFFICER_KEYS_H_
