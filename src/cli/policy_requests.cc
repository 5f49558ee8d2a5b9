// cloison policy preview, propose and show: what a running register says of policies.
#include "base/files.h"
#include "cli/commands.h"
#include "codec/json_writer.h"
#include "crypto/mac.h"

namespace cloison::cli {

namespace {

struct Asked {
  std::string path, body;
  HeaderList headers = {};
};

std::optional<std::string> TextOf(const std::string& path, const Terminal& terminal) {
  base::SystemFiles files;
  const Result<Bytes> bytes = files.Read(path);
  if (bytes.ok()) return std::string(AsText(*bytes));
  terminal.Complain("cannot read " + path);
  return std::nullopt;
}

std::int64_t Number(const codec::JsonValue& object, std::string_view key) {
  const auto value = object.Find(key);
  const Result<std::int64_t> number =
      value.has_value() ? value->AsInt() : Result<std::int64_t>(std::int64_t{0});
  return number.ok() ? *number : 0;
}

// What would be decided otherwise, a line each.
void TellPreview(const codec::JsonValue& answer, const Terminal& terminal) {
  terminal.Line("Looked at " + std::to_string(Number(answer, "entries")) + " entries, from " +
                TextMember(answer, "from").value_or("?") + " to " +
                TextMember(answer, "to").value_or("?") + "; " +
                std::to_string(Number(answer, "allowed")) + " looks were allowed.");
  const auto changed = answer.Find("changed");
  auto one = changed.has_value() ? changed->First() : std::nullopt;
  for (; one.has_value(); one = one->Next()) {
    std::string line = "organisation " + std::to_string(Number(*one, "organisation")) + ", " +
                       TextMember(*one, "role").value_or("") + ", " +
                       TextMember(*one, "purpose").value_or("") + ", " +
                       TextMember(*one, "relation").value_or("") + ":";
    for (const char* const what : {"refused", "granted", "masked", "unmasked"}) {
      const std::int64_t count = Number(*one, what);
      if (count != 0) line += " " + std::to_string(count) + " " + what;
    }
    terminal.Line(line);
  }
}

ExitCode Send(const std::optional<Asked>& asked, const std::string& path, const Common& common,
              const Terminal& terminal, std::string& out) {
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  const Result<net::Response> answer =
      asked.has_value() ? connection->Post(asked->path, asked->body, asked->headers)
                        : connection->Get(path);
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status >= 300) return Explain(*answer, terminal);
  out = answer->body;
  return ExitCodeOf(answer->status, "");
}

}  // namespace

ExitCode PolicyPreview(const PolicyOptions& options, const Common& common,
                       const Terminal& terminal) {
  const std::optional<std::string> text = TextOf(options.file, terminal);
  if (!text.has_value()) return ExitCode::kUsage;
  Asked asked{"/v1/policies:preview", {}};
  codec::JsonWriter json(asked.body);
  json.BeginObject().Key("policy").String(*text).Key("days").Uint(options.days).EndObject();
  std::string body;
  const ExitCode code = Send(asked, {}, common, terminal, body);
  if (code != ExitCode::kDone) return code;
  const Result<codec::JsonDocument> answer = codec::JsonDocument::Parse(AsBytes(body));
  if (!answer.ok()) {
    terminal.Complain("the server's answer is not the one of a preview");
    return ExitCode::kFailure;
  }
  if (common.json) {
    terminal.Line(body);
  } else {
    TellPreview(answer->root(), terminal);
  }
  return ExitCode::kDone;
}

// Ends with kWaiting: somebody else has to approve.
ExitCode PolicyPropose(const PolicyOptions& options, const Common& common,
                       const Terminal& terminal) {
  const std::optional<std::string> text = TextOf(options.file, terminal);
  const std::optional<std::string> statement = TextOf(options.statement, terminal);
  if (!text.has_value() || !statement.has_value()) return ExitCode::kUsage;
  Asked asked{"/v1/policies", {}};
  codec::JsonWriter json(asked.body);
  json.BeginObject().Key("policy").String(*text).Key("statement").String(*statement);
  json.Key("reason").String(options.reason).EndObject();
  // The same again, after an answer that was lost, is the same request.
  asked.headers.emplace_back(
      "idempotency-key",
      "policy-" + base::ToHex(crypto::Truncate<16>(crypto::Sha256(AsBytes(asked.body)))));
  std::string body;
  const ExitCode code = Send(asked, {}, common, terminal, body);
  if (body.empty()) return code;
  const Result<codec::JsonDocument> answer = codec::JsonDocument::Parse(AsBytes(body));
  const std::string approval =
      answer.ok() ? TextMember(answer->root(), "approval").value_or("") : "";
  terminal.Line(common.json    ? body
                : common.plain ? "approval\t" + approval
                               : "Asked for as " + approval + "; another officer has to approve.");
  return code;
}

ExitCode PolicyShow(const PolicyOptions& options, const Common& common, const Terminal& terminal) {
  std::string body;
  const ExitCode code =
      Send(std::nullopt, "/v1/policies/" + std::to_string(options.version), common, terminal, body);
  if (code != ExitCode::kDone) return code;
  const Result<codec::JsonDocument> answer = codec::JsonDocument::Parse(AsBytes(body));
  const std::optional<std::string> text =
      answer.ok() ? TextMember(answer->root(), "policy") : std::nullopt;
  if (!text.has_value()) {
    terminal.Complain("the server's answer is not the one of a policy");
    return ExitCode::kFailure;
  }
  if (common.json) {
    terminal.Line(body);
  } else {
    terminal.Out(*text);
  }
  return ExitCode::kDone;
}

}  // namespace cloison::cli
