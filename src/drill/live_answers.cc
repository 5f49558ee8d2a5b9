#include "drill/live_answers.h"

#include <algorithm>

#include "codec/json_reader.h"

namespace cloison::drill {

namespace {

using codec::JsonDocument;
using codec::JsonValue;

constexpr Error kBad{Code::kCorrupt, "an answer is not the one that the API describes"};
// An own caseload has 350 records, each with a receipt and its checkpoint.
constexpr codec::JsonLimits kLimits{8u << 20, 16, 64u << 10, 1024, 1 << 18};

// Reads members; the first that is not as it must be is kept.
class Reader {
 public:
  bool ok() const { return ok_; }
  void Fail() { ok_ = false; }

  std::string Text(const JsonValue& object, std::string_view key, bool required = true) {
    const std::optional<JsonValue> member = object.Find(key);
    if (!member.has_value() && !required) return {};
    const Result<std::string_view> text = member.has_value() ? member->AsString() : kBad;
    ok_ = ok_ && text.ok();
    return text.ok() ? std::string(*text) : std::string();
  }
  std::uint64_t Number(const JsonValue& object, std::string_view key) {
    const std::optional<JsonValue> member = object.Find(key);
    const Result<std::int64_t> number = member.has_value() ? member->AsInt() : kBad;
    ok_ = ok_ && number.ok() && *number >= 0;
    return number.ok() && *number >= 0 ? static_cast<std::uint64_t>(*number) : 0;
  }
  // Calls f for each element of a list.
  template <class F>
  void Each(const JsonValue& object, std::string_view key, bool required, F f) {
    const std::optional<JsonValue> list = object.Find(key);
    if (!list.has_value() && !required) return;
    if (!list.has_value() || !list->is_array()) return Fail();
    for (auto at = list->First(); at.has_value(); at = at->Next()) f(*at);
  }
  std::vector<std::string> Texts(const JsonValue& object, std::string_view key, bool required) {
    std::vector<std::string> texts;
    Each(object, key, required, [&](const JsonValue& one) {
      const Result<std::string_view> text = one.AsString();
      ok_ = ok_ && text.ok();
      if (text.ok()) texts.emplace_back(*text);
    });
    return texts;
  }
  std::optional<ledger::Form> FormOf(const JsonValue& object, bool required) {
    static constexpr std::string_view kNames[] = {"plain", "masked", "exists", "matches"};
    const std::string name = Text(object, "form", required);
    const auto* const found = std::ranges::find(kNames, name);
    if (found != std::end(kNames)) return static_cast<ledger::Form>(found - kNames + 1);
    ok_ = ok_ && name.empty() && !required;
    return std::nullopt;
  }
  void Receipt(const JsonValue& object, std::string_view key, bool required, LiveRecord& out) {
    const std::optional<JsonValue> receipt = object.Find(key);
    if (!receipt.has_value() && !required) return;
    if (!receipt.has_value()) return Fail();
    const std::string log = Text(*receipt, "log");
    // Indexes of two logs cannot be told apart by number.
    ok_ = ok_ && (out.log.empty() || out.log == log);
    out.log = log;
    out.entries.push_back(Number(*receipt, "index"));
  }

 private:
  bool ok_ = true;
};

Result<JsonDocument> ObjectOf(std::string_view body) {
  Result<JsonDocument> document = JsonDocument::Parse(AsBytes(body), kLimits);
  if (!document.ok() || !document->root().is_object()) return kBad;
  return document;
}

access::Caps ReadCaps(Reader& reader, const JsonValue& root) {
  access::Caps caps;
  const std::optional<JsonValue> all = root.Find("caps");
  if (!all.has_value()) reader.Fail();
  for (std::size_t c = 0; c < access::kCounters && all.has_value(); ++c) {
    const auto windows = all->Find(access::Name(static_cast<access::Counter>(c)));
    if (!windows.has_value()) reader.Fail();
    for (std::size_t w = 0; w < access::kWindows && windows.has_value(); ++w) {
      const std::uint64_t cap = reader.Number(*windows, Name(static_cast<access::Window>(w)));
      if (cap > UINT32_MAX) reader.Fail();
      caps.of[c][w] = static_cast<std::uint32_t>(cap);
    }
  }
  return caps;
}

LiveRecord ReadRecord(Reader& reader, const JsonValue& one) {
  LiveRecord record;
  record.person = reader.Text(one, "person", false);
  const std::optional<JsonValue> fields = one.Find("fields");
  if (fields.has_value() && !fields->is_object()) reader.Fail();
  if (fields.has_value() && fields->is_object()) {
    for (auto at = fields->First(); at.has_value(); at = at->Next()) {
      record.fields.emplace_back(at->key());
    }
  }
  reader.Receipt(one, "receipt", true, record);
  reader.Receipt(one, "receipt_masked", false, record);
  return record;
}

LiveEntry ReadEntry(Reader& reader, const JsonValue& one) {
  LiveEntry entry;
  entry.n = reader.Number(one, "n");
  entry.index = reader.Number(one, "index");
  entry.log = reader.Text(one, "log");
  entry.kind = reader.Text(one, "kind");
  entry.decision = reader.Text(one, "decision");
  entry.session = reader.Text(one, "session", false);
  entry.person = reader.Text(one, "person", false);
  if (const auto sealed = one.Find("sealed"); sealed.has_value()) {
    const Result<bool> value = sealed->AsBool();
    if (!value.ok()) reader.Fail();
    entry.sealed = value.ok() && *value;
  }
  entry.form = reader.FormOf(one, false);
  entry.fields = reader.Texts(one, "fields", false);
  // Somebody it is about is named or sealed.
  if (entry.form.has_value() == (entry.person.empty() && !entry.sealed)) reader.Fail();
  return entry;
}

}  // namespace

Result<LiveSelf> ParseCapabilities(std::string_view body) {
  CLOISON_TRY_ASSIGN(const JsonDocument document, ObjectOf(body));
  const JsonValue root = document.root();
  Reader reader;
  LiveSelf self;
  self.principal = reader.Text(root, "principal");
  self.organisation = reader.Number(root, "organisation");
  self.rung = static_cast<int>(std::min<std::uint64_t>(reader.Number(root, "rung"), 5));
  reader.Each(root, "grants", true, [&](const JsonValue& one) {
    const std::optional<ledger::Form> form = reader.FormOf(one, true);
    self.grants.push_back({reader.Text(one, "purpose"), reader.Text(one, "relation"),
                           form.value_or(ledger::Form::kMatches),
                           reader.Texts(one, "fields", true)});
  });
  self.caps = ReadCaps(reader, root);
  if (!reader.ok()) return kBad;
  return self;
}

Result<std::vector<LiveRecord>> ParseRecords(std::string_view body, std::string_view list) {
  CLOISON_TRY_ASSIGN(const JsonDocument document, ObjectOf(body));
  Reader reader;
  std::vector<LiveRecord> records;
  reader.Each(document.root(), list, true,
              [&](const JsonValue& one) { records.push_back(ReadRecord(reader, one)); });
  if (!reader.ok()) return kBad;
  return records;
}

Result<LiveActivity> ParseActivity(std::string_view body) {
  CLOISON_TRY_ASSIGN(const JsonDocument document, ObjectOf(body));
  const JsonValue root = document.root();
  Reader reader;
  LiveActivity activity;
  reader.Each(root, "items", true,
              [&](const JsonValue& one) { activity.entries.push_back(ReadEntry(reader, one)); });
  activity.expired = reader.Number(root, "expired");
  activity.next = reader.Text(root, "next_page_token", false);
  LiveRecord own;
  reader.Receipt(root, "receipt", true, own);
  if (!reader.ok()) return kBad;
  activity.receipt = own.entries.front();
  return activity;
}

Result<LiveAlarms> ParseAlarms(std::string_view body) {
  CLOISON_TRY_ASSIGN(const JsonDocument document, ObjectOf(body));
  Reader reader;
  LiveAlarms alarms;
  alarms.last = reader.Number(document.root(), "last");
  reader.Each(document.root(), "items", true, [&](const JsonValue& one) {
    LiveAlarms::One alarm{reader.Number(one, "number"), reader.Text(one, "what"), {}};
    if (one.Find("rung").has_value()) {
      alarm.rung = static_cast<std::int64_t>(reader.Number(one, "rung"));
    }
    alarms.items.push_back(std::move(alarm));
  });
  if (!reader.ok()) return kBad;
  return alarms;
}

std::string ProblemCodeOf(std::string_view body) {
  const Result<JsonDocument> document = ObjectOf(body);
  if (!document.ok()) return {};
  const std::optional<JsonValue> code = document->root().Find("code");
  return code.has_value() ? std::string(code->string()) : std::string();
}

}  // namespace cloison::drill
