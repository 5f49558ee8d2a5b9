// cloison match, cloison decide: yes or no about people, and what another system may show.
#include "cli/commands.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

std::string BodyOf(const MatchOptions& options, const std::string& value) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("person").String(options.person).Key("field").String(options.field);
  json.Key("value").String(value).Key("purpose").String(options.purpose);
  json.Key("case_ref").String(options.case_ref).EndObject();
  return body;
}

std::string BodyOf(const DecideOptions& options) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key(options.by_reference ? "references" : "persons").BeginArray();
  for (const std::string& person : options.people) json.String(person);
  json.EndArray().Key("fields").BeginArray();
  for (const std::string& field : options.fields) json.String(field);
  json.EndArray().Key("purpose").String(options.purpose);
  json.Key("case_ref").String(options.case_ref).EndObject();
  return body;
}

// The answer of one POST; nothing: `exit` says why, and it was told.
std::optional<net::Response> Asked(const Common& common, const Terminal& terminal, const char* path,
                                   std::string body, int status, ExitCode& exit) {
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) {
    exit = ExitCode::kUsage;
    return std::nullopt;
  }
  Result<net::Response> answer = connection->Post(path, std::move(body));
  if (answer.ok() && answer->status == status) return std::move(*answer);
  exit = answer.ok() ? Explain(*answer, terminal) : Explain(answer.error(), terminal);
  return std::nullopt;
}

void PrintNames(const codec::JsonValue& decision, std::string_view key, const std::string& who,
                const Terminal& terminal) {
  const std::optional<codec::JsonValue> names = decision.Find(key);
  if (!names.has_value() || !names->is_array()) return;
  for (auto at = names->First(); at.has_value(); at = at->Next()) {
    terminal.Line(who + "\t" + std::string(key) + "\t" + std::string(at->string()));
  }
}

}  // namespace

ExitCode Match(const MatchOptions& options, const Common& common, const Terminal& terminal) {
  Result<std::string> value = ValueOrInput(options.value, options.field, common.no_input);
  if (!value.ok()) {
    terminal.Complain(value.error().text());
    return ExitCode::kUsage;
  }
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + "/v1/matches");
    terminal.Line(BodyOf(options, "..."));
    return ExitCode::kDone;
  }
  ExitCode exit = ExitCode::kDone;
  std::string request = BodyOf(options, *value);
  net::WipeText(*value);
  std::optional<net::Response> answer =
      Asked(common, terminal, "/v1/matches", std::move(request), 200, exit);
  if (!answer.has_value()) return exit;
  if (common.json) {
    terminal.Line(answer->body);
    return exit;
  }
  const Result<codec::JsonDocument> body = codec::JsonDocument::Parse(AsBytes(answer->body));
  const auto matches = body.ok() ? body->root().Find("matches") : std::nullopt;
  const Result<bool> yes =
      matches.has_value() ? matches->AsBool() : Result<bool>(Error{Code::kInvalid, "no answer"});
  if (!yes.ok()) {
    terminal.Complain("the server's answer is not the one of a match");
    return ExitCode::kFailure;
  }
  terminal.Line(*yes ? "yes" : "no");
  return exit;
}

ExitCode Decide(const DecideOptions& options, const Common& common, const Terminal& terminal) {
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + "/v1/decisions");
    terminal.Line(BodyOf(options));
    return ExitCode::kDone;
  }
  ExitCode exit = ExitCode::kDone;
  std::optional<net::Response> answer =
      Asked(common, terminal, "/v1/decisions", BodyOf(options), 201, exit);
  if (!answer.has_value()) return exit;
  if (common.json) {
    terminal.Line(answer->body);
    return exit;
  }
  const Result<codec::JsonDocument> body = codec::JsonDocument::Parse(AsBytes(answer->body));
  const auto decisions = body.ok() ? body->root().Find("decisions") : std::nullopt;
  if (!decisions.has_value() || !decisions->is_array()) {
    terminal.Complain("the server's answer is not the one of a decision");
    return ExitCode::kFailure;
  }
  for (auto at = decisions->First(); at.has_value(); at = at->Next()) {
    const std::string who = TextMember(*at, "person").value_or("");
    PrintNames(*at, "plain", who, terminal);
    PrintNames(*at, "masked", who, terminal);
  }
  return exit;
}

}  // namespace cloison::cli
