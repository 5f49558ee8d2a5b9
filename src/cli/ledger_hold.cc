// cloison ledger hold: keeps what an account did beyond its records' time; shows and releases.
#include "base/bytes.h"
#include "cli/approval.h"
#include "codec/json_writer.h"
#include "crypto/mac.h"

namespace cloison::cli {

namespace {

struct Asked {
  std::string path;
  std::string body;
};

Asked Number(std::string path, std::uint64_t number) {
  Asked asked{std::move(path), {}};
  codec::JsonWriter json(asked.body);
  json.BeginObject().Key("hold").Uint(number).EndObject();
  return asked;
}

// Nothing: the options do not fit together.
std::optional<Asked> AskedBy(const LedgerHoldOptions& options) {
  const bool begins = !options.principal.empty() || !options.from.empty() ||
                      !options.until.empty() || !options.reason.empty();
  const int ways = (begins ? 1 : 0) + (options.show != 0 ? 1 : 0) + (options.release != 0 ? 1 : 0);
  if (ways != 1) return std::nullopt;
  if (options.show != 0) return Number("/v1/holds:show", options.show);
  if (options.release != 0) return Number("/v1/holds:release", options.release);
  if (options.principal.empty() || options.from.empty() || options.reason.empty()) {
    return std::nullopt;
  }
  Asked asked{"/v1/holds", {}};
  codec::JsonWriter json(asked.body);
  json.BeginObject().Key("principal").String(options.principal).Key("from").String(options.from);
  if (!options.until.empty()) json.Key("until").String(options.until);
  json.Key("reason").String(options.reason).EndObject();
  return asked;
}

// The same request again, after an answer that was lost, is the same hold.
std::string KeyOf(const std::string& body) {
  return "hold-" + base::ToHex(crypto::Truncate<16>(crypto::Sha256(AsBytes(body))));
}

std::string Told(const codec::JsonValue& answer, bool plain) {
  const auto hold = answer.Find("hold");
  const Result<std::int64_t> number =
      hold.has_value() ? hold->AsInt() : Result<std::int64_t>(Error{Code::kInvalid, "no hold"});
  if (!number.ok()) return {};
  const std::string state = TextMember(answer, "state").value_or("active");
  const auto entries = answer.Find("entries");
  const Result<std::int64_t> count =
      entries.has_value() ? entries->AsInt() : Result<std::int64_t>(std::int64_t{0});
  if (!count.ok()) return {};
  if (plain) {
    return "hold\t" + std::to_string(*number) + "\t" + state + "\t" + std::to_string(*count);
  }
  return "Hold " + std::to_string(*number) + " is " + state +
         "; entries kept so far: " + std::to_string(*count) + ".";
}

}  // namespace

ExitCode LedgerHold(const LedgerHoldOptions& options, const Common& common,
                    const Terminal& terminal) {
  const std::optional<Asked> asked = AskedBy(options);
  if (!asked.has_value()) {
    terminal.Complain("either --principal, --from and --reason, or --show, or --release");
    return ExitCode::kUsage;
  }
  if (options.release != 0) {  // takes two people
    return SendForApproval({asked->path, asked->body}, options.dry_run, common, terminal);
  }
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + asked->path);
    terminal.Line(asked->body);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  const Result<net::Response> answer =
      connection->Post(asked->path, asked->body, {{"idempotency-key", KeyOf(asked->body)}});
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200 && answer->status != 201) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> done = codec::JsonDocument::Parse(AsBytes(answer->body));
  const std::string told = done.ok() ? Told(done->root(), common.plain) : std::string();
  if (told.empty()) {
    terminal.Complain("the server's answer is not the one of a hold");
    return ExitCode::kFailure;
  }
  terminal.Line(common.json ? answer->body : told);
  return ExitCode::kDone;
}

}  // namespace cloison::cli
