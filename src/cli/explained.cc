// cloison caseload, explain, presence, emergency, access: why an agent may open a person.
#include "base/bytes.h"
#include "base/random.h"
#include "cli/approval.h"
#include "codec/json_writer.h"
#include "crypto/mac.h"

namespace cloison::cli {

namespace {

using Does = ExplainedOptions::Does;

constexpr std::size_t kPresenceBytesExpected = 1'024;

struct Ask {
  std::string path;
  std::string body;  // empty: a GET
  bool once = true;  // takes an Idempotency-Key
};

void WritePairs(codec::JsonWriter& json, const ExplainedOptions& options, const char* key) {
  json.BeginObject().Key(key).BeginArray();
  for (const std::string& person : options.people) {
    json.BeginObject().Key("agent").String(options.agent).Key("person").String(person);
    if (!options.kind.empty()) json.Key("kind").String(options.kind);
    if (!options.until.empty()) json.Key("until").String(options.until);
    if (!options.reference.empty()) json.Key("reference").String(options.reference);
    if (options.does == Does::kAssign && options.remove) json.Key("remove").Bool(true);
    json.EndObject();
  }
  json.EndArray().EndObject();
}

void WritePresent(codec::JsonWriter& json, const ExplainedOptions& options) {
  if (options.card.empty()) {
    json.Key("person").String(options.people.front());
    return;
  }
  json.Key("card").BeginObject();
  for (const auto& [key, value] : options.card) json.Key(key).String(value);
  json.EndObject();
}

Ask AskOf(const ExplainedOptions& options) {
  std::string body;
  body.reserve(kPresenceBytesExpected);  // a string that grows leaves its old bytes behind
  codec::JsonWriter json(body);
  switch (options.does) {
    case Does::kShow: return {"/v1/me/caseload", "", false};
    case Does::kReviews: return {"/v1/reviews", "", false};
    case Does::kAssign: WritePairs(json, options, "assignments"); return {"/v1/caseloads", body};
    case Does::kConfirm: WritePairs(json, options, "pairs"); return {"/v1/caseloads:confirm", body};
    case Does::kExplain:
      WritePairs(json, options, "explanations");
      return {"/v1/explanations", body};
    case Does::kClose:
      json.BeginObject().Key("review").String(options.review);
      json.Key("justified").Bool(!options.unjustified).EndObject();
      return {"/v1/reviews:close", body, false};
    case Does::kPresence:
      json.BeginObject().Key("agent").String(options.agent);
      WritePresent(json, options);
      json.Key("proof").String(options.proof);
      if (!options.until.empty()) json.Key("until").String(options.until);
      json.EndObject();
      return {"/v1/presences", std::move(body)};
    case Does::kDeclare:
    case Does::kAskAccess:
    case Does::kTransfer: break;
  }
  json.BeginObject().Key("person").String(options.people.front());
  json.Key("reason").String(options.reason).EndObject();
  return {options.does == Does::kDeclare ? "/v1/emergencies" : "/v1/access-requests", body};
}

AskedRequest Transfer(const ExplainedOptions& options) {
  AskedRequest request{"/v1/approvals", {}};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("kind").String("transfer").Key("reason").String(options.reason);
  json.Key("what").BeginObject().Key("from").String(options.agent).Key("to").BeginArray();
  for (const std::string& taker : options.takers) json.String(taker);
  json.EndArray().EndObject().EndObject();
  return request;
}

// The same request again within an hour, after an answer that was lost, is the same. Not of a card:
// the digest of a number tells the number.
std::string KeyOf(const Ask& ask, bool of_card, std::int64_t now_ms) {
  if (of_card) {
    base::SystemRandom random;
    return "cli-" + base::ToHex(random.Draw<16>());
  }
  const std::string text = ask.path + ask.body + std::to_string(now_ms / 3'600'000);
  return "cli-" + base::ToHex(crypto::Truncate<16>(crypto::Sha256(AsBytes(text))));
}

std::string NumberOf(const codec::JsonValue& root, const char* key) {
  const std::optional<codec::JsonValue> value = root.Find(key);
  const Result<std::int64_t> number =
      value.has_value() ? value->AsInt() : Result<std::int64_t>(Error{Code::kInvalid, "no number"});
  return number.ok() ? std::to_string(*number) : "0";
}

void PrintList(const codec::JsonValue& list, const Common& common, const Terminal& terminal) {
  for (auto at = list.First(); at.has_value(); at = at->Next()) {
    std::string line;
    for (const char* key : {"review", "time", "agent", "person", "reason"}) {
      const std::optional<std::string> text = TextMember(*at, key);
      if (!text.has_value()) continue;
      line += (line.empty() ? "" : common.plain ? "\t" : "  ") + *text;
    }
    terminal.Line(line);
  }
}

void Print(const ExplainedOptions& options, const codec::JsonValue& root, const Common& common,
           const Terminal& terminal) {
  switch (options.does) {
    case Does::kShow:
    case Does::kReviews: {
      const auto list = root.Find(options.does == Does::kShow ? "rows" : "items");
      if (list.has_value() && list->is_array()) PrintList(*list, common, terminal);
      return;
    }
    case Does::kAssign: return terminal.Line(NumberOf(root, "assigned") + " assigned.");
    case Does::kConfirm: return terminal.Line(NumberOf(root, "confirmed") + " confirmed.");
    case Does::kExplain: return terminal.Line(NumberOf(root, "explained") + " explained.");
    case Does::kPresence: {
      const std::optional<std::string> code = TextMember(root, "person");
      if (code.has_value() && common.plain) return terminal.Line(*code);
      return terminal.Line((code.has_value() ? *code + " is present before " : "Present before ") +
                           options.agent + ".");
    }
    case Does::kClose: return terminal.Line("Closed.");
    case Does::kDeclare:
      return terminal.Line("Until " + TextMember(root, "until").value_or("?") +
                           "; somebody will look at it.");
    case Does::kAskAccess:
    case Does::kTransfer:
      return terminal.Line(TextMember(root, "approval").value_or("?") + " waits for somebody.");
  }
}

// Reads the values that come from standard input; of a dry run none is shown.
Status ReadCard(ExplainedOptions& options, const Common& common) {
  for (auto& [key, text] : options.card) {
    Result<std::string> value = ValueOrInput(text, key, common.no_input);
    if (!value.ok()) {
      for (auto& [other, read] : options.card) net::WipeText(read);
      return value.error();
    }
    if (options.dry_run) net::WipeText(*value);
    text = options.dry_run ? "..." : std::move(*value);
  }
  return Ok();
}

}  // namespace

ExitCode Explained(const ExplainedOptions& options, const Common& common,
                   const Terminal& terminal) {
  if (options.does == Does::kTransfer) {
    return SendForApproval(Transfer(options), options.dry_run, common, terminal);
  }
  if (options.does == Does::kPresence && options.people.empty() == options.card.empty()) {
    terminal.Complain("a presence is of a CODE, or of what a card says");
    return ExitCode::kUsage;
  }
  ExplainedOptions given = options;
  if (const Status read = ReadCard(given, common); !read.ok()) {
    terminal.Complain(read.error().text());
    return ExitCode::kUsage;
  }
  Ask ask = AskOf(given);
  for (auto& [key, text] : given.card) net::WipeText(text);
  if (options.dry_run) {
    terminal.Line((ask.body.empty() ? "GET " : "POST ") + common.connection.server + ask.path);
    if (!ask.body.empty()) terminal.Line(ask.body);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) {
    net::WipeText(ask.body);
    return ExitCode::kUsage;
  }
  HeaderList headers;
  const bool of_card = !given.card.empty();
  if (ask.once) headers.emplace_back("idempotency-key", KeyOf(ask, of_card, clock.wall_ms()));
  const Result<net::Response> answer =
      ask.body.empty() ? connection->Get(ask.path)
                       : connection->Post(ask.path, std::move(ask.body), headers);
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status >= 300) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> document = codec::JsonDocument::Parse(AsBytes(answer->body));
  if (!document.ok()) {
    terminal.Complain("the server's answer is no JSON");
    return ExitCode::kFailure;
  }
  if (common.json) {
    terminal.Line(answer->body);
  } else {
    Print(options, document->root(), common, terminal);
  }
  return options.does == Does::kAskAccess ? ExitCode::kWaiting : ExitCode::kDone;
}

}  // namespace cloison::cli
