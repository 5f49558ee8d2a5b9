// cloison import: people from CSV, JSON lines or a PostgreSQL table, through the API, as often as
// it takes.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/random.h"
#include "cli/commands.h"
#include "cli/process.h"
#include "cli/register_sink.h"
#include "cli/table_rows.h"
#include "codec/json_writer.h"
#include "vault/embedded.h"

namespace cloison::cli {

namespace {

constexpr std::size_t kRowsPerConnection = 32;

Result<std::string> ReadAll(const std::string& path) {
  base::SystemFiles files;
  CLOISON_TRY_ASSIGN(const Bytes bytes, files.Read(path));
  return std::string(AsText(bytes));
}

// What an import needs beside its rows, read and checked before the first one.
struct Prepared {
  std::shared_ptr<const records::Schema> schema;
  std::optional<ingest::ColumnMap> map;
  std::string map_text;
  ingest::ImportOptions options;
};

ExitCode Wrong(const Terminal& terminal, std::string_view what,
               const std::vector<std::string>& problems) {
  terminal.Complain(what);
  for (const std::string& problem : problems) terminal.Note("  " + problem);
  return ExitCode::kUsage;
}

bool IsTable(const ImportCommandOptions& options) {
  return !options.postgres.empty();
}
bool IsFile(const ImportCommandOptions& options) {
  return !IsTable(options) && options.file != "-";
}

Result<ingest::ImportFormat> FormatOf(const ImportCommandOptions& options) {
  std::string format = IsTable(options) ? "csv" : options.format;
  if (format.empty() && (options.file.ends_with(".jsonl") || options.file.ends_with(".ndjson"))) {
    format = "jsonl";
  }
  if (format.empty() && options.file.ends_with(".csv")) format = "csv";
  if (format == "csv") return ingest::ImportFormat::kCsv;
  if (format == "jsonl") return ingest::ImportFormat::kJsonLines;
  return Error{Code::kInvalid, "--format csv or jsonl is needed: the file's name does not tell"};
}

// The digest that names this input in idempotency keys. A pipe can be read once, so it is named by
// --id, or by chance: then a second run is another import. A table is named by --id alone.
Result<crypto::Digest> DigestOf(const ImportCommandOptions& options, const std::string& map) {
  if (IsFile(options) && options.id.empty()) {
    std::ifstream file(options.file, std::ios::binary);
    return ingest::ImportDigest(file, map);
  }
  if (!options.id.empty()) {
    return crypto::Sha256({AsBytes("cloison-import-id/"), AsBytes(options.id)});
  }
  base::SystemRandom random;
  return crypto::Sha256(random.Draw<32>());
}

ExitCode ReadSchemaAndMap(const ImportCommandOptions& options, const Terminal& terminal,
                          Prepared& prepared) {
  std::vector<std::string> problems;
  std::string schema_text(vault::JobSeekersSchemaToml());
  if (!options.schema.empty()) {
    Result<std::string> read = ReadAll(options.schema);
    if (!read.ok()) return Wrong(terminal, "cannot read " + options.schema, {});
    schema_text = std::move(*read);
  }
  Result<std::shared_ptr<const records::Schema>> schema =
      records::Schema::Parse(schema_text, &problems);
  if (!schema.ok()) return Wrong(terminal, "the schema has faults", problems);
  prepared.schema = *schema;
  if (options.map.empty()) return ExitCode::kDone;
  Result<std::string> map = ReadAll(options.map);
  if (!map.ok()) return Wrong(terminal, "cannot read " + options.map, {});
  prepared.map_text = std::move(*map);
  Result<ingest::ColumnMap> parsed =
      ingest::ColumnMap::Parse(prepared.map_text, *prepared.schema, &problems);
  if (!parsed.ok()) return Wrong(terminal, options.map + " has faults", problems);
  prepared.map = std::move(*parsed);
  return ExitCode::kDone;
}

std::string DurationOf(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  if (whole < 60) return std::to_string(whole) + " s";
  return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
}

void ShowProgress(const ingest::ImportProgress& now, const Terminal& terminal) {
  std::string line = Grouped(now.rows) + " rows, " +
                     Grouped(static_cast<std::uint64_t>(now.rows_per_second)) + " a second";
  if (now.seconds_left.has_value()) line += ", " + DurationOf(*now.seconds_left) + " left";
  terminal.Progress(line);
}

// What the options say of the input, before it is touched.
ExitCode CheckInput(const ImportCommandOptions& options, const Terminal& terminal) {
  if (IsTable(options) == !options.file.empty()) {
    return Wrong(terminal, "one input is needed: FILE, - or --postgres", {});
  }
  if (IsTable(options) && !options.dry_run && (options.id.empty() || options.order_by.empty())) {
    return Wrong(terminal, "a table needs --id and --order-by: they name its rows for a next run",
                 {});
  }
  if (options.verify && options.file == "-" && options.id.empty()) {
    return Wrong(terminal, "--verify needs --id: it names the rows of standard input", {});
  }
  if (const auto format = FormatOf(options); !format.ok()) {
    return Wrong(terminal, format.error().text(), {});
  }
  std::error_code missing;
  if (IsFile(options) && !std::filesystem::is_regular_file(options.file, missing)) {
    return Wrong(terminal, "cannot read " + options.file, {});
  }
  for (const std::string& out : {options.rejects, options.checkpoint}) {
    if (IsFile(options) && !out.empty() &&
        std::filesystem::equivalent(options.file, out, missing)) {
      return Wrong(terminal, "the input would be overwritten by " + out, {});
    }
  }
  return ExitCode::kDone;
}

ExitCode Prepare(const ImportCommandOptions& options, const Terminal& terminal,
                 Prepared& prepared) {
  if (const ExitCode input = CheckInput(options, terminal); input != ExitCode::kDone) return input;
  std::error_code missing;
  const ExitCode read = ReadSchemaAndMap(options, terminal, prepared);
  if (read != ExitCode::kDone) return read;
  const Result<crypto::Digest> digest = DigestOf(options, prepared.map_text);
  if (!digest.ok()) return Wrong(terminal, digest.error().text(), {});

  ingest::ImportOptions& import = prepared.options;
  import.format = *FormatOf(options);
  import.map = prepared.map.has_value() ? &*prepared.map : nullptr;
  // Whether specimen numbers are taken is the server's to say: it knows what it runs as.
  import.production = false;
  import.dry_run = options.dry_run;
  import.verify = options.verify;
  import.include_values = options.include_values;
  import.window_rows =
      std::min<std::size_t>(options.connections * kRowsPerConnection, ingest::kImportWindowRowsMax);
  import.bytes_total = IsFile(options) ? std::filesystem::file_size(options.file, missing) : 0;
  import.file_digest = *digest;
  import.rejects_path = options.rejects;
  import.checkpoint_path = options.checkpoint;
  import.progress = [&terminal](const ingest::ImportProgress& now) { ShowProgress(now, terminal); };
  return ExitCode::kDone;
}

void SummariseJson(const ingest::ImportProgress& done, const ImportCommandOptions& options,
                   const Terminal& terminal) {
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("rows").Uint(done.rows).Key("registered").Uint(done.registered);
  json.Key("repeated").Uint(done.repeated).Key("existing").Uint(done.existing);
  json.Key("rejected").Uint(done.rejected).Key("skipped").Uint(done.skipped);
  json.Key("dry_run").Bool(options.dry_run).Key("verify").Bool(options.verify).EndObject();
  terminal.Line(out);
}

void Summarise(const ingest::ImportProgress& done, const ImportCommandOptions& options,
               const Common& common, const Terminal& terminal) {
  if (common.json) {
    SummariseJson(done, options, terminal);
    return;
  }
  std::string line = Grouped(done.rows) + " rows: ";
  if (options.verify) {
    line += Grouped(done.repeated) + " confirmed, " + Grouped(done.registered) +
            " were missing and are registered now, ";
  } else {
    line += Grouped(done.registered) +
            (options.dry_run ? " would be registered, " : " registered, ") +
            Grouped(done.repeated + done.skipped) + " done before, ";
  }
  terminal.Line(line + Grouped(done.existing) + " there already, " + Grouped(done.rejected) +
                " rejected");
  const bool any = done.rejected + done.existing > 0 || (options.verify && done.registered > 0);
  if (any && !options.rejects.empty()) {
    terminal.Note("reasons, by row: " + options.rejects);
  } else if (done.rejected > 0) {
    terminal.Note("--rejects FILE writes the rows and reasons");
  }
}

// The input as a stream, opened.
struct Input {
  std::ifstream file;
  std::unique_ptr<TableRows> table;
  std::istream& stream() {
    if (table != nullptr) return table->stream();
    if (file.is_open()) return file;
    return std::cin;
  }
};

ExitCode OpenInput(const ImportCommandOptions& options, const Terminal& terminal, Input& input) {
  if (IsFile(options)) input.file.open(options.file, std::ios::binary);
  if (!IsTable(options)) return ExitCode::kDone;
  std::string problem;
  Result<std::unique_ptr<TableRows>> rows =
      TableRows::Open({options.postgres, options.table, options.order_by}, &problem);
  if (!rows.ok()) {
    terminal.Complain(problem.empty() ? rows.error().text() : problem);
    return ExitCodeOf(rows.error());
  }
  input.table = std::move(*rows);
  return ExitCode::kDone;
}

ExitCode Run(const ImportCommandOptions& options, const Common& common, const Terminal& terminal,
             const Prepared& prepared, RegisterSink* sink) {
  base::SystemFiles files;
  base::SystemClock clock;
  ingest::Importer importer(*prepared.schema, files, clock);
  Input input;
  if (const ExitCode opened = OpenInput(options, terminal, input); opened != ExitCode::kDone) {
    return opened;
  }
  std::vector<std::string> problems;
  const Result<ingest::ImportProgress> done =
      importer.Run(input.stream(), sink, prepared.options, &problems);
  terminal.EndProgress();
  if (done.ok()) {
    Summarise(*done, options, common, terminal);
    const bool missing = options.verify && done->registered > 0;
    return done->rejected == 0 && !missing ? ExitCode::kDone : ExitCode::kFailure;
  }
  if (!problems.empty()) return Wrong(terminal, "the import did not begin", problems);
  terminal.Complain("the import stopped: " + std::string(done.error().text()));
  terminal.Note("  the same command goes on; nobody is registered twice");
  const ExitCode exit = ExitCodeOf(done.error());
  return exit == ExitCode::kUnavailable && sink != nullptr &&
                 sink->last_failure() != ExitCode::kDone
             ? sink->last_failure()
             : exit;
}

// Without the API: cloisond loads the register that it alone has open.
ExitCode ImportDirect(const ImportCommandOptions& options, const Terminal& terminal) {
  if (const ExitCode input = CheckInput(options, terminal); input != ExitCode::kDone) return input;
  if (!options.checkpoint.empty() || !options.id.empty() || !options.schema.empty()) {
    return Wrong(terminal,
                 "--direct begins anew or not at all, by the register's own schema: it takes no "
                 "--checkpoint, --id or --schema",
                 {});
  }
  const Result<std::string> daemon = DaemonPath();
  if (!daemon.ok()) return Explain(daemon.error(), terminal);
  const bool lines = *FormatOf(options) == ingest::ImportFormat::kJsonLines;
  ChildOptions child;
  child.arguments = {*daemon,  "import",     "--config", options.config,
                     "--file", options.file, "--format", lines ? "jsonl" : "csv"};
  if (!options.map.empty()) {
    child.arguments.insert(child.arguments.end(), {"--map", options.map});
  }
  if (!options.rejects.empty()) {
    child.arguments.insert(child.arguments.end(), {"--rejects", options.rejects});
  }
  if (options.include_values) child.arguments.emplace_back("--include-values");
  Result<std::unique_ptr<Child>> started = Child::Start(std::move(child));
  if (!started.ok()) return Explain(started.error(), terminal);
  return static_cast<ExitCode>((*started)->Wait());
}

}  // namespace

ExitCode Import(const ImportCommandOptions& options, const Common& common,
                const Terminal& terminal) {
  if (options.direct) return ImportDirect(options, terminal);
  Prepared prepared;
  if (const ExitCode ready = Prepare(options, terminal, prepared); ready != ExitCode::kDone) {
    return ready;
  }
  if (options.dry_run) return Run(options, common, terminal, prepared, nullptr);
  base::SystemClock clock;
  std::string problem;
  const Result<Connection> connection = Connection::Open(common.connection, clock, &problem);
  if (!connection.ok()) return Wrong(terminal, problem, {});
  RegisterSink sink(*connection, *prepared.schema, options.connections,
                    static_cast<std::int64_t>(options.retry_s), clock);
  return Run(options, common, terminal, prepared, &sink);
}

}  // namespace cloison::cli
