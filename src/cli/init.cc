// cloison init: a new register's directories and configuration, then its keys (cloisond init).
#include <filesystem>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/process.h"

namespace cloison::cli {

namespace {

std::string ConfigurationOf(const std::string& directory) {
  std::string text =
      "# Configuration of cloisond. Flags and CLOISON_... variables come before it.\n\n";
  text += "data = \"" + directory + "/data\"\n";
  text += "keys = \"" + directory + "/keys\"\n";
  return text;
}

bool IsUsed(const std::string& directory) {
  std::error_code failed;
  return std::filesystem::exists(directory, failed) &&
         !std::filesystem::is_empty(directory, failed);
}

}  // namespace

ExitCode Init(const InitOptions& options, const Common& common, const Terminal& terminal) {
  std::error_code failed;
  const std::string directory = std::filesystem::absolute(options.directory, failed).string();
  const std::string configuration = directory + "/cloison.toml";
  if (IsUsed(directory)) {
    terminal.Complain(directory + " is not empty; nothing was changed");
    return ExitCode::kConflict;
  }
  if (options.dry_run) {
    terminal.Out("would make\n  " + directory + "/data\n  " + directory + "/keys\n  " +
                 configuration + "\n");
    return ExitCode::kDone;
  }
  base::SystemFiles files;
  std::filesystem::create_directories(directory, failed);
  for (const char* part : {"", "/data", "/keys"}) {
    if (const Status made = files.MakeDirectory(directory + part, 0700); !made.ok()) {
      return Explain(made.error(), terminal);
    }
  }
  const Status written =
      base::WriteWhole(files, configuration, AsBytes(ConfigurationOf(directory)));
  if (!written.ok()) return Explain(written.error(), terminal);
  const Result<std::string> daemon = DaemonPath();
  if (!daemon.ok()) return Explain(daemon.error(), terminal);
  ChildOptions child;
  child.arguments = {*daemon, "init", "--config", configuration};
  Result<std::unique_ptr<Child>> started = Child::Start(std::move(child));
  if (!started.ok()) return Explain(started.error(), terminal);
  const int exit = (*started)->Wait();
  if (exit == 0 && !common.plain) {
    terminal.Line("Made " + directory + ". Next: cloison serve --config " + configuration);
  }
  return static_cast<ExitCode>(exit);
}

}  // namespace cloison::cli
