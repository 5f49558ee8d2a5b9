#include "drill/entrance.h"

#include "crypto/base64.h"

namespace cloison::drill {

namespace {

constexpr char kUrl[] = "https://register.invalid";
constexpr ClientId kClient(7);
constexpr ByteArray<32> kItsCertificate{0x11}, kThievesCertificate{0x22};

}  // namespace

Result<std::unique_ptr<Entrance>> Entrance::Open(Stage& stage) {
  const std::string toml = R"(version = 1
[[issuer]]
alias = "agency"
kind = "agents"
url = "https://provider.invalid"
algorithms = ["ES256"]
access_tokens = "at+jwt"
audiences = ["register"]
token_clients = ["register"]
[[client]]
name = "case"
certificate = ")" + crypto::ToBase64Url(kItsCertificate) +
                           "\"\nprincipal = \"agency:case\"\n";
  std::vector<std::string> problems;
  CLOISON_TRY_ASSIGN(identity::Issuers issuers, identity::ParseIssuers(toml, {}, problems));
  return std::unique_ptr<Entrance>(new Entrance(stage, std::move(issuers)));
}

Result<Entrance::Tried> Entrance::Try(const PrincipalId& who, identity::Actor actor) {
  identity::Session session{who, sessions_.NewId(), kClient, {actor, {}, {}, 0, "agency"}};
  session.key = {identity::Bound::kCertificate, kItsCertificate};
  CLOISON_TRY_ASSIGN(const std::string token, sessions_.Open(session));
  Tried tried;
  const std::string bearer = "Bearer " + token, dpop = "DPoP " + token;
  const std::string* const carried[] = {nullptr, &bearer, &dpop};
  for (const std::string* authorization : carried) {
    for (const bool certificate : {false, true}) {
      const auto theirs = certificate ? std::optional(kThievesCertificate) : std::nullopt;
      ++tried.times;
      tried.entered += Enters(authorization, theirs) ? 1 : 0;
    }
  }
  tried.owner = Enters(&bearer, kItsCertificate) && Enters(nullptr, kItsCertificate);
  sessions_.End(session.id);
  return tried;
}

Entrance::Entrance(Stage& stage, identity::Issuers issuers)
    : issuers_(std::move(issuers)),
      sessions_(stage.clock(), stage.random()),
      nonces_(stage.random(), stage.clock()),
      sign_in_({issuers_, tokens_, sessions_, nonces_, proofs_, stage.clock()}, kUrl) {}

bool Entrance::Enters(const std::string* authorization, std::optional<ByteArray<32>> certificate) {
  net::Peer peer;
  peer.certificate_sha256 = certificate;
  const std::string_view header = authorization == nullptr ? "" : std::string_view(*authorization);
  return sign_in_.Verify({header, {}, {}, net::Method::kPost, "/v1/disclosures", peer}).ok();
}

}  // namespace cloison::drill
