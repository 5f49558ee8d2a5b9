// access: what does the whole decision add to a disclosure, and how much of the throughput is kept?
//
// The same requests of the same advisers in turn to the server (mutual TLS) and to bare_disclose,
// which records and opens the same but decides nothing. The demo world, 200 advisers of
// organisation 1 who re-open 55 people of their own caseload each, 2 fields of 2 compartments, 64
// connections over TLS 1.3. Then the server again with a DPoP proof for every request, each signed
// beforehand. Expect 12 to 16 us of deciding (principal and seen rows, policy, pair, budgets,
// ceilings) beside 50 to 55 us of HTTP, entry, commit and opening: a share of 0.78 to 0.83. A proof
// costs an ECDSA check, 65 to 80 us, on top: half the throughput or less.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "bench/child.h"
#include "bench/our_server.h"
#include "bench/report.h"

namespace cloison::bench {
namespace {

constexpr std::size_t kConnections = 64;
constexpr std::size_t kAgentsPerRun = 40;
constexpr std::size_t kAgents = 200;  // of organisation 1, which come first

struct Settings {
  WorldSettings world{100'000, "build/bench-data/access", ""};
  int runs = 5;
  double seconds = 5;
};

class Bench {
 public:
  explicit Bench(const Settings& settings) : settings_(settings), ours_(settings.world) {}
  void Run();

 private:
  struct Measured {
    double per_s, p50_ms, p99_ms, cpu_us;
  };
  Measured Measure(const Child& server, int port, const Load& load, double seconds) const;
  // A copy of the world, made while nobody has it open.
  void CopyWorld();
  std::unique_ptr<Child> StartBare() const;

  Settings settings_;
  OurServer ours_;
};

Bench::Measured Bench::Measure(const Child& server, int port, const Load& load,
                               double seconds) const {
  const double cpu_before = server.CpuSeconds();
  const Loaded loaded =
      RunLoadTool(settings_.world.bin, load, {port, kConnections, seconds, false}, ours_.log());
  AllAnswered(loaded);
  const double cpu_us = (server.CpuSeconds() - cpu_before) * 1e6;
  return {loaded.per_s, loaded.p50_ms, loaded.p99_ms, cpu_us / loaded.requests};
}

void Bench::CopyWorld() {
  const std::filesystem::path copy = settings_.world.root + "/bare";
  std::filesystem::remove_all(copy);
  ours_.Stop();
  std::filesystem::copy(ours_.data(), copy, std::filesystem::copy_options::recursive);
  if (!ours_.Start()) GiveUp("cloisond did not start: see " + ours_.log());
}

std::unique_ptr<Child> Bench::StartBare() const {
  const std::string credentials = ours_.credentials();
  return std::make_unique<Child>(
      std::vector<std::string>{settings_.world.bin + "/bench/bare_disclose", "--data",
                               settings_.world.root + "/bare", "--certificate",
                               credentials + "/server.pem", "--key", credentials + "/server.key",
                               "--client-ca", credentials + "/ca.pem"},
      ours_.log());
}

void Bench::Run() {
  ours_.PayBudgets();
  CopyWorld();
  const std::unique_ptr<Child> bare = StartBare();
  const int bare_port = bare->WaitUntilReady();
  if (bare_port == 0) GiveUp("bare_disclose did not start: see " + ours_.log());
  Figure share{"throughput_share", {}, 3}, per_s{"per_s", {}, 0}, p50{"p50_ms", {}},
      p99{"p99_ms", {}}, cpu{"cpu_us", {}, 1}, bare_per_s{"bare_per_s", {}, 0},
      bare_cpu{"bare_cpu_us", {}, 1};
  for (int run = -1; run < settings_.runs; ++run) {
    const std::size_t first = static_cast<std::size_t>(std::max(run, 0)) * kAgentsPerRun % kAgents;
    const Load load = ours_.Disclosures("run", first, kAgentsPerRun);
    const double seconds = run < 0 ? 2 : settings_.seconds;
    const Measured us = Measure(ours_.child(), ours_.port(), load, seconds);
    const Measured them = Measure(*bare, bare_port, load, seconds);
    if (run < 0) continue;
    share.runs.push_back(us.per_s / them.per_s);
    per_s.runs.push_back(us.per_s);
    p50.runs.push_back(us.p50_ms);
    p99.runs.push_back(us.p99_ms);
    cpu.runs.push_back(us.cpu_us);
    bare_per_s.runs.push_back(them.per_s);
    bare_cpu.runs.push_back(them.cpu_us);
    std::printf("run %d: %.0f/s p50 %.2f p99 %.2f ms, %.1f us; bare %.0f/s, %.1f us\n", run + 1,
                us.per_s, us.p50_ms, us.p99_ms, us.cpu_us, them.per_s, them.cpu_us);
    std::fflush(stdout);
  }
  Report(
      "access",
      "What does the whole decision add to a disclosure, and how much of the throughput is kept?",
      {share, per_s, p50, p99, cpu, bare_per_s, bare_cpu});
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  settings.world.bin =
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().string();
  CLI::App app("Loads cloisond and a server that decides nothing in turn");
  app.add_option("--people", settings.world.people)->check(CLI::Range(1'000, 10'000'000));
  app.add_option("--runs", settings.runs)->check(CLI::Range(1, 100));
  app.add_option("--seconds", settings.seconds, "of each run");
  app.add_option("--root", settings.world.root,
                 "where the world is kept from one bench to the next");
  app.add_option("--bin", settings.world.bin, "the folder of cloisond, with bench/ in it");
  CLI11_PARSE(app, argc, argv);
  cloison::bench::Bench(settings).Run();
  return 0;
}
