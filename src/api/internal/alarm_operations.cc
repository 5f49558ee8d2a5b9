#include "api/internal/alarm_operations.h"

#include <charconv>

#include "access/cases.h"
#include "api/handler.h"
#include "api/internal/answers.h"
#include "api/internal/body.h"
#include "api/internal/case_forms.h"
#include "api/internal/proofs.h"
#include "net/url.h"

namespace cloison::api::internal {

namespace {

using access::Alarm;
using access::Alarms;

// Who was held until now comes again at once; who was turned away, or hears of a full page, too
// soon otherwise.
constexpr std::string_view kAgain = "retry: 50\n\n", kLater = "retry: 5000\n\n";

template <class N>
bool ReadNumber(std::string_view text, N& number) {
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end;
}

void WriteAlarm(const Alarm& alarm, codec::JsonWriter& json) {
  json.BeginObject().Key("number").Uint(alarm.number).Key("time").String(Rfc3339(alarm.wall_ms));
  json.Key("what").String(Name(alarm.what));
  if (alarm.from != access::Rung::kNone || alarm.to != access::Rung::kNone) {
    json.Key("from_rung").Uint(static_cast<std::uint64_t>(alarm.from));
    json.Key("rung").Uint(static_cast<std::uint64_t>(alarm.to));
  }
  if (!alarm.why.empty()) json.Key("why").String(alarm.why);
  if (alarm.organisation.value() != 0) json.Key("organisation").Uint(alarm.organisation.value());
  if (alarm.pool.has_value()) {
    json.Key("pool").BeginObject();
    if (alarm.pool->organisation != 0) json.Key("organisation").Uint(alarm.pool->organisation);
    if (alarm.pool->office != 0) json.Key("office").Uint(alarm.pool->office);
    json.EndObject();
  }
  if (alarm.file.has_value()) json.Key("case").String(CaseIdText(*alarm.file));
  json.EndObject();
}

struct Asked {
  std::uint64_t after = 0;
  std::size_t size = kPageSizeDefault;
};

std::optional<net::Response> ReadAsked(const Call& call, Asked& asked) {
  const auto query = net::ParseQuery(call.request.query);
  bool fit = query.ok();
  if (fit) {
    for (const auto& [name, value] : *query) {
      if (name == "after") {
        fit = fit && ReadNumber(value, asked.after);
      } else {
        fit = fit && name == "page_size" && ReadNumber(value, asked.size) && asked.size >= 1 &&
              asked.size <= access::kAlarmsPageMax;
      }
    }
  }
  if (fit) return std::nullopt;
  return call.Refuse(ProblemCode::kQueryRefused,
                     "after is a number that was given, page_size is 1 to 100");
}

}  // namespace

Task<net::Response> ListAlarms(Call& call) {
  Asked asked;
  std::optional<net::Response> bad = ReadAsked(call, asked);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Alarms::Page> outcome =
      co_await call.gate().cases().alarms().List(*call.caller, asked.after, asked.size);
  const Alarms::Page* page = Given(outcome);
  if (page == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries;
  if (page->recorded.has_value()) entries.push_back(&*page->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("first").Uint(page->first).Key("last").Uint(page->last);
  json.Key("items").BeginArray();
  for (const Alarm& alarm : page->items) WriteAlarm(alarm, json);
  json.EndArray();
  if (page->recorded.has_value()) {
    json.Key("receipt");
    WriteReceipt(json, *page->recorded, call);
  }
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> StreamAlarms(Call& call) {
  Asked asked{0, access::kAlarmsPageMax};
  std::optional<net::Response> bad = ReadAsked(call, asked);
  if (bad.has_value()) co_return std::move(*bad);
  const std::string_view last = call.request.headers.get("last-event-id");
  if (!last.empty() && !ReadNumber(last, asked.after)) {
    co_return call.Refuse(ProblemCode::kQueryRefused, "Last-Event-ID is the number of an alarm");
  }
  Alarms alarms = call.gate().cases().alarms();
  access::Outcome<Alarms::Page> outcome =
      co_await alarms.List(*call.caller, asked.after, asked.size);
  const Alarms::Page* page = Given(outcome);
  if (page == nullptr) co_return call.Refuse(outcome);
  bool held = true;
  if (page->items.empty()) {
    held = co_await alarms.bell().Wait(asked.after, kStreamWaitMs, *call.request.home);
    outcome = co_await alarms.List(*call.caller, asked.after, asked.size);
    page = Given(outcome);
    if (page == nullptr) co_return call.Refuse(outcome);
  }
  net::Response response;
  response.body = held ? kAgain : kLater;
  if (page->items.empty()) response.body += ": nothing new\n\n";
  for (const Alarm& alarm : page->items) {
    response.body += "id: " + std::to_string(alarm.number) + "\nevent: alarm\ndata: ";
    codec::JsonWriter json(response.body);
    WriteAlarm(alarm, json);
    response.body += "\n\n";
  }
  response.headers.Add("content-type", "text/event-stream");
  co_return response;
}

Task<net::Response> ListAlarmOutputs(Call& call) {
  // Who may hear: asked of the gate, as for the alarms themselves, but of none of them.
  access::Outcome<Alarms::Page> outcome =
      co_await call.gate().cases().alarms().List(*call.caller, UINT64_MAX, 1);
  const Alarms::Page* page = Given(outcome);
  if (page == nullptr) co_return call.Refuse(outcome);  // of the outputs
  std::vector<AlarmOutput> outputs;
  if (call.service.alarm_outputs != nullptr) outputs = call.service.alarm_outputs->Standings();
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("last").Uint(page->last).Key("items").BeginArray();
  for (const AlarmOutput& one : outputs) {
    json.BeginObject().Key("name").String(one.name).Key("delivered").Uint(one.delivered);
    json.Key("set_aside").Uint(one.set_aside).Key("failing").Bool(one.failing);
    if (!one.key.empty()) json.Key("key").String(one.key);
    json.EndObject();
  }
  json.EndArray().EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> TestAlarm(Call& call) {
  Body body(call, {});
  if (!body.ok()) co_return body.Refuse(call);
  access::Outcome<Alarms::Raised> outcome =
      co_await call.gate().cases().alarms().Test(*call.caller);
  const Alarms::Raised* raised = Given(outcome);
  if (raised == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &raised->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string answer;
  codec::JsonWriter json(answer);
  json.BeginObject().Key("done").String("raised").Key("number").Uint(raised->number);
  json.Key("receipt");
  WriteReceipt(json, raised->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(answer));
}

}  // namespace cloison::api::internal
