// A production register from its first day, as docs/operate/production.md tells an operator to: the
// real programs, a certified provider, and nobody who is there without two people's word.
#ifndef CLOISON_TESTS_OIDC_PRODUCTION_H_
#define CLOISON_TESTS_OIDC_PRODUCTION_H_

#include <unistd.h>

#include <map>
#include <memory>
#include <string>

#include "tests/e2e/e2e.h"
#include "tests/oidc/world.h"

namespace cloison::oidc {

inline constexpr int kPollsMax = 1'500;  // of 20 ms

template <class Condition>
bool Until(Condition condition) {
  for (int i = 0; i < kPollsMax; ++i) {
    if (condition()) return true;
    usleep(20'000);
  }
  return false;
}

// The operator's directory, the provider, and the people at their machines. The issuers file knows
// the command line and two applications: "case", which signs agents in at desk_url(), and "hr".
class Production {
 public:
  Production();
  ~Production();

  std::string path(const std::string& name) const { return folder_.path(name); }
  const std::string& url() const { return url_; }
  const std::string& issuer() const { return provider_->agents(); }
  const std::string& expires() const { return expires_; }
  std::uint16_t port() const { return port_; }
  std::uint16_t desk_port() const { return desk_port_; }
  std::string desk_url() const { return "https://127.0.0.1:" + std::to_string(desk_port_); }

  // In the operator's directory.
  e2e::Ended Run(const std::string& command);
  void Expect(const std::string& command, int exit, const std::string& says = "");
  // As somebody who has signed in.
  e2e::Ended As(const std::string& sub, const std::string& words);
  e2e::Ended AsApplication(const std::string& words, const std::string& name = "case");
  // Asked by anna, agreed to by bruno.
  void Enrol(const std::string& account, const std::string& words);

  // The founders' statement, signed by two officers, and the register made by it. Founders are the
  // managers anna and bruno, the security officer carla and the privacy officer dora.
  void Begin();
  void Serve();
  void StopServing() { server_->Stop(); }
  void StopProvider() { provider_->Stop(); }
  // At their machine: the command line begins, the browser goes to the provider and comes back.
  // Gives the command's exit code; what it said is in `said`.
  int SignIn(const std::string& sub, const std::string& words = "", const Person& how = {});
  std::string said;

  Browser NewBrowser() const;
  std::string Metrics() const;

 private:
  std::string IssuersToml(const std::map<std::string, std::string>& thumbprints) const;
  std::string Founder(const std::string& name, const std::string& role) const;

  e2e::Folder folder_;
  net::testing::Authority authority_;
  std::uint16_t port_ = FreePort();
  std::uint16_t desk_port_ = FreePort();
  std::string url_ = "https://127.0.0.1:" + std::to_string(port_);
  std::string expires_;
  std::unique_ptr<Provider> provider_;
  std::unique_ptr<cli::Child> server_;
};

}  // namespace cloison::oidc

#endif  // CLOISON_TESTS_OIDC_PRODUCTION_H_
