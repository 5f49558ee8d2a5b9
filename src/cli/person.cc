// cloison person update, erase, rekey: one record. Values come from a file or standard
// input: on the command line they would stand in the process list.
#include <CLI/CLI.hpp>
#include <iostream>
#include <iterator>

#include "base/files.h"
#include "cli/approval.h"
#include "cli/person_words.h"
#include "cli/request.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

constexpr std::size_t kChangesBytesMax = 1u << 20;

// What FILE or standard input holds. The caller wipes it.
Result<std::string> ReadChanges(const std::string& path) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  } else {
    base::SystemFiles files;
    CLOISON_TRY_ASSIGN(Bytes bytes, files.Read(path));
    text.assign(AsText(bytes));
    crypto::Wipe(bytes);
  }
  if (text.size() <= kChangesBytesMax) return text;
  net::WipeText(text);
  return Error{Code::kInvalid, "the changes are larger than a record"};
}

// Nothing: they are no object of texts and nulls. `shown`: without the values.
std::optional<std::string> UpdateBody(const PersonOptions& options, const codec::JsonValue& changes,
                                      bool shown) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("person").String(options.person).Key("fields").BeginObject();
  for (auto at = changes.First(); at.has_value(); at = at->Next()) {
    json.Key(at->key());
    if (at->is_null()) {
      json.Null();
    } else if (at->type() == codec::JsonType::kString) {
      json.String(shown ? "..." : at->string());
    } else {
      net::WipeText(body);
      return std::nullopt;
    }
  }
  json.EndObject();
  if (!options.purpose.empty()) json.Key("purpose").String(options.purpose);
  if (!options.case_ref.empty()) json.Key("case_ref").String(options.case_ref);
  json.EndObject();
  return body;
}

// The request. Nothing: it was told what is wrong with the changes.
std::optional<OneRequest> UpdateOf(const PersonOptions& options, const Terminal& terminal) {
  Result<std::string> text = ReadChanges(options.changes);
  if (!text.ok()) {
    terminal.Complain(options.changes + ": " + std::string(text.error().text()));
    return std::nullopt;
  }
  const Result<codec::JsonDocument> changes = codec::JsonDocument::Parse(AsBytes(*text));
  net::WipeText(*text);
  std::optional<std::string> body;
  if (changes.ok() && changes->root().is_object() && changes->root().size() > 0) {
    body = UpdateBody(options, changes->root(), options.dry_run);
  }
  if (!body.has_value()) {
    terminal.Complain("--changes takes a JSON object: field names, each with a text or null");
    return std::nullopt;
  }
  OneRequest request{net::Method::kPatch, "/v1/people", {}, std::move(*body)};
  request.headers.emplace_back("if-match", "\"" + std::to_string(options.version) + "\"");
  return request;
}

}  // namespace

ExitCode PersonUpdate(const PersonOptions& options, const Common& common,
                      const Terminal& terminal) {
  std::optional<OneRequest> request = UpdateOf(options, terminal);
  if (!request.has_value()) return ExitCode::kUsage;
  if (options.dry_run) {
    ShowRequest(*request, common, terminal);
    return ExitCode::kDone;
  }
  ExitCode exit = ExitCode::kDone;
  const std::optional<net::Response> answer = AskOnce(*request, common, terminal, exit);
  net::WipeText(request->body);
  if (!answer.has_value()) return exit;
  const std::optional<codec::JsonDocument> changed =
      ObjectOf(*answer, "the one of an update", terminal);
  if (!changed.has_value()) return ExitCode::kFailure;
  const std::string person = TextMember(changed->root(), "person").value_or("?");
  const std::string version = std::to_string(NumberMember(changed->root(), "version"));
  terminal.Line(common.json    ? answer->body
                : common.plain ? person + "\t" + version
                               : person + " is changed: version " + version + ".");
  return ExitCode::kDone;
}

ExitCode PersonErase(const PersonOptions& options, const Common& common, const Terminal& terminal) {
  AskedRequest request{"/v1/people:erase", {}};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("person").String(options.person);
  json.Key("reason").String(options.reason).EndObject();
  request.version = options.version;
  return SendForApproval(request, options.dry_run, common, terminal);
}

// The key is what it is about, not the version.
ExitCode PersonRekey(const PersonOptions& options, const Common& common, const Terminal& terminal) {
  AskedRequest request{"/v1/people:rekey", {}};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("person").String(options.person);
  json.Key("reason").String(options.reason).EndObject();
  return SendForApproval(request, options.dry_run, common, terminal);
}

void PersonWords::OfVersion(CLI::App* word) {
  word->add_option("--version", options_.version, "NUMBER of the record's version, as disclosed")
      ->required()
      ->check(CLI::PositiveNumber);
}

void PersonWords::Runs(CLI::App* word, Command command) {
  word->add_option("person", options_.person, "CODE of the person")->required();
  word->add_flag("--dry-run", options_.dry_run, "show the request without values, send nothing");
  shared_->add_output(word);
  shared_->add_connection(word);
  word->callback([this, command] {
    shared_->run = [this, command] {
      return command(options_, shared_->common, shared_->terminal);
    };
  });
}

void PersonWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  CLI::App* const person = app.add_subcommand("person", "change the record of one person");
  person->require_subcommand(1);
  CLI::App* const update = person->add_subcommand("update", "change fields, or empty them");
  update->footer(
      "Examples\n"
      "  echo '{\"contact.email\": null}' | cloison person update 7KQ2-9TZD-1H7V-CX2M \\\n"
      "    --version 2 --changes - --case DE-2026-0201 --as app.case\n"
      "Exit 6: somebody was faster; look again, and name the version of now.");
  Runs(update, PersonUpdate);
  OfVersion(update);
  update
      ->add_option("--changes", options_.changes, "FILE of JSON: fields with values or null; or -")
      ->required();
  update->add_option("--purpose", options_.purpose, "why, in a word of the policy");
  update->add_option("--case", options_.case_ref, "the file you work on");
  CLI::App* const erase =
      person->add_subcommand("erase", "ask for a person's keys to be destroyed, for ever");
  erase->footer(
      "Examples\n"
      "  cloison person erase 7KQ2-9TZD-1H7V-CX2M --version 2 --reason RGPD-17-0042 \\\n"
      "    --as officer.privacy\n"
      "Exactly this version is erased when another officer agrees: cloison approval approve.");
  Runs(erase, PersonErase);
  OfVersion(erase);
  erase->add_option("--reason", options_.reason, "for the record")->required();
  CLI::App* const rekey = person->add_subcommand(
      "rekey", "ask for another key for a person: the one they have may be known");
  rekey->footer(
      "Examples\n"
      "  cloison person rekey 7KQ2-9TZD-1H7V-CX2M --reason INC-2026-7 --as officer.security\n"
      "The record is sealed under another key when another officer agrees: cloison approval "
      "approve.");
  Runs(rekey, PersonRekey);
  rekey->add_option("--reason", options_.reason, "for the record")->required();
}

}  // namespace cloison::cli
