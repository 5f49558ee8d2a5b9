#include <CLI/CLI.hpp>
#include <map>

#include "api/handler.h"
#include "server/modes.h"

namespace cloison::server {

namespace {

// "listen.port=8443" to its two halves.
Overrides SplitSettings(const std::vector<std::string>& settings) {
  Overrides out;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) {
      out.emplace_back(setting, "");
    } else {
      out.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
    }
  }
  return out;
}

void AddRecover(CLI::App& app, RecoverArguments& arguments, std::vector<std::string>& settings) {
  CLI::App* mode = app.add_subcommand("recover", "Bring back a register whose ledger is shorter");
  mode->add_option("--config", arguments.config_file, "Configuration file")->required();
  mode->add_option("--set", settings, "KEY=VALUE, goes before file and environment");
  CLI::Option_group* one = mode->add_option_group("Step");
  one->require_option(1);
  one->add_option("--statement", arguments.statement, "FILE to write the statement to");
  one->add_option("--note", arguments.note, "FILE: the statement, signed by two officers");
  mode->add_option("--witnessed", arguments.witnessed, "FILE: a checkpoint kept elsewhere");
}

void AddInit(CLI::App& app, InitArguments& arguments, std::vector<std::string>& settings) {
  CLI::App* mode = app.add_subcommand("init", "Create a register");
  mode->add_option("--config", arguments.config_file, "Configuration file")->required();
  mode->add_option("--set", settings, "KEY=VALUE, goes before file and environment");
  CLI::Option* plan =
      mode->add_option("--plan", arguments.plan, "FILE: who is to begin a production register");
  mode->add_option("--statement", arguments.statement, "FILE to write its statement to")
      ->needs(plan);
  mode->add_option("--note", arguments.note, "FILE: the statement, signed by two officers")
      ->excludes(plan);
}

void AddVerifyStore(CLI::App& app, VerifyStoreArguments& arguments,
                    std::vector<std::string>& settings) {
  CLI::App* mode =
      app.add_subcommand("verify-store", "Hold the store of a stopped register against its ledger");
  mode->add_option("--config", arguments.config_file, "Configuration file")->required();
  mode->add_option("--set", settings, "KEY=VALUE, goes before file and environment");
  mode->add_option("--published", arguments.published, "SIZE:ROOT of the published log");
}

void AddSchema(CLI::App& app, SchemaArguments& arguments, std::vector<std::string>& settings) {
  using Which = SchemaArguments::Which;
  static const std::map<std::string, Which> kWhich{
      {"in-force", Which::kInForce}, {"agreed", Which::kAgreed}, {"before", Which::kBefore}};
  CLI::App* mode = app.add_subcommand("schema", "Print the schema that a stopped register keeps");
  mode->add_option("--config", arguments.config_file, "Configuration file")->required();
  mode->add_option("--set", settings, "KEY=VALUE, goes before file and environment");
  mode->add_option("--which", arguments.which, "in-force (unless said), agreed or before")
      ->transform(CLI::CheckedTransformer(kWhich));
}

void AddExport(CLI::App& app, ExportArguments& arguments, std::vector<std::string>& settings) {
  CLI::App* mode = app.add_subcommand("export", "Write a log of a stopped register as files");
  mode->add_option("--config", arguments.config_file, "Configuration file")->required();
  mode->add_option("--set", settings, "KEY=VALUE, goes before file and environment");
  mode->add_option("--generation", arguments.generation, "Of the log; 0: the newest");
  mode->add_option("--size", arguments.size, "So many entries; all that are there");
  mode->add_option("--out", arguments.out, "DIR, not there yet")->required();
}

void AddImport(CLI::App& app, ImportArguments& arguments, std::vector<std::string>& settings) {
  CLI::App* mode = app.add_subcommand("import", "Load people into an empty, stopped register");
  mode->add_option("--config", arguments.config_file, "Configuration file")->required();
  mode->add_option("--set", settings, "KEY=VALUE, goes before file and environment");
  mode->add_option("--file", arguments.file, "FILE, or - for standard input")->required();
  mode->add_option("--format", arguments.format, "csv or jsonl")
      ->check(CLI::IsMember({"csv", "jsonl"}));
  mode->add_option("--map", arguments.map, "FILE: which column is which field (TOML)");
  mode->add_option("--rejects", arguments.rejects, "FILE for rows not taken, mode 0600");
  mode->add_flag("--include-values", arguments.include_values, "Values in the rejects too");
}

void AddBackup(CLI::App& app, BackupArguments& arguments, std::vector<std::string>& settings) {
  CLI::App* mode = app.add_subcommand("backup", "Take a backup of a stopped register");
  mode->add_option("--config", arguments.config_file, "Configuration file")->required();
  mode->add_option("--set", settings, "KEY=VALUE, goes before file and environment");
  mode->add_option("--to", arguments.directory, "DIR of backups")->required();
  mode->add_option("--since", arguments.parent, "Only what changed since this one in DIR");
}

void AddRestore(CLI::App& app, RestoreArguments& arguments, std::vector<std::string>& settings) {
  CLI::App* mode = app.add_subcommand("restore", "Restore a register into an empty place");
  mode->add_option("--config", arguments.config_file, "Configuration file")->required();
  mode->add_option("--set", settings, "KEY=VALUE, goes before file and environment");
  mode->add_option("--from", arguments.directory, "DIR of backups")->required();
  mode->add_option("--backup", arguments.name, "Which one")->required();
  CLI::Option_group* one = mode->add_option_group("Journal");
  one->require_option(1);
  one->add_option("--erase-journal", arguments.erase_journal, "FILE: the newest copy");
  one->add_flag("--nobody-erased", arguments.nobody_erased, "Nobody was erased since the backup");
  one->add_flag("--check", arguments.check, "Read the backup to its end, restore nothing");
}

void AddDemo(CLI::App& app, DemoArguments& arguments) {
  CLI::App* demo = app.add_subcommand("demo", "Build the demo world and serve it on the loopback");
  demo->add_option("--data", arguments.data, "Directory of the demo")->required();
  demo->add_option("--people", arguments.people, "People of the register (100000)");
  demo->add_option("--schema", arguments.schema, "Schema instead of the built-in job-seekers");
  demo->add_option("--policy", arguments.policy,
                   "Policy instead of the built-in one, of its roles");
  demo->add_option("--port", arguments.port, "Port of the API");
  demo->add_option("--management-port", arguments.management_port, "0: any free one");
  demo->add_flag("--every-adviser", arguments.every_adviser, "Credentials of all advisers");
}

void AddDrill(CLI::App& app, DrillArguments& arguments) {
  CLI::App* drill = app.add_subcommand("drill", "Attack a register of our own");
  drill->add_option("--attack", arguments.drill.attack, "A1 to A12");
  drill->add_option("--replay", arguments.drill.replay,
                    "france-travail-2024, viamedis-2024, missions-locales-2025, urssaf-2026");
  drill->add_option("--accounts", arguments.drill.accounts, "Stolen accounts");
  drill->add_option("--people", arguments.drill.people, "People of the register");
  drill->add_option("--days", arguments.drill.days, "Days of the theft");
  drill->add_option("--seed", arguments.drill.seed, "Of everything random");
  drill->add_option("--seeds", arguments.drill.seeds, "How many, from that one up (1 to 100)");
  drill->add_flag("--detectors", arguments.drill.detectors, "Detectors act");
  drill->add_option("--faults", arguments.drill.faults,
                    "all=N, or crash=N,lost=N,kept=N,read=N,jump=N,reboot=N");
  drill->add_flag("--owner-away", arguments.drill.owner_away, "Of A2, A6, A11: nobody works there");
  drill->add_flag("--hammer", arguments.drill.hammer, "Ask again and again when refused");
  drill->add_option("--strangers-a-day", arguments.drill.strangers_a_day, "Of A2, A6 and A11 (2)");
  drill->add_option("--world", arguments.drill.world, "FILE of worlds and attacks (TOML)");
  drill->add_option("--benign", arguments.drill.benign, "FILE: honest work to replay (CSV)");
  drill->add_option("--benign-year", arguments.drill.benign_year,
                    "AGENTS of a year of honest work before budgets and detectors alone");
  drill->add_option("--html", arguments.drill.html, "FILE for the report as a page");
  drill->add_flag("--json", arguments.drill.json, "Print JSON");
  drill->add_option("--store", arguments.store, "memory or rocks")
      ->check(CLI::IsMember({"memory", "rocks"}));
  drill->footer("A server that runs, on loopback: cloison drill --live --help");
}

}  // namespace

int RunCommandLine(int argc, char** argv) {
  CLI::App app("cloisond keeps one register and answers for it. Most people start it by `cloison`.",
               "cloisond");
  app.set_version_flag("--version", std::string(api::kApiVersion));
  app.require_subcommand(1);
  std::string config_file;
  std::vector<std::string> settings;
  CLI::App* serve = app.add_subcommand("serve", "Serve a register");
  serve->add_option("--config", config_file, "Configuration file")->required();
  serve->add_option("--set", settings, "KEY=VALUE, goes before file and environment");
  InitArguments init;
  AddInit(app, init, settings);
  VerifyStoreArguments verify;
  AddVerifyStore(app, verify, settings);
  SchemaArguments schema;
  AddSchema(app, schema, settings);
  RecoverArguments recover;
  AddRecover(app, recover, settings);
  ExportArguments exported;
  AddExport(app, exported, settings);
  ImportArguments imported;
  AddImport(app, imported, settings);
  BackupArguments backup;
  AddBackup(app, backup, settings);
  RestoreArguments restore;
  AddRestore(app, restore, settings);
  DemoArguments demo;
  DrillArguments drill;
  AddDemo(app, demo);
  AddDrill(app, drill);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kExitUsage;
  }
  if (app.got_subcommand("demo")) return RunDemo(demo);
  if (app.got_subcommand("drill")) return RunDrill(drill);
  const Overrides overrides = SplitSettings(settings);
  recover.overrides = overrides;
  if (app.got_subcommand("recover")) return RunRecover(recover);
  exported.overrides = overrides;
  if (app.got_subcommand("export")) return RunExport(exported);
  backup.overrides = restore.overrides = overrides;
  if (app.got_subcommand("backup")) return RunBackup(backup);
  if (app.got_subcommand("restore")) return RunRestore(restore);
  imported.overrides = overrides;
  if (app.got_subcommand("import")) return RunImport(imported);
  init.overrides = overrides;
  if (app.got_subcommand("init")) return RunInit(init);
  verify.overrides = schema.overrides = overrides;
  if (app.got_subcommand("verify-store")) return RunVerifyStore(verify);
  if (app.got_subcommand("schema")) return RunSchema(schema);
  return RunServe({config_file, overrides});
}

}  // namespace cloison::server
