// cloison init: a new register's directories, configuration and keys, by cloisond init. In
// production two officers sign for it; their keys never come near the register.
#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/officer_file.h"
#include "cli/process.h"
#include "ledger/bootstrap_statement.h"

namespace cloison::cli {

namespace {

constexpr char kConfigName[] = "/cloison.toml";

std::string Absolute(const std::string& path) {
  std::error_code failed;
  return std::filesystem::absolute(path, failed).lexically_normal().string();
}

bool IsUsed(const std::string& directory) {
  std::error_code failed;
  return std::filesystem::exists(directory, failed) &&
         !std::filesystem::is_empty(directory, failed);
}

bool IsThere(const std::string& file) {
  base::SystemFiles files;
  return files.Stat(file).ok();
}

Status MakeDirectory(const std::string& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  base::SystemFiles files;
  return files.MakeDirectory(directory, 0700);
}

std::vector<std::string> SettingsOf(const std::string& directory) {
  return {"data=" + directory + "/data", "key_objects=" + directory + "/keys"};
}

ExitCode RunInit(const std::string& directory, std::vector<std::string> arguments,
                 const std::vector<std::string>& settings, const Terminal& terminal) {
  const Result<std::string> daemon = DaemonPath();
  if (!daemon.ok()) return Explain(daemon.error(), terminal);
  ChildOptions child;
  child.arguments = {*daemon, "init", "--config", directory + kConfigName};
  child.arguments.insert(child.arguments.end(), arguments.begin(), arguments.end());
  for (const std::string& setting : settings) {
    child.arguments.insert(child.arguments.end(), {"--set", setting});
  }
  Result<std::unique_ptr<Child>> started = Child::Start(std::move(child));
  if (!started.ok()) return Explain(started.error(), terminal);
  return static_cast<ExitCode>((*started)->Wait());
}

ExitCode BeginDevelopment(const std::string& directory, const InitOptions& options,
                          const Common& common, const Terminal& terminal) {
  if (const Status made = MakeDirectory(directory); !made.ok()) {
    return Explain(made.error(), terminal);
  }
  std::vector<std::string> settings = SettingsOf(directory);
  settings.push_back("mode=development");
  settings.push_back("credentials=" + directory + "/credentials");
  if (!options.schema.empty()) settings.push_back("schema=" + Absolute(options.schema));
  if (!options.policy.empty()) settings.push_back("policy=" + Absolute(options.policy));
  if (!options.principals.empty()) {
    settings.push_back("principals=" + Absolute(options.principals));
  }
  const ExitCode code = RunInit(directory, {}, settings, terminal);
  if (code == ExitCode::kDone && !common.plain) {
    terminal.Line("Next: cloison serve --config " + directory + kConfigName);
  }
  return code;
}

ExitCode BeginProduction(const std::string& directory, const std::string& note,
                         const Common& common, const Terminal& terminal) {
  if (note.empty() || !IsThere(directory + kConfigName)) {
    terminal.Complain("a production register begins by a signed statement: cloison init statement");
    return ExitCode::kUsage;
  }
  const ExitCode code = RunInit(directory, {"--note", note}, {}, terminal);
  if (code == ExitCode::kDone && !common.plain) {
    terminal.Line("Next: cloison serve --config " + directory + kConfigName);
  }
  return code;
}

}  // namespace

ExitCode Init(const InitOptions& options, const Common& common, const Terminal& terminal) {
  const std::string directory = Absolute(options.directory);
  if (options.directory.empty() || options.development == options.production) {
    terminal.Complain("init takes a directory, and --development or --production");
    return ExitCode::kUsage;
  }
  if (options.production &&
      !(options.schema.empty() && options.policy.empty() && options.principals.empty())) {
    terminal.Complain("schema, policy and founders of a production register are in its statement");
    return ExitCode::kUsage;
  }
  if (options.development && IsUsed(directory)) {
    terminal.Complain(directory + " is not empty; nothing was changed");
    return ExitCode::kConflict;
  }
  for (const std::string* file : {&options.schema, &options.policy, &options.principals}) {
    if (file->empty() || IsThere(*file)) continue;
    terminal.Complain(*file + ": cannot be read; nothing was made");
    return ExitCode::kUsage;
  }
  if (options.dry_run) {
    terminal.Out("would make\n  " + directory + "/data\n  " + directory + "/keys\n  " + directory +
                 kConfigName + "\n");
    return ExitCode::kDone;
  }
  if (options.development) return BeginDevelopment(directory, options, common, terminal);
  return BeginProduction(directory, options.note, common, terminal);
}

ExitCode InitStatement(const InitStatementOptions& options, const Common& common,
                       const Terminal& terminal) {
  const std::string directory = Absolute(options.directory);
  const bool again = IsThere(directory + kConfigName);
  if (!again && IsUsed(directory)) {
    terminal.Complain(directory + " is not empty; nothing was changed");
    return ExitCode::kConflict;
  }
  if (again && (!options.settings.empty() || !options.files.empty())) {
    terminal.Complain("change " + directory + kConfigName + " instead: it is there already");
    return ExitCode::kConflict;
  }
  std::vector<std::string> settings;
  if (!again) {
    if (const Status made = MakeDirectory(directory); !made.ok()) {
      return Explain(made.error(), terminal);
    }
    settings = SettingsOf(directory);
    settings.push_back("ledger.recovery_officers=" + directory + "/officers");
    for (const auto& [key, file] : options.files) settings.push_back(key + "=" + Absolute(file));
    settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  }
  const ExitCode code = RunInit(
      directory, {"--plan", options.plan, "--statement", options.statement}, settings, terminal);
  if (code == ExitCode::kDone && !common.plain) {
    terminal.Note("Next: two officers sign it, cloison init sign --key KEY " + options.statement);
  }
  return code;
}

}  // namespace cloison::cli
