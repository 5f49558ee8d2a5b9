// cloison job key|ask|list|status|cancel|stop.
#include "cli/job.h"

#include "base/files.h"
#include "cli/approval.h"
#include "cli/list_pages.h"
#include "codec/json_writer.h"
#include "crypto/base64.h"

namespace cloison::cli {

namespace {

constexpr unsigned kKeyMode = 0600;
constexpr std::string_view kKeyPrefix = "cloison-job-key-v1 ";

// What is asked of a job or run, and how it is told.
ExitCode SendAndTell(const AskedRequest& request, bool dry_run, const Common& common,
                     const Terminal& terminal) {
  const bool get = request.body.empty();
  if (dry_run) {
    terminal.Line((get ? "GET " : "POST ") + common.connection.server + request.path);
    if (!get) terminal.Line(request.body);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  const Result<net::Response> answer =
      get ? connection->Get(request.path) : connection->Post(request.path, request.body);
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> shown = codec::JsonDocument::Parse(AsBytes(answer->body));
  if (!shown.ok()) {
    terminal.Complain("the server's answer is no JSON");
    return ExitCode::kFailure;
  }
  if (common.json) {
    terminal.Line(answer->body);
    return ExitCode::kDone;
  }
  const auto tell = [&](const codec::JsonValue& run) {
    const auto number = [&run](const char* key) {
      const auto value = run.Find(key);
      const auto read = value.has_value() ? value->AsInt() : Result<std::int64_t>(0);
      return std::to_string(read.ok() ? *read : 0);
    };
    const std::string id = TextMember(run, "operation").value_or("?");
    const std::string state = TextMember(run, "state").value_or("?");
    const std::string done = number("done"), total = number("total");
    terminal.Line(common.plain ? id + "\t" + state + "\t" + done + "\t" + total
                               : id + " is " + state + ": " + done + " of " + total + " people.");
  };
  const codec::JsonValue root = shown->root();
  if (TextMember(root, "operation").has_value()) {
    tell(root);
    return ExitCode::kDone;
  }
  const std::string job = TextMember(root, "job").value_or("?");
  const std::string state = TextMember(root, "state").value_or("?");
  terminal.Line(common.plain ? job + "\t" + state : job + " is " + state + ".");
  const auto begun = root.Find("begun");
  if (!begun.has_value()) return ExitCode::kDone;
  for (auto run = begun->First(); run.has_value(); run = run->Next()) tell(*run);
  return ExitCode::kDone;
}

AskedRequest Named(std::string path, std::string_view key, const std::string& id) {
  AskedRequest request{std::move(path), {}, false};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key(key).String(id).EndObject();
  return request;
}

}  // namespace

Result<crypto::RecipientSecret> ReadJobKey(const std::string& path) {
  base::SystemFiles files;
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files.Stat(path));
  if (info.is_link || info.mode != kKeyMode) {
    return Error{Code::kDenied, "a recipient's key is a file that only its owner can read (0600)"};
  }
  CLOISON_TRY_ASSIGN(Bytes bytes, files.Read(path));
  std::string_view text = AsText(bytes);
  if (text.ends_with('\n')) text.remove_suffix(1);
  const bool named = text.starts_with(kKeyPrefix);
  Result<Bytes> scalar = crypto::FromBase64Url(named ? text.substr(kKeyPrefix.size()) : "");
  crypto::Wipe(bytes);
  if (!named || !scalar.ok() || scalar->size() != 32) {
    return Error{Code::kInvalid, "the file holds no recipient's key"};
  }
  Result<crypto::Secret<32>> secret = crypto::Secret<32>::FromBytes(*scalar);
  crypto::Wipe(*scalar);
  return crypto::RecipientSecret(std::move(*secret));
}

ExitCode JobKey(const JobOptions& options, const Common& common, const Terminal& terminal) {
  base::SystemFiles files;
  if (files.Stat(options.out).ok()) {
    terminal.Complain(options.out + " is there already");
    return ExitCode::kConflict;
  }
  base::SystemRandom random;
  const crypto::RecipientSecret secret(random);
  std::string text(kKeyPrefix);
  text += crypto::ToBase64Url(secret.scalar().Reveal()) + "\n";
  const Status written = base::WriteWhole(files, options.out, AsBytes(text), kKeyMode);
  net::WipeText(text);
  if (!written.ok()) return Explain(written.error(), terminal);
  const std::string key = crypto::ToBase64Url(secret.key().bytes());
  const std::string fingerprint = secret.key().Fingerprint();
  if (common.json) {
    std::string out;
    codec::JsonWriter json(out);
    json.BeginObject().Key("recipient").String(key).Key("fingerprint").String(fingerprint);
    json.EndObject();
    terminal.Line(out);
  } else if (common.plain) {
    terminal.Line(key + "\t" + fingerprint);
  } else {
    terminal.Line(key);
    terminal.Note("  The officer who agrees compares " + fingerprint + ".");
  }
  return ExitCode::kDone;
}

ExitCode JobAsk(const JobOptions& options, const Common& common, const Terminal& terminal) {
  AskedRequest request{"/v1/approvals", {}};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("kind").String("job").Key("reason").String(options.reason);
  json.Key("what").BeginObject().Key("label").String(options.label);
  json.Key("application").String(options.application).Key("purpose").String(options.purpose);
  json.Key("fields").BeginArray();
  for (const std::string& field : options.fields) json.String(field);
  json.EndArray().Key("recipient").String(options.recipient);
  json.Key("people_max").Uint(options.people).Key("runs").Uint(options.runs);
  if (options.pause_days > 0) json.Key("pause_days").Uint(options.pause_days);
  json.Key("expires").String(options.expires).EndObject().EndObject();
  return SendForApproval(request, options.dry_run, common, terminal);
}

ExitCode JobsList(const JobOptions& options, const Common& common, const Terminal& terminal) {
  constexpr std::string_view kPath = "/v1/jobs";
  if (options.dry_run) {
    terminal.Line("GET " + common.connection.server + std::string(kPath));
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  const auto in_words = [&common](const codec::JsonValue& job) {
    std::string line;
    for (const char* key : {"job", "state", "label", "application", "expires"}) {
      line += (line.empty() ? "" : common.plain ? "\t" : "  ") + TextMember(job, key).value_or("?");
    }
    return line;
  };
  return ListPages(*connection, {.path = std::string(kPath)}, "jobs", in_words, common, terminal);
}

ExitCode JobStatus(const JobOptions& options, const Common& common, const Terminal& terminal) {
  const bool run = options.id.starts_with("op_");
  const AskedRequest request{(run ? "/v1/operations/" : "/v1/jobs/") + options.id, {}, false};
  return SendAndTell(request, options.dry_run, common, terminal);
}

ExitCode JobCancel(const JobOptions& options, const Common& common, const Terminal& terminal) {
  return SendAndTell(Named("/v1/operations:cancel", "operation", options.id), options.dry_run,
                     common, terminal);
}

ExitCode JobStop(const JobOptions& options, const Common& common, const Terminal& terminal) {
  return SendAndTell(Named("/v1/jobs:stop", "job", options.id), options.dry_run, common, terminal);
}

}  // namespace cloison::cli
