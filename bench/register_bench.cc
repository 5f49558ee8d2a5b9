// register: how many people a second are registered one by one over the API, each durable before
// it is answered, and how late is one?
//
// The demo's world of `people`, whose indexes are laid out for `capacity` (twice the people),
// served with a cache of `cache_mib`; one application registers generated people over 64
// connections, each with its own Idempotency-Key, from a client on the same two cores. The first
// `warm` are not counted. A registration takes the whole path: TLS, token, gate, two synced commits
// (keys, register) that it shares with others of the moment, some 10 index pages read, opened,
// sealed and written, and the people behind the slots of its unique values opened and compared. By
// reckoning 60 us for the request, 40 for record and keys, 100 for pages, 20 for the people
// compared, 30 for the entry: 250 us of CPU and as much again for client and kernel, so expect some
// 4,000 a second with 1 million people, p99 40 ms.
// Measured instead: 1,580, at 1,050 us of CPU (bench/results/2026-11-30-2-cores-country.md).
#include <CLI/CLI.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bench/child.h"
#include "bench/loaded_register.h"
#include "bench/our_server.h"
#include "bench/report.h"
#include "ingest/generator.h"

namespace cloison::bench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr char kQuestion[] =
    "How many people a second are registered over the API, durable, at 64 connections? 4,000 were "
    "predicted with 1 million people; the aim is 1,500.";
constexpr char kRegistrar[] = "app.case";
constexpr std::uint64_t kFirstNew = 8'000'000;  // far behind those of any world here
constexpr double kSecondsMax = 300;

struct Settings {
  WorldSettings world;
  std::size_t count = 30'000, warm = 30'000, connections = 64;
  int runs = 5;
  std::size_t capacity = 0;  // 0: twice the people
  int cache_mib = 512;
};

// Generated people whom this world does not have yet: who was registered once is there for good.
class NewPeople {
 public:
  explicit NewPeople(std::string path) : path_(std::move(path)) {
    const std::string text = ReadWholeFile(path_);
    (void)std::from_chars(text.data(), text.data() + text.size(), next_);
  }
  std::vector<std::string> Bodies(std::size_t count) {
    const ingest::Generator generator(1);
    std::vector<std::string> bodies;
    for (const std::uint64_t end = next_ + count; next_ < end; ++next_) {
      if (next_ >= ingest::kGeneratedPeopleMax)
        GiveUp("everybody was registered: remove the world");
      std::string fields;
      ingest::AppendJsonLine(fields, generator.At(next_));
      bodies.push_back(json{{"fields", json::parse(fields)}, {"case_ref", "BENCH-0001"}}.dump());
    }
    std::ofstream(path_) << next_;
    return bodies;
  }

  // By this and earlier benches.
  std::uint64_t Registered() const { return next_ - kFirstNew; }

 private:
  std::string path_;
  std::uint64_t next_ = kFirstNew;
};

// The world that `ours` has built, served with a configuration of its own.
class Served {
 public:
  Served(const OurServer& ours, const Settings& settings) {
    const std::string config = settings.world.root + "/serve.toml";
    std::ofstream(config) << "mode = \"development\"\ndata = \"" << ours.data() << "/data\"\n"
                          << "key_objects = \"" << ours.data() << "/key-objects\"\n"
                          << "credentials = \"" << ours.credentials() << "\"\n"
                          << "schema = \"" << settings.world.schema << "\"\n"
                          << "[listen]\nport = 0\n[management]\nport = 0\n"
                          << "[store]\ncache_mib = " << settings.cache_mib << "\n";
    child_ = std::make_unique<Child>(
        std::vector<std::string>{settings.world.bin + "/cloisond", "serve", "--config", config},
        ours.log());
    port_ = child_->WaitUntilReady();
    if (port_ == 0) GiveUp("cloisond did not start: see " + ours.log());
  }
  int port() const { return port_; }
  const Child& child() const { return *child_; }

 private:
  std::unique_ptr<Child> child_;
  int port_ = 0;
};

void Run(const Settings& settings) {
  Figure rate{"per_s", {}, 0}, p50{"p50_ms", {}, 1}, p99{"p99_ms", {}, 1}, cpu{"cpu_us", {}, 0};
  fs::create_directories(settings.world.root);
  WriteSchema(settings.world.schema, settings.capacity);
  OurServer ours(settings.world);
  ours.Stop();
  NewPeople people(settings.world.root + "/next");
  {
    const Served server(ours, settings);
    const auto take = [&](std::size_t count) {
      const Load load =
          ours.WriteLoadOf("register", kRegistrar, "/v1/people", people.Bodies(count));
      const LoadPlan plan{server.port(), settings.connections, kSecondsMax, true};
      return AllAnswered(RunLoadTool(settings.world.bin, load, plan, ours.log()));
    };
    (void)take(settings.warm);
    for (int run = 0; run < settings.runs; ++run) {
      const double before = server.child().CpuSeconds();
      const Loaded loaded = take(settings.count);
      cpu.runs.push_back((server.child().CpuSeconds() - before) * 1e6 / loaded.requests);
      rate.runs.push_back(loaded.per_s);
      p50.runs.push_back(loaded.p50_ms);
      p99.runs.push_back(loaded.p99_ms);
    }
  }
  Report("register", kQuestion,
         {{"people", {static_cast<double>(settings.world.people)}, 0},
          {"and_registered", {static_cast<double>(people.Registered())}, 0},
          {"capacity", {static_cast<double>(settings.capacity)}, 0},
          {"cache_mib", {static_cast<double>(settings.cache_mib)}, 0},
          rate,
          p50,
          p99,
          cpu,
          {"peak_rss_mb", {PeakMbOfChildren()}, 0}});
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  CLI::App app("Registers people over the API");
  cloison::bench::Settings settings;
  settings.world.people = 1'000'000;
  settings.world.root = "build/register-bench";
  cloison::bench::AddWorldOptions(app, settings.world);
  app.add_option("--people", settings.world.people, "of the world")
      ->check(CLI::Range(std::uint64_t{1}, cloison::bench::kFirstNew));
  app.add_option("--count", settings.count, "registered in each run");
  app.add_option("--warm", settings.warm, "registered before the first");
  app.add_option("--connections", settings.connections, "at once");
  app.add_option("--runs", settings.runs, "of which the median counts");
  app.add_option("--cache-mib", settings.cache_mib, "of the server's main database");
  app.add_option("--capacity", settings.capacity, "of the indexes; 0: twice the people");
  CLI11_PARSE(app, argc, argv);
  if (settings.capacity == 0) settings.capacity = 2 * settings.world.people;
  settings.world.root += "-" + std::to_string(settings.capacity);  // a world keeps its layout
  settings.world.schema = settings.world.root + "/schema.toml";
  cloison::bench::Run(settings);
  return 0;
}
