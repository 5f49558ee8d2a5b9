#include "api/testing/api_world.h"

#include <nlohmann/json.hpp>

#include "identity/credentials.h"
#include "vault/decoy_inventor.h"
#include "vault/recovery.h"

namespace cloison::api::testing {

namespace {

template <class T>
T Must(Result<T> result) {
  if (!result.ok()) std::fprintf(stderr, "%s\n", std::string(result.error().text()).c_str());
  CLOISON_CHECK(result.ok());
  return std::move(*result);
}

void Must(const Status& status) {
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.error().text()).c_str());
  CLOISON_CHECK(status.ok());
}

}  // namespace

vault::DemoSize SmallWorld() {
  vault::DemoSize size;
  size.people = 1'500;
  size.offices_1 = 2;
  size.advisers_1 = 3;
  size.caseload_1 = 100;
  size.offices_2 = 1;
  size.advisers_2 = 2;
  size.caseload_2 = 20;
  return size;
}

void RecordingSink::Emit(base::Severity, Literal name,
                         std::initializer_list<base::EventField> fields) {
  const std::lock_guard lock(mutex_);
  text_ += std::string(name.view());
  for (const base::EventField& field : fields) {
    text_ += " " + std::string(field.key.view()) + "=" + std::to_string(field.value);
  }
  text_ += "\n";
}

std::string RecordingSink::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

ApiWorld::ApiWorld(const ApiWorldOptions& options) {
  MakeVault(options);
  MakeServer(options);
}

ApiWorld::~ApiWorld() {
  clients_.clear();
  server_->Drain(1'000);
  server_.reset();
  (void)base::SyncWait(vault_->Stop());
}

vault::Environment ApiWorld::MakeEnvironment() {
  return {main_store_, key_store_,      objects_,       files_,      clock_, random_,
          events_,     main_committer_, key_committer_, background_, home_};
}

void ApiWorld::MakeVault(const ApiWorldOptions& options) {
  std::vector<std::string> problems;
  settings_.schema = Must(records::Schema::Parse(options.schema, &problems));
  settings_.policy = Must(access::Policy::Parse(options.policy, *settings_.schema, &problems));
  settings_.officers = options.officers;
  settings_.inventor = std::make_shared<vault::GeneratedDecoys>(settings_.schema, options.size.seed,
                                                                vault::DecoyNumbers{}, random_);
  settings_.origin = "cloison.example/test";
  settings_.directory = directory_.path() + "/ledger";
  Must(base::SyncWait(vault::Vault::Create(MakeEnvironment(), settings_)));
  vault_ = Must(base::SyncWait(vault::Vault::Open(MakeEnvironment(), settings_)));
  const auto quiet = [](std::size_t) {};
  world_ = Must(base::SyncWait(vault::BuildDemoWorld(*vault_, options.size, quiet)));
}

std::string ApiWorld::RecoverLedger() {
  service_->vault = nullptr;
  Must(base::SyncWait(vault_->Stop()));
  vault_.reset();
  Must(files_.Remove(vault::SignedPath(settings_.directory)));
  tlog::Note note{Must(base::SyncWait(vault::StateRecovery(MakeEnvironment(), settings_, ""))), {}};
  std::vector<tlog::VerifierKey> officers;
  for (const char* name : {"officer.anna", "officer.bruno"}) {
    const crypto::Ed25519Signer signer{crypto::Secret<32>(random_)};
    officers.push_back(
        Must(tlog::VerifierKey::Make(name, tlog::KeyType::kSignature, signer.public_key())));
    Must(tlog::Sign(note, officers.back(), signer));
  }
  const std::string text = tlog::PrintNote(note);
  Must(base::SyncWait(vault::Recover(MakeEnvironment(), settings_, "", text, officers)));
  vault_ = Must(base::SyncWait(vault::Vault::Open(MakeEnvironment(), settings_)));
  service_->vault = vault_.get();
  return text;
}

void ApiWorld::MakeServer(const ApiWorldOptions& with) {
  std::vector<std::string> names;
  for (const vault::DemoPrincipal& principal : world_->principals) names.push_back(principal.name);
  names.push_back("nobody.enrolled");
  names.insert(names.end(), with.more_names.begin(), with.more_names.end());
  const identity::DevelopmentCredentials credentials = Must(identity::PrepareDevelopmentCredentials(
      directory_.path() + "/credentials", names, {files_, system_clock_, random_}));
  sign_in_ = std::make_unique<identity::DevelopmentSignIn>(credentials.issuer, system_clock_);
  if (with.production != nullptr) {
    std::vector<std::string> problems;
    Result<std::unique_ptr<ProductionDesk>> made = ProductionDesk::Make(
        with.production(*this), {files_, system_clock_, clock_, random_, events_}, problems);
    for (const std::string& problem : problems) std::fprintf(stderr, "%s\n", problem.c_str());
    production_ = Must(std::move(made));
    Must(production_->Start());
  }
  identity::SignIn& sign_in =
      production_ != nullptr ? production_->sign_in() : static_cast<identity::SignIn&>(*sign_in_);
  service_.reset(
      new Service{sign_in, system_clock_, random_, vault_.get(), nullptr, production_ == nullptr});
  if (production_ != nullptr) service_->desk = &production_->desk();
  service_->answer_tick_ms = with.answer_tick_ms;
  api_ = std::make_unique<Api>(*service_);
  net::ServerOptions options;
  options.threads = with.threads;
  options.port = with.port;
  options.body_bytes_max = kApiBodyBytesMax;
  options.error_body = ErrorBody(random_);
  net::TlsServerOptions tls{credentials.server_certificate_pem, credentials.server_private_key_pem,
                            credentials.ca_pem, net::ClientCertificates::kOptional};
  options.tls = std::move(tls);
  server_ = Must(net::Server::Start(std::move(options), *api_, system_clock_));
}

std::string ApiWorld::Credential(const std::string& name) {
  return std::string(AsText(Must(files_.Read(directory_.path() + "/credentials/" + name))));
}

std::unique_ptr<ApiClient> ApiWorld::NewClient(const std::string& who) {
  net::ClientOptions options;
  options.port = server_->port();
  options.ca_pem = Credential("ca.pem");
  std::string token;
  if (!who.empty()) {
    options.certificate_pem = Credential(who + ".pem");
    options.private_key_pem = Credential(who + ".key");
    token = Credential(who + ".token");
  }
  return std::make_unique<ApiClient>(std::move(options), std::move(token), system_clock_);
}

net::Response ApiWorld::Send(const Ask& ask) {
  std::unique_ptr<ApiClient>& client = clients_[ask.who];
  if (client == nullptr) client = NewClient(ask.who);
  return client->Send(ask);
}

net::Response ApiWorld::Agree(const std::string& who, const net::Response& asked) {
  const nlohmann::json approval = nlohmann::json::parse(asked.body);
  CLOISON_CHECK(asked.status == 202 && approval.contains("approval"));
  const std::string id = approval["approval"].get<std::string>();
  return Send({who, net::Method::kPost, "/v1/approvals:approve", R"({"approval":")" + id + "\"}"});
}

net::Response ApiClient::Send(const Ask& ask) {
  const std::size_t question = ask.path.find('?');
  net::Request request = net::MakeRequest(ask.method, ask.path.substr(0, question), ask.body);
  if (question != std::string::npos) request.query = ask.path.substr(question + 1);
  bool typed = false;
  bool authorized = false;
  for (const auto& [name, value] : ask.headers) {
    typed = typed || name == "content-type";
    authorized = authorized || name == "authorization";
    request.headers.Add(name, value);
  }
  const bool patch = ask.method == net::Method::kPatch;
  if (!typed && !ask.body.empty()) {
    request.headers.Add("content-type",
                        patch ? "application/merge-patch+json" : "application/json");
  }
  if (!authorized && !token_.empty()) {
    request.headers.Add("authorization", "Bearer " + token_);
  }
  return Must(http_.Send(request));
}

std::string ApiWorld::CodeFor(std::string_view principal, const PersonId& person) {
  const bool second = principal.starts_with("adviser.ce");
  return Must(vault_->codes().Encode(OrganisationId(second ? 2 : 1), person)).Text();
}

}  // namespace cloison::api::testing
