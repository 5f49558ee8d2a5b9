// cloison verify: a published log against its key. No server of ours is asked for anything but the
// files that everybody gets.
#include "base/files.h"
#include "cli/commands.h"
#include "codec/json_writer.h"
#include "verify/log.h"

namespace cloison::cli {

namespace {

constexpr std::size_t kKeyFileBytesMax = 4'096;
constexpr std::size_t kCaFileBytesMax = 1u << 20;

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

void Print(const verify::Report& report, const Common& common, const Terminal& terminal) {
  if (common.json) {
    std::string out;
    codec::JsonWriter json(out);
    json.BeginObject();
    verify::WriteReport(report, json);
    json.EndObject();
    return terminal.Line(out);
  }
  if (common.plain) {
    terminal.Line("ok\t" + std::string(report.ok() ? "true" : "false"));
    terminal.Line("size\t" + std::to_string(report.head.size));
    terminal.Line("entries\t" + std::to_string(report.entries));
    for (const verify::Cosigned& by : report.cosigned) terminal.Line("cosigned\t" + by.name);
    if (!report.ok()) terminal.Line("fault\t" + verify::Describe(*report.fault));
    return;
  }
  if (!report.ok()) return terminal.Line("FAULT  " + verify::Describe(*report.fault));
  terminal.Line("good  " + report.origin + ", " + Grouped(report.head.size) + " entries, " +
                Grouped(report.entries) + " of them read now");
  for (const verify::Cosigned& by : report.cosigned) terminal.Line("      cosigned by " + by.name);
}

ExitCode ExitCodeOf(const verify::Report& report) {
  if (report.ok()) return ExitCode::kDone;
  const bool unread = report.fault->kind == verify::FaultKind::kUnreadable;
  return unread ? ExitCode::kUnavailable : ExitCode::kFailure;
}

bool Keep(const std::string& path, const verify::Report& report, const Terminal& terminal) {
  if (path.empty() || !report.ok()) return true;
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
  const std::unique_ptr<verify::Source> source = inputs.Log(options.log, options.ca);
  if (source == nullptr) return ExitCode::kUsage;
  log->progress = [&terminal](std::uint64_t entries) {
    if (entries % 65'536 == 0) terminal.Progress(Grouped(entries) + " entries");
  };
  const Result<verify::Report> report = verify::VerifyLog(*source, *log);
  terminal.EndProgress();
  if (!report.ok()) {
    terminal.Complain(std::string(report.error().text()));
    return ExitCode::kUsage;
  }
  Print(*report, common, terminal);
  if (!Keep(options.keep, *report, terminal)) return ExitCode::kFailure;
  return ExitCodeOf(*report);
}

}  // namespace cloison::cli
