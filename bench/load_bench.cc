// load: how many people a second does a direct import take, from CSV to durable, on two cores?
//
// A new register whose capacity is the number of people, so that its pages are as full as a
// country's. Generated CSV is read from a file. A person costs 12 us to read and check, 7 for
// names' sounds, index slots and digests, 12 to seal 9 compartments, 3 for keys and their two rows,
// 3 for 10 postings' share of pages, 6 for what is put aside and the runs that are written: some 40
// us of CPU, so expect 48,000 a second on two cores that are ours alone; the aim is 50,000.
// bytes_per_person: all files of the register, of which row_bytes, page_bytes and key_bytes are
// keys and values of people's rows, index pages, and wrapped keys with the rows that lead back
// from the ledger; csv_bytes: of the file that was read; peak_rss_mb: of cloisond.
#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>

#include "bench/child.h"
#include "bench/loaded_register.h"
#include "bench/report.h"
#include "store/rocks/rocks_store.h"

namespace cloison::bench {
namespace {

namespace fs = std::filesystem;

constexpr char kQuestion[] =
    "How many people a second does a direct import take, from CSV to durable, on two cores? "
    "Expect 48,000; the aim is 50,000.";

struct Settings {
  std::size_t people = 1'000'000;
  int runs = 1;
  std::string folder = "build/load-bench";
  std::string bin = "build/release";

  Loading loading() const { return {people, folder, bin}; }
};

double BytesBelow(const fs::path& folder) {
  double bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  }
  return bytes;
}

// Keys and values of some families of a stopped register.
double BytesOf(const std::string& path, std::span<const store::Family> all,
               std::initializer_list<store::Family> wanted) {
  store::RocksOptions options;
  options.path = path;
  options.families = all;
  auto opened = store::RocksStore::Open(options);
  CLOISON_CHECK(opened.ok());
  std::size_t bytes = 0;
  for (const store::Family family : wanted) {
    store::Range range{family, "", ""};
    for (bool more = true; more;) {
      auto page = base::SyncWait((*opened)->Scan(range, store::kScanRowsMax));
      CLOISON_CHECK(page.ok());
      for (const store::KeyedRow& row : page->rows) bytes += row.key.size() + row.row.value.size();
      more = page->next.has_value();
      if (more) range.begin = *page->next;
    }
  }
  return static_cast<double>(bytes);
}

void Run(const Settings& settings) {
  Figure rate{"people_per_s", {}, 0}, cpu{"cpu_us_per_person", {}, 1};
  Figure bytes{"bytes_per_person", {}, 0}, memory{"peak_rss_mb", {}, 0};
  Figure rows{"row_bytes", {}, 0}, pages{"page_bytes", {}, 0}, keys{"key_bytes", {}, 0};
  Figure plain{"csv_bytes", {}, 0};
  const std::string home = settings.folder + "/register", csv = settings.folder + "/people.csv";
  fs::remove_all(settings.folder);
  fs::create_directories(settings.folder);
  Generate(settings.loading(), csv);
  const auto people = static_cast<double>(settings.people);
  for (int run = 0; run < settings.runs; ++run) {
    fs::remove_all(home);
    MakeRegister(settings.loading(), home);
    const double cpu_before = CpuSecondsOfChildren();
    const auto start = std::chrono::steady_clock::now();
    LoadRegister(settings.loading(), home, csv);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    rate.runs.push_back(people / seconds);
    cpu.runs.push_back((CpuSecondsOfChildren() - cpu_before) * 1e6 / people);
    bytes.runs.push_back(BytesBelow(home) / people);
    memory.runs.push_back(PeakMbOfChildren());
    using store::Family;
    const std::string main = home + "/data/main", wrapped = home + "/data/keys";
    rows.runs.push_back(BytesOf(main, store::kMainFamilies, {Family::kPeople}) / people);
    pages.runs.push_back(BytesOf(main, store::kMainFamilies, {Family::kIndex}) / people);
    keys.runs.push_back(BytesOf(wrapped, store::kKeyFamilies, {Family::kPersonKeys, Family::kAud}) /
                        people);
    plain.runs.push_back(static_cast<double>(fs::file_size(csv)) / people);
  }
  fs::remove_all(settings.folder);
  Report("load", kQuestion, {rate, cpu, bytes, memory, rows, pages, keys, plain});
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
