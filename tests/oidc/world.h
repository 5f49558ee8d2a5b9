// The API in production sign-in, a certified provider beside it, a browser, and an application or a
// console that signs people in: all on the loopback.
#ifndef CLOISON_TESTS_OIDC_WORLD_H_
#define CLOISON_TESTS_OIDC_WORLD_H_

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "api/testing/api_world.h"
#include "cli/process.h"
#include "identity/jws.h"
#include "net/testing/certificates.h"
#include "net/url.h"

namespace cloison::oidc {

using nlohmann::json;

// A free port of the loopback, most likely still free when it is used.
std::uint16_t FreePort();

// provider.mjs, started and waited for.
class Provider {
 public:
  // `settings` without ports, certificate and modules. Restart: the same ports and new keys.
  Provider(const std::string& directory, json settings);
  void Restart();
  void Stop() { child_.reset(); }
  const std::string& agents() const { return agents_; }  // issuer URLs
  const std::string& citizens() const { return citizens_; }
  const std::string& ca_path() const { return ca_path_; }
  const std::string& ca_pem() const { return authority_.ca_pem(); }

 private:
  void Start();

  net::testing::Authority authority_;
  std::string directory_, ca_path_, agents_, citizens_;
  json settings_;
  std::unique_ptr<cli::Child> child_;
};

// A key that signs proofs of possession.
class ProofKey {
 public:
  ProofKey();
  // `token`: a proof for it (ath); "": none.
  std::string Proof(const std::string& method, const std::string& url, const std::string& nonce,
                    const std::string& token = "") const;
  std::string jwk() const;
  std::string thumbprint() const;  // jkt

 private:
  crypto::SigningKey key_;
};

// Who signs in at the provider's page, and how.
struct Person {
  std::string sub;
  std::string acr = "eidas2";
  std::string amr = "pwd,otp";
  bool denies = false;
  int age_s = 0;  // how long ago they signed in at the provider, when that may count
};

// Follows redirects as a browser does: cookies by host and path, nothing else remembered.
class Browser {
 public:
  explicit Browser(std::map<std::uint16_t, std::string> authorities)
      : authorities_(std::move(authorities)) {}
  net::Response Get(const std::string& url);
  net::Response Post(const std::string& url, const std::string& form);  // of name=value pairs
  // From `url` on until a redirect goes to `until`, or an answer is none; signs in on the way.
  // Gives the last location, or "status 200" and so on.
  std::string SignIn(std::string url, const Person& person, const std::string& until);
  std::string Cookie(std::uint16_t port, const std::string& name) const;
  net::Response last;

 private:
  net::Response Send(net::Method method, const std::string& url, const std::string& form);
  struct Kept {
    std::uint16_t port;
    std::string path, name, value;
  };
  std::map<std::uint16_t, std::string> authorities_;
  std::vector<Kept> cookies_;
};

struct OpenedSession {
  int status = 0;
  json body;
  net::Response response;
};

// The world. Its issuers file: agents, citizens; clients "case" (certificate of app.case),
// "console" and "portal" (public), "payroll" (a principal by its token).
class World {
 public:
  struct Options {
    std::string agents_algorithm = "ES256";
    bool signed_userinfo = false;
    json people = json::object();
  };
  explicit World(const Options& options);
  World() : World(Options()) {}

  api::testing::ApiWorld& api() { return *api_; }
  Provider& provider() { return *provider_; }
  const ProofKey& payroll() const { return payroll_; }
  Browser NewBrowser();
  std::string url(const std::string& path) const { return public_url_ + path; }
  std::uint16_t port() const { return port_; }
  std::string nonce();  // that the next proof is to carry

  void Enrol(const std::string& issuer, const std::string& sub, const std::string& role);
  PrincipalId PrincipalOf(const std::string& issuer, const std::string& sub) const {
    return identity::PrincipalIdOf(issuer, sub);
  }

  // As the console: POST /v1/sign-ins with a proof by `key`; gives the answer.
  OpenedSession Begin(const ProofKey& key, json body, const std::string& token = "");
  OpenedSession Open(const ProofKey& key, const std::string& sign_in, const std::string& handle);
  // The whole way by `key`; the answer to POST /v1/sessions, or the status 0 and where it ended.
  OpenedSession SignIn(const ProofKey& key, const Person& person);
  // GET with a session of `key`.
  net::Response Get(const ProofKey& key, const std::string& token, const std::string& path);
  net::Response Send(const ProofKey& key, const std::string& token, net::Method method,
                     const std::string& path, const std::string& body);

  static constexpr char kReturn[] = "http://127.0.0.1:7777/back";

 private:
  std::string IssuersToml(api::testing::ApiWorld& api) const;

  Options options_;
  ProofKey payroll_;
  std::uint16_t port_ = FreePort();
  std::string public_url_ = "https://127.0.0.1:" + std::to_string(port_);
  store::testing::TempDirectory directory_;
  std::unique_ptr<Provider> provider_;
  std::unique_ptr<api::testing::ApiWorld> api_;
};

// The value of a query parameter in a URL; "": none.
std::string QueryOf(const std::string& url, const std::string& name);
std::string Code(const net::Response& response);  // of a problem

}  // namespace cloison::oidc

#endif  // CLOISON_TESTS_OIDC_WORLD_H_
