#include "bench/disclose_world.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/events.h"
#include "server/node.h"
#include "vault/demo_world.h"

namespace cloison::bench {

namespace {

// The people of one agent, by its pairs.
Task<Result<std::vector<PersonId>>> PeopleOf(vault::Vault& vault, PrincipalId agent) {
  const access::Caseload caseload(vault.state());
  CLOISON_CO_TRY_ASSIGN(
      const access::Caseload::Page page,
      co_await caseload.PairsOf(vault.environment().main_store, agent, "", kPeoplePerAgent));
  std::vector<PersonId> people;
  for (const auto& [key, pair] : page.pairs) {
    CLOISON_CO_TRY_ASSIGN(const PersonId person,
                          co_await vault.person_keys().PersonOf(pair.person));
    people.push_back(person);
  }
  co_return people;
}

Task<Result<std::vector<Agent>>> ReadAgents(vault::Vault& vault) {
  std::vector<Agent> agents;
  for (const vault::DemoPrincipal& principal : vault::DemoPrincipals({})) {
    if (principal.role != "adviser") continue;
    CLOISON_CO_TRY_ASSIGN(const std::vector<PersonId> people,
                          co_await PeopleOf(vault, principal.id));
    if (people.empty()) co_return Error{Code::kNotFound, "an adviser has no caseload"};
    Agent agent{principal.name, {}};
    for (const PersonId& person : people) {
      CLOISON_CO_TRY_ASSIGN(const records::PersonCode code,
                            vault.codes().Encode(principal.organisation, person));
      agent.codes.push_back(code.Text());
    }
    agents.push_back(std::move(agent));
  }
  co_return agents;
}

}  // namespace

Result<std::vector<Agent>> AgentsOf(const std::string& data, const std::string& schema) {
  server::Config config;
  config.mode = "development";
  config.data = data + "/data";
  config.key_objects = data + "/key-objects";
  config.schema = schema;
  base::NullEventSink events;
  std::vector<std::string> problems;
  CLOISON_TRY_ASSIGN(const std::unique_ptr<server::Ground> ground,
                     server::Ground::Make(config, events, problems));
  CLOISON_TRY(ground->OpenStores());
  CLOISON_TRY(ground->OpenKeyObjects(false));
  CLOISON_TRY_ASSIGN(
      const std::unique_ptr<vault::Vault> vault,
      base::SyncWait(vault::Vault::Open(ground->environment(), ground->settings([] {}))));
  Result<std::vector<Agent>> agents = base::SyncWait(ReadAgents(*vault));
  CLOISON_TRY(base::SyncWait(vault->Stop()));
  return agents;
}

std::string TokenOf(const std::string& credentials, const std::string& principal) {
  std::ifstream file(credentials + "/" + principal + ".token");
  std::string token;
  file >> token;
  return token;
}

std::string DisclosureBody(const std::string& code) {
  return nlohmann::json{{"person", code},
                        {"fields", {"identity.birth_name", "contact.phone"}},
                        {"purpose", "support"},
                        {"case_ref", "BENCH-0001"}}
      .dump();
}

std::string RequestLine(const std::string& token, std::size_t certificate, const std::string& path,
                        const std::string& body, const std::string& once) {
  nlohmann::json headers{{"authorization", "Bearer " + token},
                         {"content-type", "application/json"}};
  if (!once.empty()) headers["idempotency-key"] = once;
  return nlohmann::json{{"certificate", certificate},
                        {"method", "POST"},
                        {"path", path},
                        {"headers", headers},
                        {"body", body}}
      .dump();
}

}  // namespace cloison::bench
