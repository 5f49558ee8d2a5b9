// session_disclose: the server of the bench `access` with production's sessions: the same API, gate
// and register as cloisond, and a session of each adviser bound to its certificate, another to a
// proof key. The sign-in at a provider is not played: what is measured comes after it.
//
//   session_disclose --data build/bench-data/access/sessions --certificate server.pem
//                    --key server.key --client-ca ca.pem --credentials DIR --sessions FILE
//
// Writes a line "name certificate_token proof_token" per adviser into FILE, prints "ready port=N"
// and serves until it is told to end (SIGTERM, SIGINT).
#include <CLI/CLI.hpp>
#include <fstream>

#include "api/handler.h"
#include "bench/demo_stage.h"
#include "bench/our_server.h"
#include "bench/proofs.h"
#include "crypto/base64.h"
#include "identity/issuers.h"
#include "identity/production_sign_in.h"
#include "vault/demo_world.h"

namespace cloison::bench {
namespace {

struct Settings {
  std::string data, credentials, sessions;
  TlsFiles tls;
};

// Issuers' own tokens are not measured.
class NoTokens final : public identity::SignIn {
 public:
  Result<identity::SignedIn> Verify(const identity::Presented&) override {
    return Error{Code::kDenied, "this issuer makes no tokens"};
  }
  Result<PrincipalId> Named(std::string_view) const override {
    return Error{Code::kInvalid, "nobody has a name here"};
  }
};

identity::Issuers OneIssuer() {
  std::vector<std::string> problems;
  auto issuers = identity::ParseIssuers(R"(version = 1
[[issuer]]
alias = "agency"
kind = "agents"
url = "https://provider.invalid"
algorithms = ["ES256"]
access_tokens = "at+jwt"
audiences = ["register"]
token_clients = ["register"]
)",
                                        {}, problems);
  if (!issuers.ok()) GiveUp("the issuer is not understood: " + problems.front());
  return std::move(*issuers);
}

crypto::Digest CertificateOf(const std::string& pem) {
  const std::size_t begin = pem.find('\n') + 1;
  std::string text = pem.substr(begin, pem.find("-----END") - begin);
  std::erase(text, '\n');
  const auto der = crypto::FromBase64(text);
  if (!der.ok()) GiveUp("not a certificate");
  return crypto::Sha256(*der);
}

struct SignIns {
  SignIns(base::Clock& clock, base::Random& random)
      : issuers(OneIssuer()),
        sessions(clock, random),
        nonces(random, clock),
        now_s(clock.wall_ms() / base::kSecondMs),
        verify({issuers, tokens, sessions, nonces, proofs, clock}, std::string(kPublicUrl)) {}

  std::string Open(const vault::DemoPrincipal& who, identity::BoundKey key) {
    identity::Session session{
        who.id,
        sessions.NewId(),
        ClientId(1),
        {identity::Actor::kHuman, "eidas2", identity::Methods().Add(identity::Method::kHardware),
         now_s, "agency"}};
    session.key = key;
    const Result<std::string> token = sessions.Open(session);
    if (!token.ok()) GiveUp("a session cannot be opened");
    return *token;
  }

  const identity::Issuers issuers;
  NoTokens tokens;
  identity::Sessions sessions;
  identity::DpopNonces nonces;
  const std::int64_t now_s;
  identity::DpopProofs proofs;
  identity::ProductionSignIn verify;
};

void Serve(const Settings& settings) {
  DemoStage stage(settings.data);
  SignIns sign_ins(stage.ground().clock(), stage.ground().random());
  const crypto::Digest proof_key = ProofMaker(settings.credentials).thumbprint();
  std::ofstream lines(settings.sessions);
  for (const vault::DemoPrincipal& who : vault::DemoPrincipals({})) {
    if (who.role != "adviser") continue;
    const crypto::Digest certificate =
        CertificateOf(ReadWholeFile(settings.credentials + "/" + who.name + ".pem"));
    lines << who.name << ' ' << sign_ins.Open(who, {identity::Bound::kCertificate, certificate})
          << ' ' << sign_ins.Open(who, {identity::Bound::kDpop, proof_key}) << '\n';
  }
  lines.close();
  api::Service service{sign_ins.verify, stage.ground().clock(), stage.ground().random(),
                       &stage.vault()};
  service.answer_tick_ms = api::kAnswerTickMsDefault;
  api::Api handler(service);
  ServeUntilTold(handler, settings.tls, stage);
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("Discloses to production's sessions");
  app.add_option("--data", settings.data, "of a stopped `cloisond demo`")->required();
  app.add_option("--certificate", settings.tls.certificate)->required()->check(CLI::ExistingFile);
  app.add_option("--key", settings.tls.key)->required()->check(CLI::ExistingFile);
  app.add_option("--client-ca", settings.tls.client_ca)->required()->check(CLI::ExistingFile);
  app.add_option("--credentials", settings.credentials)->required()->check(CLI::ExistingDirectory);
  app.add_option("--sessions", settings.sessions, "the file to write")->required();
  CLI11_PARSE(app, argc, argv);
  cloison::bench::BlockEndingSignals();
  cloison::bench::Serve(settings);
  return 0;
}
