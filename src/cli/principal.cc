// cloison principal enrol|change|expire|raise|unfreeze ask for an approval; freeze takes one person
// and is done at once, unless a reason is given: then a second one is asked; show is a look on the
// record.
#include <charconv>

#include "cli/approval.h"
#include "cli/facts.h"
#include "cli/principal_words.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

using Verb = PrincipalOptions::Verb;

constexpr std::string_view kNone = "none";  // takes away what is there

void Text(codec::JsonWriter& json, std::string_view key, const std::string& value) {
  if (value.empty()) return;
  json.Key(key);
  if (value == kNone) {
    json.Null();
  } else {
    json.String(value);
  }
}

AskedRequest Enrolment(const PrincipalOptions& options) {
  AskedRequest request{"/v1/enrolments", {}};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("principal").String(options.principal).Key("role").String(options.role);
  if (options.office != 0) json.Key("office").Uint(options.office);
  Text(json, "manager", options.manager);
  Text(json, "expires", options.expires);
  Text(json, "human", options.human);
  json.Key("reason").String(options.reason).EndObject();
  return request;
}

AskedRequest Change(const PrincipalOptions& options) {
  AskedRequest request{"/v1/approvals", {}};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("kind").String("change").Key("reason").String(options.reason);
  json.Key("what").BeginObject().Key("principal").String(options.principal);
  Text(json, "role", options.role);
  if (options.office != 0) json.Key("office").Uint(options.office);
  Text(json, "manager", options.manager);
  Text(json, "expires", options.expires);
  json.EndObject().EndObject();
  return request;
}

struct RaisedCap {
  std::string counter, window;
  std::uint64_t people = 0;
};

// "opened/day=300". Nothing: it has another shape; which counters and windows there are, and how
// far they may be raised, the server knows.
std::optional<RaisedCap> ReadCap(std::string_view text) {
  const std::size_t slash = text.find('/'), equals = text.find('=');
  if (slash == 0 || slash == std::string_view::npos || equals == std::string_view::npos ||
      equals <= slash + 1) {
    return std::nullopt;
  }
  RaisedCap cap{std::string(text.substr(0, slash)),
                std::string(text.substr(slash + 1, equals - slash - 1)), 0};
  const std::string_view number = text.substr(equals + 1);
  const char* const end = number.data() + number.size();
  const auto [at, error] = std::from_chars(number.data(), end, cap.people);
  if (error != std::errc() || at != end) return std::nullopt;
  return cap;
}

// Nothing: a cap is not one.
std::optional<AskedRequest> Raise(const PrincipalOptions& options) {
  AskedRequest request{"/v1/approvals", {}};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("kind").String("raise").Key("reason").String(options.reason);
  json.Key("what").BeginObject().Key("principal").String(options.principal);
  json.Key("raises").BeginArray();
  for (const std::string& text : options.caps) {
    const std::optional<RaisedCap> cap = ReadCap(text);
    if (!cap.has_value()) return std::nullopt;
    json.BeginObject().Key("counter").String(cap->counter).Key("window").String(cap->window);
    json.Key("cap").Uint(cap->people).Key("until").String(options.expires).EndObject();
  }
  json.EndArray().EndObject().EndObject();
  return request;
}

ExitCode AskRaise(const PrincipalOptions& options, const Common& common, const Terminal& terminal) {
  const std::optional<AskedRequest> request = Raise(options);
  if (request.has_value()) return SendForApproval(*request, options.dry_run, common, terminal);
  terminal.Complain("--cap takes COUNTER/WINDOW=PEOPLE, as opened/day=300");
  return ExitCode::kUsage;
}

AskedRequest FreezeByTwo(const PrincipalOptions& options) {
  AskedRequest request{"/v1/approvals", {}};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("kind").String("freeze").Key("reason").String(options.reason);
  json.Key("what").BeginObject().Key("principal").String(options.principal).EndObject();
  json.EndObject();
  return request;
}

AskedRequest Named(std::string path, const PrincipalOptions& options) {
  AskedRequest request{std::move(path), {}};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("principal").String(options.principal).EndObject();
  return request;
}

// One fact a line.
ExitCode Show(const PrincipalOptions& options, const Common& common, const Terminal& terminal) {
  const AskedRequest request = Named("/v1/principals:read", options);
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + request.path);
    terminal.Line(request.body);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  const Result<net::Response> answer = connection->Post(request.path, request.body);
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> body = codec::JsonDocument::Parse(AsBytes(answer->body));
  if (!body.ok() || !body->root().is_object()) {
    terminal.Complain("the server's answer is not a principal's standing");
    return ExitCode::kFailure;
  }
  if (common.json) {
    terminal.Line(answer->body);
  } else {
    for (const std::string& fact : FactsOf(body->root(), common.plain)) terminal.Line(fact);
  }
  return ExitCode::kDone;
}

ExitCode Freeze(const PrincipalOptions& options, const Common& common, const Terminal& terminal) {
  const AskedRequest request = Named("/v1/principals:freeze", options);
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + request.path);
    terminal.Line(request.body);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  const Result<net::Response> answer = connection->Post(request.path, request.body);
  if (!answer.ok()) return Explain(answer.error(), terminal);
  // 202: it holds, and is recorded when there is a ledger again.
  if (answer->status != 200 && answer->status != 202) return Explain(*answer, terminal);
  const std::string plain = "frozen\t" + options.principal;
  terminal.Line(common.json    ? answer->body
                : common.plain ? plain
                               : options.principal + " is frozen from now on.");
  return ExitCode::kDone;
}

}  // namespace

ExitCode Principal(const PrincipalOptions& options, const Common& common,
                   const Terminal& terminal) {
  switch (options.verb) {
    case Verb::kEnrol:
      return SendForApproval(Enrolment(options), options.dry_run, common, terminal);
    case Verb::kChange:
    case Verb::kExpire: return SendForApproval(Change(options), options.dry_run, common, terminal);
    case Verb::kFreeze:
      if (options.reason.empty()) return Freeze(options, common, terminal);
      return SendForApproval(FreezeByTwo(options), options.dry_run, common, terminal);
    case Verb::kRaise: return AskRaise(options, common, terminal);
    case Verb::kShow: return Show(options, common, terminal);
    case Verb::kUnfreeze:
      return SendForApproval(Named("/v1/principals:unfreeze", options), options.dry_run, common,
                             terminal);
  }
  return ExitCode::kUsage;
}

}  // namespace cloison::cli
