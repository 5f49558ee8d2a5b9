// cloison serve, drill, backup, restore and schema print: cloisond, started and watched. A live
// drill needs none.
#include "cli/commands.h"
#include "cli/drill_live.h"
#include "cli/process.h"

namespace cloison::cli {

namespace {

Result<ChildOptions> DaemonWith(std::string_view mode, const std::vector<std::string>& arguments) {
  CLOISON_TRY_ASSIGN(std::string daemon, DaemonPath());
  ChildOptions child;
  child.arguments = {std::move(daemon), std::string(mode)};
  child.arguments.insert(child.arguments.end(), arguments.begin(), arguments.end());
  return child;
}

ExitCode RunOnce(std::string_view mode, const std::vector<std::string>& arguments,
                 const Terminal& terminal) {
  Result<ChildOptions> options = DaemonWith(mode, arguments);
  if (!options.ok()) return Explain(options.error(), terminal);
  Result<std::unique_ptr<Child>> child = Child::Start(std::move(*options));
  if (!child.ok()) return Explain(child.error(), terminal);
  return static_cast<ExitCode>((*child)->Wait());
}

}  // namespace

ExitCode Serve(const std::vector<std::string>& arguments, const Terminal& terminal) {
  HoldSignals();
  const Result<ChildOptions> child = DaemonWith("serve", arguments);
  if (!child.ok()) return Explain(child.error(), terminal);
  const auto note = [&terminal](std::string_view text) { terminal.Complain(text); };
  return static_cast<ExitCode>(Supervise(*child, nullptr, note));
}

ExitCode Drill(const std::vector<std::string>& arguments, const Terminal& terminal) {
  if (IsLiveDrill(arguments)) return DrillLive(arguments, terminal);
  return RunOnce("drill", arguments, terminal);
}

ExitCode Backup(const std::vector<std::string>& arguments, const Terminal& terminal) {
  return RunOnce("backup", arguments, terminal);
}

ExitCode Restore(const std::vector<std::string>& arguments, const Terminal& terminal) {
  return RunOnce("restore", arguments, terminal);
}

ExitCode SchemaPrint(const std::vector<std::string>& arguments, const Terminal& terminal) {
  return RunOnce("schema", arguments, terminal);
}

}  // namespace cloison::cli
