// cloison policy: check, diff and sign policies, without a server; preview, propose and show them,
// with one.
#include "access/founding.h"
#include "access/policy_diff.h"
#include "base/files.h"
#include "cli/officer_file.h"
#include "cli/policy_sign.h"
#include "codec/json_writer.h"
#include "crypto/mac.h"
#include "ledger/policy_statement.h"

namespace cloison::cli {

namespace {

using access::Policy;

std::optional<std::string> TextOf(const std::string& path, const Terminal& terminal) {
  base::SystemFiles files;
  const Result<Bytes> bytes = files.Read(path);
  if (bytes.ok()) return std::string(AsText(*bytes));
  terminal.Complain("cannot read " + path);
  return std::nullopt;
}

void PrintJson(const std::vector<std::string>& problems, const Terminal& terminal) {
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("ok").Bool(problems.empty()).Key("problems").BeginArray();
  for (const std::string& problem : problems) json.String(problem);
  json.EndArray().EndObject();
  terminal.Line(out);
}

// What a command reads: a schema, and policies that fit it.
struct Read {
  std::shared_ptr<const records::Schema> schema;
  std::vector<std::shared_ptr<const Policy>> policies;
};

// Nothing: `code` says what to end with, and what is wrong was said.
std::optional<Read> ReadAll(const std::string& schema_file, const std::vector<std::string>& paths,
                            const Terminal& terminal, ExitCode& code) {
  code = ExitCode::kUsage;
  const std::optional<std::string> schema_text = TextOf(schema_file, terminal);
  if (!schema_text.has_value()) return std::nullopt;
  std::vector<std::string> problems;
  const auto schema = records::Schema::Parse(*schema_text, &problems);
  for (const std::string& problem : problems) terminal.Note(schema_file + ": " + problem);
  if (!schema.ok()) return std::nullopt;
  Read read{*schema, {}};
  for (const std::string& path : paths) {
    const std::optional<std::string> text = TextOf(path, terminal);
    if (!text.has_value()) return std::nullopt;
    std::vector<std::string> faults;
    const auto policy = Policy::Parse(*text, **schema, &faults);
    for (const std::string& fault : faults) terminal.Note(path + ": " + fault);
    if (!policy.ok()) {
      code = ExitCode::kFailure;
      return std::nullopt;
    }
    read.policies.push_back(*policy);
  }
  return read;
}

void PrintDiff(const std::vector<access::PolicyDifference>& all, const Common& common,
               const Terminal& terminal) {
  if (!common.json) {
    for (const access::PolicyDifference& one : all) terminal.Line(Print(one));
    if (all.empty() && !common.plain) terminal.Line("The two decide the same.");
    return;
  }
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("differences").BeginArray();
  for (const access::PolicyDifference& one : all) {
    json.BeginObject().Key("kind").String(access::Name(one.kind)).Key("about").String(one.about);
    if (one.organisation.has_value()) json.Key("organisation").Uint(one.organisation->value());
    json.Key("of").String(one.role);
    if (one.about == "grant") {
      json.Key("purpose").String(one.purpose).Key("relation").String(one.relation);
      json.Key("fields").BeginArray();
      for (const std::string& field : one.fields) json.String(field);
      json.EndArray();
    } else {
      json.Key("name").String(one.name);
    }
    json.Key("before").String(one.before).Key("after").String(one.after).EndObject();
  }
  json.EndArray().EndObject();
  terminal.Line(out);
}

// Nothing: `code` says what to end with, and what is wrong was said.
std::optional<std::vector<ledger::Founder>> FoundersOf(const std::string& path, const Read& read,
                                                       const Terminal& terminal, ExitCode& code) {
  if (path.empty()) return std::vector<ledger::Founder>{};
  code = ExitCode::kUsage;
  const std::optional<std::string> text = TextOf(path, terminal);
  if (!text.has_value()) return std::nullopt;
  std::vector<std::string> problems;
  const auto founders = ledger::ParseFounders(*text, problems);
  for (const std::string& problem : problems) terminal.Note(path + ": " + problem);
  if (!founders.ok()) return std::nullopt;
  base::SystemClock clock;
  const Status fit = access::CheckNewcomers(*founders, *read.policies[0], *read.policies[1],
                                            clock.wall_ms(), problems);
  for (const std::string& problem : problems) terminal.Note(path + ": " + problem);
  if (!fit.ok()) {
    terminal.Complain(fit.error().text());
    code = ExitCode::kFailure;
    return std::nullopt;
  }
  return *founders;
}

// The statement of what `after` changes, or the note that others signed already.
Result<tlog::Note> NoteOf(const std::string& path, const ledger::PolicyStatement& statement) {
  base::SystemFiles files;
  const std::string text = Print(statement);
  if (!files.Stat(path).ok()) return tlog::Note{text, {}};
  CLOISON_TRY_ASSIGN(const Bytes bytes, files.Read(path));
  CLOISON_TRY_ASSIGN(tlog::Note note, tlog::ParseNote(AsText(bytes)));
  if (note.text != text) return Error{Code::kConflict, "a statement of another policy"};
  return note;
}

}  // namespace

ExitCode PolicyCheck(const PolicyOptions& options, const Common& common, const Terminal& terminal) {
  const std::optional<std::string> schema_text = TextOf(options.schema, terminal);
  const std::optional<std::string> text = TextOf(options.file, terminal);
  if (!schema_text.has_value() || !text.has_value()) return ExitCode::kUsage;
  std::vector<std::string> problems;
  const auto schema = records::Schema::Parse(*schema_text, &problems);
  for (const std::string& problem : problems) terminal.Note(options.schema + ": " + problem);
  if (!schema.ok()) return ExitCode::kUsage;
  const auto policy = Policy::Parse(*text, **schema, &problems);
  if (common.json) {
    PrintJson(problems, terminal);
    return policy.ok() ? ExitCode::kDone : ExitCode::kFailure;
  }
  for (const std::string& problem : problems) terminal.Note(options.file + ": " + problem);
  if (!policy.ok()) return ExitCode::kFailure;
  terminal.Line("version " + std::to_string((*policy)->version()) + ": " +
                std::to_string((*policy)->roles().size()) + " roles, " +
                std::to_string((*policy)->purposes().size()) + " purposes, " +
                std::to_string((*policy)->grants().size()) + " grants");
  return ExitCode::kDone;
}

ExitCode PolicyDiff(const PolicyOptions& options, const Common& common, const Terminal& terminal) {
  ExitCode code = ExitCode::kDone;
  const std::optional<Read> read =
      ReadAll(options.schema, {options.file, options.other}, terminal, code);
  if (!read.has_value()) return code;
  PrintDiff(access::Diff(*read->policies[0], *read->policies[1], *read->schema), common, terminal);
  return ExitCode::kDone;
}

ExitCode PolicySign(const PolicySignOptions& options, const Terminal& terminal) {
  return PolicySign(options, {}, terminal);
}

ExitCode PolicySign(const PolicySignOptions& options, const std::string& founders_file,
                    const Terminal& terminal) {
  const Result<ledger::OfficerKey> officer = ReadOfficerKey(options.key);
  if (!officer.ok()) {
    terminal.Complain(officer.error().text());
    return ExitCode::kFailure;
  }
  ExitCode code = ExitCode::kDone;
  const std::optional<Read> read =
      ReadAll(options.schema, {options.in_force, options.file}, terminal, code);
  if (!read.has_value()) return code;
  const Policy &before = *read->policies[0], &after = *read->policies[1];
  if (after.version() != before.version() + 1) {
    terminal.Complain("version " + std::to_string(before.version()) + " is followed by " +
                      std::to_string(before.version() + 1) + ", not by " +
                      std::to_string(after.version()));
    return ExitCode::kConflict;
  }
  const auto founders = FoundersOf(founders_file, *read, terminal, code);
  if (!founders.has_value()) return code;
  const ledger::PolicyStatement statement{read->schema->register_id(), after.version(),
                                          crypto::Sha256(AsBytes(before.document())),
                                          crypto::Sha256(AsBytes(after.document())), *founders};
  // Whoever signs sees what it changes, and who begins what it brings.
  PrintDiff(access::Diff(before, after, *read->schema), Common{}, terminal);
  terminal.Out(ledger::PrintFounders(*founders));
  Result<tlog::Note> note = NoteOf(options.statement, statement);
  if (!note.ok()) return Explain(note.error(), terminal);
  return SignInPlace(*note, *officer, options.statement, terminal);
}

}  // namespace cloison::cli
