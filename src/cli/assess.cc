// cloison assess: findings about an access log, for a terminal, for programs, and as a page.
#include "assess/assess.h"

#include <algorithm>
#include <iostream>
#include <thread>

#include "assess/example_log.h"
#include "assess/report.h"
#include "base/random.h"
#include "cli/assess_words.h"
#include "codec/json_writer.h"
#include "vault/embedded.h"

namespace cloison::cli {

namespace {

constexpr std::size_t kWriteBytes = 1u << 20;

ExitCode PrintExample(std::uint64_t lines) {
  assess::ExampleSize size;
  size.lines = lines;
  const assess::ExampleLog log(size);
  std::string waiting;
  log.AppendHeader(waiting);
  for (std::uint64_t i = 0; i < lines; ++i) {
    log.AppendLine(waiting, i);
    if (waiting.size() < kWriteBytes) continue;
    std::cout << waiting;
    waiting.clear();
  }
  std::cout << waiting << std::flush;
  return std::cout.good() ? ExitCode::kDone : ExitCode::kFailure;
}

// One run of the command.
class Assessing {
 public:
  Assessing(const AssessOptions& options, const Common& common, const Terminal& terminal)
      : options_(options), common_(common), terminal_(terminal) {}

  ExitCode Run() {
    if (!ReadMap() || !ReadPolicy() || !ReadScope()) return ExitCode::kUsage;
    if (!OpenRejects()) return ExitCode::kFailure;
    base::SystemRandom random;
    run_.key = random.Draw<16>();
    run_.register_people = options_.people;
    run_.default_class = options_.budget_class;
    run_.threads = options_.threads != 0 ? options_.threads
                                         : std::max(1u, std::thread::hardware_concurrency());
    run_.memory_bytes = options_.memory_mb << 20;
    run_.temporary =
        options_.temporary.empty() ? Environment("TMPDIR").value_or("/tmp") : options_.temporary;
    run_.include_values = options_.include_values;
    Result<std::unique_ptr<assess::ByteSource>> log = assess::OpenBytes(options_.log);
    if (!log.ok()) return Fail(log.error());
    std::vector<std::string> problems;
    const Result<assess::Findings> findings =
        assess::Run(assess::MaybeUnpacked(std::move(*log)), run_, &problems);
    for (const std::string& problem : problems) terminal_.Note("  " + problem);
    if (!findings.ok()) return Fail(findings.error());
    return Report(*findings);
  }

 private:
  std::optional<std::string> TextOf(const std::string& path) {
    const Result<Bytes> bytes = files_.Read(path);
    if (bytes.ok()) return std::string(base::AsText(*bytes));
    terminal_.Complain("cannot read " + path);
    return std::nullopt;
  }

  bool Tell(const std::string& file, const std::vector<std::string>& problems) {
    for (const std::string& problem : problems) terminal_.Note(file + ": " + problem);
    return problems.empty();
  }

  bool ReadMap() {
    if (options_.map.empty()) return true;
    const std::optional<std::string> text = TextOf(options_.map);
    if (!text.has_value()) return false;
    std::vector<std::string> problems;
    Result<assess::LogMap> map = assess::LogMap::Parse(*text, &problems);
    if (!map.ok()) return Tell(options_.map, problems);
    run_.map = std::move(*map);
    return true;
  }

  bool ReadPolicy() {
    std::optional<std::string> schema_text(vault::JobSeekersSchemaToml());
    std::optional<std::string> text(vault::DemoPolicyToml());
    if (!options_.schema.empty()) schema_text = TextOf(options_.schema);
    if (!options_.policy.empty()) text = TextOf(options_.policy);
    if (!schema_text.has_value() || !text.has_value()) return false;
    std::vector<std::string> problems;
    const auto schema = records::Schema::Parse(*schema_text, &problems);
    if (!schema.ok()) return Tell(options_.schema, problems);
    auto policy = access::Policy::Parse(*text, **schema, &problems);
    if (!policy.ok()) return Tell(options_.policy, problems);
    run_.policy = std::move(*policy);
    return true;
  }

  bool ReadScope() {
    if (options_.scope.empty()) return true;
    std::vector<std::string> problems;
    Result<assess::ScopeQuery> query =
        assess::ScopeQuery::Parse(options_.scope, run_.map.zone, &problems);
    if (!query.ok()) return Tell("--scope", problems);
    scope_ = std::make_unique<assess::ScopeList>(std::move(*query));
    run_.scope = scope_.get();
    return true;
  }

  bool OpenRejects() {
    if (options_.rejects.empty()) return true;
    Result<std::unique_ptr<base::WritableFile>> file = files_.Create(options_.rejects, 0600);
    if (!file.ok()) {
      terminal_.Complain("cannot write " + options_.rejects);
      return false;
    }
    rejects_ = std::move(*file);
    run_.rejects = rejects_.get();
    return true;
  }

  ExitCode Fail(const Error& error) {
    terminal_.Complain(std::string(error.text()));
    return error.code() == Code::kInvalid || error.code() == Code::kNotFound ? ExitCode::kUsage
                                                                             : ExitCode::kFailure;
  }

  bool WriteFile(const std::string& path, const std::string& text, unsigned mode) {
    if (base::WriteWhole(files_, path, base::AsBytes(text), mode).ok()) return true;
    terminal_.Complain("cannot write " + path);
    return false;
  }

  ExitCode Report(const assess::Findings& findings) {
    assess::ReportOptions report{options_.names, {}};
    if (scope_ != nullptr) report.scope = {scope_->people(), scope_->accesses()};
    if (rejects_ != nullptr && !rejects_->Sync().ok()) {
      terminal_.Complain("cannot write " + options_.rejects);
      return ExitCode::kFailure;
    }
    if (!options_.html.empty() && !WriteFile(options_.html, ToHtml(findings, report), 0600)) {
      return ExitCode::kFailure;
    }
    if (scope_ != nullptr && options_.scope_to == "-") {
      terminal_.Out(scope_->Csv());
      return ExitCode::kDone;
    }
    if (scope_ != nullptr && !WriteFile(options_.scope_to, scope_->Csv(), 0600)) {
      return ExitCode::kFailure;
    }
    if (common_.json) {
      terminal_.Line(ToJson(findings, report));
    } else {
      terminal_.Out(ToText(findings, report));
    }
    return ExitCode::kDone;
  }

  const AssessOptions& options_;
  const Common& common_;
  const Terminal& terminal_;
  base::SystemFiles files_;
  assess::Options run_;
  std::unique_ptr<assess::ScopeList> scope_;
  std::unique_ptr<base::WritableFile> rejects_;
};

}  // namespace

ExitCode Assess(const AssessOptions& options, const Common& common, const Terminal& terminal) {
  if (options.example != 0) return PrintExample(options.example);
  if (options.log.empty()) {
    terminal.Complain("--log FILE is needed");
    return ExitCode::kUsage;
  }
  return Assessing(options, common, terminal).Run();
}

}  // namespace cloison::cli
