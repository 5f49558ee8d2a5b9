// The desk of a production register whose one issuer binds tokens to keys, over a test's vault.
#ifndef CLOISON_API_TESTING_TOKEN_DESK_H_
#define CLOISON_API_TESTING_TOKEN_DESK_H_

#include <memory>

#include "api/production_desk.h"
#include "vault/testing/test_vault.h"

namespace cloison::api::testing {

// `url`: of the issuer; http goes on loopback.
inline std::unique_ptr<ProductionDesk> MakeTokenDesk(
    vault::testing::TestVault& vault, const std::string& url = "https://agents.example") {
  const std::string issuers = R"(version = 1

[[issuer]]
alias = "agents"
url = ")" + url + R"("
kind = "agents"
algorithms = ["ES256"]
audiences = ["vault"]
access_tokens = "at+jwt"
token_clients = ["desk"]
)";
  std::vector<std::string> problems;
  identity::IssuersRules rules;
  rules.loopback_http = true;
  auto made = ProductionDesk::Make(
      {issuers, "https://vault.example", rules},
      {vault.files, vault.clock, vault.clock, vault.random, vault.events}, problems);
  CLOISON_CHECK(made.ok());
  return std::move(*made);
}

}  // namespace cloison::api::testing

#endif  // CLOISON_API_TESTING_TOKEN_DESK_H_
