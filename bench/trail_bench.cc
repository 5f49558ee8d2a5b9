// trail: how long does a citizen wait for a page of 50 looks, each with its proof, in a ledger of
// 10 million entries?
//
// 20,000 people with 500 looks each, in batches of 128 as they come at 25,000 a second, so that no
// two looks of a page share a batch; RocksDB, everything folded and published. A citizen asks the
// API's handler (no TLS): sign-in, the reading's own entry (one sync), 50 tags, 50 batches of 12 KB
// of leaves and 50 KB of records, 50 records and openings, 50 proofs of 24 hashes, 180 KB of JSON.
// Expect 1 ms for the sync, 100 rows of 31 KB at 30 us from memory or 120 us from the disk, 20 us
// of crypto for each look, and for each two tiles of its own (of 256 hashes) at 60 us: 11 ms warm,
// 20 ms where the disk is met, and p99 about that. Cold: people who have not asked before, after
// the register was opened anew (the operating system's cache stays); warm: the same people again.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>

#include "access/principals.h"
#include "api/handler.h"
#include "bench/report.h"
#include "store/rocks/rocks_store.h"
#include "vault/demo_world.h"

namespace cloison::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::uint64_t kLooksEach = 500;
constexpr std::size_t kCitizens = 1'000;  // who may ask; of all people, of whom there are more
constexpr std::size_t kPerBatch = 128;
constexpr std::size_t kPageSize = 50;

struct Settings {
  std::uint64_t entries = 10'000'000;
  std::size_t asked = kCitizens;
  int runs = 3;
  std::string directory;  // kept, and used again; empty: made and removed
};

// 20,000 people of 10 million entries.
vault::DemoSize SizeOf(const Settings& settings) {
  vault::DemoSize size;
  size.people = std::max<std::uint64_t>(kCitizens, settings.entries / kLooksEach);
  size.advisers_1 = 2;
  size.advisers_2 = 1;
  return size;
}

PrincipalId CitizenAt(std::size_t i) {
  return vault::DemoPrincipalId("trail-bench/" + std::to_string(i));
}

// One batch of looks at people drawn at random.
class FillWork final : public commit::Work {
 public:
  using Promise = std::monostate;
  FillWork(vault::Vault& vault, std::vector<const ledger::SubjectKey*> subjects)
      : vault_(vault), subjects_(std::move(subjects)) {}
  Task<Status> Load(commit::Staging& staging) override {
    access::Principals& principals = vault_.gate().principals();
    CLOISON_CO_TRY(co_await principals.Load(staging, access::Gate::SystemPrincipal()));
    for (const ledger::SubjectKey* key : subjects_) {
      CLOISON_CO_TRY(co_await vault_.ledger().LoadHead(*key));
    }
    co_return Ok();
  }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    access::Principals& principals = vault_.gate().principals();
    access::PrincipalState& actor = principals.Get(access::Gate::SystemPrincipal());
    std::uint64_t n = actor.n();
    for (const ledger::SubjectKey* key : subjects_) {
      ledger::EntryDraft draft{
          ledger::Kind::kDisclosure,
          ledger::EntryDraft::Subject{PersonId(ByteArray<8>{}),
                                      key,
                                      1,
                                      {FieldId(0x0101), FieldId(0x0103)},
                                      ledger::Form::kPlain,
                                      ByteArray<16>{}},
          {actor.info().id, &actor.key(), n++, OrganisationId(1), OfficeId(101), "adviser"},
          ledger::Decision::kAllow,
          "support",
          "BENCH-0001",
          SessionId(ByteArray<16>{}),
          ClientId(1),
          "support/caseload",
          1};
      (void)vault_.ledger().Stage(std::move(draft));
    }
    principals.Charge(staging, actor, ClientId(1), subjects_.size(), {});
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable&) { return {}; }

 private:
  vault::Vault& vault_;
  std::vector<const ledger::SubjectKey*> subjects_;
};

// Whoever the Authorization header names.
class OpenSignIn final : public identity::SignIn {
 public:
  Result<identity::SignedIn> Verify(const identity::Presented& presented) override {
    const Result<PrincipalId> who = Named(presented.authorization);
    if (!who.ok()) return who.error();
    return identity::SignedIn{*who, SessionId(ByteArray<16>{}), ClientId(1),
                              identity::Assurance::Development()};
  }
  Result<PrincipalId> Named(std::string_view name) const override {
    return vault::DemoPrincipalId(name);
  }
};

class World {
 public:
  explicit World(const Settings& settings) : settings_(settings) {
    directory_ = settings.directory.empty()
                     ? std::filesystem::current_path() / "build/bench-data/trail"
                     : std::filesystem::path(settings.directory);
    if (settings.directory.empty()) std::filesystem::remove_all(directory_);
    const bool made = std::filesystem::exists(directory_ / "main");
    std::filesystem::create_directories(directory_);
    Open(false, !made);
    if (!made) Build();
    Fill();
    Close();
    Open(true, false);
    Publish();
  }
  ~World() {
    Close();
    if (settings_.directory.empty()) std::filesystem::remove_all(directory_);
  }

  // Milliseconds until the answer of one citizen is made; checks that it is what it should be.
  double Ask(std::size_t citizen) {
    net::Request request;
    request.path = "/v1/me/disclosures";
    request.query = "page_size=" + std::to_string(kPageSize);
    request.headers.Add("authorization", "trail-bench/" + std::to_string(citizen));
    request.headers.Add("prefer", "proof");
    request.home = &home_;
    request.deadline_mono_us = INT64_MAX;
    const auto start = Steady::now();
    const net::Response answer = base::SyncWait(api_->Handle(std::move(request)));
    const double ms = std::chrono::duration<double, std::milli>(Steady::now() - start).count();
    CLOISON_CHECK(answer.status == 200);
    std::size_t proofs = 0;
    for (std::size_t at = answer.body.find("c2sp.org/tlog-proof@v1"); at != std::string::npos;
         at = answer.body.find("c2sp.org/tlog-proof@v1", at + 1)) {
      ++proofs;
    }
    CLOISON_CHECK(proofs == kPageSize + 1);  // and that of the reading itself
    return ms;
  }
  // A register that was just opened: nothing read before is in its memory.
  void Reopen() {
    Close();
    Open(true, false);
    Publish();
  }
  std::uint64_t size() const { return vault_->ledger().size(); }

 private:
  void Open(bool sync, bool create) {
    const std::string root = directory_.string();
    store::RocksOptions rocks;
    rocks.sync = sync;
    rocks.path = root + "/main";
    rocks.families = store::kMainFamilies;
    main_store_ = std::move(*store::RocksStore::Open(rocks));
    rocks.path = root + "/keys";
    rocks.families = store::kKeyFamilies;
    key_store_ = std::move(*store::RocksStore::Open(rocks));
    objects_ = std::move(*keys::FileKeyObjects::Open(files_, random_, root + "/objects", true));
    schema_ = vault::DemoSchema(SizeOf(settings_));
    policy_ = vault::DemoPolicy(*schema_);
    const vault::Environment environment{*main_store_, *key_store_, *objects_,
                                         files_,       clock_,      random_,
                                         events_,      committer_,  key_committer_,
                                         background_,  home_,       base::Parallel(&builders_, 1)};
    const vault::Settings settings{schema_, policy_, "bench.example/trail", root};
    if (create) {
      CLOISON_CHECK(base::SyncWait(vault::Vault::Create(environment, settings)).ok());
    }
    vault_ = std::move(*base::SyncWait(vault::Vault::Open(environment, settings)));
    service_.reset(new api::Service{sign_in_, clock_, random_, vault_.get(), nullptr, true});
    api_ = std::make_unique<api::Api>(*service_);
  }

  void Close() {
    CLOISON_CHECK(base::SyncWait(vault_->ledger().Fold()).ok());
    CLOISON_CHECK(base::SyncWait(vault_->Stop()).ok());
    api_.reset();
    service_.reset();
    vault_.reset();
    main_store_.reset();
    key_store_.reset();
  }

  void Publish() {
    while (vault_->publisher().size() < vault_->ledger().size()) {
      CLOISON_CHECK(base::SyncWait(vault_->publisher().Publish()).ok());
    }
  }

  void Build() {
    const auto quiet = [](std::size_t) {};
    const Result<vault::DemoWorld> world =
        base::SyncWait(vault::BuildDemoWorld(*vault_, SizeOf(settings_), quiet));
    CLOISON_CHECK(world.ok());
    std::vector<access::PrincipalInfo> infos;
    for (std::size_t i = 0; i < kCitizens; ++i) {
      const PersonId person = world->people[i * (world->people.size() / kCitizens)];
      const Result<keys::PersonKey> key = base::SyncWait(vault_->person_keys().Load(person));
      CLOISON_CHECK(key.ok());
      infos.push_back({CitizenAt(i), OrganisationId(0), {}, "citizen", "bench", false, key->aud()});
    }
    CLOISON_CHECK(base::SyncWait(vault_->gate().Enrol(std::move(infos), home_)).ok());
  }

  std::vector<keys::PersonKey> Keys() {
    std::vector<keys::PersonKey> keys;
    store::Range range{store::Family::kPeople, "", ""};
    while (true) {
      const auto page = base::SyncWait(main_store_->Scan(range, 1'000));
      CLOISON_CHECK(page.ok());
      std::vector<PersonId> people;
      for (const store::KeyedRow& row : page->rows) {
        people.emplace_back(base::Reader(AsBytes(row.key)).Array<8>());
      }
      auto loaded = base::SyncWait(vault_->person_keys().LoadMany(std::move(people)));
      CLOISON_CHECK(loaded.ok());
      for (Result<keys::PersonKey>& key : *loaded) keys.push_back(std::move(*key));
      if (!page->next.has_value()) return keys;
      range.begin = *page->next;
    }
  }

  // One batch after the other: each has as many entries as are submitted at once.
  void Fill() {
    if (size() >= settings_.entries) return;
    const std::vector<keys::PersonKey> keys = Keys();
    std::mt19937_64 random(size());
    const auto start = Steady::now();
    for (std::uint64_t batches = 0; size() < settings_.entries; ++batches) {
      std::vector<const ledger::SubjectKey*> subjects;
      for (std::size_t i = 0; i < kPerBatch; ++i) {
        subjects.push_back(&keys[random() % keys.size()].subject());
      }
      auto work = std::make_unique<FillWork>(*vault_, std::move(subjects));
      CLOISON_CHECK(base::SyncWait(vault_->committer().Submit(std::move(work), home_)).ok());
      if (batches % 8'192 == 0) {
        Publish();
        const double seconds = std::chrono::duration<double>(Steady::now() - start).count();
        std::printf("%llu entries, %.0f s\n", static_cast<unsigned long long>(size()), seconds);
        std::fflush(stdout);
      }
    }
    Publish();
  }

  Settings settings_;
  std::filesystem::path directory_;
  base::SystemFiles files_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  base::NullEventSink events_;
  OpenSignIn sign_in_;
  base::ThreadPool committer_{1}, key_committer_{1};
  base::ThreadPool background_{1, base::ThreadPool::kLast}, home_{1};
  base::ThreadPool builders_{1};
  std::unique_ptr<store::RocksStore> main_store_, key_store_;
  std::unique_ptr<keys::FileKeyObjects> objects_;
  std::shared_ptr<const records::Schema> schema_;
  std::shared_ptr<const access::Policy> policy_;
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<api::Service> service_;
  std::unique_ptr<api::Api> api_;
};

int Main(const Settings& settings) {
  World world(settings);
  Figure cold99{"p99_ms", {}}, cold50{"p50_ms", {}}, warm99{"warm_p99_ms", {}},
      warm50{"warm_p50_ms", {}}, entries{"entries", {}, 0};
  for (int run = 0; run < settings.runs; ++run) {
    if (run > 0) world.Reopen();
    std::vector<double> cold, warm;
    for (std::size_t i = 0; i < settings.asked; ++i) cold.push_back(world.Ask(i));
    for (std::size_t i = 0; i < settings.asked; ++i) warm.push_back(world.Ask(i));
    cold50.runs.push_back(Quantile(cold, 0.5));
    cold99.runs.push_back(Quantile(cold, 0.99));
    warm50.runs.push_back(Quantile(warm, 0.5));
    warm99.runs.push_back(Quantile(warm, 0.99));
    entries.runs.push_back(static_cast<double>(world.size()));
    std::printf("cold p50 %.2f p99 %.2f ms; warm p50 %.2f p99 %.2f ms\n", cold50.runs.back(),
                cold99.runs.back(), warm50.runs.back(), warm99.runs.back());
    std::fflush(stdout);
  }
  Report(
      "trail",
      "How long does a citizen wait for a page of 50 looks with proofs, in a ledger of 10 million "
      "entries? Cold is after the register was opened anew.",
      {cold99, cold50, warm99, warm50, entries});
  return 0;
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("How long a page of a citizen's trail takes, with proofs");
  app.add_option("--entries", settings.entries, "of the ledger [10000000]")
      ->check(CLI::Range(std::uint64_t{100'000}, std::uint64_t{1'000'000'000}));
  app.add_option("--asked", settings.asked, "citizens that ask [1000]")
      ->check(CLI::Range(std::size_t{1}, cloison::bench::kCitizens));
  app.add_option("--runs", settings.runs)->check(CLI::Range(1, 100));
  app.add_option("--keep", settings.directory, "DIR: kept, and used again by a later run");
  CLI11_PARSE(app, argc, argv);
  return cloison::bench::Main(settings);
}
