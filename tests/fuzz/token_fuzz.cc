// What is not signed is refused. What is signed is read back as it was signed, or refused; and
// sign-in lets in only a token of its issuer, for its audience, in its time, bound to the
// certificate that is there.
//
//   input   0 ‖ the token as it comes
//           1 ‖ header ‖ claims (each a length byte and the JSON), signed here
//           2 ‖ changes of a good token (parts.h)
#include <optional>
#include <string>

#include "base/testing/manual_clock.h"
#include "base/testing/seeded_random.h"
#include "crypto/base64.h"
#include "identity/development.h"
#include "identity/testing/showing.h"
#include "tests/fuzz/parts.h"

namespace {

using namespace cloison;
using identity::testing::Showing;

const crypto::Ed25519Signer& Signer() {
  static const crypto::Ed25519Signer signer{crypto::Secret<32>()};
  return signer;
}
const crypto::Digest kCertificate{1, 2, 3};
const base::testing::ManualClock kClock;

// Against the claims that ReadToken gives, what sign-in must say of them.
bool MustEnter(const identity::Claims& claims) {
  const std::int64_t now_s = kClock.wall_ms() / 1000;
  return claims.issuer == identity::kDevelopmentIssuer &&
         claims.audience == identity::kDevelopmentAudience &&
         claims.expires_s + identity::kSkewSeconds > now_s &&
         claims.not_before_s <= now_s + identity::kSkewSeconds &&
         claims.issued_s <= now_s + identity::kSkewSeconds && claims.expires_s > claims.issued_s &&
         claims.expires_s - claims.issued_s <= identity::kDevelopmentTokenSeconds &&
         claims.certificate == kCertificate && identity::IsDevelopmentName(claims.subject);
}

std::optional<identity::Claims> Try(std::string_view token) {
  const auto claims = identity::ReadToken(token, Signer().public_key());
  identity::DevelopmentSignIn sign_in(Signer().public_key(), kClock);
  net::Peer peer;
  peer.certificate_sha256 = kCertificate;
  const auto entered = sign_in.Verify(Showing("Bearer " + std::string(token), peer));
  if (!claims.ok()) {
    CLOISON_CHECK(claims.error().code() == Code::kDenied);
    CLOISON_CHECK(!entered.ok() && entered.error().code() == Code::kDenied);
    return std::nullopt;
  }
  CLOISON_CHECK(token.size() <= identity::kTokenBytesMax);
  CLOISON_CHECK(entered.ok() == MustEnter(*claims));
  peer.certificate_sha256 = crypto::Digest{9};
  CLOISON_CHECK(!sign_in.Verify(Showing("Bearer " + std::string(token), peer)).ok());
  peer.certificate_sha256.reset();
  CLOISON_CHECK(!sign_in.Verify(Showing("Bearer " + std::string(token), peer)).ok());
  return *claims;
}

std::string Signed(std::string text) {
  const auto signature = Signer().Sign(AsBytes(text));
  CLOISON_CHECK(signature.ok());
  return text + "." + crypto::ToBase64Url(*signature);
}

void CheckSignedJson(base::Reader& input) {
  const ByteView header = fuzz::TakePart(input);
  const auto claims =
      Try(Signed(crypto::ToBase64Url(header) + "." + crypto::ToBase64Url(input.rest())));
  if (!claims.has_value()) return;
  const auto again = identity::SignToken(*claims, Signer());
  CLOISON_CHECK(again.ok());
  if (again->size() > identity::kTokenBytesMax) return;  // escapes are longer than what they mean
  const auto same = Try(*again);
  CLOISON_CHECK(same.has_value() && identity::SignToken(*same, Signer()).ok());
  CLOISON_CHECK(*identity::SignToken(*same, Signer()) == *again);
}

void CheckAltered(base::Reader& input) {
  static const std::string good = [] {
    base::testing::SeededRandom random(1);
    const identity::DevelopmentIssuer issuer(Signer(), kClock, random);
    return *issuer.Issue("adviser.ft", kCertificate);
  }();
  const Bytes altered = fuzz::Altered(base::ToBytes(AsBytes(good)), input);
  CLOISON_CHECK(Try(AsText(altered)).has_value() == (AsText(altered) == good));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Reader input({data, size});
  switch (input.U8() % 3) {
    case 0: CLOISON_CHECK(!Try(AsText(input.rest())).has_value()); break;
    case 1: CheckSignedJson(input); break;
    default: CheckAltered(input);
  }
  return 0;
}
