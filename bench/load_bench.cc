// load: how many people a second does a direct import take, from CSV to durable, on two cores?
//
// A new register whose capacity is the number of people, so that its pages are as full as a
// country's. Generated CSV is read from a file. A person costs 7 us to check, 2 to write and read
// as JSON, 5 for index slots and digests, 12 to seal 8 compartments, 10 for wrapped keys and their
// two rows in the key database, 4 postings' share of pages (4 x 8 us / 53), 10 for the runs that
// are written and taken in: some 45 us of CPU, so expect 40,000 a second on two cores that are ours
// alone; the aim is 50,000. bytes_per_person: all files of the register; peak_rss_mb: of cloisond.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "bench/child.h"
#include "bench/report.h"

namespace cloison::bench {
namespace {

namespace fs = std::filesystem;

constexpr char kQuestion[] =
    "How many people a second does a direct import take, from CSV to durable, on two cores? "
    "Expect 40,000; the aim is 50,000.";

struct Settings {
  std::size_t people = 1'000'000;
  int runs = 1;
  std::string folder = "build/load-bench";
  std::string bin = "build/release";
};

std::string TextOf(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

double BytesBelow(const fs::path& folder) {
  double bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  }
  return bytes;
}

// The largest of the children that have ended: cloisond, behind whom the others are small.
double PeakMbOfChildren() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1'024;
}

double CpuSecondsOfChildren() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// An empty register of the right capacity.
void MakeRegister(const Settings& settings, const std::string& home, const std::string& log) {
  const std::string schema = settings.folder + "/schema.toml";
  const std::regex capacity("\ncapacity = [0-9_]+\n");
  const std::size_t room = std::max<std::size_t>(10'000, settings.people);
  std::ofstream(schema) << std::regex_replace(TextOf("schemas/job-seekers.toml"), capacity,
                                              "\ncapacity = " + std::to_string(room) + "\n");
  (void)LastLineOf({settings.bin + "/cloison", "init", "--development", home}, log);
  const std::regex none("\nschema = \"\"");
  const std::string config = TextOf(home + "/cloison.toml");
  std::ofstream(home + "/cloison.toml")
      << std::regex_replace(config, none, "\nschema = \"" + fs::absolute(schema).string() + "\"");
}

void Run(const Settings& settings) {
  Figure rate{"people_per_s", {}, 0}, cpu{"cpu_us_per_person", {}, 1};
  Figure bytes{"bytes_per_person", {}, 0}, memory{"peak_rss_mb", {}, 0};
  const std::string home = settings.folder + "/register", csv = settings.folder + "/people.csv";
  const std::string log = settings.folder + "/log";
  fs::remove_all(settings.folder);
  fs::create_directories(settings.folder);
  Child(std::vector<std::string>{settings.bin + "/cloison", "generate", "--people",
                                 std::to_string(settings.people), "--out", csv},
        log)
      .Wait();
  const auto people = static_cast<double>(settings.people);
  for (int run = 0; run < settings.runs; ++run) {
    fs::remove_all(home);
    MakeRegister(settings, home, log);
    const double cpu_before = CpuSecondsOfChildren();
    const auto start = std::chrono::steady_clock::now();
    const std::string said = LastLineOf(
        {settings.bin + "/cloisond", "import", "--config", home + "/cloison.toml", "--file", csv},
        log);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (said.find("\"registered\":" + std::to_string(settings.people)) == std::string::npos) {
      std::fprintf(stderr, "load_bench: not everybody was loaded: %s\n", said.c_str());
      std::exit(1);
    }
    rate.runs.push_back(people / seconds);
    cpu.runs.push_back((CpuSecondsOfChildren() - cpu_before) * 1e6 / people);
    bytes.runs.push_back(BytesBelow(home) / people);
    memory.runs.push_back(PeakMbOfChildren());
  }
  fs::remove_all(settings.folder);
  Report("load", kQuestion, {rate, cpu, bytes, memory});
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  CLI::App app("load_bench");
  cloison::bench::Settings settings;
  app.add_option("--people", settings.people, "of the register");
  app.add_option("--runs", settings.runs, "each into a new register");
  app.add_option("--folder", settings.folder, "of this bench alone: it is removed");
  app.add_option("--bin", settings.bin, "where cloison and cloisond are");
  CLI11_PARSE(app, argc, argv);
  cloison::bench::Run(settings);
  return 0;
}
