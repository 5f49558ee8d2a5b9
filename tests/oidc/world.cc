#include "tests/oidc/world.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <iostream>

#include "crypto/base64.h"
#include "crypto/certificate.h"

namespace cloison::oidc {

namespace {

using api::testing::ApiWorld;
using api::testing::Ask;

constexpr int kReadyMsMax = 180'000;
constexpr int kLookMs = 250;

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

crypto::SigningKey NewKey() {
  return std::move(*crypto::SigningKey::Generate(crypto::KeyKind::kP256));
}

std::string RandomText() {
  base::SystemRandom random;
  return base::ToHex(random.Draw<16>());
}

std::string DigestText(const std::string& text) {
  return crypto::ToBase64Url(crypto::Sha256(AsBytes(text)));
}

}  // namespace

std::uint16_t FreePort() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  CLOISON_CHECK(::bind(descriptor, raw, size) == 0);
  CLOISON_CHECK(::getsockname(descriptor, raw, &size) == 0);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

Provider::Provider(const std::string& directory, json settings)
    : directory_(directory), ca_path_(directory + "/provider.pem"), settings_(std::move(settings)) {
  WriteFile(ca_path_, authority_.ca_pem());
  const net::testing::Certificate own = authority_.Server();
  settings_["certificate"] = own.certificate_pem;
  settings_["private_key"] = own.private_key_pem;
  settings_["modules"] = std::string(CLOISON_OIDC_MODULES);
  Start();
}

void Provider::Start() {
  WriteFile(directory_ + "/settings.json", settings_.dump());
  std::mutex mutex;
  std::condition_variable changed;
  std::string ready;
  cli::ChildOptions options;
  options.arguments = {CLOISON_NODE, std::string(CLOISON_OIDC_SOURCE) + "/provider.mjs",
                       directory_ + "/settings.json"};
  options.log_path = directory_ + "/provider.log";
  options.on_line = [&](const std::string& line) {
    if (!line.starts_with("ready ")) return;
    const std::lock_guard lock(mutex);
    ready = line;
    changed.notify_all();
  };
  child_ = std::move(*cli::Child::Start(options));
  std::unique_lock lock(mutex);
  // One that has ended says why in its log; waiting for it would only say that it did not come.
  for (int waited = 0; ready.empty() && waited < kReadyMsMax; waited += kLookMs) {
    changed.wait_for(lock, std::chrono::milliseconds(kLookMs), [&] { return !ready.empty(); });
    lock.unlock();  // its last line may still be coming
    const bool ended = child_->Poll() >= 0;
    lock.lock();
    if (ended) break;
  }
  if (ready.empty()) std::cerr << "the provider is not ready:\n" << ReadFile(options.log_path);
  CLOISON_CHECK(!ready.empty());
  const std::size_t cut = ready.find(' ', 6);
  agents_ = "https://127.0.0.1:" + ready.substr(6, cut - 6);
  citizens_ = "https://127.0.0.1:" + ready.substr(cut + 1);
  settings_["agents_port"] = std::stoi(ready.substr(6, cut - 6));
  settings_["citizens_port"] = std::stoi(ready.substr(cut + 1));
}

void Provider::Restart() {
  child_.reset();
  Start();
}

ProofKey::ProofKey() : key_(NewKey()) {}

std::string ProofKey::thumbprint() const {
  const Result<identity::Jwk> parsed = identity::Jwk::Parse(AsBytes(jwk()));
  CLOISON_CHECK(parsed.ok());
  return crypto::ToBase64Url(parsed->thumbprint());
}

std::string ProofKey::jwk() const {
  return identity::PublicJwk(key_);
}

std::string ProofKey::Proof(const std::string& method, const std::string& url,
                            const std::string& nonce, const std::string& token) const {
  base::SystemClock clock;
  json claims = {
      {"htm", method}, {"htu", url}, {"jti", RandomText()}, {"iat", clock.wall_ms() / 1000}};
  if (!nonce.empty()) claims["nonce"] = nonce;
  if (!token.empty()) claims["ath"] = DigestText(token);
  return std::move(*identity::SignJws(identity::JwsAlgorithm::kEs256,
                                      R"("typ":"dpop+jwt","jwk":)" + jwk(), claims.dump(), key_));
}

net::Response Browser::Get(const std::string& url) {
  return Send(net::Method::kGet, url, "");
}

net::Response Browser::Post(const std::string& url, const std::string& form) {
  return Send(net::Method::kPost, url, form);
}

net::Response Browser::Send(net::Method method, const std::string& url, const std::string& form) {
  const net::Url parsed = std::move(*net::ParseUrl(url));
  net::ClientOptions options;
  options.host = parsed.host;
  options.port = parsed.port;
  options.ca_pem = authorities_[parsed.port];
  net::Request request = net::MakeRequest(method, parsed.path, form);
  if (!form.empty()) request.headers.Add("content-type", "application/x-www-form-urlencoded");
  request.query = parsed.query;
  std::string cookie;
  for (const Kept& kept : cookies_) {
    if (kept.port != parsed.port || !parsed.path.starts_with(kept.path)) continue;
    cookie += (cookie.empty() ? "" : "; ") + kept.name + "=" + kept.value;
  }
  if (!cookie.empty()) request.headers.Add("cookie", cookie);
  base::SystemClock clock;
  net::HttpClient client(std::move(options), clock);
  Result<net::Response> response = client.Send(request);
  if (!response.ok()) return {};
  for (std::size_t i = 0; i < response->headers.size(); ++i) {
    if (response->headers.name(i) != "set-cookie") continue;
    const std::string line(response->headers.value(i));
    const std::size_t equals = line.find('='), end = std::min(line.find(';'), line.size());
    Kept kept{parsed.port, "/", line.substr(0, equals), line.substr(equals + 1, end - equals - 1)};
    for (const char* name : {"; path=", "; Path="}) {
      const std::size_t at = line.find(name);
      if (at != std::string::npos) {
        kept.path = line.substr(at + 7, line.find(';', at + 1) - at - 7);
      }
    }
    std::erase_if(cookies_, [&](const Kept& known) {
      return known.port == kept.port && known.name == kept.name && known.path == kept.path;
    });
    if (!kept.value.empty()) cookies_.push_back(kept);
  }
  last = *response;
  return *response;
}

std::string Browser::Cookie(std::uint16_t port, const std::string& name) const {
  for (const Kept& kept : cookies_) {
    if (kept.port == port && kept.name == name) return kept.value;
  }
  return "";
}

std::string Browser::SignIn(std::string url, const Person& person, const std::string& until) {
  for (int i = 0; i < 12; ++i) {
    if (url.find("/interaction/") != std::string::npos) {
      url += person.denies
                 ? "?deny=1"
                 : "?sub=" + person.sub + (person.acr.empty() ? "" : "&acr=" + person.acr) +
                       (person.amr.empty() ? "" : "&amr=" + person.amr) +
                       (person.age_s == 0 ? "" : "&age=" + std::to_string(person.age_s));
    }
    const net::Response response = Get(url);
    const std::string location(response.headers.get("location"));
    if (location.empty()) return "status " + std::to_string(response.status);
    const std::size_t origin = url.find('/', 8);
    url = location.starts_with('/') ? url.substr(0, origin) + location : location;
    if (url.starts_with(until)) return url;
  }
  return "too many redirects";
}

std::string QueryOf(const std::string& url, const std::string& name) {
  const std::size_t question = url.find('?');
  if (question == std::string::npos) return "";
  const auto pairs = net::ParseQuery(std::string_view(url).substr(question + 1));
  if (!pairs.ok()) return "";
  for (const auto& [key, value] : *pairs) {
    if (key == name) return value;
  }
  return "";
}

std::string Code(const net::Response& response) {
  const json body = json::parse(response.body, nullptr, false);
  return body.is_object() ? body.value("code", "") : "";
}

World::World(const Options& options) : options_(options) {
  const std::string pem = net::testing::Authority().Client("vault").private_key_pem;
  const crypto::SigningKey client_key = std::move(*crypto::SigningKey::FromPem(AsBytes(pem)));
  json jwk = json::parse(identity::PublicJwk(client_key));
  jwk["alg"] = "ES256";
  jwk["use"] = "sig";
  provider_ = std::make_unique<Provider>(directory_.path(),
                                         json{{"vault", public_url_},
                                              {"resource", public_url_},
                                              {"agents_algorithm", options.agents_algorithm},
                                              {"client_jwk", jwk},
                                              {"client_secret", "a secret with spaces & signs"},
                                              {"signed_userinfo", options.signed_userinfo},
                                              {"people", options.people}});
  WriteFile(directory_.path() + "/secret", "a secret with spaces & signs\n");
  WriteFile(directory_.path() + "/client.pem", pem);
  api::testing::ApiWorldOptions with;
  with.port = port_;
  with.production = [this](ApiWorld& api) {
    return api::ProductionDesk::Options{IssuersToml(api), public_url_, {}};
  };
  api_ = std::make_unique<ApiWorld>(with);
}

std::string World::IssuersToml(ApiWorld& api) const {
  const std::string pem = api.Credential("app.case.pem");
  const std::string certificate = crypto::ToBase64Url(*crypto::CertificateThumbprint(AsBytes(pem)));
  const std::string ca = "ca_file = \"" + provider_->ca_path() + "\"\n";
  std::string toml = "version = 1\n";
  toml += "[[issuer]]\nalias = \"agents\"\nkind = \"agents\"\nurl = \"" + provider_->agents() +
          "\"\nalgorithms = [\"" + options_.agents_algorithm + "\"]\n" + ca +
          "access_tokens = \"at+jwt\"\naudiences = [\"" + public_url_ +
          "\"]\ntoken_clients = [\"payroll\"]\n"
          "[issuer.client]\nid = \"vault\"\nauthentication = \"private_key_jwt\"\n"
          "algorithm = \"ES256\"\nkey_file = \"" +
          directory_.path() +
          "/client.pem\"\nscopes = [\"openid\"]\ndpop = true\n"
          "claims = '{\"id_token\":{\"acr\":null,\"amr\":null,\"auth_time\":null}}'\n";
  toml += "[[issuer]]\nalias = \"citizens\"\nkind = \"citizens\"\nurl = \"" +
          provider_->citizens() + "\"\nalgorithms = [\"RS256\"]\n" + ca +
          "[issuer.client]\nid = \"vault\"\nauthentication = \"client_secret_basic\"\n"
          "secret_file = \"" +
          directory_.path() +
          "/secret\"\nscopes = [\"openid\", \"birth\"]\nacr_values = [\"eidas1\", \"eidas2\"]\n"
          "claims = '{\"id_token\":{\"amr\":null,\"auth_time\":null}}'\n";
  toml += "[[client]]\nname = \"case\"\ncertificate = \"" + certificate +
          "\"\nreturn_urls = [\"https://case.example/back\"]\nprincipal = \"agents:case\"\n";
  toml += "[[client]]\nname = \"payroll\"\nkey = \"" + payroll_.thumbprint() +
          "\"\nprincipal = \"agents:payroll\"\n";
  toml += "[[client]]\nname = \"console\"\npublic = true\nreturn_urls = [\"" +
          std::string(kReturn) + "\", \"" + public_url_ + "/console\"]\n";
  toml += "[[client]]\nname = \"portal\"\npublic = true\nreturn_urls = [\"" + public_url_ +
          "/portal\"]\n";
  return toml;
}

Browser World::NewBrowser() {
  const auto port_of = [](const std::string& url) { return net::ParseUrl(url)->port; };
  return Browser({{port_, api_->Credential("ca.pem")},
                  {port_of(provider_->agents()), provider_->ca_pem()},
                  {port_of(provider_->citizens()), provider_->ca_pem()}});
}

std::string World::nonce() {
  return api_->production().sign_in().DpopNonce();
}

void World::Enrol(const std::string& issuer, const std::string& sub, const std::string& role) {
  access::PrincipalInfo info{PrincipalOf(issuer, sub), OrganisationId(1), OfficeId(1), role, sub};
  if (role == "citizen" || role == "case-application") info.office.reset();
  info.enrolled_ms = api_->vault().committer().Now().budget_ms;  // so that it is not dormant
  std::vector<access::PrincipalInfo> infos{info};
  const Status enrolled =
      base::SyncWait(api_->vault().gate().Enrol(std::move(infos), api_->home()));
  CLOISON_CHECK(enrolled.ok());
}

net::Response World::Send(const ProofKey& key, const std::string& token, net::Method method,
                          const std::string& path, const std::string& body) {
  Ask ask{"", method, path, body};
  ask.headers.emplace_back("dpop", key.Proof(std::string(net::MethodName(method)),
                                             url(path.substr(0, path.find('?'))), nonce(), token));
  if (!token.empty()) ask.headers.emplace_back("authorization", "DPoP " + token);
  return api_->Send(ask);
}

net::Response World::Get(const ProofKey& key, const std::string& token, const std::string& path) {
  return Send(key, token, net::Method::kGet, path, "");
}

OpenedSession World::Begin(const ProofKey& key, json body, const std::string& token) {
  OpenedSession out;
  out.response = Send(key, token, net::Method::kPost, "/v1/sign-ins", body.dump());
  out.status = out.response.status;
  out.body = json::parse(out.response.body, nullptr, false);
  return out;
}

OpenedSession World::Open(const ProofKey& key, const std::string& sign_in,
                          const std::string& handle) {
  OpenedSession out;
  const json body = {{"sign_in", sign_in}, {"handle", handle}};
  out.response = Send(key, "", net::Method::kPost, "/v1/sessions", body.dump());
  out.status = out.response.status;
  out.body = json::parse(out.response.body, nullptr, false);
  return out;
}

OpenedSession World::SignIn(const ProofKey& key, const Person& person) {
  const OpenedSession begun =
      Begin(key, {{"issuer", "agents"}, {"client", "console"}, {"return_url", kReturn}});
  if (begun.status != 201) return begun;
  Browser browser = NewBrowser();
  const std::string back = browser.SignIn(begun.body["url"], person, kReturn);
  const std::string handle = QueryOf(back, "handle");
  if (!handle.empty()) return Open(key, begun.body["sign_in"], handle);
  OpenedSession out;
  out.body = json{{"ended_at", back}, {"page", browser.last.body}};
  return out;
}

}  // namespace cloison::oidc
