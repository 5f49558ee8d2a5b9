// ledger: how many decided entries a second become durable, everything written, and how late at
// half that rate?
//
// Each entry is what a disclosure leaves: a principal's row, a seen row, a leaf, a sealed record,
// tags; 60,000 principals, 1,000,000 people, RocksDB, folding on. Closed loop with 1,024 callers
// for the maximum; open loop at 25,000 a second, latency from the intended start. Expect about 12
// us of crypto, 3 us of rows (logged as one value, kept in a table, folded), 6 us of keys outside
// the committer, and as much again around them: 35 us, so some 50,000 to 57,000 a second on 2
// cores; p50 about two syncs and half a batch. Baseline in the same run: fdatasync of as many bytes
// as a batch writes, into a preallocated file.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "bench/entry_world.h"
#include "bench/report.h"

namespace cloison::bench {
namespace {

constexpr std::size_t kCallers = 1'024;
constexpr int kOpenRate = 25'000;

struct Settings {
  int runs = 5;
  double seconds = 6;
  bool closed_only = false;  // to profile
};

struct Counts {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> done{0}, failed{0}, running{0};
};

Task<void> CallUntilStopped(EntryWorld& world, Counts& counts) {
  co_await world.callers().Schedule();
  while (!counts.stop) {
    const std::uint64_t draw = base::LoadBig(world.random().Draw<8>());
    const bool ok = co_await world.Once(draw);
    ++(ok ? counts.done : counts.failed);
  }
  --counts.running;
}

double CpuSeconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Closed {
  double per_s;
  double cpu_us;  // of the whole process per entry: callers, committer, folding, compaction
};

Closed ClosedLoop(EntryWorld& world, double run_seconds) {
  Counts counts;
  counts.running = kCallers;
  const auto start = Steady::now();
  const double cpu_before = CpuSeconds();
  for (std::size_t i = 0; i < kCallers; ++i) base::Detach(CallUntilStopped(world, counts));
  std::this_thread::sleep_for(std::chrono::duration<double>(run_seconds));
  const double seconds = std::chrono::duration<double>(Steady::now() - start).count();
  const auto done = static_cast<double>(counts.done);
  const double cpu = CpuSeconds() - cpu_before;
  counts.stop = true;
  while (counts.running > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CLOISON_CHECK(counts.failed == 0);
  return {done / seconds, cpu * 1e6 / std::max(done, 1.0)};
}

// Gives p50 and p99.
std::pair<double, double> OpenLoopQuantiles(EntryWorld& world, double run_seconds) {
  const Latencies latencies = OpenLoop(world, kOpenRate, run_seconds);
  std::vector<double> ms = latencies.All();
  if (latencies.failed > 0) {
    std::printf("  %llu of %zu refused: the queue was full\n",
                static_cast<unsigned long long>(latencies.failed), ms.size());
  }
  return {Quantile(ms, 0.5), Quantile(ms, 0.99)};
}

std::uint64_t BytesWritten() {
  std::ifstream file("/proc/self/io");
  std::string word;
  std::uint64_t value = 0;
  while (file >> word >> value) {
    if (word == "wchar:") return value;
  }
  return 0;
}

// fdatasync of `bytes` at a time into a preallocated file: p50 and p99 in ms.
std::pair<double, double> SyncBaseline(std::size_t bytes) {
  const std::string path = "build/bench-data/sync";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  CLOISON_CHECK(fd >= 0);
  constexpr std::size_t kFileBytes = 256u << 20;
  const std::vector<char> zeros(1u << 20, 0);
  for (std::size_t at = 0; at < kFileBytes; at += zeros.size()) {
    CLOISON_CHECK(write(fd, zeros.data(), zeros.size()) > 0);
  }
  CLOISON_CHECK(fsync(fd) == 0);
  std::vector<char> block(bytes, 1);
  std::vector<double> ms;
  for (std::size_t i = 0, at = 0; i < 4'000; ++i, at += bytes) {
    if (at + bytes > kFileBytes) at = 0;
    const auto start = Steady::now();
    CLOISON_CHECK(pwrite(fd, block.data(), bytes, static_cast<off_t>(at)) > 0);
    CLOISON_CHECK(fdatasync(fd) == 0);
    ms.push_back(std::chrono::duration<double, std::milli>(Steady::now() - start).count());
  }
  close(fd);
  std::filesystem::remove(path);
  return {Quantile(ms, 0.5), Quantile(ms, 0.99)};
}

struct Figures {
  Figure rate{"entries_per_s", {}, 0}, cpu{"cpu_us", {}, 1}, p50{"p50_ms", {}}, p99{"p99_ms", {}};
  Figure sync50{"sync_p50_ms", {}}, sync99{"sync_p99_ms", {}}, batch{"batch_bytes", {}, 0};
};

void OneRun(EntryWorld& world, const Settings& settings, Figures& figures) {
  const Closed closed = ClosedLoop(world, settings.seconds);
  figures.rate.runs.push_back(closed.per_s);
  figures.cpu.runs.push_back(closed.cpu_us);
  std::printf("%.0f/s closed, %.1f us of CPU each", closed.per_s, closed.cpu_us);
  if (!settings.closed_only) {
    const std::uint64_t bytes = BytesWritten(), batches = world.batches();
    const auto [open50, open99] = OpenLoopQuantiles(world, settings.seconds);
    const auto per_batch = static_cast<std::size_t>(
        (BytesWritten() - bytes) / std::max<std::uint64_t>(1, world.batches() - batches));
    const auto [base50, base99] = SyncBaseline(std::max<std::size_t>(4'096, per_batch));
    figures.p50.runs.push_back(open50);
    figures.p99.runs.push_back(open99);
    figures.sync50.runs.push_back(base50);
    figures.sync99.runs.push_back(base99);
    figures.batch.runs.push_back(static_cast<double>(per_batch));
    std::printf("; open p50 %.2f p99 %.2f ms; sync p50 %.2f p99 %.2f ms", open50, open99, base50,
                base99);
  }
  std::printf("\n");
  std::fflush(stdout);
}

int Main(const Settings& settings) {
  EntryWorld world("ledger");
  std::printf("60,000 principals enrolled; warming up\n");
  std::fflush(stdout);
  ClosedLoop(world, settings.seconds);
  Figures figures;
  for (int run = 0; run < settings.runs; ++run) OneRun(world, settings, figures);
  if (settings.closed_only) return 0;
  Report("ledger",
         "How many decided entries a second become durable, everything written; and how late at "
         "25,000 a second?",
         {figures.rate, figures.p50, figures.p99, figures.sync50, figures.sync99, figures.cpu,
          figures.batch});
  return 0;
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("How fast decided entries become durable");
  app.add_option("--runs", settings.runs)->check(CLI::Range(1, 100));
  app.add_option("--seconds", settings.seconds, "of each loop");
  app.add_flag("--closed-only", settings.closed_only,
               "only the closed loop, no result: to profile");
  CLI11_PARSE(app, argc, argv);
  return cloison::bench::Main(settings);
}
