#include "server/entrance.h"

#include "identity/credentials.h"

namespace cloison::server {

namespace {

// The text of a file; a line in `problems` when it cannot be read.
std::string ReadText(Ground& ground, std::string_view key, const std::string& path,
                     std::vector<std::string>& problems) {
  Result<Bytes> bytes = ground.files().Read(path);
  if (!bytes.ok() || bytes->size() > kPemFileBytesMax) {
    problems.push_back(std::string(key) + ": " + path + " cannot be read");
    return {};
  }
  std::string text(AsText(*bytes));
  crypto::Wipe(*bytes);
  return text;
}

}  // namespace

Result<std::unique_ptr<Entrance>> Entrance::Make(Ground& ground,
                                                 const std::vector<std::string>& names,
                                                 std::vector<std::string>& problems) {
  std::unique_ptr<Entrance> made(new Entrance());
  if (ground.config().development()) {
    CLOISON_TRY(made->MakeDevelopment(ground, names, problems));
  } else {
    CLOISON_TRY(made->MakeProduction(ground, problems));
  }
  return made;
}

Status Entrance::MakeDevelopment(Ground& ground, const std::vector<std::string>& names,
                                 std::vector<std::string>& problems) {
  const identity::CredentialsParts with{ground.files(), ground.clock(), ground.random()};
  std::vector<std::string> all = names;
  for (const access::PrincipalInfo& info : ground.invented()) all.push_back(info.label);
  const Result<identity::DevelopmentCredentials> credentials =
      identity::PrepareDevelopmentCredentials(ground.config().credentials, all, with);
  if (!credentials.ok()) {
    problems.push_back("credentials: " + std::string(credentials.error().text()));
    return credentials.error();
  }
  development_ = std::make_unique<identity::DevelopmentSignIn>(credentials->issuer, ground.clock());
  // Public paths need no certificate; everything else is refused without one.
  tls_ = {credentials->server_certificate_pem, credentials->server_private_key_pem,
          credentials->ca_pem, net::ClientCertificates::kOptional};
  return Ok();
}

Status Entrance::MakeProduction(Ground& ground, std::vector<std::string>& problems) {
  const Config& config = ground.config();
  if (config.issuers.empty()) problems.push_back("production mode needs identity.issuers, a file");
  if (config.certificate.empty() || config.private_key.empty()) {
    problems.push_back("production mode needs listen.certificate and listen.private_key");
  }
  if (!problems.empty()) return Error{Code::kInvalid, "sign-in is not configured"};
  tls_.certificate_pem = ReadText(ground, "listen.certificate", config.certificate, problems);
  tls_.private_key_pem = ReadText(ground, "listen.private_key", config.private_key, problems);
  if (!config.client_ca.empty()) {
    tls_.client_ca_pem = ReadText(ground, "listen.client_ca", config.client_ca, problems);
    // Browsers have none.
    tls_.client_certificates = net::ClientCertificates::kOptional;
  }
  std::string issuers = ReadText(ground, "identity.issuers", config.issuers, problems);
  if (!problems.empty()) return Error{Code::kInvalid, "a file of sign-in cannot be read"};
  Result<std::unique_ptr<api::ProductionDesk>> desk = api::ProductionDesk::Make(
      {std::move(issuers), config.public_url, {}},
      {ground.files(), ground.clock(), ground.clock(), ground.random(), ground.events()}, problems);
  if (!desk.ok()) return desk.error();
  production_ = std::move(*desk);
  const Status started = production_->Start();
  if (!started.ok()) problems.push_back("identity.issuers: a ca_file cannot be read");
  return started;
}

identity::SignIn& Entrance::sign_in() const {
  if (production_ != nullptr) return production_->sign_in();
  return *development_;
}

}  // namespace cloison::server
