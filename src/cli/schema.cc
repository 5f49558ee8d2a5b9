#include "cli/schema.h"

#include <CLI/CLI.hpp>

#include "base/files.h"
#include "cli/approval.h"
#include "cli/commands.h"
#include "cli/request.h"
#include "codec/json_writer.h"
#include "records/schema.h"

namespace cloison::cli {

namespace {

void PrintJson(const std::vector<std::string>& problems, const Terminal& terminal) {
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("ok").Bool(problems.empty()).Key("problems").BeginArray();
  for (const std::string& problem : problems) json.String(problem);
  json.EndArray().EndObject();
  terminal.Line(out);
}

}  // namespace

ExitCode SchemaCheck(const std::string& file, const Common& common, const Terminal& terminal) {
  base::SystemFiles files;
  const Result<Bytes> text = files.Read(file);
  if (!text.ok()) {
    terminal.Complain("cannot read " + file);
    return ExitCode::kUsage;
  }
  std::vector<std::string> problems;
  const auto schema = records::Schema::Parse(AsText(*text), &problems);
  if (common.json) {
    PrintJson(problems, terminal);
    return schema.ok() ? ExitCode::kDone : ExitCode::kFailure;
  }
  for (const std::string& problem : problems) terminal.Note(file + ": " + problem);
  if (!schema.ok()) return ExitCode::kFailure;
  terminal.Line((*schema)->name() + ": " + std::to_string((*schema)->compartments().size()) +
                " compartments, " + std::to_string((*schema)->fields().size()) + " fields");
  return ExitCode::kDone;
}

ExitCode SchemaAsk(const SchemaOptions& options, const Common& common, const Terminal& terminal) {
  base::SystemFiles files;
  const Result<Bytes> text = files.Read(options.file);
  if (!text.ok()) {
    terminal.Complain("cannot read " + options.file);
    return ExitCode::kUsage;
  }
  AskedRequest asked{"/v1/schemas", {}};
  codec::JsonWriter json(asked.body);
  json.BeginObject().Key("schema").String(AsText(*text)).Key("reason").String(options.reason);
  json.EndObject();
  return SendForApproval(asked, options.dry_run, common, terminal);
}

ExitCode SchemaStatus(const Common& common, const Terminal& terminal) {
  return PrintFacts({net::Method::kGet, "/v1/schemas"}, "the schema", common, terminal);
}

void SchemaWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  CLI::App* const schema = app.add_subcommand("schema", "check and change the schema");
  schema->require_subcommand(1);
  AddCheck(*schema);
  AddRequests(*schema);
  AddPrint(*schema);
}

void SchemaWords::AddCheck(CLI::App& schema) {
  CLI::App* const check =
      schema.add_subcommand("check", "say what is wrong with a schema, by line");
  check->footer("Examples:\n  cloison schema check schemas/job-seekers.toml");
  check->add_option("file", options_.file, "FILE")->required();
  shared_->add_output(check);
  check->callback([this] {
    shared_->run = [this] {
      return SchemaCheck(options_.file, shared_->common, shared_->terminal);
    };
  });
}

void SchemaWords::AddPrint(CLI::App& schema) {
  CLI::App* const print =
      schema.add_subcommand("print", "print the schema that a stopped register keeps");
  print->footer(
      "Examples:\n  cloison schema print --config cloison.toml > kept-schema.toml\n"
      "  cloison schema print --config cloison.toml --which agreed");
  print->prefix_command();
  print->set_help_flag();
  print->callback([this, print] {
    shared_->run = [this, print] { return SchemaPrint(print->remaining(), shared_->terminal); };
  });
}

void SchemaWords::AddRequests(CLI::App& schema) {
  CLI::App* const ask =
      schema.add_subcommand("ask", "ask for another schema to follow the one in force");
  ask->footer("Examples:\n  cloison schema ask --file schema-2.toml --reason ticket-9");
  ask->add_option("--file", options_.file, "FILE: the whole schema, one version on")->required();
  ask->add_option("--reason", options_.reason, "for the record")->required();
  ask->add_flag("--dry-run", options_.dry_run, "show what would be sent, and send nothing");
  CLI::App* const status = schema.add_subcommand(
      "status", "say which schema is in force, which was agreed to, how far the rows are");
  status->footer("Examples:\n  cloison schema status --session anna.session");
  for (CLI::App* const word : {ask, status}) {
    shared_->add_output(word);
    shared_->add_connection(word);
  }
  ask->callback([this] {
    shared_->run = [this] { return SchemaAsk(options_, shared_->common, shared_->terminal); };
  });
  status->callback([this] {
    shared_->run = [this] { return SchemaStatus(shared_->common, shared_->terminal); };
  });
}

}  // namespace cloison::cli
