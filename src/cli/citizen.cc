// cloison citizen letter-code, bind: the second proof of a citizen's first sign-in, made by the
// agency and used by the citizen.
#include <CLI/CLI.hpp>

#include "cli/citizen_words.h"
#include "cli/request.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

std::string LetterBody(const CitizenOptions& options) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("person").String(options.person);
  if (!options.purpose.empty()) json.Key("purpose").String(options.purpose);
  if (!options.case_ref.empty()) json.Key("case_ref").String(options.case_ref);
  json.EndObject();
  return body;
}

OneRequest Post(std::string path, std::string body) {
  OneRequest request{net::Method::kPost, std::move(path), {}, std::move(body)};
  request.status = 201;
  return request;
}

}  // namespace

ExitCode LetterCode(const CitizenOptions& options, const Common& common, const Terminal& terminal) {
  const OneRequest request = Post("/v1/letter-codes", LetterBody(options));
  if (options.dry_run) {
    ShowRequest(request, common, terminal);
    return ExitCode::kDone;
  }
  ExitCode exit = ExitCode::kDone;
  std::optional<net::Response> answer = AskOnce(request, common, terminal, exit);
  if (!answer.has_value()) return exit;
  const std::optional<codec::JsonDocument> made =
      ObjectOf(*answer, "the one of a letter code", terminal);
  std::string code = made.has_value() ? TextMember(made->root(), "letter_code").value_or("") : "";
  if (code.empty()) return ExitCode::kFailure;
  const std::string days = std::to_string(NumberMember(made->root(), "days"));
  terminal.Line(common.json ? answer->body : common.plain ? code + "\t" + days : code);
  if (!common.json && !common.plain) {
    terminal.Note("  Good for " + days + " days. It is shown once: into the letter, nowhere else.");
  }
  net::WipeText(code);
  net::WipeText(answer->body);
  return ExitCode::kDone;
}

ExitCode CitizenBind(const CitizenOptions& options, const Common& common,
                     const Terminal& terminal) {
  const bool letter = !options.letter_code.empty();
  if (letter == !options.agency_id.empty()) {
    terminal.Complain("one second proof: --letter-code or --agency-id");
    return ExitCode::kUsage;
  }
  Result<std::string> proof = ValueOrInput(letter ? options.letter_code : options.agency_id,
                                           letter ? "letter code" : "identifier", common.no_input);
  if (!proof.ok()) {
    terminal.Complain(proof.error().text());
    return ExitCode::kUsage;
  }
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key(letter ? "letter_code" : "agency_id");
  json.String(options.dry_run ? "..." : *proof).EndObject();
  net::WipeText(*proof);
  OneRequest request = Post("/v1/citizens:bind", std::move(body));
  if (options.dry_run) {
    ShowRequest(request, common, terminal);
    return ExitCode::kDone;
  }
  ExitCode exit = ExitCode::kDone;
  const std::optional<net::Response> answer = AskOnce(request, common, terminal, exit);
  net::WipeText(request.body);
  if (!answer.has_value()) return exit;
  terminal.Line(common.json    ? answer->body
                : common.plain ? "bound"
                               : "Bound: from now on this sign-in opens your own record.");
  return ExitCode::kDone;
}

void CitizenWords::Runs(CLI::App* word, Command command) {
  word->add_flag("--dry-run", options_.dry_run, "show the request, send nothing");
  shared_->add_output(word);
  shared_->add_connection(word);
  word->callback([this, command] {
    shared_->run = [this, command] {
      return command(options_, shared_->common, shared_->terminal);
    };
  });
}

void CitizenWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  CLI::App* const citizen =
      app.add_subcommand("citizen", "a citizen's first sign-in, and what it is proven by");
  citizen->require_subcommand(1);
  CLI::App* const letter =
      citizen->add_subcommand("letter-code", "make a code that is sent to a person by letter");
  letter->footer(
      "Examples\n"
      "  cloison citizen letter-code 7KQ2-9TZD-1H7V-CX2M --purpose support --case A1 \\\n"
      "    --as app.case");
  letter->add_option("person", options_.person, "CODE of the person")->required();
  letter->add_option("--purpose", options_.purpose, "why, in a word of the policy");
  letter->add_option("--case", options_.case_ref, "the file you work on");
  Runs(letter, LetterCode);
  CLI::App* const bind =
      citizen->add_subcommand("bind", "bind your sign-in to your own record, once");
  bind->footer(
      "Examples\n"
      "  cloison sign-in --issuer citizens --server https://vault.example\n"
      "  cloison citizen bind --letter-code -\n"
      "- reads the proof from standard input, where nobody sees it. Five tries in 30 days.");
  bind->add_option("--letter-code", options_.letter_code, "that came by letter, or -");
  bind->add_option("--agency-id", options_.agency_id, "the agency's identifier of you, or -");
  Runs(bind, CitizenBind);
}

}  // namespace cloison::cli
