// cloison principal enrol|change|expire|raise|unfreeze ask for an approval; freeze takes one person
// and is done at once, unless a reason is given: then a second one is asked; show and activity are
// looks on the record.
#include <charconv>

#include "cli/approval.h"
#include "cli/list_pages.h"
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

ExitCode Show(const PrincipalOptions& options, const Common& common, const Terminal& terminal) {
  AskedRequest named = Named("/v1/principals:read", options);
  const OneRequest request{.method = net::Method::kPost, .path = named.path, .body = named.body};
  if (!options.dry_run) return PrintFacts(request, "a principal's standing", common, terminal);
  ShowRequest(request, common, terminal);
  return ExitCode::kDone;
}

// "2026-03-02T09:00:00Z  17  disclosure  allow  adviser  support  0f3a...  plain  contact.phone";
// in columns also the log, the index there and the session.
std::string EntryInWords(const codec::JsonValue& entry, bool plain) {
  const std::string between = plain ? "\t" : "  ";
  std::string line = TextMember(entry, "time").value_or("");
  line += between + std::to_string(NumberMember(entry, "n"));
  if (plain) {
    line += between + TextMember(entry, "log").value_or("");
    line += between + std::to_string(NumberMember(entry, "index"));
    line += between + TextMember(entry, "session").value_or("");
  }
  for (const char* key : {"kind", "decision", "role", "purpose", "person", "form"}) {
    const std::optional<std::string> text = TextMember(entry, key);
    if (text.has_value() || plain) line += between + text.value_or("");
  }
  const std::string fields = WordsMember(entry, "fields");
  return fields.empty() && !plain ? line : line + between + fields;
}

// An entry a line, newest first.
ExitCode Activity(const PrincipalOptions& options, const Common& common, const Terminal& terminal) {
  OneRequest request{.method = net::Method::kPost, .path = "/v1/principals:activity"};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("principal").String(options.principal);
  json.Key("from").String(options.from).Key("until").String(options.until).EndObject();
  if (options.dry_run) {
    ShowRequest(request, common, terminal);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  std::int64_t expired = 0;
  const ExitCode exit = ListPages(
      *connection, std::move(request), "what an account did",
      [&common](const codec::JsonValue& one) { return EntryInWords(one, common.plain); }, common,
      terminal,
      [&expired](const codec::JsonValue& page) { expired += NumberMember(page, "expired"); });
  if (expired > 0) {
    terminal.Note("  of " + std::to_string(expired) + " entries no record is kept any more");
  }
  return exit;
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
    case Verb::kActivity: return Activity(options, common, terminal);
    case Verb::kUnfreeze:
      return SendForApproval(Named("/v1/principals:unfreeze", options), options.dry_run, common,
                             terminal);
  }
  return ExitCode::kUsage;
}

}  // namespace cloison::cli
