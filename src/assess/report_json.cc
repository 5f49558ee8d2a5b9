#include "assess/report.h"
#include "base/clock.h"
#include "codec/json_writer.h"
#include "text/date.h"

namespace cloison::assess {

namespace {

using access::Counter;
using access::Window;
using codec::JsonWriter;

template <class Values>
void WriteWindows(JsonWriter& json, const Values& values) {
  json.BeginObject();
  for (std::size_t w = 0; w < access::kWindows; ++w) {
    json.Key(Name(static_cast<Window>(w))).Uint(values[w]);
  }
  json.EndObject();
}

void WriteLog(JsonWriter& json, const Findings& findings) {
  const LogCounts& counts = findings.counts;
  json.Key("log").BeginObject();
  json.Key("lines").Uint(counts.lines).Key("bytes").Uint(counts.bytes);
  json.Key("accesses").Uint(counts.accesses).Key("ignored").Uint(counts.ignored);
  json.Key("broken").Uint(counts.broken()).Key("faults").BeginObject();
  for (std::size_t i = 1; i < kLineFaults; ++i) {
    if (counts.faults[i] != 0) json.Key(Name(static_cast<LineFault>(i))).Uint(counts.faults[i]);
  }
  json.EndObject();
  json.Key("first").String(text::FormatUtcMs(counts.first_ms));
  json.Key("last").String(text::FormatUtcMs(counts.last_ms));
  json.Key("time_form").String(Name(findings.time_form));
  json.Key("caseload_told").Bool(findings.told).EndObject();
}

void WriteRefusals(JsonWriter& json, const Refusals& refusals) {
  json.BeginObject().Key("accesses").Uint(refusals.accesses);
  json.Key("accounts").Uint(refusals.accounts).Key("account_days").Uint(refusals.account_days);
  json.Key("by").BeginObject();
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    std::uint64_t any = 0;
    for (const std::uint64_t one : refusals.by[c]) any += one;
    if (any == 0) continue;
    json.Key(Name(static_cast<Counter>(c)));
    WriteWindows(json, refusals.by[c]);
  }
  json.EndObject().EndObject();
}

void WriteGroup(JsonWriter& json, const GroupTally& tally, const Findings& findings) {
  json.Key("accounts").Uint(tally.accounts).Key("accesses").Uint(tally.accesses);
  json.Key("account_days").Uint(tally.account_days).Key("most_people");
  WriteWindows(json, tally.most);
  json.Key("most_per_minute").Uint(tally.most_per_minute).Key("refused").BeginObject();
  const std::vector<std::string_view> views = ViewNames(findings);
  for (std::size_t v = 0; v < views.size(); ++v) {
    json.Key(views[v]);
    WriteRefusals(json, tally.views[v]);
  }
  json.EndObject();
}

void WriteReach(JsonWriter& json, const Row& row, const Findings& findings) {
  const Reach reach = ReachOf(row, findings);
  json.Key("class").String(row.budget_class).Key("stolen").BeginObject();
  json.Key("at_rate").BeginObject().Key("hour").Uint(reach.rate_hour).Key("day");
  json.Uint(reach.rate_day).EndObject().Key("no_limit").Uint(findings.register_people);
  json.Key("budget_opened");
  WriteWindows(json, reach.opened);
  json.Key("budget_opened_off_caseload");
  WriteWindows(json, reach.opened_off);
  json.EndObject();
}

void WriteRows(JsonWriter& json, std::string_view key, const std::vector<Row>& rows,
               const Findings& findings) {
  json.Key(key).BeginArray();
  for (const Row& row : rows) {
    json.BeginObject();
    if (key != "roles") {
      json.Key("organisation").String(row.organisation).Key("office").String(row.office);
    }
    if (key != "offices") json.Key("role").String(row.role);
    if (row.people.has_value()) json.Key("people_about").Uint(*row.people);
    WriteGroup(json, row.tally, findings);
    if (!row.budget_class.empty()) WriteReach(json, row, findings);
    json.EndObject();
  }
  json.EndArray();
}

void WriteAccounts(JsonWriter& json, const Findings& findings, bool names) {
  const std::vector<std::string_view> views = ViewNames(findings);
  json.Key("accounts").BeginArray();
  for (const AccountRow& row : findings.top) {
    json.BeginObject().Key("account").String(names ? row.account.agent : row.pseudonym);
    json.Key("organisation").String(row.place.organisation);
    json.Key("office").String(row.place.office).Key("role").String(row.place.role);
    json.Key("accesses").Uint(row.top.accesses).Key("most_people");
    WriteWindows(json, row.top.most);
    json.Key("refused").BeginObject();
    for (std::size_t v = 0; v < views.size(); ++v) json.Key(views[v]).Uint(row.top.refused[v]);
    json.EndObject().EndObject();
  }
  json.EndArray();
}

void WriteCeilings(JsonWriter& json, const Findings& findings) {
  json.Key("ceilings").BeginObject();
  json.Key("bucket_minutes").Int(findings.bucket_ms / base::kMinuteMs);
  json.Key("buckets").Uint(findings.buckets).Key("proposed").BeginArray();
  for (const CeilingRow& row : findings.ceilings) {
    json.BeginObject().Key("scope").String(Name(row.scope));
    if (!row.organisation.empty()) json.Key("organisation").String(row.organisation);
    if (!row.name.empty()) json.Key("name").String(row.name);
    json.Key("counter").String(Name(row.counter)).Key("ceiling");
    if (row.proposal.ceiling == 0) {
      json.Null();
    } else {
      json.Uint(row.proposal.ceiling);
    }
    json.Key("ordinary_most").Uint(row.proposal.ordinary_most);
    json.Key("median").Uint(row.proposal.median).Key("days").Uint(row.proposal.days);
    json.Key("left_out").BeginArray();
    for (const std::int64_t day : row.proposal.left_out) json.String(DayText(day));
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
}

}  // namespace

std::vector<std::string_view> ViewNames(const Findings& findings) {
  if (findings.told) return {"as_told"};
  return {"all_on_caseload", "none_on_caseload"};
}

std::string DayText(std::int64_t day) {
  return text::FormatDate(text::DateOfDays(day));
}

std::string NameOr(const std::string& name, std::string_view instead) {
  return name.empty() ? std::string(instead) : name;
}

std::string ToJson(const Findings& findings, const ReportOptions& options) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  WriteLog(json, findings);
  json.Key("people_about").Uint(findings.people);
  json.Key("register_people").Uint(findings.register_people);
  json.Key("classes").BeginObject();
  for (const access::BudgetClass& one : findings.classes) {
    json.Key(one.name).BeginObject();
    for (std::size_t c = 0; c < access::kCounters; ++c) {
      json.Key(Name(static_cast<Counter>(c)));
      WriteWindows(json, one.caps.of[c]);
    }
    json.EndObject();
  }
  json.EndObject().Key("all").BeginObject();
  WriteGroup(json, findings.all, findings);
  json.EndObject();
  WriteRows(json, "roles", findings.roles, findings);
  WriteRows(json, "offices", findings.offices, findings);
  WriteRows(json, "places", findings.places, findings);
  WriteAccounts(json, findings, options.names);
  WriteCeilings(json, findings);
  if (options.scope.has_value()) {
    json.Key("scope").BeginObject().Key("people").Uint(options.scope->people);
    json.Key("accesses").Uint(options.scope->accesses).EndObject();
  }
  json.EndObject();
  return out;
}

}  // namespace cloison::assess
