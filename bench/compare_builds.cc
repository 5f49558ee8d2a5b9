// compare_builds: is one build of the server faster than another?
//
// The advisers' disclosures of the bench `access`, in turn to the cloisond of --bin and to that of
// --other, each on its own copy of the same demo world, by mutual TLS. The ratios are of
// neighbouring slices, so a host that is slower for a while is so to both. It predicts nothing: it
// is for whoever changes something and wants to know, before and after, which of two builds is
// which. Twice the same build should give 1; how far from it, over as many pairs, is how much a
// difference must be to be one (bench/results/ has some).
#include <CLI/CLI.hpp>
#include <filesystem>
#include <numeric>

#include "bench/our_server.h"
#include "bench/report.h"

namespace cloison::bench {
namespace {

constexpr std::size_t kAgents = 40;

struct Settings {
  WorldSettings world{100'000, "build/bench-data/compare"};
  std::string other;
  std::size_t connections = 64;
  int pairs = 20;
  double seconds = 1.5;
};

struct Measured {
  double per_s, cpu_us;
};

Measured Measure(const Settings& settings, const OurServer& server, const Load& load) {
  const double before = server.child().CpuSeconds();
  const Loaded loaded =
      RunLoadTool(settings.world.bin, load,
                  {server.port(), settings.connections, settings.seconds, false}, server.log());
  AllAnswered(loaded);
  return {loaded.per_s, (server.child().CpuSeconds() - before) * 1e6 / loaded.requests};
}

void Run(const Settings& settings) {
  WorldSettings one = settings.world, two = settings.world;
  one.root += "/one";
  two.root += "/two";
  two.bin = settings.other;
  OurServer ours(one);
  // Anew each time: two worlds that grew apart are not compared.
  ours.Stop();
  std::filesystem::remove_all(two.root);
  std::filesystem::copy(one.root, two.root, std::filesystem::copy_options::recursive);
  if (!ours.Start()) GiveUp("cloisond did not start: see " + ours.log());
  OurServer other(two);
  ours.PayBudgets();
  other.PayBudgets();
  const Load load = ours.Disclosures("run", 0, kAgents);
  const Load other_load = other.Disclosures("run", 0, kAgents);
  Figure per_s{"per_s", {}, 0}, other_per_s{"other_per_s", {}, 0}, ratio{"ratio", {}, 3};
  Figure cpu{"cpu_us", {}, 1}, other_cpu{"other_cpu_us", {}, 1}, cpu_ratio{"cpu_ratio", {}, 3};
  for (int pair = -1; pair < settings.pairs; ++pair) {
    const bool first = pair % 2 == 0;  // neither is always the one that follows
    Measured a{}, b{};
    if (first) a = Measure(settings, ours, load);
    b = Measure(settings, other, other_load);
    if (!first) a = Measure(settings, ours, load);
    if (pair < 0) continue;
    per_s.runs.push_back(a.per_s);
    other_per_s.runs.push_back(b.per_s);
    ratio.runs.push_back(a.per_s / b.per_s);
    cpu.runs.push_back(a.cpu_us);
    other_cpu.runs.push_back(b.cpu_us);
    cpu_ratio.runs.push_back(a.cpu_us / b.cpu_us);
  }
  // A median leaves out what comes in a few slices only, the merging of tables say: here is all.
  const auto sum = [](const Figure& of) {
    return std::accumulate(of.runs.begin(), of.runs.end(), 0.0);
  };
  Figure all{"all_ratio", {sum(per_s) / sum(other_per_s)}, 3};
  Figure all_cpu{"all_cpu_ratio", {sum(cpu) / sum(other_cpu)}, 3};
  Report("compare_builds", "Is one build of the server faster than another?",
         {ratio, all, per_s, other_per_s, cpu_ratio, all_cpu, cpu, other_cpu});
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("Loads two builds of cloisond in turn");
  app.add_option("--other", settings.other, "the folder of the other cloisond")->required();
  cloison::bench::AddWorldOptions(app, settings.world);
  app.add_option("--people", settings.world.people)->check(CLI::Range(1'000, 10'000'000));
  app.add_option("--connections", settings.connections)->check(CLI::Range(1, 1'000));
  app.add_option("--pairs", settings.pairs)->check(CLI::Range(1, 1'000));
  app.add_option("--seconds", settings.seconds, "of a slice")->check(CLI::Range(0.2, 60.0));
  CLI11_PARSE(app, argc, argv);
  cloison::bench::Run(settings);
  return 0;
}
