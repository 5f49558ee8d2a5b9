#include "api/internal/answers.h"

#include <array>
#include <charconv>
#include <chrono>

#include "api/internal/proofs.h"
#include "crypto/base64.h"

namespace cloison::api::internal {

using access::Counter;
using access::Window;

namespace {

constexpr std::array<Counter, access::kCounters> kCounters = {
    Counter::kOpened, Counter::kOpenedOff, Counter::kSensitive, Counter::kGlimpsed,
    Counter::kGlimpsedOff};
constexpr std::array<Window, access::kWindows> kWindows = {Window::kHour, Window::kDay,
                                                           Window::kWeek, Window::kMonth};

constexpr std::size_t kRateLimitBytesExpected = 160;  // of a header
constexpr std::size_t kBudgetBytesExpected = 448;

std::uint32_t LeftOf(const access::BudgetLeft& budget, Counter counter, Window window) {
  return budget.left[static_cast<std::size_t>(counter)][static_cast<std::size_t>(window)];
}

void AppendNumber(std::string& out, std::int64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

void AppendPadded(std::string& out, std::int64_t value, std::size_t width) {
  const std::size_t begin = out.size();
  AppendNumber(out, value);
  const std::size_t size = out.size() - begin;
  if (size < width) out.insert(begin, width - size, '0');
}

// `width` digits of `text` at `at`, which moves on; -1 when there are others.
int Digits(std::string_view text, std::size_t& at, std::size_t width) {
  int value = 0;
  for (std::size_t i = 0; i < width; ++i, ++at) {
    if (at >= text.size() || text[at] < '0' || text[at] > '9') return -1;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

// Rounded up: then there is one.
std::int64_t FreesInSeconds(const access::BudgetLeft& budget, Counter counter, Window window) {
  const std::int64_t ms =
      budget.frees_in_ms[static_cast<std::size_t>(counter)][static_cast<std::size_t>(window)];
  return (ms + 999) / 1'000;
}

bool Skip(std::string_view text, std::size_t& at, char c) {
  if (at >= text.size() || text[at] != c) return false;
  ++at;
  return true;
}

}  // namespace

void WriteBudget(codec::JsonWriter& json, const access::BudgetLeft& budget) {
  // What stands before each number never changes.
  static const std::vector<std::string> before = [] {
    std::vector<std::string> texts;
    for (const Counter counter : kCounters) {
      for (const Window window : kWindows) {
        const bool first = window == kWindows.front();
        std::string text = texts.empty() ? "{" : first ? "}," : ",";
        if (first) text.append("\"").append(access::Name(counter)).append("\":{");
        texts.push_back(text.append("\"").append(access::Name(window)).append("\":"));
      }
    }
    return texts;
  }();
  std::string text;
  text.reserve(kBudgetBytesExpected);
  std::size_t place = 0;
  for (const Counter counter : kCounters) {
    for (const Window window : kWindows) {
      AppendNumber(text.append(before[place++]), LeftOf(budget, counter, window));
    }
  }
  json.Key("budget").Raw(text.append("}}"));
}

void AddRateLimit(net::Headers& headers, const access::BudgetLeft& budget) {
  struct Item {
    Counter counter;
    Window window;
    std::string_view name, length;
  };
  static constexpr Item kItems[] = {
      {Counter::kOpened, Window::kHour, "\"opened-hour\"", ";w=3600"},
      {Counter::kOpened, Window::kDay, "\"opened-day\"", ";w=86400"},
      {Counter::kGlimpsed, Window::kHour, "\"glimpsed-hour\"", ";w=3600"},
      {Counter::kGlimpsed, Window::kDay, "\"glimpsed-day\"", ";w=86400"}};
  static_assert(access::kWindowMs[0] == 3'600'000 && access::kWindowMs[1] == 86'400'000);
  std::string left, policy;
  left.reserve(kRateLimitBytesExpected);
  policy.reserve(kRateLimitBytesExpected);
  for (const Item& item : kItems) {
    if (!left.empty()) left += ", ";
    if (!policy.empty()) policy += ", ";
    const std::uint32_t more = LeftOf(budget, item.counter, item.window);
    AppendNumber(left.append(item.name).append(";r="), more);
    if (more == 0) {
      AppendNumber(left.append(";t="), FreesInSeconds(budget, item.counter, item.window));
    }
    AppendNumber(policy.append(item.name).append(";q="),
                 budget.caps.cap(item.counter, item.window));
    policy += item.length;
  }
  headers.Add("ratelimit-policy", policy);
  headers.Add("ratelimit", left);
}

void WriteReceipt(codec::JsonWriter& json, const ledger::Recorded& recorded, const Call& call) {
  json.BeginObject().Key("log").String(call.OriginOf(recorded)).Key("index").Uint(recorded.index);
  if (recorded.batch != nullptr) {
    json.Key("time").String(Rfc3339(recorded.time_ms));
    json.Key("leaf").String(crypto::ToBase64(recorded.leaf));
    json.Key("actor_part").String(crypto::ToBase64(recorded.actor_part));
    json.Key("randomness").String(crypto::ToBase64(recorded.actor_randomness));
    json.Key("checkpoint").String(recorded.batch->checkpoint);
  }
  const auto proof = call.proofs.find(recorded.index);
  if (proof != call.proofs.end()) json.Key("proof").String(proof->second);
  json.EndObject();
}

void WriteRecord(codec::JsonWriter& json, const access::ShownRecord& record, const Call& call) {
  json.BeginObject();
  const ledger::Recorded& first = record.recorded.front();
  json.Key("id").String(IdOf(call, first.index));
  // A citizen's own record needs no code.
  if (record.code.symbols()[0] != 0) json.Key("person").String(record.code.Text());
  json.Key("version").Uint(record.version).Key("fields").BeginObject();
  for (const records::OpenedValue& value : record.values) {
    json.Key(call.schema().Find(value.field)->name).String(AsText(value.text.Reveal()));
  }
  json.EndObject().Key("receipt");
  WriteReceipt(json, first, call);
  if (record.recorded.size() > 1) {  // fields in plain form first, masked ones in an entry apart
    json.Key("receipt_masked");
    WriteReceipt(json, record.recorded[1], call);
  }
  json.EndObject();
}

void WriteFields(codec::JsonWriter& json, const std::vector<FieldId>& fields,
                 const records::Schema& schema) {
  json.Key("fields").BeginArray();
  for (const FieldId id : fields) {
    const records::FieldSpec* field = schema.Find(id);
    if (field != nullptr) json.String(field->name);
  }
  json.EndArray();
}

net::Response JsonAnswer(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.Add("content-type", "application/json");
  response.body = std::move(body);
  response.wipe_body = true;
  return response;
}

void AddCommonHeaders(net::Headers& headers, std::string_view request_id) {
  headers.Add("request-id", request_id);
  if (!headers.find("cache-control")) headers.Add("cache-control", "no-store");
  headers.Add("x-content-type-options", "nosniff");
}

std::string ETagOf(std::uint64_t version) {
  return "\"" + std::to_string(version) + "\"";
}

std::string Rfc3339(std::int64_t unix_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(unix_ms)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::string out;
  AppendPadded(out, int{date.year()}, 4);
  AppendPadded(out += '-', unsigned{date.month()}, 2);
  AppendPadded(out += '-', unsigned{date.day()}, 2);
  AppendPadded(out += 'T', clock.hours().count(), 2);
  AppendPadded(out += ':', clock.minutes().count(), 2);
  AppendPadded(out += ':', clock.seconds().count(), 2);
  AppendPadded(out += '.', clock.subseconds().count(), 3);
  return out + "Z";
}

std::optional<std::int64_t> ParseRfc3339(std::string_view text) {
  using namespace std::chrono;
  std::size_t at = 0;
  const int y = Digits(text, at, 4);
  const bool dash = Skip(text, at, '-');
  const int m = Digits(text, at, 2);
  const bool dash_2 = Skip(text, at, '-');
  const int d = Digits(text, at, 2);
  const bool t = Skip(text, at, 'T');
  const int hour = Digits(text, at, 2);
  const bool colon = Skip(text, at, ':');
  const int minute = Digits(text, at, 2);
  const bool colon_2 = Skip(text, at, ':');
  const int second = Digits(text, at, 2);
  const int ms = Skip(text, at, '.') ? Digits(text, at, 3) : 0;
  const bool z = Skip(text, at, 'Z') && at == text.size();
  const bool shape = dash && dash_2 && t && colon && colon_2 && z;
  if (!shape || y < 0 || m < 1 || d < 1 || hour < 0 || minute < 0 || second < 0 || ms < 0) {
    return std::nullopt;
  }
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const auto time = sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
  return duration_cast<milliseconds>(time.time_since_epoch()).count() + ms;
}

std::string_view Name(ledger::Kind kind) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "",         "disclosure", "glimpse",       "refusal",  "change", "erasure", "rights",
      "approval", "freeze",     "key_or_policy", "incident", "unseal", "load",    "aggregate"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view Name(ledger::Form form) {
  static constexpr std::array<std::string_view, 5> kNames = {"", "plain", "masked", "exists",
                                                             "matches"};
  return kNames[static_cast<std::size_t>(form)];
}

std::string_view Name(ledger::Decision decision) {
  static constexpr std::array<std::string_view, 4> kNames = {"", "allow", "refuse", "miss"};
  return kNames[static_cast<std::size_t>(decision)];
}

}  // namespace cloison::api::internal
