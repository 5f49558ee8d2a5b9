// cloison init: a new register's directories, configuration and keys, by cloisond init.
#include <filesystem>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/process.h"

namespace cloison::cli {

namespace {

bool IsUsed(const std::string& directory) {
  std::error_code failed;
  return std::filesystem::exists(directory, failed) &&
         !std::filesystem::is_empty(directory, failed);
}

std::vector<std::string> SettingsOf(const std::string& directory, bool development) {
  std::vector<std::string> settings = {"data=" + directory + "/data",
                                       "key_objects=" + directory + "/keys"};
  if (development) {
    settings.push_back("mode=development");
    settings.push_back("credentials=" + directory + "/credentials");
  }
  return settings;
}

}  // namespace

ExitCode Init(const InitOptions& options, const Common& common, const Terminal& terminal) {
  std::error_code failed;
  const std::string directory =
      std::filesystem::absolute(options.directory, failed).lexically_normal().string();
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
  const Result<std::string> daemon = DaemonPath();
  if (!daemon.ok()) return Explain(daemon.error(), terminal);
  base::SystemFiles files;
  std::filesystem::create_directories(directory, failed);
  if (const Status made = files.MakeDirectory(directory, 0700); !made.ok()) {
    return Explain(made.error(), terminal);
  }
  ChildOptions child;
  child.arguments = {*daemon, "init", "--config", configuration};
  for (const std::string& setting : SettingsOf(directory, options.development)) {
    child.arguments.insert(child.arguments.end(), {"--set", setting});
  }
  Result<std::unique_ptr<Child>> started = Child::Start(std::move(child));
  if (!started.ok()) return Explain(started.error(), terminal);
  const int exit = (*started)->Wait();
  if (exit == 0 && !common.plain) {
    terminal.Line("Next: cloison serve --config " + configuration);
  }
  return static_cast<ExitCode>(exit);
}

}  // namespace cloison::cli
