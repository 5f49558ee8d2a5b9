#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <thread>

#include "keys/pkcs11_key_objects.h"
#include "server/decoy_numbers.h"
#include "server/development.h"
#include "server/node.h"
#include "store/rocks/rocks_store.h"
#include "vault/embedded.h"

namespace cloison::server {

namespace {

constexpr unsigned kDirectoryMode = 0700;
constexpr std::size_t kKeyCacheShare = 4;  // of the main database's cache
constexpr unsigned kBuildersMax = 3;
constexpr int kTileThreads = 2;
constexpr int kSearchThreads = 2;

// Threads beside the committer's; on one core they would only take turns.
int Builders() {
  return static_cast<int>(
      std::min(kBuildersMax, std::max(1u, std::thread::hardware_concurrency()) - 1));
}

// The text of a file, or the built-in one.
Result<std::string> TextOf(base::Files& files, const std::string& path, std::string_view built_in,
                           std::vector<std::string>& problems) {
  if (path.empty()) return std::string(built_in);
  const Result<Bytes> bytes = files.Read(path);
  if (!bytes.ok()) {
    problems.push_back(path + ": cannot be read");
    return Error{Code::kInvalid, "a file of the configuration cannot be read"};
  }
  return std::string(AsText(*bytes));
}

void Name(std::vector<std::string>& problems, std::size_t from, const std::string& path) {
  for (std::size_t i = from; i < problems.size(); ++i) {
    problems[i] = (path.empty() ? std::string("built-in") : path) + ": " + problems[i];
  }
}

}  // namespace

// In the order of their making; destroyed in the other.
struct Ground::Parts {
  Parts(Config how, base::EventSink& sink) : config(std::move(how)), events(sink) {}

  Config config;
  base::EventSink& events;
  base::SystemFiles files;
  base::SystemClock clock;
  base::SystemRandom random;
  std::shared_ptr<const records::Schema> schema;
  std::shared_ptr<const access::Policy> policy;
  std::optional<ledger::WitnessOptions> witnesses;
  std::vector<tlog::VerifierKey> officers;
  std::shared_ptr<access::DecoyInventor> inventor;
  std::vector<access::PrincipalInfo> invented;
  base::ThreadPool tiles{kTileThreads, base::ThreadPool::kLast};  // the work of strangers
  base::ThreadPool search{kSearchThreads, base::ThreadPool::kLast};
  base::ThreadPool disk{kDiskThreads};
  base::ThreadPool background{1, base::ThreadPool::kLast};
  base::ThreadPool home{1};
  std::unique_ptr<store::RocksStore> main_store;
  std::unique_ptr<store::RocksStore> key_store;
  std::unique_ptr<keys::KeyObjects> objects;
  base::ThreadPool builders{Builders()};
  base::ThreadPool main_committer{1};
  base::ThreadPool key_committer{1};

  Status ReadRules(std::vector<std::string>& problems);
  Status ReadOfficers(std::vector<std::string>& problems);
  Result<std::unique_ptr<store::RocksStore>> OpenStore(const char* name,
                                                       std::span<const store::Family> families,
                                                       std::size_t cache_bytes);
};

Status Ground::Parts::ReadRules(std::vector<std::string>& problems) {
  CLOISON_TRY_ASSIGN(const std::string schema_text,
                     TextOf(files, config.schema, vault::JobSeekersSchemaToml(), problems));
  std::size_t from = problems.size();
  const auto parsed_schema = records::Schema::Parse(schema_text, &problems);
  Name(problems, from, config.schema);
  if (!parsed_schema.ok()) return parsed_schema.error();
  schema = *parsed_schema;
  CLOISON_TRY_ASSIGN(const std::string policy_text,
                     TextOf(files, config.policy, vault::DemoPolicyToml(), problems));
  from = problems.size();
  const auto parsed_policy = access::Policy::Parse(policy_text, *schema, &problems);
  Name(problems, from, config.policy);
  if (!parsed_policy.ok()) return parsed_policy.error();
  policy = *parsed_policy;
  CLOISON_TRY_ASSIGN(witnesses, ReadWitnesses(config, files, problems));
  CLOISON_TRY_ASSIGN(inventor, MakeInventor(config, schema, random, problems));
  if (!config.principals.empty()) {
    CLOISON_TRY_ASSIGN(const std::string text, TextOf(files, config.principals, "", problems));
    CLOISON_TRY_ASSIGN(invented, ParseInventedPrincipals(config.principals, text, problems));
  }
  return ReadOfficers(problems);
}

// Who sign recoveries, and policies.
Status Ground::Parts::ReadOfficers(std::vector<std::string>& problems) {
  if (config.recovery_officers.empty()) return Ok();
  CLOISON_TRY_ASSIGN(const std::string text, TextOf(files, config.recovery_officers, "", problems));
  Result<std::vector<tlog::VerifierKey>> listed = ledger::ParseOfficers(text);
  if (!listed.ok()) {
    problems.push_back(config.recovery_officers + ": " + std::string(listed.error().text()));
    return listed.error();
  }
  officers = std::move(*listed);
  return Ok();
}

Result<std::unique_ptr<store::RocksStore>> Ground::Parts::OpenStore(
    const char* name, std::span<const store::Family> families, std::size_t cache_bytes) {
  store::RocksOptions options;
  options.path = config.data + "/" + name;
  options.families = families;
  options.cache_bytes = cache_bytes;
  options.row_cache_bytes = std::min(options.row_cache_bytes, cache_bytes / 4);
  options.disk_pool = &disk;
  return store::RocksStore::Open(options);
}

Ground::Ground(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Ground::~Ground() = default;

Result<std::unique_ptr<Ground>> Ground::Make(const Config& config, base::EventSink& events,
                                             std::vector<std::string>& problems) {
  auto parts = std::make_unique<Parts>(config, events);
  CLOISON_TRY(parts->ReadRules(problems));
  return std::unique_ptr<Ground>(new Ground(std::move(parts)));
}

Status Ground::MakeDirectories() {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(parts_->config.data).parent_path(),
                                      error);
  if (!error && parts_->config.pkcs11_module.empty()) {
    std::filesystem::create_directories(
        std::filesystem::path(parts_->config.key_objects).parent_path(), error);
  }
  if (error) return Error{Code::kUnavailable, "a directory cannot be made", error.value()};
  return base::MakeDirectoryDurably(parts_->files, parts_->config.data, kDirectoryMode);
}

std::string ImportingPath(const Config& config) {
  return config.data + "/importing";
}

Status LockDirectory(const std::string& directory) {
  const std::string path = directory + "/lock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Error{Code::kUnavailable, "the directory's lock cannot be opened", errno};
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return Ok();
  return Error{Code::kConflict, "the directory is in use by another cloisond"};
}

std::string RestoringPath(const Config& config) {
  return config.data + "/restoring";
}

Status Ground::OpenStores() {
  if (parts_->files.Stat(RestoringPath(parts_->config)).ok()) {
    return Error{Code::kConflict, "a restore was broken off: begin it again with cloison restore"};
  }
  if (parts_->files.Stat(ImportingPath(parts_->config)).ok()) {
    return Error{
        Code::kConflict,
        "a direct import was broken off: remove data and key objects, and begin again with "
        "cloison init"};
  }
  return OpenStoresToRestore();
}

Status Ground::OpenStoresToRestore() {
  const auto cache_bytes = static_cast<std::size_t>(parts_->config.cache_mib) << 20;
  CLOISON_TRY_ASSIGN(parts_->main_store,
                     parts_->OpenStore("main", store::kMainFamilies, cache_bytes));
  CLOISON_TRY_ASSIGN(parts_->key_store,
                     parts_->OpenStore("keys", store::kKeyFamilies, cache_bytes / kKeyCacheShare));
  return Ok();
}

Status Ground::OpenKeyObjects(bool create) {
  const Config& config = parts_->config;
  if (!config.pkcs11_module.empty()) {
    CLOISON_TRY_ASSIGN(crypto::SecretBytes pin,
                       keys::ReadPin(parts_->files, config.pkcs11_pin_file));
    CLOISON_TRY_ASSIGN(parts_->objects,
                       keys::Pkcs11KeyObjects::Open({config.pkcs11_module, config.pkcs11_token},
                                                    std::move(pin), parts_->random));
    return Ok();
  }
  CLOISON_TRY_ASSIGN(parts_->objects, keys::FileKeyObjects::Open(parts_->files, parts_->random,
                                                                 config.key_objects, create));
  return Ok();
}

vault::Environment Ground::environment() {
  Parts& parts = *parts_;
  CLOISON_CHECK(parts.main_store != nullptr && parts.key_store != nullptr &&
                parts.objects != nullptr);
  return {
      *parts.main_store,   *parts.key_store,
      *parts.objects,      parts.files,
      parts.clock,         parts.random,
      parts.events,        parts.main_committer,
      parts.key_committer, parts.background,
      parts.home,          base::Parallel(&parts.builders, static_cast<std::size_t>(Builders())),
      &parts.tiles,        &parts.search};
}

vault::Settings Ground::settings(std::function<void()> on_fatal) const {
  vault::Settings settings;
  settings.schema = parts_->schema;
  settings.policy = parts_->policy;
  settings.origin = parts_->config.origin;
  settings.directory = parts_->config.data + "/ledger";
  settings.spill_directory = parts_->config.data + "/main/bulk";  // its leftovers go at opening
  settings.on_fatal = std::move(on_fatal);
  settings.officers = parts_->officers;
  settings.inventor = parts_->inventor;
  if (!parts_->witnesses) return settings;
  // Whatever opens the register to sign: a server, and init, demo, recover.
  settings.before_signing = [&parts = *parts_](const tlog::VerifierKey& key,
                                               const std::string& kept, const tlog::Head& durable) {
    return ledger::CheckWitnesses(*parts.witnesses, key, kept, durable,
                                  {parts.clock, parts.random, parts.events});
  };
  return settings;
}

base::SystemFiles& Ground::files() {
  return parts_->files;
}
base::Clock& Ground::clock() {
  return parts_->clock;
}
base::Random& Ground::random() {
  return parts_->random;
}
const std::optional<ledger::WitnessOptions>& Ground::witnesses() const {
  return parts_->witnesses;
}
base::EventSink& Ground::events() {
  return parts_->events;
}
const store::Store* Ground::main_store() const {
  return parts_->main_store.get();
}
const store::Store* Ground::key_store() const {
  return parts_->key_store.get();
}
keys::KeyObjects& Ground::key_objects() {
  return *parts_->objects;
}
const std::vector<access::PrincipalInfo>& Ground::invented() const {
  return parts_->invented;
}
const Config& Ground::config() const {
  return parts_->config;
}

}  // namespace cloison::server
