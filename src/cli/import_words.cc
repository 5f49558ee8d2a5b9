#include "cli/import_words.h"

#include <CLI/CLI.hpp>

namespace cloison::cli {

void AddImportOptions(CLI::App& command, ImportCommandOptions& options) {
  command.add_option("file", options.file, "FILE, or - for standard input");
  CLI::Option* postgres = command.add_option(
      "--postgres", options.postgres, "CONNECTION of a database instead of FILE, as psql takes it");
  CLI::Option* table =
      command.add_option("--table", options.table, "NAME or SCHEMA.NAME of the database");
  postgres->needs(table);
  table->needs(postgres);
  command.add_option("--order-by", options.order_by, "COLUMNS that make the rows' order sure")
      ->delimiter(',')
      ->needs(table);
  command.add_option("--format", options.format, "csv or jsonl; else by the file's name")
      ->check(CLI::IsMember({"csv", "jsonl"}));
  command.add_option("--map", options.map, "FILE: which column is which field (TOML)");
  command.add_option("--schema", options.schema, "FILE instead of the built-in job-seekers");
  command.add_option("--rejects", options.rejects, "FILE for rows not taken, mode 0600");
  command.add_flag("--include-values", options.include_values, "values in the rejects too");
  command.add_option("--checkpoint", options.checkpoint, "FILE: skip what was done before");
  command.add_option("--id", options.id,
                     "name of this input: the same rows under the same name are one import");
  CLI::Option* dry =
      command.add_flag("--dry-run", options.dry_run, "check every row, register nobody");
  CLI::Option* verify =
      command.add_flag("--verify", options.verify, "ask for every row again: is it registered?")
          ->excludes(dry);
  CLI::Option* config = command.add_option("--config", options.config, "FILE of that register");
  command.add_flag("--direct", options.direct, "first load of an empty, stopped register")
      ->excludes(dry)
      ->excludes(verify)
      ->excludes(postgres)
      ->needs(config);
  command.add_option("--connections", options.connections, "at once [4]")
      ->check(CLI::Range(std::size_t{1}, kImportConnectionsMax));
  command.add_option("--retry", options.retry_s, "SECONDS to wait for a server away [30]")
      ->check(CLI::Range(0, 86'400));
}

}  // namespace cloison::cli
