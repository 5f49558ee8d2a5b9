// cloison decoys: asks for so many of them; a second officer agrees.
#include <CLI/CLI.hpp>

#include "cli/approval.h"
#include "cli/decoy_words.h"
#include "codec/json_writer.h"

namespace cloison::cli {

ExitCode Decoys(const DecoyOptions& options, const Common& common, const Terminal& terminal) {
  AskedRequest request{"/v1/approvals", {}};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("kind").String("decoys").Key("what").BeginObject();
  json.Key("per_100000").Uint(options.per_100000).EndObject();
  json.Key("reason").String(options.reason).EndObject();
  return SendForApproval(request, options.dry_run, common, terminal);
}

void DecoyWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(shared);
  CLI::App* const decoys =
      app.add_subcommand("decoys", "ask for records that nobody has a reason to open");
  decoys->footer(
      "Examples:\n  cloison decoys --per-100000 100 --reason \"one in a thousand\" \\\n"
      "    --as officer.security\n"
      "  cloison decoys --per-100000 0 --reason \"retire them all\" --as officer.security\n"
      "Another officer agrees: cloison approval approve ID.");
  decoys->add_option("--per-100000", options_.per_100000, "so many of 100,000; 0: none")
      ->required()
      ->check(CLI::Range(0, 10'000));
  decoys->add_option("--reason", options_.reason, "why, 1 to 128 bytes")->required();
  decoys->add_flag("--dry-run", options_.dry_run, "show what would be sent");
  shared_->add_output(decoys);
  shared_->add_connection(decoys);
  decoys->callback([this] {
    shared_->run = [this] { return Decoys(options_, shared_->common, shared_->terminal); };
  });
}

}  // namespace cloison::cli
