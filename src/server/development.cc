#include "server/development.h"

#include <set>

#include "access/founding.h"
#include "access/policies.h"
#include "codec/toml_reader.h"
#include "identity/credentials.h"
#include "identity/development.h"

namespace cloison::server {

namespace {

using codec::Diagnostics;
using codec::Need;
using codec::TomlTable;

constexpr codec::TomlRange kIdRange{0, UINT32_MAX};
constexpr std::string_view kFileKeys[] = {"principal"};
constexpr std::string_view kPrincipalKeys[] = {"name", "organisation", "office", "role"};

access::PrincipalInfo Read(const TomlTable& table, Diagnostics& problems) {
  codec::CheckKeys(table, kPrincipalKeys, problems);
  const auto number = [&](std::string_view key) {
    const auto read = codec::ReadInt(table, key, Need::kRequired, kIdRange, problems);
    return static_cast<std::uint32_t>(read.value_or(0));
  };
  std::string name = codec::ReadString(table, "name", Need::kRequired, problems).value_or("");
  const OrganisationId organisation(number("organisation"));
  std::optional<OfficeId> office;
  if (table.Find("office") != nullptr) office = OfficeId(number("office"));
  std::string role = codec::ReadString(table, "role", Need::kRequired, problems).value_or("");
  const PrincipalId id = identity::DevelopmentPrincipalId(name);
  return {id, organisation, office, std::move(role), std::move(name)};
}

}  // namespace

Result<std::vector<access::PrincipalInfo>> ParseInventedPrincipals(
    std::string_view file_name, std::string_view toml, std::vector<std::string>& problems) {
  Diagnostics found;
  std::vector<access::PrincipalInfo> invented;
  std::set<std::string> names;
  if (const std::optional<TomlTable> file = codec::ParseToml(toml, found); file.has_value()) {
    codec::CheckKeys(*file, kFileKeys, found);
    const std::vector<const TomlTable*> tables = codec::ReadTables(*file, "principal", found);
    if (tables.size() > kInventedPrincipalsMax) found.Add(0, "there are more than 1,000");
    for (const TomlTable* table : tables) {
      const std::size_t before = found.entries().size();
      access::PrincipalInfo info = Read(*table, found);
      if (found.entries().size() != before) continue;
      if (!identity::MayHaveCredentials(info.label)) {
        found.Add(table->line(), info.label +
                                     " is no name: 1 to 64 of a to z, 0 to 9, '.' and '-', and "
                                     "not ca, server or issuer");
      }
      if (!names.insert(info.label).second) {
        found.Add(table->line(), info.label + " is there twice");
      }
      invented.push_back(std::move(info));
    }
  }
  if (found.empty()) return invented;
  problems.push_back(found.Text(file_name));
  return Error{Code::kInvalid, "the file of principals is not one"};
}

std::string FaultOfInvented(const access::PrincipalInfo& info, const access::Policy& policy) {
  // A policy may name no offices at all.
  const access::Organisation* const of = policy.FindOrganisation(info.organisation);
  const bool names = of != nullptr && !of->offices.empty();
  std::string fault = access::FaultOfPlace(info.organisation, names ? info.office : std::nullopt,
                                           info.role, policy);
  if (!fault.empty()) return fault;
  const access::RoleKind kind = policy.FindRole(info.role)->kind;
  // A citizen is bound to a record by a letter's code; the system is the server itself.
  const bool named = kind == access::RoleKind::kAgent || kind == access::RoleKind::kApplication ||
                     kind == access::RoleKind::kOfficer;
  return named ? "" : "has a role that is nobody's by enrolment";
}

Task<std::vector<std::string>> EnrolMissing(vault::Vault& vault,
                                            std::vector<access::PrincipalInfo> invented) {
  std::vector<std::string> problems;
  for (access::PrincipalInfo& info : invented) {
    const std::string told = "principals: " + info.label + " ";
    const Result<access::PrincipalInfo> there = co_await vault.gate().Find(info.id);
    if (there.ok()) continue;
    if (there.error().code() != Code::kNotFound) {
      problems.push_back(told + "cannot be read: " + std::string(there.error().text()));
      continue;
    }
    const std::string fault = FaultOfInvented(info, *vault.policy());
    if (!fault.empty()) {
      problems.push_back(told + fault);
      continue;
    }
    std::vector<access::PrincipalInfo> one;
    one.push_back(std::move(info));
    const Status enrolled = co_await vault.gate().Enrol(std::move(one), vault.environment().home);
    if (!enrolled.ok()) {
      problems.push_back(told + "is not enrolled: " + std::string(enrolled.error().text()));
    }
  }
  co_return problems;
}

Task<Status> CheckMode(vault::Vault& vault, bool development, std::vector<std::string>& problems) {
  const Result<bool> begun = co_await vault.gate().policies().BegunByOfficers();
  const bool alone = begun.ok() && !*begun;
  if (!development && alone) {
    base::EventSink& events = vault.environment().events;
    events.Emit(base::Severity::kWarning, "register_begun_in_development", {});
  }
  if (!development || alone) co_return Ok();
  if (!begun.ok()) {
    problems.push_back("mode: how this register began cannot be read");
    co_return begun.error();
  }
  problems.push_back("mode: two officers began this register: production alone serves it");
  co_return Error{Code::kDenied, "two officers began this register"};
}

}  // namespace cloison::server
