// cloison schema check: what is wrong with a schema, all of it, by line.
#include "base/files.h"
#include "cli/commands.h"
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

ExitCode SchemaCheck(const SchemaOptions& options, const Common& common, const Terminal& terminal) {
  base::SystemFiles files;
  const Result<Bytes> text = files.Read(options.file);
  if (!text.ok()) {
    terminal.Complain("cannot read " + options.file);
    return ExitCode::kUsage;
  }
  std::vector<std::string> problems;
  const auto schema = records::Schema::Parse(AsText(*text), &problems);
  if (common.json) {
    PrintJson(problems, terminal);
    return schema.ok() ? ExitCode::kDone : ExitCode::kFailure;
  }
  for (const std::string& problem : problems) terminal.Note(options.file + ": " + problem);
  if (!schema.ok()) return ExitCode::kFailure;
  terminal.Line((*schema)->name() + ": " + std::to_string((*schema)->compartments().size()) +
                " compartments, " + std::to_string((*schema)->fields().size()) + " fields");
  return ExitCode::kDone;
}

}  // namespace cloison::cli
