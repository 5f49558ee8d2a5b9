// Nothing passes for signed that our key did not sign, and what it signed is read within its
// limits.
//
//   input   0 ‖ the token as it comes
//           1 ‖ header (a length byte and the JSON) ‖ payload, signed here
//           2 ‖ changes of a good token (parts.h)
#include <optional>
#include <string>

#include "crypto/base64.h"
#include "identity/jwt_claims.h"
#include "tests/fuzz/parts.h"

namespace {

using namespace cloison;
using identity::JwsAlgorithm;

constexpr JwsAlgorithm kAll[] = {JwsAlgorithm::kEs256, JwsAlgorithm::kEs384, JwsAlgorithm::kRs256,
                                 JwsAlgorithm::kPs256, JwsAlgorithm::kEdDsa};

// RFC 8032 section 7.1, test 1.
const crypto::SigningKey& SigningKey() {
  static const crypto::SigningKey key = [] {
    auto read = crypto::SigningKey::FromPem(
        AsBytes("-----BEGIN PRIVATE KEY-----\n"
                "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                "-----END PRIVATE KEY-----\n"));
    CLOISON_CHECK(read.ok());
    return std::move(*read);
  }();
  return key;
}
const identity::Jwk& PublicKey() {
  static const identity::Jwk key = [] {
    auto read = identity::Jwk::Parse(AsBytes(identity::PublicJwk(SigningKey())));
    CLOISON_CHECK(read.ok());
    return std::move(*read);
  }();
  return key;
}

void CheckClaims(const identity::VerifiedJws& proven) {
  const auto claims = identity::ReadClaims(proven);
  if (!claims.ok()) {
    CLOISON_CHECK(claims.error().code() == Code::kDenied);
    return;
  }
  CLOISON_CHECK(claims->audiences.size() <= identity::kAudiencesMax);
  CLOISON_CHECK(claims->amr.size() <= identity::kMethodsMax);
  for (const std::string* text : {&claims->issuer, &claims->sub, &claims->acr, &claims->id}) {
    CLOISON_CHECK(text->size() <= identity::kClaimBytesMax);
  }
  for (const auto& time : {claims->expires_s, claims->issued_s, claims->auth_time_s}) {
    CLOISON_CHECK(!time.has_value() || *time >= 0);
  }
}

// Whether `token` passes for signed.
bool Try(std::string_view token) {
  const auto shown = identity::UnverifiedJws::Parse(token);
  if (!shown.ok()) {
    CLOISON_CHECK(shown.error().code() == Code::kDenied);
    return false;
  }
  CLOISON_CHECK(token.size() <= identity::kJwsBytesMax);
  CLOISON_CHECK(shown->header().key_id.size() <= identity::kKeyIdBytesMax);
  static_cast<void>(shown->ClaimedIssuer());
  const auto proven = shown->Verify(PublicKey(), kAll);
  if (!proven.ok()) return false;
  CLOISON_CHECK(proven->header().algorithm == JwsAlgorithm::kEdDsa);
  CLOISON_CHECK(!shown->Verify(PublicKey(), std::span(kAll).first(4)).ok());
  CheckClaims(*proven);
  return true;
}

std::string Signed(ByteView header, ByteView payload) {
  std::string text = crypto::ToBase64Url(header) + "." + crypto::ToBase64Url(payload);
  const auto signature = SigningKey().Sign(crypto::SignatureScheme::kEd25519, AsBytes(text));
  CLOISON_CHECK(signature.ok());
  return text + "." + crypto::ToBase64Url(*signature);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Reader input({data, size});
  const std::uint8_t mode = input.U8() % 3;
  if (mode == 0) {
    CLOISON_CHECK(!Try(AsText(input.rest())));
  } else if (mode == 1) {
    const ByteView header = fuzz::TakePart(input);
    Try(Signed(header, input.rest()));
  } else {
    static const std::string good =
        Signed(AsBytes(R"({"alg":"EdDSA","typ":"at+jwt","kid":"1"})"),
               AsBytes(R"({"iss":"https://sso.example","sub":"u","exp":1700000000})"));
    const Bytes altered = fuzz::Altered(base::ToBytes(AsBytes(good)), input);
    CLOISON_CHECK(Try(AsText(altered)) == (AsText(altered) == good));
  }
  return 0;
}
