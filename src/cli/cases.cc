// cloison cases list, show, close.
#include <CLI/CLI.hpp>

#include "cli/case_words.h"
#include "cli/list_pages.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

constexpr std::string_view kPath = "/v1/cases";

std::string InWords(const codec::JsonValue& one, bool plain) {
  std::string line;
  for (const char* key : {"case", "state", "opened", "why", "principal"}) {
    const std::optional<std::string> text = TextMember(one, key);
    if (!text.has_value()) continue;
    line += (line.empty() ? "" : plain ? "\t" : "  ") + *text;
  }
  return line;
}

Result<net::Response> Ask(Connection& connection, const CaseOptions& options,
                          const std::string& body) {
  const std::string path(kPath);
  if (!options.shows.empty()) return connection.Get(path + "/" + options.shows);
  return connection.Post(path + ":close", body, {});
}

}  // namespace

ExitCode Cases(const CaseOptions& options, const Common& common, const Terminal& terminal) {
  std::string body;
  if (!options.closes.empty()) {
    codec::JsonWriter json(body);
    json.BeginObject().Key("case").String(options.closes).Key("reason").String(options.reason);
    json.EndObject();
  }
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + std::string(kPath) + ":close");
    terminal.Line(body);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  if (options.shows.empty() && options.closes.empty()) {
    return ListPages(
        *connection, {.path = std::string(kPath)}, "cases",
        [&common](const codec::JsonValue& one) { return InWords(one, common.plain); }, common,
        terminal);
  }
  const Result<net::Response> answer = Ask(*connection, options, body);
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  terminal.Line(common.json || !options.shows.empty() ? answer->body : "Closed.");
  return ExitCode::kDone;
}

void CaseWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(shared);
  CLI::App* const cases =
      app.add_subcommand("cases", "what holds accounts back until a human has looked at it");
  cases->require_subcommand(1);
  CLI::App* const list = cases->add_subcommand("list", "those that are open");
  list->footer("Examples:\n  cloison cases list --as officer.security");
  CLI::App* const show = cases->add_subcommand("show", "one of them, and what speaks for it");
  show->footer(
      "Examples:\n  cloison cases show cas_0000018bcfe5687f5c1d7e2a90b3f4c6 \\\n"
      "    --as officer.security");
  show->add_option("case", options_.shows, "ID, as the list has it")->required();
  CLI::App* const close = cases->add_subcommand("close", "let go; from rung 4 on two people do");
  close->footer(
      "Examples:\n  cloison cases close cas_0000018bcfe5687f5c1d7e2a90b3f4c6 \\\n"
      "    --reason \"covered for a colleague\" --as officer.security");
  close->add_option("case", options_.closes, "ID, as the list has it")->required();
  close->add_option("--reason", options_.reason, "what was found, 1 to 128 bytes")->required();
  close->add_flag("--dry-run", options_.dry_run, "show what would be sent");
  for (CLI::App* const word : {list, show, close}) {
    shared_->add_output(word);
    shared_->add_connection(word);
    word->callback([this] {
      shared_->run = [this] { return Cases(options_, shared_->common, shared_->terminal); };
    });
  }
}

}  // namespace cloison::cli
