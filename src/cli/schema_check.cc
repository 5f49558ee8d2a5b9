#include "cli/schema_check.h"

#include <CLI/CLI.hpp>

#include "base/files.h"
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

void SchemaWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(shared);
  CLI::App* const schema = app.add_subcommand("schema", "work on a schema");
  schema->require_subcommand(1);
  CLI::App* const check =
      schema->add_subcommand("check", "say what is wrong with a schema, by line");
  check->footer("Examples:\n  cloison schema check schemas/job-seekers.toml");
  check->add_option("file", file_, "FILE")->required();
  shared_->add_output(check);
  check->callback([this] {
    shared_->run = [this] { return SchemaCheck(file_, shared_->common, shared_->terminal); };
  });
}

}  // namespace cloison::cli
