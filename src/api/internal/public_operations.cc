// GET /ledger/checkpoint, tiles and /ledger/predecessors, GET /openapi.json, GET /v1/status: what
// anybody may read.
#include <algorithm>

#include "api/handler.h"
#include "api/internal/answers.h"
#include "api/internal/call.h"
#include "api/openapi.h"
#include "codec/gzip.h"
#include "crypto/base64.h"
#include "tlog/tile.h"

namespace cloison::api::internal {

namespace {

// Which of the controls that production needs are on. What this version lacks is said, not hidden.
void WriteControls(codec::JsonWriter& json, const Call& call) {
  const bool serving = call.serving();
  json.Key("controls").BeginObject();
  json.Key("tls").Bool(true).Key("client_certificates").Bool(true);
  json.Key("ledger").Bool(serving).Key("budgets").Bool(serving).Key("masking").Bool(serving);
  json.Key("answer_tick").Bool(call.service.answer_tick_ms > 0);
  json.Key("sign_in").String(call.service.development ? "development" : "provider");
  // No configuration turns it off.
  json.Key("two_person").Bool(serving).EndObject();
}

// By the names of the operator's policy.
void WriteWitnesses(codec::JsonWriter& json, const Call& call) {
  const ledger::WitnessReport report = call.service.witnesses->report();
  json.Key("witnesses").BeginObject().Key("quorum").Bool(report.quorum);
  json.Key("quorum_size").Uint(report.quorum_size).Key("asked").BeginArray();
  for (const ledger::WitnessStanding& witness : report.witnesses) {
    json.BeginObject().Key("name").String(witness.name);
    json.Key("state").String(ledger::Name(witness.state));
    if (witness.cosigned_ms != 0) {
      const std::int64_t age_ms = call.service.clock.wall_ms() - witness.cosigned_ms;
      json.Key("size").Uint(witness.size);
      json.Key("age_s").Int(std::max<std::int64_t>(age_ms, 0) / base::kSecondMs);
    }
    json.EndObject();
  }
  json.EndArray().EndObject();
}

constexpr std::string_view kLedgerPrefix = "/ledger/";
// What lies under a tile's path never changes, partial or not; a checkpoint is a second old.
constexpr std::string_view kForEver = "public, max-age=31536000, immutable";
constexpr std::string_view kForASecond = "public, max-age=1";

net::Response NotYet(const Call& call) {
  Problem problem(ProblemCode::kLedgerUnavailable, "the tiles are being made");
  problem.retry_after_s = 5;
  return call.Refuse(problem);
}

// Entries hardly get smaller, hashes not at all.
void Compress(const net::Request& request, net::Response& response) {
  response.headers.Add("vary", "accept-encoding");
  if (!codec::AcceptsGzip(request.headers.get("accept-encoding"))) return;
  std::string packed = codec::Gzip(response.body);
  if (packed.size() >= response.body.size()) return;
  response.headers.Add("content-encoding", "gzip");
  response.body = std::move(packed);
}

}  // namespace

Task<net::Response> Checkpoint(Call& call) {
  net::Response response;
  response.body = call.service.vault->publisher().checkpoint();
  if (response.body.empty()) co_return NotYet(call);
  response.headers.Add("content-type", "text/plain; charset=utf-8");
  response.headers.Add("cache-control", kForASecond);
  co_return response;
}

Task<net::Response> LedgerTile(Call& call) {
  const std::string_view path = std::string_view(call.request.path).substr(kLedgerPrefix.size());
  const Result<tlog::TileId> tile = tlog::ParseTilePath(path);
  if (!tile.ok()) co_return call.Refuse(ProblemCode::kNoSuchPath);
  const Result<Bytes> bytes = co_await call.service.vault->publisher().ReadTile(*tile);
  net::Response response;
  if (bytes.ok()) {
    response.headers.Add("content-type", "application/octet-stream");
    response.headers.Add("cache-control", kForEver);
    response.body = AsText(*bytes);
    if (tile->kind == tlog::TileId::Kind::kEntries) Compress(call.request, response);
  }
  if (call.request.home != nullptr) co_await call.request.home->Schedule();
  if (bytes.ok()) co_return response;
  if (bytes.error().code() == Code::kUnavailable) co_return NotYet(call);
  co_return call.Refuse(FromError(bytes.error()));
}

// The logs that a recovery ceremony closed, and the statement of that ceremony.
Task<net::Response> Predecessors(Call& call) {
  const std::vector<ledger::Log>& logs = call.service.vault->ledger().logs();
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("logs").BeginArray();
  for (std::size_t i = 0; i + 1 < logs.size(); ++i) {
    const ledger::Log& log = logs[i];
    const auto by = std::find_if(logs.begin() + static_cast<std::ptrdiff_t>(i) + 1, logs.end(),
                                 [](const ledger::Log& next) { return next.opening.has_value(); });
    json.BeginObject().Key("log").String(log.origin);
    const Result<tlog::VerifierKey> key = ledger::VerifierKeyOf(log);
    if (key.ok()) json.Key("key").String(key->Text());
    json.Key("size").Uint(log.closing->head.size);
    json.Key("root").String(crypto::ToBase64(log.closing->head.root));
    json.Key("closed").String(Rfc3339(by->opening->time_ms));
    json.Key("statement").String(by->opening->statement).EndObject();
  }
  json.EndArray().EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> OpenApi(Call&) {
  net::Response response;
  response.headers.Add("content-type", "application/json");
  response.body = OpenApiJson();
  co_return response;
}

Task<net::Response> StatusOfService(Call& call) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("state").String(api::Name(call.service.state.load()));
  json.Key("version").String(kApiVersion).Key("development").Bool(call.service.development);
  if (call.serving() && !call.is_public) {
    const vault::Vault& vault = *call.service.vault;
    json.Key("register").BeginObject().Key("name").String(vault.schema().name());
    json.Key("schema_version").Uint(vault.schema().version());
    json.Key("policy_version").Uint(vault.policy()->version()).EndObject();
  }
  if (call.serving()) {
    const ledger::Ledger& ledger = call.service.vault->ledger();
    json.Key("ledger").BeginObject().Key("log").String(ledger.origin());
    json.Key("size").Uint(ledger.size()).Key("key").String(ledger.vkey()).EndObject();
  }
  if (call.service.witnesses != nullptr) WriteWitnesses(json, call);
  if (!call.is_public) WriteControls(json, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

}  // namespace cloison::api::internal
