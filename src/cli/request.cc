#include "cli/request.h"

#include "cli/facts.h"

namespace cloison::cli {

void ShowRequest(const OneRequest& request, const Common& common, const Terminal& terminal) {
  std::string line(net::MethodName(request.method));
  line += " " + common.connection.server + request.path;
  if (!request.query.empty()) line += "?" + request.query;
  terminal.Line(line);
  for (const auto& [name, value] : request.headers) terminal.Line(name + ": " + value);
  if (!request.body.empty()) terminal.Line(request.body);
}

std::optional<net::Response> Ask(Connection& connection, const OneRequest& request,
                                 const Terminal& terminal, ExitCode& exit) {
  Result<net::Response> answer =
      connection.Ask(request.method, request.path, request.query, request.body, request.headers);
  if (answer.ok() && answer->status == request.status) return std::move(*answer);
  exit = answer.ok() ? Explain(*answer, terminal) : Explain(answer.error(), terminal);
  return std::nullopt;
}

std::optional<net::Response> AskOnce(const OneRequest& request, const Common& common,
                                     const Terminal& terminal, ExitCode& exit) {
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (connection.has_value()) return Ask(*connection, request, terminal, exit);
  exit = ExitCode::kUsage;
  return std::nullopt;
}

std::optional<codec::JsonDocument> ObjectOf(const net::Response& answer, std::string_view what,
                                            const Terminal& terminal) {
  Result<codec::JsonDocument> document = codec::JsonDocument::Parse(AsBytes(answer.body));
  if (document.ok() && document->root().is_object()) return std::move(*document);
  terminal.Complain("the server's answer is not " + std::string(what));
  return std::nullopt;
}

ExitCode PrintFacts(const OneRequest& request, std::string_view what, const Common& common,
                    const Terminal& terminal) {
  ExitCode exit = ExitCode::kDone;
  const std::optional<net::Response> answer = AskOnce(request, common, terminal, exit);
  if (!answer.has_value()) return exit;
  const std::optional<codec::JsonDocument> object = ObjectOf(*answer, what, terminal);
  if (!object.has_value()) return ExitCode::kFailure;
  if (common.json) {
    terminal.Line(answer->body);
  } else {
    for (const std::string& fact : FactsOf(object->root(), common.plain)) terminal.Line(fact);
  }
  return ExitCode::kDone;
}

std::optional<codec::JsonValue> ListMember(const codec::JsonValue& object, std::string_view key,
                                           const Terminal& terminal) {
  std::optional<codec::JsonValue> list = object.Find(key);
  if (list.has_value() && list->is_array()) return list;
  terminal.Complain("the server's answer has no list of " + std::string(key));
  return std::nullopt;
}

std::int64_t NumberMember(const codec::JsonValue& object, std::string_view key) {
  const std::optional<codec::JsonValue> member = object.Find(key);
  if (!member.has_value()) return 0;
  const Result<std::int64_t> number = member->AsInt();
  return number.ok() ? *number : 0;
}

std::string WordsMember(const codec::JsonValue& object, std::string_view key) {
  std::string words;
  const std::optional<codec::JsonValue> list = object.Find(key);
  if (!list.has_value() || !list->is_array()) return words;
  for (auto at = list->First(); at.has_value(); at = at->Next()) {
    words += (words.empty() ? "" : " ") + std::string(at->string());
  }
  return words;
}

}  // namespace cloison::cli
