#include "tests/sim/sim_vault.h"

#include <cstdio>

#include "ingest/generator.h"
#include "vault/embedded.h"

namespace cloison::sim {

namespace {

PrincipalId IdOf(std::uint8_t kind, std::size_t number) {
  return PrincipalId(ByteArray<16>{kind, static_cast<std::uint8_t>(number)});
}

void AppendCaps(std::string& out, const char* name, const std::array<std::uint32_t, 4>& caps) {
  out += std::string(name) + " = [";
  for (const std::uint32_t cap : caps) out += std::to_string(cap) + ",";
  out.back() = ']';
  out += "\n";
}

constexpr char kRest[] = R"(
[[role]]
name = "adviser"
kind = "agent"
class = "agents"

[[role]]
name = "application"
kind = "application"
class = "wide"
rights = ["register", "update", "assign"]

[[role]]
name = "officer"
kind = "officer"
class = "wide"
rights = ["erase", "freeze", "rekey"]

[[role]]
name = "citizen"
kind = "citizen"
class = "wide"
rights = ["own_trail"]

[[role]]
name = "system"
kind = "system"
class = "wide"

[[purpose]]
name = "support"
text_fr = "Accompagner."
text_en = "Support."

[[purpose]]
name = "benefit"
decree = true
text_fr = "Verser une allocation."
text_en = "Pay a benefit."

[[purpose]]
name = "list"
text_fr = "Retrouver."
text_en = "Find."

[[purpose]]
name = "own"
text_fr = "Lire son dossier."
text_en = "Read one's own record."

[[grant]]
role = "adviser"
purpose = "support"
relation = "any"
form = "plain"
fields = ["identity", "contact"]

[[grant]]
role = "adviser"
purpose = "benefit"
relation = "any"
form = "plain"
fields = ["civil_number"]

[[grant]]
role = "adviser"
purpose = "list"
relation = "any"
form = "masked"
fields = ["identity"]

[[grant]]
role = "citizen"
purpose = "own"
relation = "self"
form = "plain"
fields = ["*"]
)";

constexpr std::uint64_t kWorldSeed = 5;

}  // namespace

PrincipalId AgentId(std::size_t number) {
  return IdOf(1, number);
}
OfficeId OfficeOf(std::size_t number) {
  return OfficeId(1 + static_cast<std::uint32_t>(number) % 2);
}
PrincipalId ApplicationId() {
  return IdOf(2, 0);
}
PrincipalId OfficerId() {
  return IdOf(3, 0);
}
PrincipalId SecondOfficerId() {
  return IdOf(3, 1);
}
PrincipalId CitizenId() {
  return IdOf(4, 0);
}

access::Caps WideCaps() {
  access::Caps caps;
  for (auto& of : caps.of) of = {10'000, 10'000, 10'000, 10'000};
  return caps;
}

void AppendClass(std::string& out, const char* name, const access::Caps& caps) {
  out += std::string("[[class]]\nname = \"") + name + "\"\n";
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    const std::string counter(access::Name(static_cast<access::Counter>(c)));
    AppendCaps(out, counter.c_str(), caps.of[c]);
  }
}

namespace {

void AppendCeiling(std::string& out, const access::CeilingSpec& ceiling) {
  out += "\n[[ceiling]]\nscope = \"" + std::string(access::Name(ceiling.scope)) + "\"\n";
  out += "bucket_minutes = " + std::to_string(ceiling.bucket_ms / base::kMinuteMs) + "\n";
  out += "buckets = " + std::to_string(ceiling.buckets) + "\n";
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    if (!ceiling.caps[c].has_value()) continue;
    out += std::string(access::Name(static_cast<access::Counter>(c))) + " = " +
           std::to_string(*ceiling.caps[c]) + "\n";
  }
}

}  // namespace

std::string PolicyToml(const access::Caps& agents,
                       const std::vector<access::CeilingSpec>& ceilings) {
  std::string out = "version = 1\n";
  AppendClass(out, "agents", agents);
  AppendClass(out, "wide", WideCaps());
  out += kRest;
  for (const access::CeilingSpec& ceiling : ceilings) AppendCeiling(out, ceiling);
  return out;
}

struct SimVault::Threads {
  base::ThreadPool main{1}, key{1}, background{1}, home{2};
};

SimVault::SimVault(const Ground& ground, const access::Caps& caps,
                   const std::vector<access::CeilingSpec>& ceilings)
    : ground_(ground) {
  std::vector<std::string> problems;
  auto schema = records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems);
  CLOISON_CHECK(schema.ok());
  schema_ = *schema;
  auto policy = access::Policy::Parse(PolicyToml(caps, ceilings), *schema_, &problems);
  for (const std::string& problem : problems) std::fprintf(stderr, "%s\n", problem.c_str());
  CLOISON_CHECK(policy.ok());
  policy_ = *policy;
  if (ground_.seeded == nullptr) threads_ = std::make_unique<Threads>();
}

SimVault::SimVault(const Ground& ground, Setup with)
    : ground_(ground),
      schema_(std::move(with.schema)),
      policy_(std::move(with.policy)),
      fold_entries_(with.fold_entries) {
  if (ground_.seeded == nullptr) threads_ = std::make_unique<Threads>();
}

SimVault::~SimVault() {
  if (open()) (void)Stop();
}

base::Executor& SimVault::home() {
  if (ground_.seeded != nullptr) return *ground_.seeded;
  return threads_->home;
}

vault::Environment SimVault::EnvironmentOver(store::Store& main, store::Store& keys) {
  base::Executor& one = home();
  const bool seeded = ground_.seeded != nullptr;
  return {main,
          keys,
          *objects_,
          ground_.files,
          ground_.clock,
          ground_.random,
          events_,
          seeded ? one : threads_->main,
          seeded ? one : threads_->key,
          seeded ? one : threads_->background,
          one};
}

vault::Settings SimVault::HowSet() {
  vault::Settings settings;
  settings.schema = schema_;
  settings.policy = policy_;
  settings.origin = "sim.invalid/job-seekers";
  settings.directory = ground_.directory;
  settings.fold_entries = fold_entries_;
  settings.two_people = false;
  const auto fatal = fatal_;
  settings.on_fatal = [fatal] { fatal->store(true); };
  return settings;
}

Status SimVault::OpenObjects() {
  CLOISON_TRY(base::MakeDirectoryDurably(ground_.files, ground_.directory, 0700));
  CLOISON_TRY_ASSIGN(objects_, keys::FileKeyObjects::Open(ground_.files, ground_.random,
                                                          ground_.directory + "/objects", true));
  return Ok();
}

Status SimVault::Create(store::Store& main, store::Store& keys) {
  CLOISON_TRY(OpenObjects());
  return Wait(vault::Vault::Create(EnvironmentOver(main, keys), HowSet()));
}

Status SimVault::Open(store::Store& main, store::Store& keys) {
  fatal_->store(false);
  CLOISON_TRY(OpenObjects());
  CLOISON_TRY_ASSIGN(vault_, Wait(vault::Vault::Open(EnvironmentOver(main, keys), HowSet())));
  return Ok();
}

Result<std::string> SimVault::StateRecovery(store::Store& main, store::Store& keys) {
  fatal_->store(false);
  CLOISON_TRY(OpenObjects());
  return Wait(vault::StateRecovery(EnvironmentOver(main, keys), HowSet(), ""));
}

Status SimVault::Recover(store::Store& main, store::Store& keys, std::string note,
                         std::vector<tlog::VerifierKey> officers) {
  fatal_->store(false);
  CLOISON_TRY(OpenObjects());
  return Wait(vault::Recover(EnvironmentOver(main, keys), HowSet(), "", std::move(note),
                             std::move(officers)));
}

Status SimVault::Stop() {
  const Status stopped = Wait(vault_->Stop());
  vault_.reset();
  return stopped;
}

void SimVault::Drop() {
  if (ground_.seeded != nullptr) ground_.seeded->RunAll();
  vault_.reset();
  objects_.reset();
}

Status SimVault::Enrol() {
  CLOISON_TRY(Wait(vault_->EnrolOrganisation(kAgency)));
  std::vector<access::PrincipalInfo> infos;
  for (std::size_t i = 0; i < kAgents; ++i) {
    infos.push_back({AgentId(i), kAgency, OfficeOf(i), "adviser", "agent", false, {}});
  }
  infos.push_back({ApplicationId(), kAgency, {}, "application", "application", false, {}});
  for (const PrincipalId& officer : {OfficerId(), SecondOfficerId()}) {
    infos.push_back({officer, kAgency, {}, "officer", "officer", false, {}});
  }
  return Wait(vault_->gate().Enrol(std::move(infos), home()));
}

access::Caller SimVault::CallerOf(const PrincipalId& id, ClientId client) {
  return {id, SessionId(id.array()), client, home(), identity::Assurance::Internal()};
}

Result<std::string> SimVault::Register(std::uint64_t index) {
  access::Gate::Once once{"register-" + std::to_string(index), Bytes{1}};
  auto outcome = Wait(vault_->gate().Register(CallerOf(ApplicationId()), ValuesOf(*schema_, index),
                                              {"register", ""}, once));
  if (!outcome.ok()) return outcome.error();
  const auto* registered = std::get_if<access::Registered>(&*outcome);
  if (registered == nullptr) return Error{Code::kConflict, "the person was not registered"};
  return registered->code.Text();
}

std::string NirOf(std::uint64_t index) {
  // Those who have an account alone have no number: the next one that has is taken instead.
  static const ingest::Generator generator(kWorldSeed);
  for (std::uint64_t at = index * 32;; ++at) {
    const ingest::GeneratedPerson person = generator.At(at);
    if (const auto nir = person.Text("civil_number.nir"); !nir.empty()) return std::string(nir);
  }
}

std::string EmailOf(std::uint64_t index) {
  return "person." + std::to_string(index) + "@example.org";
}

records::Values ValuesOf(const records::Schema& schema, std::uint64_t index) {
  const std::pair<const char*, std::string> texts[] = {
      {"identity.birth_name", "Durand"},
      {"identity.first_name", "Camille"},
      {"civil_number.nir", NirOf(index)},
      {"contact.email", EmailOf(index)},
  };
  records::Values values;
  for (const auto& [name, text] : texts) {
    const records::FieldSpec* field = schema.Find(name);
    Result<crypto::SecretBytes> canonical = schema.Canonical(*field, text, false);
    CLOISON_CHECK(canonical.ok());
    values.push_back({field->id, std::move(*canonical)});
  }
  return values;
}

}  // namespace cloison::sim
