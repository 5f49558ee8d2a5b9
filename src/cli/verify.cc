// cloison verify: a published log against its key. No server of ours is asked for anything but the
// files that everybody gets.
#include "base/files.h"
#include "cli/commands.h"
#include "cli/verify_store.h"
#include "codec/json_writer.h"
#include "net/http.h"
#include "records/schema.h"
#include "verify/officer.h"
#include "verify/person.h"

namespace cloison::cli {

namespace {

constexpr std::size_t kKeyFileBytesMax = 4'096;
constexpr std::size_t kCaFileBytesMax = 1u << 20;
constexpr std::size_t kConfigFileBytesMax = 1u << 20;
constexpr std::size_t kSchemaFileBytesMax = 1u << 20;
constexpr std::size_t kOpenedFileBytesMax = 32u << 20;

// Reads what the options name, and says on standard error what is wrong with the first that is.
class Inputs {
 public:
  explicit Inputs(const Terminal& terminal) : terminal_(terminal) {}

  std::optional<std::string> File(const char* option, const std::string& path,
                                  std::size_t bytes_max) {
    const Result<base::FileInfo> info = files_.Stat(path);
    if (info.ok() && !info->is_directory && info->size <= bytes_max) {
      const Result<Bytes> bytes = files_.Read(path);
      if (bytes.ok() && bytes->size() <= bytes_max) return std::string(AsText(*bytes));
    }
    const bool large = info.ok() && info->size > bytes_max;
    Complain(option, path + (large ? " is too large" : " cannot be read"));
    return {};
  }

  // A vkey, or a file that holds one and a line end.
  std::optional<tlog::VerifierKey> Key(const char* option, const std::string& text) {
    const Result<tlog::VerifierKey> given = tlog::VerifierKey::Parse(text);
    if (given.ok()) return *given;
    std::optional<std::string> read = File(option, text, kKeyFileBytesMax);
    if (!read) return {};
    if (read->ends_with('\n')) read->pop_back();
    const Result<tlog::VerifierKey> kept = tlog::VerifierKey::Parse(*read);
    if (kept.ok()) return *kept;
    Complain(option, text + " holds no verifier key");
    return {};
  }

  std::unique_ptr<verify::Source> Log(const std::string& log, const std::string& ca) {
    if (log.find("://") == std::string::npos) {
      const Result<base::FileInfo> info = files_.Stat(log);
      if (info.ok() && info->is_directory) return std::make_unique<verify::DirectorySource>(log);
      Complain("log", log + " is no directory");
      return nullptr;
    }
    verify::UrlOptions options;
    if (!ca.empty()) {
      const std::optional<std::string> pem = File("--ca", ca, kCaFileBytesMax);
      if (!pem) return nullptr;
      options.ca_pem = *pem;
    }
    auto source = verify::UrlSource::Make(log, options, clock_);
    if (source.ok()) return std::move(*source);
    Complain("log", log + " is no URL of a log");
    return nullptr;
  }

  void Complain(const char* option, const std::string& text) const {
    terminal_.Complain(std::string(option) + ": " + text);
  }

 private:
  const Terminal& terminal_;
  base::SystemFiles files_;
  base::SystemClock clock_;
};

std::optional<verify::LogOptions> OptionsOf(const VerifyOptions& options, Inputs& inputs) {
  const auto key = inputs.Key("--key", options.key);
  if (!key) return {};
  verify::LogOptions out{.key = *key};
  for (const std::string& text : options.witnesses) {
    const auto witness = inputs.Key("--witness", text);
    if (!witness) return {};
    out.witnesses.push_back(*witness);
  }
  out.quorum = options.quorum;
  if (options.since.empty()) return out;
  out.since = inputs.File("--since", options.since, tlog::kNoteBytesMax);
  if (!out.since) return {};
  if (!tlog::ParseNote(*out.since).ok()) {
    inputs.Complain("--since", options.since + " holds no checkpoint");
    return {};
  }
  return out;
}

// Pages of a person's trail, with the names of fields when a schema is given.
std::optional<verify::PersonFile> PersonOf(const VerifyOptions& options, Inputs& inputs) {
  verify::PersonFile out;
  for (const std::string& path : options.person) {
    std::optional<std::string> page = inputs.File("--person", path, kOpenedFileBytesMax);
    if (!page) return {};
    out.pages.push_back(base::ToBytes(AsBytes(*page)));
    net::WipeText(*page);
  }
  if (options.schema.empty()) return out;
  const auto text = inputs.File("--schema", options.schema, kSchemaFileBytesMax);
  if (!text) return {};
  std::vector<std::string> problems;
  const auto schema = records::Schema::Parse(*text, &problems);
  if (!schema.ok()) {
    inputs.Complain("--schema", options.schema + " is no schema: cloison schema check says why");
    return {};
  }
  out.field_of = [schema = *schema](std::string_view name) -> std::optional<FieldId> {
    const records::FieldSpec* field = schema->Find(name);
    if (field == nullptr) return {};
    return field->id;
  };
  return out;
}

// What was verified: the log, and maybe a file of opened entries.
struct Verified {
  verify::Report log;
  std::optional<verify::PersonFacts> person;
  std::optional<verify::OfficerFacts> officer;
  std::optional<StoreAnswer> store = {};
};

Result<Verified> RunAll(verify::Source& source, const verify::LogOptions& log,
                        const std::optional<verify::PersonFile>& person,
                        const std::optional<std::string>& officer) {
  if (person) {
    CLOISON_TRY_ASSIGN(verify::PersonReport report, verify::VerifyPerson(source, log, *person));
    return Verified{std::move(report.log), report.facts, {}};
  }
  if (officer) {
    CLOISON_TRY_ASSIGN(verify::OfficerReport report,
                       verify::VerifyOfficer(source, log, AsBytes(*officer)));
    return Verified{std::move(report.log), {}, report.facts};
  }
  CLOISON_TRY_ASSIGN(verify::Report report, verify::VerifyLog(source, log));
  return Verified{std::move(report), {}, {}};
}

using Facts = std::vector<std::pair<std::string_view, std::uint64_t>>;

// Counts alone: nothing of what the file says of anybody.
Facts FactsOf(const Verified& verified) {
  if (verified.person) {
    const verify::PersonFacts& facts = *verified.person;
    return {{"first", facts.first},       {"end", facts.end},
            {"rows", facts.rows},         {"expired", facts.expired},
            {"unsealed", facts.unsealed}, {"unsealed_expired", facts.unsealed_expired},
            {"newer", facts.newer},       {"elsewhere", facts.elsewhere},
            {"later", facts.later}};
  }
  if (!verified.officer) return {};
  return {{"inside", verified.officer->inside},
          {"closed_before", verified.officer->closed_before},
          {"closed_after", verified.officer->closed_after}};
}

std::string JsonOf(const Verified& verified) {
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject();
  verify::WriteReport(verified.log, json);
  if (verified.person || verified.officer) {
    json.Key(verified.person ? "person" : "officer").BeginObject();
    for (const auto& [name, count] : FactsOf(verified)) json.Key(name).Uint(count);
    json.EndObject();
  }
  if (verified.store && !verified.store->json.empty()) json.Key("store").Raw(verified.store->json);
  json.EndObject();
  return out;
}

void PrintLines(const Verified& verified, const Terminal& terminal) {
  const verify::Report& report = verified.log;
  terminal.Line("ok\t" + std::string(report.ok() ? "true" : "false"));
  terminal.Line("size\t" + std::to_string(report.head.size));
  terminal.Line("entries\t" + std::to_string(report.entries));
  for (const verify::Cosigned& by : report.cosigned) terminal.Line("cosigned\t" + by.name);
  for (const auto& [name, count] : FactsOf(verified)) {
    terminal.Line(std::string(name) + "\t" + std::to_string(count));
  }
  if (!report.ok()) terminal.Line("fault\t" + verify::Describe(*report.fault));
  if (verified.store) terminal.Line("store\t" + verified.store->json);
}

void Print(const Verified& verified, const Common& common, const Terminal& terminal) {
  const verify::Report& report = verified.log;
  if (common.json) return terminal.Line(JsonOf(verified));
  if (common.plain) return PrintLines(verified, terminal);
  if (!report.ok()) return terminal.Line("FAULT  " + verify::Describe(*report.fault));
  terminal.Line("good  " + report.origin + ", " + Grouped(report.head.size) + " entries, " +
                Grouped(report.entries) + " of them read now");
  for (const verify::Cosigned& by : report.cosigned) terminal.Line("      cosigned by " + by.name);
  if (verified.person) {
    const verify::PersonFacts& facts = *verified.person;
    terminal.Line("      the person's numbers from " + Grouped(facts.first) + " to before " +
                  Grouped(facts.end) + ": " + Grouped(facts.rows) + " opened, " +
                  Grouped(facts.expired) + " expired, none missing");
    if (facts.later > 0) terminal.Line("      " + Grouped(facts.later) + " came later");
  }
  if (verified.officer) {
    terminal.Line("      the account's period: " + Grouped(verified.officer->inside) +
                  " entries, none missing" +
                  (verified.officer->closed_after ? "" : "; none after it in the log so far"));
  }
  if (verified.store && !verified.store->summary.empty()) terminal.Line(verified.store->summary);
}

ExitCode ExitCodeOf(const Verified& verified) {
  const verify::Report& report = verified.log;
  if (report.ok()) return verified.store ? verified.store->exit : ExitCode::kDone;
  const bool unread = report.fault->kind == verify::FaultKind::kUnreadable;
  return unread ? ExitCode::kUnavailable : ExitCode::kFailure;
}

bool Keep(const std::string& path, const verify::Report& report, const Terminal& terminal) {
  if (path.empty()) return true;
  base::SystemFiles files;
  if (base::WriteWhole(files, path, AsBytes(report.checkpoint), 0644).ok()) return true;
  terminal.Complain("--keep: cannot write " + path);
  return false;
}

}  // namespace

ExitCode Verify(const VerifyOptions& options, const Common& common, const Terminal& terminal) {
  Inputs inputs(terminal);
  std::optional<verify::LogOptions> log = OptionsOf(options, inputs);
  if (!log) return ExitCode::kUsage;
  std::optional<verify::PersonFile> person;
  std::optional<std::string> officer;
  if (!options.person.empty()) {
    person = PersonOf(options, inputs);
    if (!person) return ExitCode::kUsage;
  }
  if (!options.officer.empty()) {
    officer = inputs.File("--officer", options.officer, kOpenedFileBytesMax);
    if (!officer) return ExitCode::kUsage;
  }
  if (person && officer) {
    terminal.Complain("--person and --officer: one at a time");
    return ExitCode::kUsage;
  }
  if (!options.store.empty() && !inputs.File("--store", options.store, kConfigFileBytesMax)) {
    return ExitCode::kUsage;
  }
  const std::unique_ptr<verify::Source> source = inputs.Log(options.log, options.ca);
  if (source == nullptr) return ExitCode::kUsage;
  log->progress = [&terminal](std::uint64_t entries) {
    if (entries % 65'536 == 0) terminal.Progress(Grouped(entries) + " entries");
  };
  Result<Verified> verified = RunAll(*source, *log, person, officer);
  terminal.EndProgress();
  if (!verified.ok()) {
    terminal.Complain(std::string(verified.error().text()));
    return ExitCode::kUsage;
  }
  if (!options.store.empty() && verified->log.ok()) {
    verified->store = VerifyStore(options.store, verified->log.head, terminal);
  }
  Print(*verified, common, terminal);
  const ExitCode exit = ExitCodeOf(*verified);
  if (exit == ExitCode::kDone && !Keep(options.keep, verified->log, terminal)) {
    return ExitCode::kFailure;
  }
  return exit;
}

}  // namespace cloison::cli
