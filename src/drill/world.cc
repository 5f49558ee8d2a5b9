#include "drill/world.h"

#include <algorithm>

#include "vault/embedded.h"
#include "vault/load_people.h"

namespace cloison::drill {

namespace {

constexpr std::size_t kAdvisersPerOffice = 10, kAdvisersMin = 20;
constexpr OrganisationId kFranceTravail(1);
constexpr char kAdviser[] = "adviser", kApplication[] = "app.case";

std::size_t AdvisersOf(const Options& options) {
  return std::max(options.accounts, options.agents == 0 ? kAdvisersMin : options.agents);
}

// What an organisation of so many agents starts with (docs/design/0017-ceilings.md): three
// strangers, forty people and fifteen sensitive records an agent and day.
std::string StartCeilings(std::size_t agents) {
  constexpr std::size_t kOpenedOff = 3, kOpened = 40, kSensitive = 15, kGlimpsed = 80;
  const auto line = [agents](const char* counter, std::size_t each) {
    return std::string(counter) + " = " + std::to_string(agents * each) + "\n";
  };
  std::string toml = "\n[[ceiling]]\nscope = \"organisation\"\norganisation = 1\n";
  toml += "bucket_minutes = 60\nbuckets = 24\n";
  toml += line("opened", kOpened) + line("opened_off_caseload", kOpenedOff);
  toml += line("sensitive", kSensitive) + line("glimpsed", kGlimpsed);
  return toml;
}

// Detectors act, by the bounds that they begin with; of the organisation as a whole: two strangers
// an agent and day on one day in a hundred at most, three on one in a thousand.
std::string ActingDetectors(std::size_t agents) {
  const auto bounds = [agents](std::size_t days) {
    const std::size_t two = 2 * agents * days, three = 3 * agents * days;
    return "bounds = [[" + std::to_string(two) + ", 0.01], [" + std::to_string(three) +
           ", 0.001]]\n";
  };
  constexpr std::size_t kWorkdays = 5;
  std::string toml = "\n[detectors]\nact = true\n";
  toml += "[[detectors.pool]]\norganisation = 1\nscore = \"D9/pairs/day\"\n" + bounds(1);
  toml += "[[detectors.pool]]\norganisation = 1\nscore = \"D9/pairs/week\"\n" + bounds(kWorkdays);
  return toml;
}

std::string PolicyOf(const Options& options) {
  if (!options.policy_toml.empty()) return options.policy_toml;
  std::string toml(options.name == kReplay2024 ? vault::Policy2024Toml() : vault::DemoPolicyToml());
  if (options.name == kColluding) toml += StartCeilings(AdvisersOf(options));
  if (options.detectors) toml += ActingDetectors(AdvisersOf(options));
  return toml;
}

}  // namespace

Result<std::unique_ptr<World>> World::Open(const Options& options, const Ground& ground) {
  std::vector<std::string> problems;
  CLOISON_TRY_ASSIGN(std::shared_ptr<const records::Schema> schema,
                     records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems));
  CLOISON_TRY_ASSIGN(std::shared_ptr<const access::Policy> policy,
                     access::Policy::Parse(PolicyOf(options), *schema, &problems));
  CLOISON_TRY_ASSIGN(
      std::unique_ptr<Stage> stage,
      Stage::Open(ground, {"drill.invalid/job-seekers", std::move(schema), std::move(policy)}));
  std::unique_ptr<World> world(new World(options, std::move(stage)));
  CLOISON_TRY(world->Build());
  CLOISON_TRY(world->ChooseAccounts());
  world->stage_->WriteKeysBy([&one = *world] { return one.RegisterSomebody(); });
  return world;
}

Status World::Build() {
  vault::DemoSize size;
  size.people = options_.people;
  size.seed = options_.seed;
  size.advisers_1 = AdvisersOf(options_);
  size.offices_1 = (size.advisers_1 + kAdvisersPerOffice - 1) / kAdvisersPerOffice;
  size.caseload_1 = options_.caseload;
  size.advisers_2 = kAdvisersPerOffice;
  size.offices_2 = 1;
  CLOISON_TRY_ASSIGN(demo_, stage_->Wait(vault::BuildDemoWorld(vault(), size, [](std::size_t) {})));
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

Task<Status> World::RegisterSomebody() {
  constexpr std::uint64_t kNewcomersFrom = 50'000'000;  // nobody of the register's own
  const ingest::GeneratedPerson person = generator_.At(kNewcomersFrom + asked_);
  const std::string key = "new-" + std::to_string(asked_++);
  CLOISON_CO_TRY_ASSIGN(records::Values values,
                        vault::CanonicalValues(vault().schema(), person.fields));
  const PrincipalId id = vault::DemoPrincipalId(kApplication);
  access::Caller caller{id,
                        SessionId(ByteArray<16>{0x4e}),
                        ClientId(7),
                        executor(),
                        {identity::Actor::kApplication, {}, {}, 0, {}}};
  access::Reason reason{"register", ""};
  access::Gate::Once once{key, base::ToBytes(AsBytes(key))};
  const auto outcome = co_await vault().gate().Register(std::move(caller), std::move(values),
                                                        std::move(reason), std::move(once));
  if (!outcome.ok()) co_return outcome.error();
  const auto* const registered = std::get_if<access::Registered>(&*outcome);
  if (registered == nullptr) co_return Ok();  // this policy's application may not
  CLOISON_CO_TRY_ASSIGN(const PersonId there,
                        vault().codes().Decode(kFranceTravail, registered->code.Text()));
  newcomers_.push_back(there);
  co_return Ok();
}

Status World::CheckNewcomers() {
  for (const PersonId& person : newcomers_) {
    const Result<records::Sighting> sighting = stage_->Wait(vault().people().Sight(person));
    if (!sighting.ok()) return Error{Code::kCorrupt, "somebody who was registered is not there"};
  }
  return Ok();
}

Status World::PlaceDecoys(std::vector<std::uint32_t> people) {
  std::vector<Aud> decoys;
  for (const std::uint32_t one : people) {
    CLOISON_TRY_ASSIGN(const records::Sighting seen,
                       stage_->Wait(vault().people().Sight(demo_->people[one])));
    decoys.push_back(seen.key.aud());
  }
  return stage_->Reopen(std::move(decoys));
}

const access::Caps& World::CapsOf(const Account& account) const {
  const Result<const access::BudgetClass*> of = stage_->vault().policy()->ClassOf(account.role);
  CLOISON_CHECK(of.ok());
  return (*of)->caps;
}

std::string World::CodeOf(const Account& account, const PersonId& person) const {
  const Result<records::PersonCode> code =
      stage_->vault().codes().Encode(account.organisation, person);
  CLOISON_CHECK(code.ok());
  return code->Text();
}

std::optional<PersonId> World::PersonOf(const Account& account,
                                        const records::PersonCode& code) const {
  const Result<PersonId> person = stage_->vault().codes().Decode(account.organisation, code.Text());
  return person.ok() ? std::optional<PersonId>(*person) : std::nullopt;
}

}  // namespace cloison::drill
