// An issuers file that is accepted lets no code by mail pass for more, takes no token without
// audience and client, and knows each application by a key.
//
//   input   the file
#include <string>
#include <vector>

#include "identity/issuers.h"

namespace {

using namespace cloison;

bool IsStrong(std::string_view level) {
  return !level.empty() && !level.starts_with("eidas0") && !level.starts_with("eidas1");
}

void CheckIssuer(const identity::Issuers& issuers, const identity::IssuerSpec& spec) {
  CLOISON_CHECK(identity::IsAlias(spec.alias) && issuers.Find(spec.alias) == &spec);
  CLOISON_CHECK(spec.issuer.starts_with("https://") && issuers.FindByUrl(spec.issuer) == &spec);
  CLOISON_CHECK(!spec.algorithms.empty());
  for (const char* weak : {"eidas0", "eidas0-mfa", "eidas1", "eidas1-mfa", ""}) {
    CLOISON_CHECK(!IsStrong(spec.LevelOf(weak)));
  }
  CLOISON_CHECK(spec.MethodsOf({"pwd", "mail", "sms"}).IsMailTrap());
  CLOISON_CHECK(spec.discovery || !spec.endpoints.jwks.empty());
  const bool tokens = spec.access_tokens != identity::AccessTokens::kNone;
  CLOISON_CHECK(tokens || spec.client.has_value());
  CLOISON_CHECK(!tokens || (!spec.audiences.empty() && !spec.token_clients.empty()));
  CLOISON_CHECK(!tokens || spec.kind == identity::IssuerKind::kAgents);
  CLOISON_CHECK(spec.token_life_s_max <= identity::kTokenLifeSecondsMax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> problems;
  const auto issuers = identity::ParseIssuers(AsText({data, size}), {}, problems);
  CLOISON_CHECK(issuers.ok() == problems.empty());
  if (!issuers.ok()) {
    CLOISON_CHECK(issuers.error().code() == Code::kInvalid);
    return 0;
  }
  for (const identity::IssuerSpec& spec : issuers->all()) CheckIssuer(*issuers, spec);
  for (const identity::RegisteredClient& client : issuers->clients()) {
    CLOISON_CHECK(issuers->FindClient(client.name) == &client);
    if (!client.principal.has_value()) continue;
    CLOISON_CHECK(client.certificate.has_value() || client.key.has_value());
    CLOISON_CHECK(issuers->Named(identity::ToText(*client.principal)).ok());
  }
  return 0;
}
