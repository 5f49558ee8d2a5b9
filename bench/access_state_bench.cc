// access_state: what do 60,000 principals with 300 people seen each take, and how long does a
// restart wait for them?
//
// Every principal is enrolled and shown 300 people; the server is stopped and opened again in a
// process of its own (restart_s: until the vault is open), and then every principal acts once, so
// that all of their state is in memory at the same time, as on a Monday morning (load_s). Expect
// 350 bytes of a principal's row and 300 times 170 of sealed seen rows on disk, 51 KB a principal;
// in memory 300 times 130 bytes, 40 KB, or 2.4 GB; a restart reads the principals' own rows alone,
// 3 us each: 0.2 s, and some seconds of opening the store.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/child.h"
#include "bench/entry_world.h"
#include "bench/our_server.h"
#include "bench/report.h"

namespace cloison::bench {
namespace {

constexpr char kName[] = "access_state";
constexpr std::uint64_t kAtOnce = 512;

double RssMb() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

double SecondsSince(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

// The bytes of the main store on disk.
double DiskBytes() {
  double bytes = 0;
  const std::filesystem::path main =
      std::filesystem::current_path() / "build/bench-data" / kName / "main";
  for (const auto& file : std::filesystem::recursive_directory_iterator(main)) {
    if (file.is_regular_file() && file.path().extension() == ".sst") {
      bytes += static_cast<double>(file.file_size());
    }
  }
  return bytes;
}

struct Going {
  std::atomic<std::uint64_t> running{0}, failed{0};
};

Task<void> ShowOne(EntryWorld& world, Going& going, std::uint64_t principal, std::size_t people) {
  co_await world.callers().Schedule();
  const bool ok = co_await world.Show(principal, people);
  if (!ok) ++going.failed;
  --going.running;
}

void ShowAll(EntryWorld& world, std::size_t people) {
  Going going;
  for (std::uint64_t i = 0; i < kPrincipals; ++i) {
    while (going.running >= kAtOnce) std::this_thread::sleep_for(std::chrono::microseconds(200));
    ++going.running;
    base::Detach(ShowOne(world, going, i, people));
  }
  while (going.running > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (going.failed > 0) GiveUp("a showing was not recorded");
}

// In a process of its own: its memory is that of the state alone.
void OpenAgain() {
  const Steady::time_point begin = Steady::now();
  EntryWorld world(kName, EntryWorld::Is::kOld);
  const double restart_s = SecondsSince(begin);
  const double rss_open = RssMb();
  const Steady::time_point loading = Steady::now();
  ShowAll(world, 1);
  std::printf("%s\n", nlohmann::json{{"restart_s", restart_s},
                                     {"load_s", SecondsSince(loading)},
                                     {"rss_open_mb", rss_open},
                                     {"rss_mb", RssMb()}}
                          .dump()
                          .c_str());
}

void Run(std::size_t seen) {
  std::filesystem::create_directories("build/bench-data");
  double before = 0;
  {
    EntryWorld world(kName, EntryWorld::Is::kNewKept);
    before = DiskBytes();
    ShowAll(world, seen);
  }
  Figure bytes{"bytes_per_principal", {(DiskBytes() - before) / double{kPrincipals}}, 0};
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const nlohmann::json again = nlohmann::json::parse(
      LastLineOf({self, "--open-again"}, "build/bench-data/access_state.log"));
  Report(
      "access_state",
      "What do 60,000 principals with 300 people seen each take, and how long does a restart wait "
      "for them?",
      {{"rss_mb", {again.at("rss_mb")}, 0},
       {"restart_s", {again.at("restart_s")}, 2},
       bytes,
       {"rss_open_mb", {again.at("rss_open_mb")}, 0},
       {"load_s", {again.at("load_s")}, 1}});
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  std::size_t seen = 300;
  bool open_again = false;
  CLI::App app("Fills 60,000 principals' budgets, and opens them again");
  app.add_option("--seen", seen, "people each principal was shown")->check(CLI::Range(1, 1'000));
  app.add_flag("--open-again", open_again, "the second half, on the state that is there");
  CLI11_PARSE(app, argc, argv);
  open_again ? cloison::bench::OpenAgain() : cloison::bench::Run(seen);
  return 0;
}
