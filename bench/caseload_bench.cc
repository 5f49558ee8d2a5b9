// caseload: how many assignments a second are durable, and does assigning again cost nothing?
//
// 2,000 agents are given 50 people each, the ceiling of a day, by one application: 100 requests of
// 1,000 assignments through the API's handler (JSON in and out, no TLS), 8 in flight, RocksDB with
// synced commits. For each assignment 1 us of JSON, 6 us to decode a code, read a row and a wrapped
// key and open them, 12 us on the committer (a pair both ways, a part of a tally, the head), 8 us
// of leaf and record on the builder: 27 us of CPU on two cores, so 30,000/s alone, and a request
// takes as long as the 8 of a turn: some 200 ms. Expect above 10,000/s also beside other load. Then
// all of them again, under new keys: nothing changes, one entry for each request.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "api/handler.h"
#include "bench/report.h"
#include "store/rocks/rocks_store.h"
#include "vault/demo_world.h"

namespace cloison::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kAgents = 2'000, kPeople = 20'000;
constexpr std::size_t kPerRequest = access::kAssignmentsPerRequestMax;
constexpr std::size_t kRequests = kAgents * access::kNewPairsPerAgentDayMax / kPerRequest;

struct Settings {
  int runs = 2;
  std::size_t in_flight = 8;
};

vault::DemoSize Size() {
  vault::DemoSize size;
  size.people = kPeople;
  size.advisers_1 = kAgents;
  size.caseload_1 = 5;
  size.advisers_2 = 1;
  size.caseload_2 = 5;
  return size;
}

// Whoever the Authorization header names.
class OpenSignIn final : public identity::SignIn {
 public:
  Result<identity::SignedIn> Verify(const identity::Presented& presented) override {
    return identity::SignedIn{vault::DemoPrincipalId(presented.authorization),
                              SessionId(ByteArray<16>{}), ClientId(1),
                              identity::Assurance::Development()};
  }
  Result<PrincipalId> Named(std::string_view name) const override {
    return vault::DemoPrincipalId(name);
  }
};

class World {
 public:
  World() {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    Open();
    const auto quiet = [](std::size_t) {};
    Result<vault::DemoWorld> world = base::SyncWait(vault::BuildDemoWorld(*vault_, Size(), quiet));
    CLOISON_CHECK(world.ok());
    WriteBodies(*world);
  }
  ~World() {
    CLOISON_CHECK(base::SyncWait(vault_->Stop()).ok());
    api_.reset();
    vault_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Milliseconds of one request; all are answered with what was asked for.
  double Assign(std::size_t number, const std::string& key) {
    net::Request request;
    request.method = net::Method::kPost;
    request.path = "/v1/caseloads";
    request.headers.Add("authorization", "app.case");
    request.headers.Add("content-type", "application/json");
    request.headers.Add("idempotency-key", key + std::to_string(number));
    request.body = bodies_[number];
    request.home = &home_;
    request.deadline_mono_us = INT64_MAX;
    const auto start = Steady::now();
    const net::Response answer = base::SyncWait(api_->Handle(std::move(request)));
    const double ms = std::chrono::duration<double, std::milli>(Steady::now() - start).count();
    if (answer.status != 200) std::fprintf(stderr, "%s\n", answer.body.c_str());
    CLOISON_CHECK(answer.status == 200);
    return ms;
  }
  // Assignments a second; `ms` gets what each request took.
  double AssignAll(std::size_t in_flight, const std::string& key, std::vector<double>& ms) {
    std::atomic<std::size_t> next{0};
    std::vector<std::vector<double>> took(in_flight);
    std::vector<std::thread> clients;
    const auto start = Steady::now();
    for (std::size_t t = 0; t < in_flight; ++t) {
      clients.emplace_back([this, t, &next, &took, &key] {
        for (std::size_t i = next++; i < kRequests; i = next++) took[t].push_back(Assign(i, key));
      });
    }
    for (std::thread& client : clients) client.join();
    const double seconds = std::chrono::duration<double>(Steady::now() - start).count();
    for (const std::vector<double>& of : took) ms.insert(ms.end(), of.begin(), of.end());
    return static_cast<double>(kRequests * kPerRequest) / seconds;
  }
  std::uint64_t entries() const { return vault_->ledger().size(); }

 private:
  void Open() {
    const std::string root = directory_.string();
    store::RocksOptions rocks;
    rocks.sync = true;
    rocks.path = root + "/main";
    rocks.families = store::kMainFamilies;
    main_store_ = std::move(*store::RocksStore::Open(rocks));
    rocks.path = root + "/keys";
    rocks.families = store::kKeyFamilies;
    key_store_ = std::move(*store::RocksStore::Open(rocks));
    objects_ = std::move(*keys::FileKeyObjects::Open(files_, random_, root + "/objects", true));
    schema_ = vault::DemoSchema(Size());
    policy_ = vault::DemoPolicy(*schema_);
    const vault::Environment environment{*main_store_, *key_store_, *objects_,
                                         files_,       clock_,      random_,
                                         events_,      committer_,  key_committer_,
                                         background_,  home_,       base::Parallel(&builders_, 1)};
    const vault::Settings settings{schema_, policy_, "bench.example/caseload", root};
    CLOISON_CHECK(base::SyncWait(vault::Vault::Create(environment, settings)).ok());
    vault_ = std::move(*base::SyncWait(vault::Vault::Open(environment, settings)));
    service_.reset(new api::Service{sign_in_, clock_, random_, vault_.get(), nullptr, true});
    api_ = std::make_unique<api::Api>(*service_);
  }

  // Each agent's 50 people are in as many requests, as a nightly feed has them.
  void WriteBodies(const vault::DemoWorld& world) {
    std::vector<std::string> agents;
    for (const vault::DemoPrincipal& principal : vault::DemoPrincipals(Size())) {
      const bool ours = principal.role == "adviser" && principal.organisation == OrganisationId(1);
      if (ours && agents.size() < kAgents) agents.push_back(principal.name);
    }
    CLOISON_CHECK(agents.size() == kAgents);
    for (std::size_t r = 0; r < kRequests; ++r) {
      std::string body = R"({"assignments":[)";
      for (std::size_t i = 0; i < kPerRequest; ++i) {
        const std::size_t number = r * kPerRequest + i;
        const PersonId& person = world.people[(number * 7 + number / kPeople) % kPeople];
        const auto code = vault_->codes().Encode(OrganisationId(1), person);
        CLOISON_CHECK(code.ok());
        if (i != 0) body += ',';
        body +=
            R"({"agent":")" + agents[number % kAgents] + R"(","person":")" + code->Text() + R"("})";
      }
      bodies_.push_back(body + "]}");
    }
  }

  std::filesystem::path directory_ = std::filesystem::current_path() / "build/bench-data/caseload";
  base::SystemFiles files_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  base::NullEventSink events_;
  OpenSignIn sign_in_;
  base::ThreadPool committer_{1}, key_committer_{1};
  base::ThreadPool background_{1, base::ThreadPool::kLast}, home_{2};
  base::ThreadPool builders_{1};
  std::unique_ptr<store::RocksStore> main_store_, key_store_;
  std::unique_ptr<keys::FileKeyObjects> objects_;
  std::shared_ptr<const records::Schema> schema_;
  std::shared_ptr<const access::Policy> policy_;
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<api::Service> service_;
  std::unique_ptr<api::Api> api_;
  std::vector<std::string> bodies_;
};

int Main(const Settings& settings) {
  Figure per_s{"assignments_per_s", {}, 0}, p99{"p99_ms", {}, 1}, again{"again_per_s", {}, 0};
  for (int run = 0; run < settings.runs; ++run) {
    World world;
    std::vector<double> ms, ms_again;
    const std::uint64_t before = world.entries();
    per_s.runs.push_back(world.AssignAll(settings.in_flight, "first-", ms));
    const std::uint64_t assigned = world.entries();
    again.runs.push_back(world.AssignAll(settings.in_flight, "again-", ms_again));
    // All but the few who were followed already.
    CLOISON_CHECK(assigned - before >= kRequests * kPerRequest * 99 / 100);
    CLOISON_CHECK(world.entries() - assigned == kRequests);  // nothing changed
    p99.runs.push_back(Quantile(ms, 0.99));
    std::printf("run %d: %.0f/s, p99 %.1f ms; again %.0f/s\n", run + 1, per_s.runs.back(),
                p99.runs.back(), again.runs.back());
    std::fflush(stdout);
  }
  Report("caseload",
         "How many assignments a second are durable through the API, 1,000 a request, 8 requests "
         "in flight? Again: the same pairs under new keys.",
         {per_s, p99, again});
  return 0;
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("How many assignments a second are durable");
  app.add_option("--runs", settings.runs)->check(CLI::Range(1, 100));
  app.add_option("--in-flight", settings.in_flight)->check(CLI::Range(1, 64));
  CLI11_PARSE(app, argc, argv);
  return cloison::bench::Main(settings);
}
