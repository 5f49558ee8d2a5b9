// What a drill prints.
#include <cmath>
#include <cstdio>

#include "codec/json_writer.h"
#include "drill/drill.h"

namespace cloison::drill {

namespace {

using access::Counter;

// Four digits say enough. Rounded up: a broken promise must not look like a kept one.
double Rounded(double ratio) {
  return std::ceil(ratio * 1e4 - 1e-9) / 1e4 + 0.0;  // no minus before a zero
}

void WriteCounters(codec::JsonWriter& json, const Report& report) {
  json.Key("counters").BeginArray();
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    const CounterReport& counter = report.counters[c];
    json.BeginObject().Key("name").String(Name(static_cast<Counter>(c)));
    json.Key("shown").Uint(counter.shown).Key("bound").Uint(counter.bound);
    json.Key("ratio").Number(Rounded(counter.ratio)).EndObject();
  }
  json.EndArray();
}

void WriteReport(codec::JsonWriter& json, const Report& report) {
  json.BeginObject().Key("name").String(report.options.name);
  json.Key("accounts").Uint(report.options.accounts).Key("people").Uint(report.options.people);
  json.Key("opened").Uint(report.of(Counter::kOpened).shown);
  json.Key("opened_off_caseload").Uint(report.of(Counter::kOpenedOff).shown);
  json.Key("glimpsed").Uint(report.of(Counter::kGlimpsed).shown);
  json.Key("bound").Uint(report.of(Counter::kOpened).bound);
  json.Key("ratio").Number(Rounded(report.ratio));
  json.Key("reads_to_r4");
  report.reads_to_r4.has_value() ? json.Uint(*report.reads_to_r4) : json.Null();
  json.Key("days_to_r4");
  report.days_to_r4.has_value() ? json.Number(*report.days_to_r4) : json.Null();
  json.Key("days").Int(report.options.days).Key("seed").Uint(report.options.seed);
  json.Key("hammer").Bool(report.options.hammer);
  json.Key("people_opened").Uint(report.people_once);
  json.Key("requests").Uint(report.requests).Key("refused").Uint(report.refused);
  json.Key("honest_reads").Uint(report.honest_reads);
  json.Key("honest_refused").Uint(report.honest_refused);
  json.Key("scope_missing").Uint(report.scope.missing);
  json.Key("scope_extra").Uint(report.scope.extra);
  json.Key("ledger_entries").Uint(report.entries);
  WriteCounters(json, report);
  json.Key("passed").Bool(report.passed()).EndObject();
}

template <class... Args>
std::string Line(const char* format, Args... args) {
  char text[160];
  const int size = std::snprintf(text, sizeof text, format, args...);
  CLOISON_CHECK(size > 0 && static_cast<std::size_t>(size) < sizeof text);
  return std::string(text) + "\n";
}

std::string TableOf(const Report& report) {
  const Options& options = report.options;
  std::string out = options.name;
  out += Line(": %zu accounts, %d days, a register of %zu people, seed %llu", options.accounts,
              options.days, options.people, static_cast<unsigned long long>(options.seed));
  out += Line("  %-24s %10s %10s %8s", "people shown", "shown", "bound", "ratio");
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    const CounterReport& counter = report.counters[c];
    const std::string name(Name(static_cast<Counter>(c)));
    out += Line("  %-24s %10llu %10llu %8.4f", name.c_str(),
                static_cast<unsigned long long>(counter.shown),
                static_cast<unsigned long long>(counter.bound), Rounded(counter.ratio));
  }
  const double share =
      100 * static_cast<double>(report.people_once) / static_cast<double>(options.people);
  out += Line("  opened at least once: %llu of %zu (%.2f %%); requests %llu, refused %llu",
              static_cast<unsigned long long>(report.people_once), options.people, share,
              static_cast<unsigned long long>(report.requests),
              static_cast<unsigned long long>(report.refused));
  out += Line("  scope by the ledger against the thief's book: %llu missing, %llu extra",
              static_cast<unsigned long long>(report.scope.missing),
              static_cast<unsigned long long>(report.scope.extra));
  out += Line("  honest month before: %llu reads, %llu refused",
              static_cast<unsigned long long>(report.honest_reads),
              static_cast<unsigned long long>(report.honest_refused));
  out += report.passed() ? "  held\n" : "  BROKEN\n";
  return out;
}

}  // namespace

std::string ToJson(const std::vector<Report>& reports) {
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("attacks").BeginArray();
  for (const Report& report : reports) WriteReport(json, report);
  json.EndArray().EndObject();
  return out;
}

std::string ToTable(const std::vector<Report>& reports) {
  std::string out;
  for (const Report& report : reports) out += TableOf(report);
  return out;
}

}  // namespace cloison::drill
