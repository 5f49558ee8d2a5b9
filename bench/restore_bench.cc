// restore: how many people a second come back into an empty machine?
//
// A register of generated people, loaded directly; a full backup of it, checked, and restored into
// an empty place by `cloisond restore`: both archives are read twice (once to check them), their
// rows written, and the index pages built from the rows, each person opened once. Some 2.5 KB of
// rows a person are unsealed (2 us), written (15 us) and compacted (10 us); the index opens 8
// compartments (12 us) and writes 4 postings (30 us): 70 us of CPU, mostly on one core, so expect
// 15,000 people a second, 1 million in 70 s. backup_per_s: taking it; peak_rss_mb: the largest of
// the programs, the load's among them.
#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "bench/child.h"
#include "bench/loaded_register.h"
#include "bench/report.h"

namespace cloison::bench {
namespace {

namespace fs = std::filesystem;

struct Settings {
  std::size_t people = 1'000'000;
  int runs = 1;
  std::string folder = "build/restore-bench";
  std::string bin = "build/release";
};

double SecondsOf(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// HOME/cloison.toml with its data in another place: an empty machine with the register's keys.
std::string OtherMachine(const std::string& home, const std::string& data) {
  std::ostringstream text;
  text << std::ifstream(home + "/cloison.toml").rdbuf();
  const std::regex line("\ndata = \"[^\"]*\"");
  const std::string config = home + "/other.toml";
  std::ofstream(config) << std::regex_replace(text.str(), line, "\ndata = \"" + data + "\"");
  return config;
}

void Run(const Settings& settings) {
  Figure rate{"people_per_s", {}, 0}, taking{"backup_per_s", {}, 0};
  Figure bytes{"bytes_per_person", {}, 0}, memory{"peak_rss_mb", {}, 0};
  const Loading loading{settings.people, settings.folder, settings.bin};
  const std::string home = settings.folder + "/register", csv = settings.folder + "/people.csv";
  const std::string log = settings.folder + "/log", to = settings.folder + "/backups";
  const std::string data = fs::absolute(settings.folder + "/other").string();
  fs::remove_all(settings.folder);
  fs::create_directories(settings.folder);
  Generate(loading, csv);
  MakeRegister(loading, home);
  LoadRegister(loading, home, csv);
  fs::remove(csv);
  const auto people = static_cast<double>(settings.people);
  for (int run = 0; run < settings.runs; ++run) {
    fs::remove_all(to);
    fs::remove_all(data);
    std::string name;
    taking.runs.push_back(people / SecondsOf([&] {
                            const std::string said =
                                LastLineOf({settings.bin + "/cloisond", "backup", "--config",
                                            home + "/cloison.toml", "--to", to},
                                           log);
                            name = nlohmann::json::parse(said).at("backup").get<std::string>();
                          }));
    double size = 0;
    for (const auto& file : fs::directory_iterator(to)) {
      size += static_cast<double>(file.file_size());
    }
    bytes.runs.push_back(size / people);
    const std::string config = OtherMachine(home, data);
    rate.runs.push_back(people / SecondsOf([&] {
                          const std::string said =
                              LastLineOf({settings.bin + "/cloisond", "restore", "--config", config,
                                          "--from", to, "--backup", name, "--nobody-erased"},
                                         log);
                          if (nlohmann::json::parse(said).at("people") == settings.people) return;
                          std::fprintf(stderr, "not everybody came back: %s\n", said.c_str());
                          std::exit(1);
                        }));
    memory.runs.push_back(PeakMbOfChildren());
  }
  fs::remove_all(settings.folder);
  Report("restore",
         "How many people a second come back into an empty machine, index built? Expect 15,000.",
         {rate, taking, bytes, memory});
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  CLI::App app("restore_bench");
  cloison::bench::Settings settings;
  app.add_option("--people", settings.people, "of the register");
  app.add_option("--runs", settings.runs, "each from a new backup");
  app.add_option("--folder", settings.folder, "of this bench alone: it is removed");
  app.add_option("--bin", settings.bin, "where cloison and cloisond are");
  CLI11_PARSE(app, argc, argv);
  cloison::bench::Run(settings);
  return 0;
}
