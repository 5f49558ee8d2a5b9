// A proof that is accepted is accepted once, and for this method, address and token alone. Two
// spellings of an address have one normal form, which is its own.
//
//   input   0 ‖ the proof as it comes
//           1 ‖ claims, signed here; "NONCE" and "ATH" in them become the right ones
//           2 ‖ an address
#include <string>

#include "base/testing/manual_clock.h"
#include "base/testing/seeded_random.h"
#include "crypto/base64.h"
#include "identity/dpop.h"
#include "identity/jws.h"
#include "tests/fuzz/parts.h"

namespace {

using namespace cloison;

constexpr std::string_view kUrl = "https://vault.example/v1/me";
constexpr std::string_view kToken = "token";

struct World {
  base::testing::ManualClock clock{1'700'000'000'000};
  base::testing::SeededRandom random{1};
  identity::DpopNonces nonces{random, clock};
  identity::DpopProofs proofs;

  bool Accepts(std::string_view proof, net::Method method, std::string_view url,
               std::string_view token) {
    return identity::CheckDpop({proof, method, url, token}, {nonces, proofs, clock}).ok();
  }
};

void Replace(std::string& text, std::string_view from, std::string_view to) {
  if (const std::size_t at = text.find(from); at != std::string::npos) {
    text.replace(at, from.size(), to);
  }
}

void CheckProof(std::string_view proof, bool ours) {
  World other_method, other_url, other_token, world;
  const bool accepted = world.Accepts(proof, net::Method::kGet, kUrl, kToken);
  CLOISON_CHECK(!accepted || ours);
  CLOISON_CHECK(!world.Accepts(proof, net::Method::kGet, kUrl, kToken));
  CLOISON_CHECK(!accepted || world.proofs.size() == 1);
  if (!accepted) return;
  CLOISON_CHECK(!other_method.Accepts(proof, net::Method::kPost, kUrl, kToken));
  CLOISON_CHECK(!other_url.Accepts(proof, net::Method::kGet, "https://vault.example/", kToken));
  CLOISON_CHECK(!other_token.Accepts(proof, net::Method::kGet, kUrl, "another"));
}

std::string Proof(std::string claims) {
  static const auto key = crypto::SigningKey::FromPem(
      AsBytes("-----BEGIN PRIVATE KEY-----\n"
              "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
              "-----END PRIVATE KEY-----\n"));
  CLOISON_CHECK(key.ok());
  Replace(claims, "NONCE", World().nonces.Current());
  Replace(claims, "ATH", crypto::ToBase64Url(crypto::Sha256(AsBytes(kToken))));
  const auto made =
      identity::SignJws(identity::JwsAlgorithm::kEdDsa,
                        R"("typ":"dpop+jwt","jwk":)" + identity::PublicJwk(*key), claims, *key);
  CLOISON_CHECK(made.ok());
  return *made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Reader input({data, size});
  const std::uint8_t mode = input.U8() % 3;
  const std::string_view rest = AsText(input.rest());
  if (mode == 0) {
    CheckProof(rest, false);
  } else if (mode == 1) {
    CheckProof(Proof(std::string(rest)), true);
  } else if (const auto normal = identity::NormalTarget(rest); normal.ok()) {
    const auto again = identity::NormalTarget(*normal);
    CLOISON_CHECK(again.ok() && *again == *normal);
    CLOISON_CHECK(normal->find_first_of("?#") == std::string::npos);
    const std::size_t path = normal->find('/', normal->find("//") + 2);
    CLOISON_CHECK(path != std::string::npos && normal->find("/../", path) == std::string::npos);
  }
  return 0;
}
