#include "cli/assess_words.h"

#include <CLI/CLI.hpp>

namespace cloison::cli {

void AssessWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  CLI::App* const word = app.add_subcommand(
      "assess", "what an access log you have tells of a stolen account, and of budgets");
  word->footer(
      "Examples\n"
      "  cloison assess --log access.csv --html report.html\n"
      "  cloison assess --log access.csv.gz --map log.toml --policy policy.toml --json\n"
      "  zcat old/*.gz | cloison assess --log - --rejects rejects.csv\n"
      "  cloison assess --log access.csv --scope agent=A1041,from=2024-02-06,until=2024-03-05 \\\n"
      "    --scope-to scope.csv\n"
      "  cloison assess --example 100000 > access.csv");
  AssessOptions& to = options_;
  CLI::Option* const log = word->add_option("--log", to.log, "FILE, plain or gzip; - for a pipe");
  word->add_option("--map", to.map, "FILE: which column is what, times, actions (TOML)");
  CLI::Option* const policy =
      word->add_option("--policy", to.policy, "FILE whose budgets are tried [as the demo's]");
  word->add_option("--schema", to.schema, "FILE of that policy [the built-in job-seekers]")
      ->needs(policy);
  word->add_option("--class", to.budget_class, "of roles that nothing else says [case-worker]");
  word->add_option("--people", to.people, "in the register [as many as the log names]");
  word->add_option("--html", to.html, "FILE for the report as a page");
  word->add_flag("--names", to.names, "accounts by the log's names, not by pseudonyms");
  CLI::Option* const rejects =
      word->add_option("--rejects", to.rejects, "FILE for lines not read, mode 0600");
  word->add_flag("--include-values", to.include_values, "with the lines themselves")
      ->needs(rejects);
  CLI::Option* const scope = word->add_option(
      "--scope", to.scope, "list the people of agent=, office=, organisation=, from=, until=");
  CLI::Option* const scope_to =
      word->add_option("--scope-to", to.scope_to, "FILE for that list, mode 0600; - prints it");
  scope->needs(scope_to);
  scope_to->needs(scope);
  word->add_option("--threads", to.threads, "at once [one per core]")->check(CLI::Range(1, 64));
  word->add_option("--memory", to.memory_mb, "MB of accesses held; more goes to a file [256]")
      ->check(CLI::Range(1, 1 << 20));
  word->add_option("--temporary", to.temporary, "DIR for that file [TMPDIR, /tmp]");
  word->add_option("--example", to.example, "LINES: print an invented log instead")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->excludes(log);
  shared_->add_output(word);
  word->callback([this] {
    shared_->run = [this] { return Assess(options_, shared_->common, shared_->terminal); };
  });
}

}  // namespace cloison::cli
