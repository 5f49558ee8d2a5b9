#include "vault/vault.h"

#include <algorithm>
#include <utility>

#include "access/approvals.h"
#include "access/founding.h"
#include "access/policies.h"
#include "records/index_build.h"
#include "sentinel/sentinel.h"
#include "vault/recovery.h"

namespace cloison::vault {

namespace {

constexpr char kJournalFile[] = "/erase-journal";
constexpr char kTilesDirectory[] = "/tiles";  // of a successor: "/tiles-2" and on
constexpr unsigned kDirectoryMode = 0700;

std::string TilesPath(const std::string& directory, std::uint32_t generation) {
  const std::string path = directory + kTilesDirectory;
  return generation == 1 ? path : path + "-" + std::to_string(generation);
}

commit::Committer::Options CommitterOptions(const Settings& settings) {
  commit::Committer::Options options;
  options.on_fatal = settings.on_fatal;
  return options;
}

// Unless it is of a log that is closed: a ceremony that was cut short leaves it.
Status CheckNotDisowned(base::Files& files, const std::string& path,
                        const std::vector<ledger::Log>& logs) {
  const Result<Bytes> text = files.Read(path);
  if (!text.ok()) return text.error().code() == Code::kNotFound ? Ok() : Status(text.error());
  for (const ledger::Log& log : logs) {
    const Result<tlog::VerifierKey> key = ledger::VerifierKeyOf(log);
    const bool closed = log.closing.has_value() && key.ok();
    if (closed && AsText(*text) == key->Text() + "\n") return Ok();
  }
  return Error{Code::kCorrupt, "a witness knows another log than this one"};
}

}  // namespace

std::string SignedPath(const std::string& directory) {
  return directory + "/signed-size";
}

// In the order of their making; destroyed in the other.
struct Vault::Parts {
  Parts(Environment where, Settings how) : environment(where), settings(std::move(how)) {}

  Environment environment;
  Settings settings;
  bool to_read = false;  // nothing may be written
  std::unique_ptr<commit::Committer> key_committer;
  std::unique_ptr<keys::KeyRing> ring;
  std::unique_ptr<commit::SealedState> state;
  std::unique_ptr<commit::Committer> committer;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<ledger::Publisher> publisher;
  std::unique_ptr<keys::PersonKeys> person_keys;
  std::unique_ptr<keys::EraseJournal> journal;
  records::OpenedSchema schema;  // of the settings', with what the store says of it
  std::unique_ptr<records::People> people;
  std::unique_ptr<records::Codes> codes;
  std::unique_ptr<access::PolicyInForce> policy;
  sentinel::Sentinel sentinel;
  std::unique_ptr<access::Gate> gate;

  RegisterId register_id() const { return settings.schema->register_id(); }
  // Of a first start. kConflict: the register exists.
  static Task<Status> MakeRing(Environment environment, Settings settings);
  Task<Status> OpenKeyCommitter();
  Task<Status> OpenRing();
  Task<Status> OpenLedger();
  Task<Status> OpenSchema();
  Task<Status> OpenPeople();
  Task<Status> OpenPolicy();
  Task<Status> CheckPolicyFits();
  Task<Status> EnsureCodes();
  Task<Status> EnsureIndexes();
  void MakeGate();
};

Task<Status> Vault::Parts::OpenKeyCommitter() {
  const Environment& e = environment;
  commit::Committer::Options options = CommitterOptions(settings);
  Result<std::unique_ptr<commit::Committer>> opened =
      co_await commit::Committer::Open(e.key_store, e.key_executor, e.clock, std::move(options));
  if (!opened.ok()) co_return opened.error();
  key_committer = std::move(*opened);
  co_return Ok();
}

// The ledger awaits months' keys while it prepares a batch, so the ring resumes on the main
// committer's executor.
Task<Status> Vault::Parts::OpenRing() {
  const Environment& e = environment;
  Result<std::unique_ptr<keys::KeyRing>> opened = co_await keys::KeyRing::Open(
      e.objects, e.key_store, *key_committer, register_id(), e.random, e.main_executor);
  if (!opened.ok()) co_return opened.error();
  ring = std::move(*opened);
  state = std::make_unique<commit::SealedState>(register_id(), ring->state_generation(),
                                                ring->state().Duplicate(), e.random);
  co_return Ok();
}

Task<Status> Vault::Parts::OpenLedger() {
  const Environment& e = environment;
  commit::Committer::Options committer_options = CommitterOptions(settings);
  committer_options.sealed = state.get();
  committer_options.parallel = e.builders;
  Result<std::unique_ptr<commit::Committer>> opened = co_await commit::Committer::Open(
      e.main_store, e.main_executor, e.clock, std::move(committer_options));
  if (!opened.ok()) co_return opened.error();
  committer = std::move(*opened);
  CLOISON_CO_TRY_ASSIGN(const std::vector<ledger::Log> logs,
                        co_await ledger::ReadLogs(e.main_store, *state));
  const std::uint32_t newest = logs.empty() ? 1 : static_cast<std::uint32_t>(logs.size());
  const std::vector<ledger::Succession::Known> known = ring->LogKeys();
  if (newest > known.size() || !known[newest - 1].signs) {
    co_return Error{Code::kCorrupt, "the key of the store's newest log is not there"};
  }
  if (!to_read) {
    CLOISON_CO_TRY(CheckNotDisowned(e.files, DisownedPath(settings.directory), logs));
    CLOISON_CO_TRY(co_await ring->RetireLogs(newest));
  }
  ledger::Ledger::Options options{settings.origin, register_id(), SignedPath(settings.directory),
                                  settings.fold_entries};
  options.before_signing = settings.before_signing;
  const ledger::Ledger::Parts parts{e.main_store, *state,       ring->log_signer(newest),
                                    *ring,        e.files,      e.clock,
                                    e.random,     e.background, ring.get()};
  Result<std::unique_ptr<ledger::Ledger>> log =
      co_await ledger::Ledger::Open(std::move(options), parts);
  if (!log.ok()) co_return log.error();
  ledger = std::move(*log);
  if (to_read) co_return Ok();
  publisher = std::make_unique<ledger::Publisher>(
      ledger::Publisher::Options{TilesPath(settings.directory, newest)},
      ledger::Publisher::Parts{*ledger, e.files, e.clock, e.home, e.background, e.disk});
  ledger->Attach(*committer, publisher.get());
  if (committer->began_empty() && ledger->size() != 0) {
    co_return Error{Code::kCorrupt, "there are entries but no clock"};
  }
  // A log that grows without a signed size beside it could not be opened again.
  CLOISON_CO_TRY(ledger->Publish());
  // Tiles can be made at any time: who asks for one is told that there is none yet, and each second
  // it is tried again.
  (void)co_await publisher->Publish();
  co_return Ok();
}

// Rows are sealed by the schema that the store names: the file is that one, or the one that was
// agreed to.
Task<Status> Vault::Parts::OpenSchema() {
  CLOISON_CO_TRY_ASSIGN(records::SchemaState kept,
                        co_await records::LoadSchemaState(environment.main_store, *state));
  CLOISON_CO_TRY_ASSIGN(schema, records::OpenSchema(std::move(kept), settings.schema));
  co_return Ok();
}

Task<Status> Vault::Parts::OpenPeople() {
  const Environment& e = environment;
  person_keys = std::make_unique<keys::PersonKeys>(*ring, e.key_store, *key_committer, *state,
                                                   ledger->log_id(), e.random);
  if (!to_read) {
    CLOISON_CO_TRY_ASSIGN(
        journal,
        keys::EraseJournal::Open(e.files, settings.directory + kJournalFile, *state, e.random));
  }
  people = std::make_unique<records::People>(*schema.schema, e.main_store, *committer, *person_keys,
                                             *ring, *state, e.random);
  CLOISON_CO_TRY(co_await people->Open(*committer));
  if (!to_read) {
    CLOISON_CO_TRY(co_await records::IndexBuild(*people, *committer).CheckRow());
  }
  if (e.search != nullptr) people->SearchOn(*e.search);
  codes = std::make_unique<records::Codes>(*ring);
  co_return Ok();
}

// Nothing is wrong with a policy that fits the schema that is to be followed alone.
Task<Status> Vault::Parts::CheckPolicyFits() {
  CLOISON_CO_TRY_ASSIGN(const std::shared_ptr<const records::Schema> before,
                        records::SchemaOf(*schema.state.in_force));
  const auto loaded = co_await access::LoadPolicy(environment.main_store, *state, *before);
  co_return loaded.ok() ? Status(records::kPolicyUnfit) : Status(loaded.error());
}

Task<Status> Vault::Parts::OpenPolicy() {
  Result<std::optional<access::LoadedPolicy>> found =
      co_await access::LoadPolicy(environment.main_store, *state, *schema.schema);
  const bool unfit = !found.ok() && found.error().code() == Code::kCorrupt;
  if (unfit && schema.step == records::SchemaStep::kTake) co_return co_await CheckPolicyFits();
  if (!found.ok()) co_return found.error();
  std::optional<access::LoadedPolicy>& loaded = *found;
  if (!loaded.has_value()) {
    policy = std::make_unique<access::PolicyInForce>(settings.policy);
    co_return Ok();
  }
  const std::uint32_t version = loaded->version.version;
  if (loaded->policy->document() != settings.policy->document()) {
    environment.events.Emit(base::Severity::kWarning, "policy_file_differs",
                            {{"in_force", static_cast<std::int64_t>(version)},
                             {"file", static_cast<std::int64_t>(settings.policy->version())}});
  }
  policy = std::make_unique<access::PolicyInForce>(std::move(loaded->policy), version);
  co_return Ok();
}

// What a start that was cut short left undone, too.
Task<Status> Vault::Parts::EnsureCodes() {
  for (const access::Organisation& organisation : policy->Current()->organisations()) {
    CLOISON_CO_TRY(co_await codes->Ensure(organisation.id));
  }
  co_return Ok();
}

// From here on the store says how its indexes are laid out, not the schema.
Task<Status> Vault::Parts::EnsureIndexes() {
  records::IndexBuild build(*people, *committer);
  co_return co_await build.EnsureRow(environment.home);
}

void Vault::Parts::MakeGate() {
  sentinel.AlsoDecoys(settings.decoys);
  sentinel.InventDecoysBy(settings.inventor.get());
  const access::Gate::Parts parts{*policy,
                                  *people,
                                  *person_keys,
                                  *journal,
                                  *codes,
                                  ring->oversight(),
                                  *committer,
                                  *ledger,
                                  *ring,
                                  *state,
                                  environment.random,
                                  environment.events,
                                  settings.officers,
                                  schema,
                                  settings.two_people,
                                  &sentinel};
  gate = std::make_unique<access::Gate>(parts);
  gate->policies().CalibrateOn(environment.background);
}

Vault::Vault(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Vault::~Vault() = default;

namespace {

// A register whose system principal is enrolled has an entry that says so. Nothing is signed or
// written to find out.
Task<Status> CheckNoEntries(Environment environment, Settings settings) {
  Result<std::unique_ptr<Vault>> opened =
      co_await Vault::OpenToRead(environment, std::move(settings));
  if (!opened.ok() && records::IsSchemaConflict(opened.error())) {
    co_return Error{Code::kConflict, "the register exists"};
  }
  if (!opened.ok()) co_return opened.error();
  const bool exists = (*opened)->ledger().end() != 0;
  const Status stopped = co_await (*opened)->Stop();
  if (exists) co_return Error{Code::kConflict, "the register exists"};
  co_return stopped;
}

// Of development: nobody but the server itself.
Task<Status> BeginAlone(Vault& vault) {
  std::vector<access::PrincipalInfo> system;
  system.push_back({access::Gate::SystemPrincipal(), OrganisationId(0), std::nullopt, "system",
                    "system", false, std::nullopt});
  co_return co_await vault.gate().Enrol(std::move(system), vault.environment().home);
}

// In one commit, by what two officers signed for this register alone.
Task<Status> Begin(Vault& vault, ledger::SignedBootstrap founding) {
  const ledger::BootstrapStatement& statement = founding.statement();
  const access::Policy& policy = *vault.policy();
  const bool same = statement.register_id == vault.schema().register_id() &&
                    statement.log.Text() == vault.ledger().vkey() &&
                    statement.policy == access::DigestOfPolicy(policy.document());
  if (!same) co_return Error{Code::kConflict, "a statement of another register or policy"};
  const commit::BatchTime now = vault.committer().Now();
  std::vector<std::string> problems;
  CLOISON_CO_TRY(access::CheckFounders(statement.plan, policy, now.wall_ms, problems));
  std::vector<access::PrincipalInfo> founders;
  for (const ledger::Founder& founder : statement.plan.founders) {
    founders.push_back(access::FounderInfo(founder, vault.state(), now));
  }
  co_return co_await vault.gate().approvals().Found(founding.note(), std::move(founders),
                                                    vault.environment().home);
}

}  // namespace

Task<Status> Vault::Parts::MakeRing(Environment environment, Settings settings) {
  CLOISON_CO_TRY(base::MakeDirectoryDurably(environment.files, settings.directory, kDirectoryMode));
  bool begun = false;
  {
    Parts first(environment, settings);
    CLOISON_CO_TRY(co_await first.OpenKeyCommitter());
    const Status made =
        co_await keys::KeyRing::Create(environment.objects, *first.key_committer,
                                       first.register_id(), environment.random, environment.home);
    co_await first.key_committer->Stop();
    co_await environment.home.Schedule();
    // A ring that is there may be what a crash left of a first start.
    if (!made.ok() && made.error().code() != Code::kConflict) co_return made.error();
    begun = !made.ok();
  }
  if (!begun) co_return Ok();
  co_return co_await CheckNoEntries(environment, std::move(settings));
}

Task<Status> Vault::Create(Environment environment, Settings settings,
                           std::optional<ledger::SignedBootstrap> founding) {
  CLOISON_CHECK(settings.schema != nullptr && settings.policy != nullptr);
  CLOISON_CO_TRY(co_await Parts::MakeRing(environment, settings));
  Result<std::unique_ptr<Vault>> opened = co_await Open(environment, std::move(settings));
  if (!opened.ok()) co_return opened.error();
  Vault& vault = **opened;
  const Status begun = founding.has_value() ? co_await Begin(vault, std::move(*founding))
                                            : co_await BeginAlone(vault);
  const Status stopped = co_await vault.Stop();
  if (!begun.ok()) co_return begun.error();  // kConflict: the register exists
  co_return stopped;
}

Task<Result<tlog::VerifierKey>> Vault::CreateKeys(Environment environment, Settings settings) {
  CLOISON_CHECK(settings.schema != nullptr);
  CLOISON_CO_TRY(co_await Parts::MakeRing(environment, settings));
  Parts parts(environment, std::move(settings));
  CLOISON_CO_TRY(co_await parts.OpenKeyCommitter());
  const Status opened = co_await parts.OpenRing();
  co_await parts.key_committer->Stop();
  co_await environment.home.Schedule();
  if (!opened.ok()) co_return opened.error();
  co_return tlog::VerifierKey::Make(parts.settings.origin, tlog::KeyType::kSignature,
                                    parts.ring->log_signer().public_key());
}

Task<Result<std::unique_ptr<Vault>>> Vault::Open(Environment environment, Settings settings) {
  CLOISON_CHECK(settings.schema != nullptr && settings.policy != nullptr);
  auto parts = std::make_unique<Parts>(environment, std::move(settings));
  Status opened = co_await parts->OpenKeyCommitter();
  if (opened.ok()) opened = co_await parts->OpenRing();
  if (opened.ok()) opened = co_await parts->OpenLedger();
  if (opened.ok()) opened = co_await parts->OpenSchema();
  if (opened.ok()) opened = co_await parts->OpenPeople();
  if (opened.ok()) opened = co_await parts->OpenPolicy();
  if (opened.ok()) {
    parts->MakeGate();
    opened = co_await parts->gate->Recover(environment.home);
  }
  if (opened.ok()) opened = co_await parts->EnsureCodes();
  if (opened.ok()) opened = co_await parts->EnsureIndexes();
  co_await environment.home.Schedule();
  std::unique_ptr<Vault> vault(new Vault(std::move(parts)));
  if (opened.ok()) co_return vault;
  (void)co_await vault->Stop();
  co_return opened.error();
}

Task<Result<std::unique_ptr<Vault>>> Vault::OpenToRead(Environment environment, Settings settings) {
  CLOISON_CHECK(settings.schema != nullptr);
  settings.before_signing = nullptr;  // what is signed stays in memory
  auto parts = std::make_unique<Parts>(environment, std::move(settings));
  parts->to_read = true;
  Status opened = co_await parts->OpenKeyCommitter();
  if (opened.ok()) opened = co_await parts->OpenRing();
  if (opened.ok()) opened = co_await parts->OpenLedger();
  if (opened.ok()) opened = co_await parts->OpenSchema();
  if (opened.ok()) opened = co_await parts->OpenPeople();
  co_await environment.home.Schedule();
  std::unique_ptr<Vault> vault(new Vault(std::move(parts)));
  if (opened.ok()) co_return vault;
  (void)co_await vault->Stop();
  co_return opened.error();
}

Task<Status> Vault::Stop() {
  Parts& parts = *parts_;
  base::Executor& home = parts.environment.home;
  Status first = Ok();
  if (parts.ledger != nullptr) co_await parts.ledger->Stop();
  if (parts.person_keys != nullptr) {
    const Status flushed = co_await parts.person_keys->Flush(home);
    if (first.ok()) first = flushed;
  }
  if (parts.committer != nullptr) co_await parts.committer->Stop();
  if (parts.key_committer != nullptr) co_await parts.key_committer->Stop();
  co_await home.Schedule();
  if (parts.publisher != nullptr) {
    if (parts.gate != nullptr) (void)co_await parts.publisher->Publish();
    co_await parts.publisher->Stop();
    co_await home.Schedule();
  }
  if (parts.gate != nullptr) {
    const Status published = parts.ledger->Publish();
    if (first.ok()) first = published;
  }
  co_return first;
}

access::Gate& Vault::gate() {
  return *parts_->gate;
}
records::People& Vault::people() {
  return *parts_->people;
}
keys::PersonKeys& Vault::person_keys() {
  return *parts_->person_keys;
}
keys::KeyRing& Vault::ring() {
  return *parts_->ring;
}
const records::Codes& Vault::codes() const {
  return *parts_->codes;
}
ledger::Ledger& Vault::ledger() {
  return *parts_->ledger;
}
ledger::Publisher& Vault::publisher() {
  return *parts_->publisher;
}
commit::Committer& Vault::committer() {
  return *parts_->committer;
}
commit::Committer& Vault::key_committer() {
  return *parts_->key_committer;
}
const commit::SealedState& Vault::state() const {
  return *parts_->state;
}
Result<std::vector<keys::EraseJournal::Item>> Vault::ReadEraseJournal() const {
  return keys::EraseJournal::ReadItems(parts_->environment.files,
                                       parts_->settings.directory + kJournalFile, *parts_->state);
}
const records::Schema& Vault::schema() const {
  return *parts_->schema.schema;
}
std::shared_ptr<const access::Policy> Vault::policy() const {
  return parts_->policy->Current();
}
const Environment& Vault::environment() const {
  return parts_->environment;
}
const std::string& Vault::spill_directory() const {
  const Settings& settings = parts_->settings;
  return settings.spill_directory.empty() ? settings.directory : settings.spill_directory;
}

Status Vault::ConfirmTime(std::int64_t trusted_ms) {
  commit::TimeKeeper& time = parts_->committer->time_keeper();
  if (time.confirmed()) return Ok();
  const std::int64_t skew_ms = parts_->environment.clock.wall_ms() - trusted_ms;
  if (std::max(skew_ms, -skew_ms) > kClockSkewMs) {
    return Error{Code::kInvalid, "the wall clock is not that of the witness", skew_ms};
  }
  time.ConfirmAt(trusted_ms);
  parts_->environment.events.Emit(base::Severity::kInfo, "time_confirmed", {});
  return Ok();
}

Task<Status> Vault::EnrolOrganisation(OrganisationId organisation) {
  const Status made = co_await parts_->codes->Ensure(organisation);
  co_await parts_->environment.home.Schedule();
  co_return made;
}

}  // namespace cloison::vault
