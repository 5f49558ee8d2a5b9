// cloison ledger unseal: brings a sealed access to the trail of its person.
#include "base/bytes.h"
#include "cli/commands.h"
#include "codec/json_writer.h"
#include "crypto/mac.h"

namespace cloison::cli {

namespace {

std::string BodyOf(const UnsealOptions& options) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("index").Uint(options.index);
  if (!options.log.empty()) json.Key("log").String(options.log);
  json.Key("reason").String(options.reason).EndObject();
  return body;
}

// The same request again, after an answer that was lost, is the same unsealing.
std::string KeyOf(const std::string& body) {
  return "unseal-" + base::ToHex(crypto::Truncate<16>(crypto::Sha256(AsBytes(body))));
}

}  // namespace

ExitCode LedgerUnseal(const UnsealOptions& options, const Common& common,
                      const Terminal& terminal) {
  const std::string body = BodyOf(options);
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + "/v1/unsealings");
    terminal.Line(body);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::string problem;
  Result<Connection> connection = Connection::Open(common.connection, clock, &problem);
  if (!connection.ok()) {
    terminal.Complain(problem);
    return ExitCode::kUsage;
  }
  const Result<net::Response> answer =
      connection->Post("/v1/unsealings", body, {{"idempotency-key", KeyOf(body)}});
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> done = codec::JsonDocument::Parse(AsBytes(answer->body));
  const auto receipt = done.ok() ? done->root().Find("receipt") : std::nullopt;
  const auto index = receipt.has_value() ? receipt->Find("index") : std::nullopt;
  const Result<std::int64_t> entry =
      index.has_value() ? index->AsInt() : Result<std::int64_t>(Error{Code::kInvalid, "no index"});
  if (!entry.ok()) {
    terminal.Complain("the server's answer is not the one of an unsealing");
    return ExitCode::kFailure;
  }
  if (common.json) {
    terminal.Line(answer->body);
  } else if (common.plain) {
    terminal.Line("unsealed\t" + std::to_string(options.index) + "\t" + std::to_string(*entry));
  } else {
    terminal.Line("The person's trail shows entry " + std::to_string(options.index) +
                  " from now on, on the record as entry " + std::to_string(*entry) + ".");
  }
  return ExitCode::kDone;
}

}  // namespace cloison::cli
