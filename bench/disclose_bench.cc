// disclose: how many disclosures a second does the server answer, and how much does the product
// cost beside the same HTTP stack with a constant answer?
//
// The demo world, 240 advisers who re-open 55 people of their own caseload each (free in budget,
// whole path: sign-in, decision, commit with its sync, receipt, open), 2 fields of 2 compartments,
// unwrapped person keys not kept, 64 connections over TLS 1.3 with client certificates. Each run
// takes the next 48 advisers and the 16 after them, so that five runs pass by all 240. fixed_json
// answers the same requests with as many constant bytes; the two are loaded in turn by the same
// load_tool, all unpinned on the same cores, which is even for both sides and keeps the tool's own
// share. Expect 20 us of CPU for HTTP and TLS, 20 to 25 us for entry, state and commit, 10 us to
// read and open, some us of JSON: 50 to 60 us, ratio_cpu 0.37 to 0.45, ratio_fixed_json above 0.5.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>

#include "bench/child.h"
#include "bench/our_server.h"
#include "bench/report.h"

namespace cloison::bench {
namespace {

constexpr std::size_t kConnections = 64;
constexpr std::size_t kAgentsPerRun = 48;  // new ones
constexpr std::size_t kSampled = 50;

struct Settings {
  WorldSettings world{100'000, "build/bench-data/disclose"};
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
  std::unique_ptr<Child> StartFixed(std::size_t bytes) const;
  std::size_t AnswerBytes() const;

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

std::unique_ptr<Child> Bench::StartFixed(std::size_t bytes) const {
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());  // as cloisond
  const std::string credentials = ours_.credentials();
  return std::make_unique<Child>(
      std::vector<std::string>{settings_.world.bin + "/bench/fixed_json", "--certificate",
                               credentials + "/server.pem", "--key", credentials + "/server.key",
                               "--client-ca", credentials + "/ca.pem", "--threads",
                               std::to_string(threads), "--bytes", std::to_string(bytes)},
      ours_.log());
}

std::size_t Bench::AnswerBytes() const {
  const Agent& agent = ours_.agents().front();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < kSampled; ++i) {
    const std::string& code = agent.codes[i % agent.codes.size()];
    const OurServer::Answer answer = ours_.Ask(agent.name, "/v1/disclosures", DisclosureBody(code));
    if (answer.status != 201) GiveUp("a disclosure was not answered with 201");
    bytes += answer.body.size();
  }
  return bytes / kSampled;
}

void Bench::Run() {
  ours_.PayBudgets();
  const std::size_t bytes = AnswerBytes();
  const std::unique_ptr<Child> fixed = StartFixed(bytes);
  const int fixed_port = fixed->WaitUntilReady();
  if (fixed_port == 0) GiveUp("fixed_json did not start: see " + ours_.log());
  std::printf("answers of %zu bytes; warming up\n", bytes);
  std::fflush(stdout);

  Figure per_s{"per_s", {}, 0}, p50{"p50_ms", {}}, p99{"p99_ms", {}};
  Figure ratio{"ratio_fixed_json", {}, 3}, ratio_cpu{"ratio_cpu", {}, 3};
  Figure cpu{"cpu_us", {}, 1}, fixed_per_s{"fixed_per_s", {}, 0}, fixed_cpu{"fixed_cpu_us", {}, 1};
  for (int run = -1; run < settings_.runs; ++run) {
    const Load load = ours_.Disclosures(
        "run", static_cast<std::size_t>(std::max(run, 0)) * kAgentsPerRun, kConnections);
    const double seconds = run < 0 ? 2 : settings_.seconds;
    const Measured us = Measure(ours_.child(), ours_.port(), load, seconds);
    const Measured them = Measure(*fixed, fixed_port, load, seconds);
    if (run < 0) continue;
    per_s.runs.push_back(us.per_s);
    p50.runs.push_back(us.p50_ms);
    p99.runs.push_back(us.p99_ms);
    ratio.runs.push_back(us.per_s / them.per_s);
    ratio_cpu.runs.push_back(them.cpu_us / us.cpu_us);
    cpu.runs.push_back(us.cpu_us);
    fixed_per_s.runs.push_back(them.per_s);
    fixed_cpu.runs.push_back(them.cpu_us);
    std::printf("run %d: %.0f/s p50 %.2f p99 %.2f ms, %.1f us; fixed %.0f/s, %.1f us\n", run + 1,
                us.per_s, us.p50_ms, us.p99_ms, us.cpu_us, them.per_s, them.cpu_us);
    std::fflush(stdout);
  }
  Report("disclose",
         "How many disclosures a second does the server answer, and what does it cost beside a "
         "constant answer of the same size from the same HTTP stack?",
         {per_s, p50, p99, ratio, ratio_cpu, cpu, fixed_per_s, fixed_cpu});
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("Loads cloisond and a constant answer in turn");
  app.add_option("--people", settings.world.people)->check(CLI::Range(1'000, 10'000'000));
  app.add_option("--runs", settings.runs)->check(CLI::Range(1, 100));
  app.add_option("--seconds", settings.seconds, "of each run");
  cloison::bench::AddWorldOptions(app, settings.world);
  CLI11_PARSE(app, argc, argv);
  cloison::bench::Bench(settings).Run();
  return 0;
}
