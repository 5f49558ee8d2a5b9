// cloisond import: the first load of an empty, stopped register, started by `cloison import
// --direct`.
//
//   DATA/importing    is there from the first row until all are durable: a register that has it is
//                     half a register, and nothing opens it (ground.cc)
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "codec/json_writer.h"
#include "server/modes.h"
#include "server/serve.h"
#include "vault/direct_load.h"

namespace cloison::server {

namespace {

constexpr std::string_view kImportingText = "cloison import --direct\n";
constexpr std::int64_t kProgressUs = 500'000;

Result<std::string> TextOf(base::Files& files, const std::string& path) {
  const Result<Bytes> bytes = files.Read(path);
  if (bytes.ok()) return std::string(AsText(*bytes));
  PrintProblems({path + ": cannot be read"});
  return bytes.error();
}

// A line of its own on a terminal, over and over.
class Progress {
 public:
  explicit Progress(base::Clock& clock) : clock_(clock), shown_us_(clock.mono_us()) {}
  void Show(const ingest::ImportProgress& now) {
    if (isatty(STDERR_FILENO) != 1 || clock_.mono_us() < shown_us_ + kProgressUs) return;
    shown_us_ = clock_.mono_us();
    std::fprintf(stderr, "\r%llu rows, %.0f a second", static_cast<unsigned long long>(now.rows),
                 now.rows_per_second);
    if (now.seconds_left.has_value()) std::fprintf(stderr, ", %.0f s left", *now.seconds_left);
    std::fprintf(stderr, "   ");
    shown_ = true;
  }
  ~Progress() {
    if (shown_) std::fprintf(stderr, "\n");
  }

 private:
  base::Clock& clock_;
  std::int64_t shown_us_;
  bool shown_ = false;
};

void Summarise(const ingest::ImportProgress& done) {
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("rows").Uint(done.rows).Key("registered").Uint(done.registered);
  json.Key("existing").Uint(done.existing).Key("rejected").Uint(done.rejected);
  json.Key("rows_per_second").Uint(static_cast<std::uint64_t>(done.rows_per_second));
  json.EndObject();
  std::printf("%s\n", out.c_str());
}

// Opened before anything is marked or written.
struct Input {
  std::ifstream file;
  std::uint64_t bytes = 0;  // 0: not known
  std::istream& stream() { return file.is_open() ? static_cast<std::istream&>(file) : std::cin; }
};

Status OpenInput(const std::string& path, Input& input) {
  if (path == "-") return Ok();
  input.file.open(path, std::ios::binary);
  if (!input.file.is_open()) return Error{Code::kNotFound, "the input cannot be read"};
  std::error_code none;
  if (std::filesystem::is_regular_file(path, none)) {
    input.bytes = std::filesystem::file_size(path, none);
  }
  return Ok();
}

ingest::ImportOptions OptionsOf(Ground& ground, const ImportArguments& arguments,
                                const std::optional<ingest::ColumnMap>& map) {
  ingest::ImportOptions options;
  options.format =
      arguments.format == "jsonl" ? ingest::ImportFormat::kJsonLines : ingest::ImportFormat::kCsv;
  options.map = map.has_value() ? &*map : nullptr;
  options.production = ground.config().mode != "development";
  options.include_values = arguments.include_values;
  options.window_rows = vault::kDirectWindowRows;
  options.rejects_path = arguments.rejects;
  return options;
}

// The mark is there before the first row, and goes when all are durable. A fault of the header
// comes before the first row: the register is as empty as it was.
Result<ingest::ImportProgress> LoadMarked(Ground& ground, vault::Vault& vault, Input& input,
                                          ingest::ImportOptions options) {
  const std::size_t workers = std::max(2u, std::thread::hardware_concurrency());
  CLOISON_TRY_ASSIGN(const std::unique_ptr<vault::DirectLoad> load,
                     vault::DirectLoad::Begin(vault, workers));
  const std::string mark = ImportingPath(ground.config());
  CLOISON_TRY(base::WriteWhole(ground.files(), mark, AsBytes(kImportingText)));
  Progress progress(ground.clock());
  options.bytes_total = input.bytes;
  options.progress = [&progress](const ingest::ImportProgress& now) { progress.Show(now); };
  ingest::Importer importer(vault.schema(), ground.files(), ground.clock());
  std::vector<std::string> problems;
  Result<ingest::ImportProgress> done =
      importer.Run(input.stream(), load.get(), std::move(options), &problems);
  PrintProblems(problems);
  if (done.ok() || !problems.empty()) {
    CLOISON_TRY(base::RemoveDurably(ground.files(), mark));
  }
  return done;
}

Result<ingest::ImportProgress> Run(Ground& ground, const ImportArguments& arguments) {
  std::optional<ingest::ColumnMap> map;
  if (!arguments.map.empty()) {
    CLOISON_TRY_ASSIGN(const std::string text, TextOf(ground.files(), arguments.map));
    std::vector<std::string> problems;
    Result<ingest::ColumnMap> parsed =
        ingest::ColumnMap::Parse(text, *ground.settings([] {}).schema, &problems);
    PrintProblems(problems);
    if (!parsed.ok()) return parsed.error();
    map = std::move(*parsed);
  }
  if (!ground.files().Stat(ground.config().data).ok()) {
    return Error{Code::kNotFound, "there is no register"};
  }
  Input input;
  CLOISON_TRY(OpenInput(arguments.file, input));
  CLOISON_TRY(ground.OpenStores());
  CLOISON_TRY(ground.OpenKeyObjects(false));
  Result<std::unique_ptr<vault::Vault>> vault =
      base::SyncWait(vault::Vault::Open(ground.environment(), ground.settings([] {})));
  if (!vault.ok()) return vault.error();
  const Result<ingest::ImportProgress> done =
      LoadMarked(ground, **vault, input, OptionsOf(ground, arguments, map));
  const Status stopped = base::SyncWait((*vault)->Stop());
  if (done.ok() && !stopped.ok()) return stopped.error();
  return done;
}

}  // namespace

int RunImport(const ImportArguments& arguments) {
  base::NullEventSink events;
  const std::unique_ptr<Ground> ground =
      LoadGround(arguments.config_file, arguments.overrides, events);
  if (ground == nullptr) return kExitUsage;
  const Result<ingest::ImportProgress> done = Run(*ground, arguments);
  if (done.ok()) {
    Summarise(*done);
    return done->rejected + done->existing == 0 ? 0 : kExitFailure;
  }
  PrintProblems({"not imported: " + std::string(done.error().text())});
  switch (done.error().code()) {
    case Code::kInvalid: return kExitUsage;
    case Code::kConflict: return kExitExists;
    default: return kExitFailure;
  }
}

}  // namespace cloison::server
