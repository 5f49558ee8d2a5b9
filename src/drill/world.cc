#include "drill/world.h"

#include <algorithm>

#include "store/memory/memory_store.h"
#include "vault/embedded.h"

namespace cloison::drill {

namespace {

// 2024-01-08 00:00 UTC, a Monday: thirty days of work, then the night of 6 to 7 February.
constexpr std::int64_t kBeginMs = 1'704'672'000'000;
constexpr std::size_t kAdvisersPerOffice = 10, kAdvisersMin = 20, kCaseload = 150;
constexpr OrganisationId kFranceTravail(1);
constexpr char kAdviser[] = "adviser";

Result<std::shared_ptr<const records::Schema>> ReadSchema() {
  std::vector<std::string> problems;
  return records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems);
}

Result<std::shared_ptr<const access::Policy>> ReadPolicy(const Options& options,
                                                         const records::Schema& schema) {
  std::vector<std::string> problems;
  const bool rights_of_2024 = options.name == kReplay2024;
  return access::Policy::Parse(rights_of_2024 ? vault::Policy2024Toml() : vault::DemoPolicyToml(),
                               schema, &problems);
}

Result<std::unique_ptr<store::Store>> OpenOrMake(const OpenStore& open, const char* name,
                                                 std::span<const store::Family> families) {
  if (open) return open(name, families);
  return std::unique_ptr<store::Store>(std::make_unique<store::MemoryStore>());
}

}  // namespace

World::World(const Options& options, const Ground& ground)
    : options_(options), ground_(ground), clock_(kBeginMs) {}

World::~World() {
  if (vault_ == nullptr) return;
  // The stores go right after: what a clean stop would write, nobody reads.
  (void)executor_.Wait(vault_->Stop());
}

Result<std::unique_ptr<World>> World::Open(const Options& options, const Ground& ground) {
  std::unique_ptr<World> world(new World(options, ground));
  CLOISON_TRY(world->OpenVault());
  CLOISON_TRY(world->Build());
  CLOISON_TRY(world->ChooseAccounts());
  return world;
}

Status World::OpenVault() {
  CLOISON_TRY_ASSIGN(main_store_, OpenOrMake(ground_.open_store, "main", store::kMainFamilies));
  CLOISON_TRY_ASSIGN(key_store_, OpenOrMake(ground_.open_store, "keys", store::kKeyFamilies));
  CLOISON_TRY_ASSIGN(objects_, keys::FileKeyObjects::Open(ground_.files, ground_.random,
                                                          ground_.directory + "/objects", true));
  const vault::Environment environment{*main_store_, *key_store_,    *objects_, ground_.files,
                                       clock_,       ground_.random, events_,   executor_,
                                       executor_,    executor_,      executor_};
  vault::Settings settings;
  CLOISON_TRY_ASSIGN(settings.schema, ReadSchema());
  CLOISON_TRY_ASSIGN(settings.policy, ReadPolicy(options_, *settings.schema));
  settings.origin = "drill.invalid/job-seekers";
  settings.directory = ground_.directory;
  CLOISON_TRY(executor_.Wait(vault::Vault::Create(environment, settings)));
  CLOISON_TRY_ASSIGN(vault_, executor_.Wait(vault::Vault::Open(environment, settings)));
  return Ok();
}

Status World::Build() {
  vault::DemoSize size;
  size.people = options_.people;
  size.seed = options_.seed;
  size.advisers_1 = std::max(options_.accounts, kAdvisersMin);
  size.offices_1 = (size.advisers_1 + kAdvisersPerOffice - 1) / kAdvisersPerOffice;
  size.caseload_1 = kCaseload;
  size.advisers_2 = kAdvisersPerOffice;
  size.offices_2 = 1;
  CLOISON_TRY_ASSIGN(demo_,
                     executor_.Wait(vault::BuildDemoWorld(*vault_, size, [](std::size_t) {})));
  return Ok();
}

Status World::ChooseAccounts() {
  for (const vault::DemoPrincipal& principal : demo_->principals) {
    if (accounts_.size() == options_.accounts) break;
    if (principal.organisation != kFranceTravail || principal.role != kAdviser) continue;
    const auto own = std::ranges::find(demo_->caseloads, principal.id,
                                       [](const auto& pair) { return pair.first; });
    if (own == demo_->caseloads.end()) continue;
    accounts_.push_back({principal.id, SessionId(principal.id.array()), principal.organisation,
                         principal.role, own->second});
  }
  if (accounts_.size() < options_.accounts) {
    return Error{Code::kExhausted, "not enough people for the caseloads of these accounts"};
  }
  return Ok();
}

const access::Caps& World::CapsOf(const Account& account) const {
  const Result<const access::BudgetClass*> of = vault_->policy()->ClassOf(account.role);
  CLOISON_CHECK(of.ok());
  return (*of)->caps;
}

std::string World::CodeOf(const Account& account, const PersonId& person) const {
  const Result<records::PersonCode> code = vault_->codes().Encode(account.organisation, person);
  CLOISON_CHECK(code.ok());
  return code->Text();
}

std::optional<PersonId> World::PersonOf(const Account& account,
                                        const records::PersonCode& code) const {
  const Result<PersonId> person = vault_->codes().Decode(account.organisation, code.Text());
  return person.ok() ? std::optional<PersonId>(*person) : std::nullopt;
}

}  // namespace cloison::drill
