#include "sinks/alarm_text.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "codec/json_writer.h"

namespace cloison::sinks {

using access::Alarm;
using access::Rung;

namespace {

constexpr std::string_view kOcsfVersion = "1.8.0";
constexpr std::uint64_t kClass = 2004;
constexpr int kFacility = 13;

// Of OCSF: what became of the finding, and how much it matters.
enum class Activity : std::uint8_t { kCreate = 1, kUpdate = 2, kClose = 3, kOther = 99 };
enum class Weight : std::uint8_t { kInformational = 1, kLow, kMedium, kHigh, kCritical };
enum class Standing : std::uint8_t { kNew = 1, kResolved = 4 };

struct Told {
  std::string_view title;
  Activity activity;
  Weight weight;
};

Told TellRung(const Alarm& alarm) {
  const Activity activity =
      alarm.from >= Rung::kSecondPerson ? Activity::kUpdate : Activity::kCreate;
  if (alarm.pool.has_value()) {
    return {"Many accounts together are held to their caseloads", activity, Weight::kCritical};
  }
  switch (alarm.to) {
    case Rung::kFrozen:
      return {"An account sees its caseload alone, and signs in again", activity,
              Weight::kCritical};
    case Rung::kSecondPerson:
      return {"An account needs a second person for whom it does not follow", activity,
              Weight::kHigh};
    default: return {"An account has to prove again who it is", activity, Weight::kLow};
  }
}

Told Tell(const Alarm& alarm) {
  switch (alarm.what) {
    case Alarm::What::kTest: return {"A test", Activity::kOther, Weight::kInformational};
    case Alarm::What::kRung: return TellRung(alarm);
    case Alarm::What::kCaseClosed:
      return {"A human closed the case", Activity::kClose, Weight::kInformational};
    case Alarm::What::kFrozen:
      return {"An account was frozen by an officer", Activity::kCreate, Weight::kMedium};
    case Alarm::What::kDamaged:
      return {"Something stored was found altered or damaged", Activity::kCreate,
              Weight::kCritical};
    case Alarm::What::kProviderOut:
      if (alarm.why.ends_with(access::kWhyLies)) {
        return {"An identity provider answers what an honest one never does", Activity::kCreate,
                Weight::kHigh};
      }
      return {"An identity provider cannot be reached, or gives no keys", Activity::kCreate,
              Weight::kHigh};
    case Alarm::What::kErasuresFull:
      return {"An organisation had as many erasures as it may have in a day", Activity::kCreate,
              Weight::kHigh};
  }
  return {};
}

// Of RFC 5424 section 6.2.1.
int SyslogSeverity(Weight weight) {
  static constexpr std::array<int, 6> kOf = {6, 6, 5, 4, 3, 2};
  return kOf[static_cast<std::size_t>(weight)];
}

std::string Rfc3339(std::int64_t unix_ms) {
  namespace chr = std::chrono;
  const chr::sys_time<chr::milliseconds> time{chr::milliseconds(unix_ms)};
  const auto day = chr::floor<chr::days>(time);
  const chr::year_month_day date(day);
  const chr::hh_mm_ss clock(time - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

void WriteMetadata(const Alarm& alarm, std::string_view origin, codec::JsonWriter& json) {
  json.Key("metadata").BeginObject().Key("version").String(kOcsfVersion);
  json.Key("product").BeginObject().Key("name").String("Cloison");
  json.Key("vendor_name").String("Cloison").EndObject();
  json.Key("log_name").String("alarms").Key("sequence").Uint(alarm.number);
  json.Key("tenant_uid").String(origin).Key("uid").String(AlarmUid(alarm, origin));
  if (alarm.what == Alarm::What::kTest) {
    json.Key("labels").BeginArray().String("test").EndArray();
  }
  json.EndObject();
}

void WriteOurs(const Alarm& alarm, codec::JsonWriter& json) {
  json.Key("unmapped").BeginObject().Key("what").String(Name(alarm.what));
  if (alarm.from != Rung::kNone || alarm.to != Rung::kNone) {
    json.Key("from_rung").Uint(static_cast<std::uint64_t>(alarm.from));
    json.Key("rung").Uint(static_cast<std::uint64_t>(alarm.to));
  }
  if (!alarm.why.empty()) json.Key("why").String(alarm.why);
  if (alarm.organisation.value() != 0) json.Key("organisation").Uint(alarm.organisation.value());
  if (alarm.pool.has_value()) {
    json.Key("pool").BeginObject().Key("organisation").Uint(alarm.pool->organisation);
    json.Key("office").Uint(alarm.pool->office).EndObject();
  }
  json.EndObject();
}

}  // namespace

std::string AlarmUid(const Alarm& alarm, std::string_view origin) {
  std::string uid(origin);
  uid += "/alarms/" + std::to_string(alarm.number) + "/" + std::to_string(alarm.wall_ms);
  return uid;
}

std::string OcsfEvent(const Alarm& alarm, std::string_view origin) {
  const Told told = Tell(alarm);
  const auto activity = static_cast<std::uint64_t>(told.activity);
  std::string text;
  codec::JsonWriter json(text);
  json.BeginObject().Key("class_uid").Uint(kClass).Key("category_uid").Uint(kClass / 1000);
  json.Key("activity_id").Uint(activity).Key("type_uid").Uint(kClass * 100 + activity);
  if (told.activity == Activity::kOther) json.Key("activity_name").String("Test");
  json.Key("time").Int(alarm.wall_ms);
  json.Key("severity_id").Uint(static_cast<std::uint64_t>(told.weight));
  const Standing standing =
      told.activity == Activity::kClose ? Standing::kResolved : Standing::kNew;
  json.Key("status_id").Uint(static_cast<std::uint64_t>(standing));
  json.Key("is_alert").Bool(told.weight >= Weight::kMedium);
  json.Key("message").String(told.title);
  json.Key("finding_info").BeginObject().Key("uid");
  json.String(alarm.file.has_value() ? "cas_" + base::ToHex(*alarm.file) : AlarmUid(alarm, origin));
  json.Key("title").String(told.title).EndObject();
  WriteMetadata(alarm, origin, json);
  WriteOurs(alarm, json);
  json.EndObject();
  return text;
}

std::string SyslogMessage(const Alarm& alarm, std::string_view origin, std::string_view host) {
  const int priority = kFacility * 8 + SyslogSeverity(Tell(alarm).weight);
  const std::uint64_t sequence = (alarm.number - 1) % kSequenceMax + 1;
  std::string text = "<" + std::to_string(priority) + ">1 " + Rfc3339(alarm.wall_ms) + " ";
  text += host.empty() ? "-" : host;
  text += " cloisond - ";
  text += Name(alarm.what);
  text += " [meta sequenceId=\"" + std::to_string(sequence) + "\"] ";
  text += OcsfEvent(alarm, origin);
  return text;
}

}  // namespace cloison::sinks
