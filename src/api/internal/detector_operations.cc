// POST /v1/detectors:calibrate.
#include "access/policies.h"
#include "api/internal/answers.h"
#include "api/internal/body.h"
#include "api/internal/proofs.h"

namespace cloison::api::internal {

namespace {

using access::Policies;

void WriteBounds(codec::JsonWriter& json, std::string_view name,
                 const std::vector<access::TailBound>& bounds) {
  json.Key(name).BeginArray();
  for (const access::TailBound& bound : bounds) {
    json.BeginObject().Key("at_least").Uint(bound.at_least);
    json.Key("at_most").Number(bound.at_most).EndObject();
  }
  json.EndArray();
}

void WriteCounts(codec::JsonWriter& json, std::string_view name,
                 const std::array<std::uint64_t, access::kRungsCounted>& counts) {
  json.Key(name).BeginArray();
  for (const std::uint64_t count : counts) json.Uint(count);
  json.EndArray();
}

void WriteRungs(codec::JsonWriter& json, const access::RungCounts& rungs) {
  json.Key("would_have").BeginObject();
  WriteCounts(json, "now", rungs.now);
  WriteCounts(json, "proposed", rungs.proposed);
  json.EndObject();
}

void WriteClass(codec::JsonWriter& json, const access::CalibratedClass& one) {
  json.BeginObject().Key("class").String(one.name);
  json.Key("learnt_from").Uint(one.learnt).Key("held_out").Uint(one.held_out);
  json.Key("few_days").Uint(one.few_days).Key("opened_decoys").Uint(one.decoyed);
  WriteRungs(json, one.rungs);
  json.Key("scores").BeginArray();
  for (const access::CalibratedScore& score : one.scores) {
    json.BeginObject().Key("score").String(access::Name(score.score));
    json.Key("blocks").Uint(score.blocks).Key("highest").Uint(score.highest);
    WriteBounds(json, "now", score.now);
    WriteBounds(json, "proposed", score.proposed);
    WriteRungs(json, score.rungs);
    json.EndObject();
  }
  json.EndArray().EndObject();
}

void WritePool(codec::JsonWriter& json, const access::CalibratedPool& pool) {
  json.BeginObject();
  if (pool.pool.organisation != 0) json.Key("organisation").Uint(pool.pool.organisation);
  if (pool.pool.office != 0) json.Key("office").Uint(pool.pool.office);
  json.Key("score").String(access::Name(pool.score));
  json.Key("blocks").Uint(pool.blocks).Key("highest").Uint(pool.highest);
  WriteBounds(json, "now", pool.now);
  WriteBounds(json, "proposed", pool.proposed);
  json.EndObject();
}

}  // namespace

Task<net::Response> CalibrateDetectors(Call& call) {
  static constexpr std::string_view kKeys[] = {"days"};
  Body body(call, kKeys);
  std::uint32_t back = access::kCalibrationDaysMax;
  const std::optional<codec::JsonValue> days = body.Find("days", Need::kOptional);
  if (days.has_value()) {
    const Result<std::int64_t> read = days->AsInt();
    if (!read.ok() || *read < 1 || *read > std::int64_t{access::kCalibrationDaysMax}) {
      body.Add(*days, "invalid_value", "1 to 90 days are expected");
    } else {
      back = static_cast<std::uint32_t>(*read);
    }
  }
  if (!body.ok()) co_return body.Refuse(call);
  access::Outcome<Policies::Calibrated> outcome =
      co_await call.gate().policies().Calibrate(*call.caller, back);
  const Policies::Calibrated* calibrated = Given(outcome);
  if (calibrated == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &calibrated->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("days").Uint(calibrated->report.days);
  json.Key("agent_days").Uint(calibrated->report.agent_days);
  json.Key("unread").Uint(calibrated->report.unread).Key("classes").BeginArray();
  for (const access::CalibratedClass& one : calibrated->report.classes) WriteClass(json, one);
  json.EndArray().Key("pools").BeginArray();
  for (const access::CalibratedPool& pool : calibrated->report.pools) WritePool(json, pool);
  json.EndArray().Key("receipt");
  WriteReceipt(json, calibrated->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(out));
}

}  // namespace cloison::api::internal
