// cloison self-check: which controls a running server says it has on.
#include "cli/commands.h"

namespace cloison::cli {

namespace {

// What the controls are, for whoever reads the table.
struct Meaning {
  std::string_view name;
  std::string_view text;
};
constexpr Meaning kMeanings[] = {
    {"tls", "TLS 1.3, and nothing older"},
    {"client_certificates", "tokens are bound to client certificates"},
    {"ledger", "nothing is shown that is not recorded"},
    {"budgets", "the people an account may see are counted"},
    {"masking", "rows show masked values"},
    {"answer_tick", "how long a refusal takes tells nothing"},
    {"sign_in", "people sign in with their organisation's provider"},
    {"two_person", "nobody opens the door alone"},
};

std::string_view TextOf(std::string_view name) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.name == name) return meaning.text;
  }
  return "";
}

// Prints the table; how many controls are off.
std::size_t PrintControls(const codec::JsonValue& controls, const Common& common,
                          const Terminal& terminal) {
  std::size_t off = 0;
  for (auto at = controls.First(); at.has_value(); at = at->Next()) {
    const std::string name(at->key());
    const Result<bool> flag = at->AsBool();
    // Sign-in says how: development's own tokens are not a control.
    const bool on = flag.ok() ? *flag : at->string() == "provider";
    if (!on) ++off;
    if (common.json) continue;
    if (common.plain) {
      terminal.Line(name + "\t" + (on ? "on" : "off"));
      continue;
    }
    const std::string gap(name.size() < 22 ? 22 - name.size() : 1, ' ');
    terminal.Line(
        name + gap +
        (on ? terminal.Styled(Style::kGood, "on ") : terminal.Styled(Style::kBad, "off")) + "  " +
        std::string(TextOf(name)));
  }
  return off;
}

}  // namespace

ExitCode SelfCheck(const Common& common, const Terminal& terminal) {
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  const Result<net::Response> answer = connection->Get("/v1/status");
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> body = codec::JsonDocument::Parse(AsBytes(answer->body));
  const auto controls = body.ok() ? body->root().Find("controls") : std::nullopt;
  if (!controls.has_value() || !controls->is_object()) {
    terminal.Complain("the server does not say which controls are on");
    return ExitCode::kFailure;
  }
  const std::optional<codec::JsonValue> development = body->root().Find("development");
  const bool invented =
      development.has_value() && development->AsBool().ok() && *development->AsBool();
  const std::string mode = invented ? "development" : "production";
  const std::string state = TextMember(body->root(), "state").value_or("?");
  const std::size_t off = PrintControls(*controls, common, terminal);
  if (common.json) {
    terminal.Line(answer->body);
  } else {
    terminal.Line((common.plain ? "mode\t" : "mode                  ") + mode);
    terminal.Line((common.plain ? "state\t" : "state                 ") + state);
  }
  if (state != "serving") return ExitCode::kUnavailable;
  if (invented) {
    terminal.Note("development mode: for invented people only");
    return ExitCode::kDone;
  }
  return off == 0 ? ExitCode::kDone : ExitCode::kFailure;
}

}  // namespace cloison::cli
