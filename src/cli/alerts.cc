// cloison alerts list, acknowledge.
#include <CLI/CLI.hpp>

#include "cli/alert_words.h"
#include "cli/list_pages.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

constexpr std::string_view kPath = "/v1/alerts";

std::string InWords(const codec::JsonValue& alert, bool plain) {
  std::string line;
  for (const char* key : {"alert", "time", "what", "principal", "for", "approval"}) {
    const std::optional<std::string> text = TextMember(alert, key);
    if (!text.has_value()) continue;
    line += (line.empty() ? "" : plain ? "\t" : "  ") + *text;
  }
  return line;
}

}  // namespace

ExitCode Alerts(const AlertOptions& options, const Common& common, const Terminal& terminal) {
  const std::string path =
      std::string(kPath) + (options.acknowledges.empty() ? "" : ":acknowledge");
  std::string body;
  if (!options.acknowledges.empty()) {
    codec::JsonWriter json(body);
    json.BeginObject().Key("alert").String(options.acknowledges).EndObject();
  }
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + path);
    terminal.Line(body);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  if (body.empty())
    return ListPages(
        *connection, {.path = std::string(kPath)}, "alerts",
        [&common](const codec::JsonValue& one) { return InWords(one, common.plain); }, common,
        terminal);
  const Result<net::Response> answer = connection->Post(path, body, {});
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  terminal.Line(common.json ? answer->body : "Acknowledged.");
  return ExitCode::kDone;
}

void AlertWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(shared);
  CLI::App* const alerts = app.add_subcommand("alerts", "what somebody must be told of");
  alerts->require_subcommand(1);
  CLI::App* const list =
      alerts->add_subcommand("list", "enrolments, unseen keys, keys and erasures that wait");
  list->footer("Examples:\n  cloison alerts list --as officer.security");
  CLI::App* const acknowledge =
      alerts->add_subcommand("acknowledge", "say that somebody looked at one; it goes");
  acknowledge->footer(
      "Examples:\n  cloison alerts acknowledge alt_0000018bcfe5687f5c1d7e2a90b3f4c6 \\\n"
      "    --as officer.security");
  acknowledge->add_option("alert", options_.acknowledges, "ID, as the list has it")->required();
  acknowledge->add_flag("--dry-run", options_.dry_run, "show what would be sent");
  for (CLI::App* const word : {list, acknowledge}) {
    shared_->add_output(word);
    shared_->add_connection(word);
    word->callback([this] {
      shared_->run = [this] { return Alerts(options_, shared_->common, shared_->terminal); };
    });
  }
}

}  // namespace cloison::cli
