#include "cli/export_words.h"

#include <CLI/CLI.hpp>

namespace cloison::cli {

namespace {

CLI::App* Add(CLI::App& parent, const char* name, const char* help, const std::string& examples) {
  CLI::App* const word = parent.add_subcommand(name, help);
  word->footer("Examples\n" + examples);
  return word;
}

}  // namespace

void ExportWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  CLI::App* const all = app.add_subcommand(
      "export", "everybody, sealed to whoever takes the register over; by two officers");
  all->require_subcommand(1);
  AddFiles(*all);
  AddAsk(*all);
  AddOthers(*all);
}

void ExportWords::Runs(CLI::App* word, Command command) {
  shared_->add_output(word);
  word->callback([this, command] {
    shared_->run = [this, command] {
      return command(options_, shared_->common, shared_->terminal);
    };
  });
}

void ExportWords::AddFiles(CLI::App& parent) {
  CLI::App* const key = Add(parent, "key", "make a recipient's key; its public half is printed",
                            "  cloison export key --out house.key");
  key->add_option("--out", options_.out, "FILE for the secret half, 0600")->required();
  Runs(key, JobKey);
  CLI::App* const open = Add(parent, "open", "read the file with the recipient's key",
                             "  cloison export open move.exp --key house.key --out people.csv");
  open->add_option("file", options_.file, "FILE of the export")->required();
  open->add_option("--key", options_.key, "FILE: the recipient's secret key")->required();
  open->add_option("--out", options_.out, "FILE, 0600, instead of standard output");
  Runs(open, JobOpen);
}

void ExportWords::AddAsk(CLI::App& parent) {
  CLI::App* const ask =
      Add(parent, "ask", "ask for an export; another officer agrees, and it waits",
          "  cloison export ask --label move --application app.move --purpose migration \\\n"
          "    --recipient PUBLIC-KEY --people 40000000 --expires 2027-01-31T00:00:00Z \\\n"
          "    --reason MIG-2026-1 --as officer.privacy");
  ask->add_option("--label", options_.label, "what it is called; nothing of a person")->required();
  ask->add_option("--application", options_.application, "NAME of the program that runs it")
      ->required();
  ask->add_option("--purpose", options_.purpose, "why, in a word of the policy")->required();
  ask->add_option("--fields", options_.fields, "NAMES, with commas between [all]")->delimiter(',');
  ask->add_option("--recipient", options_.recipient, "the recipient's public key")->required();
  ask->add_option("--people", options_.people, "the most people")->required();
  ask->add_option("--expires", options_.expires, "time when it ends, within 31 days")->required();
  ask->add_option("--reason", options_.reason, "the file you work on")->required();
  ask->add_flag("--dry-run", options_.dry_run, "show the request, send nothing");
  shared_->add_connection(ask);
  Runs(ask, ExportAsk);
}

void ExportWords::AddOthers(CLI::App& parent) {
  CLI::App* const list = Add(parent, "list", "exports: one's own, or the organisation's",
                             "  cloison export list --as officer.security");
  Runs(list, ExportsList);
  CLI::App* const status = Add(parent, "status", "whether it waits, and how far it is",
                               "  cloison export status exp_12 --as officer.security");
  Runs(status, ExportStatus);
  CLI::App* const stop = Add(parent, "stop", "stop it for good, before its next part",
                             "  cloison export stop exp_12 --as officer.security");
  Runs(stop, ExportStop);
  CLI::App* const run = Add(parent, "run", "begin it, or go on where the file ends",
                            "  cloison export run exp_12 --out move.exp --as app.move");
  run->add_option("--out", options_.out, "FILE of the export")->required();
  run->add_option("--retry", options_.retry_s, "SECONDS to wait for a server that is away [30]");
  Runs(run, ExportRun);
  for (CLI::App* const word : {status, stop, run}) {
    word->add_option("id", options_.id, "of the export")->required();
  }
  for (CLI::App* const word : {list, status, stop}) {
    word->add_flag("--dry-run", options_.dry_run, "show the request, send nothing");
  }
  for (CLI::App* const word : {list, status, stop, run}) shared_->add_connection(word);
}

}  // namespace cloison::cli
