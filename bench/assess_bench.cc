// assess: how many lines a second does `cloison assess` read, judge and report, on two cores?
//
// An invented log (ExampleLog) of accounts and people as an agency of that size has, read from a
// file as an operator's. A line of 88 bytes costs 0.05 us to copy, 0.2 to split and read, 0.1 for
// two hashes and the seat, 0.1 to keep and sort, 0.3 for windows, two judgements and pairs: 0.8 us
// of CPU, so expect 2.5 million lines a second on two cores that are ours alone; the aim is 100
// million lines in 3 minutes, 560,000 a second, below 2,048 MB. peak_rss_mb: of the process that
// reads alone.
//
//   make bench-assess                          10 million lines, 0.9 GB of disk
//   build/release/bench/assess_bench --lines 100000000   8.9 GB, and 2.4 GB for what is spilled
#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "assess/example_log.h"
#include "bench/child.h"
#include "bench/report.h"

namespace cloison::bench {
namespace {

namespace fs = std::filesystem;

constexpr char kQuestion[] =
    "How many lines a second does cloison assess read, judge and report, on two cores? Expect "
    "2.5 million; the aim is 560,000.";

struct Settings {
  std::size_t lines = 10'000'000;
  int runs = 3;
  std::string folder = "build/assess-bench";
  std::string bin = "build/release";
};

void MakeLog(std::size_t lines, const std::string& path) {
  constexpr std::size_t kFlushBytes = 1u << 20;
  assess::ExampleSize size;
  size.lines = lines;
  const assess::ExampleLog log(size);
  std::ofstream file(path, std::ios::binary);
  std::string waiting;
  log.AppendHeader(waiting);
  for (std::size_t i = 0; i < lines; ++i) {
    log.AppendLine(waiting, i);
    if (waiting.size() < kFlushBytes && i + 1 < lines) continue;
    file << waiting;
    waiting.clear();
  }
  if (!file.flush().good()) {
    std::fprintf(stderr, "assess_bench: the log cannot be written\n");
    std::exit(1);
  }
}

void Run(const Settings& settings) {
  Figure rate{"lines_per_s", {}, 0}, memory{"peak_rss_mb", {}, 0}, cpu{"cpu_us_per_line", {}, 2};
  fs::remove_all(settings.folder);
  fs::create_directories(settings.folder);
  const std::string log = settings.folder + "/access.csv", said = settings.folder + "/said";
  const std::string cloison = settings.bin + "/cloison", lines = std::to_string(settings.lines);
  MakeLog(settings.lines, log);
  const auto count = static_cast<double>(settings.lines);
  for (int run = 0; run < settings.runs; ++run) {
    const double cpu_before = CpuSecondsOfChildren();
    const auto start = std::chrono::steady_clock::now();
    const std::string report = LastLineOf(
        {cloison, "assess", "--log", log, "--json", "--temporary", settings.folder}, said);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (report.find("\"accesses\":" + lines) == std::string::npos) {
      std::fprintf(stderr, "assess_bench: not every line was read\n");
      std::exit(1);
    }
    rate.runs.push_back(count / seconds);
    cpu.runs.push_back((CpuSecondsOfChildren() - cpu_before) * 1e6 / count);
    memory.runs.push_back(PeakMbOfChildren());
  }
  fs::remove_all(settings.folder);
  Report("assess", kQuestion, {rate, memory, cpu});
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  CLI::App app("assess_bench");
  cloison::bench::Settings settings;
  app.add_option("--lines", settings.lines, "of the log");
  app.add_option("--runs", settings.runs, "over the same log");
  app.add_option("--folder", settings.folder, "of this bench alone: it is removed");
  app.add_option("--bin", settings.bin, "where cloison is");
  CLI11_PARSE(app, argc, argv);
  cloison::bench::Run(settings);
  return 0;
}
