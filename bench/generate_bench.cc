// generate: how many invented people a second can one core make, and write as CSV?
//
// The loader has to take 50,000 people a second, so whoever makes them may not be the slow part:
// expect 300,000 a second on one core. A person is two to three seats of the population, four
// permutations each (0.3 us), some 20 texts (1.5 us), and 240 bytes of CSV (0.5 us). Also: the
// memory after each run, which may not grow with the number of people, and queries a second.
// Seconds are the thread's CPU time.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <string>

#include "bench/report.h"
#include "ingest/generator.h"
#include "ingest/query_set.h"

namespace cloison::bench {
namespace {

constexpr char kQuestion[] =
    "How many invented people a second can one core make, and write as CSV? Expect 300,000.";
constexpr std::size_t kKeptBytes = 1u << 20;
constexpr std::uint64_t kQueries = 20'000, kQueryPeople = 5'000'000;

struct Settings {
  std::uint64_t people = 500'000;
  int runs = 5;
};

double PeakMb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1'024;
}

// Of this thread's work: whoever else is on the machine does not count.
double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void Run(const Settings& settings) {
  const ingest::Generator generator(1);
  const ingest::QuerySet queries(1, kQueryPeople);
  Figure people{"people_per_s", {}, 0}, bytes{"csv_bytes_per_person", {}, 1};
  Figure asked{"queries_per_s", {}, 0}, memory{"peak_rss_mb", {}, 1};
  std::string lines;
  for (int run = -1; run < settings.runs; ++run) {  // the first one warms up
    const std::uint64_t first = static_cast<std::uint64_t>(run + 1) * settings.people;
    std::uint64_t written = 0;
    double start = CpuSeconds();
    for (std::uint64_t i = first; i < first + settings.people; ++i) {
      const std::size_t before = lines.size();
      ingest::AppendCsvPerson(lines, generator.At(i));
      written += lines.size() - before;
      if (lines.size() > kKeptBytes) lines.clear();
    }
    const double seconds = CpuSeconds() - start;
    start = CpuSeconds();
    for (std::uint64_t n = 0; n < kQueries; ++n) ingest::AppendQueryLine(lines, queries.At(n));
    const double query_seconds = CpuSeconds() - start;
    lines.clear();
    if (run < 0) continue;
    people.runs.push_back(static_cast<double>(settings.people) / seconds);
    bytes.runs.push_back(static_cast<double>(written) / static_cast<double>(settings.people));
    asked.runs.push_back(static_cast<double>(kQueries) / query_seconds);
    memory.runs.push_back(PeakMb());
  }
  Report("generate", kQuestion, {people, bytes, asked, memory});
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  CLI::App app("generate_bench");
  cloison::bench::Settings settings;
  app.add_option("--people", settings.people, "of each run");
  app.add_option("--runs", settings.runs, "after one that warms up");
  CLI11_PARSE(app, argc, argv);
  cloison::bench::Run(settings);
  return 0;
}
