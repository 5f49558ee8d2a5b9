// What a drill prints.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "codec/json_writer.h"
#include "drill/drill.h"

namespace cloison::drill {

namespace {

using access::Counter;

constexpr double kDayS = 86'400;

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

void WriteSpread(codec::JsonWriter& json, std::string_view key, const Spread& spread) {
  const auto write = [&json](const char* name, double value) {
    json.Key(name);
    std::isfinite(value) ? json.Number(value) : json.Null();
  };
  json.Key(key).BeginObject();
  write("median", spread.median);
  write("p95", spread.p95);
  write("worst", spread.worst);
  json.EndObject();
}

void WriteSeeds(codec::JsonWriter& json, const OverSeeds& over) {
  json.Key("over_seeds").BeginObject().Key("seeds").Uint(over.seeds);
  WriteSpread(json, "most_off_caseload", over.most_off);
  WriteSpread(json, "opened", over.opened);
  WriteSpread(json, "days_to_contained", over.days_to_contained);
  WriteSpread(json, "days_to_r4", over.days_to_r4);
  json.Key("ratio").Number(Rounded(over.ratio));
  json.Key("scope_missing").Uint(over.missing).Key("scope_extra").Uint(over.extra);
  json.Key("scope_uncompared").Uint(over.uncompared);
  if (const auto advantage = over.oracle.Advantage()) json.Key("advantage").Number(*advantage);
  json.Key("passed").Bool(over.passed).EndObject();
}

void WriteFaults(codec::JsonWriter& json, const Report& report) {
  if (!Any(report.options.faults)) return;
  json.Key("faults").BeginObject();
  for (std::size_t i = 0; i < kFaults; ++i) {
    json.Key(Name(static_cast<Fault>(i))).Uint(report.faults.befell[i]);
  }
  json.Key("keys").Uint(report.faults.keys).Key("unanswered").Uint(report.faults.unanswered);
  json.Key("unanswered_entries");
  report.scope.has_value() ? json.Uint(report.scope->unanswered) : json.Null();
  json.EndObject();
}

// Of a server that runs nobody here knows how many people it has.
void WriteLive(codec::JsonWriter& json, const Report& report) {
  if (!report.live.has_value()) return;
  const LiveFacts& live = *report.live;
  const auto count = [&json](const char* key, const std::optional<std::uint64_t>& value) {
    json.Key(key);
    value.has_value() ? json.Uint(*value) : json.Null();
  };
  json.Key("live").BeginObject().Key("seconds").Number(live.seconds);
  json.Key("connections").Uint(live.connections).Key("overview").Uint(live.overview);
  json.Key("unanswered").Uint(live.unanswered);
  count("unanswered_entries",
        report.scope ? std::optional(report.scope->unanswered) : std::nullopt);
  json.Key("other_sessions").Uint(live.elsewhere);
  count("alarms", live.alarms);
  count("rung_alarms", live.rung_alarms);
  json.EndObject();
}

void WriteReport(codec::JsonWriter& json, const Report& report) {
  json.BeginObject().Key("name").String(report.options.name);
  json.Key("accounts").Uint(report.options.accounts).Key("people");
  report.live.has_value() ? json.Null() : json.Uint(report.options.people);
  json.Key("opened").Uint(report.of(Counter::kOpened).shown);
  json.Key("opened_off_caseload").Uint(report.of(Counter::kOpenedOff).shown);
  json.Key("glimpsed").Uint(report.of(Counter::kGlimpsed).shown);
  json.Key("bound").Uint(report.of(Counter::kOpened).bound);
  json.Key("ratio").Number(Rounded(report.ratio));
  const RungReached* const frozen = report.rung(4);
  json.Key("reads_to_r4");
  frozen != nullptr ? json.Uint(frozen->reads) : json.Null();
  json.Key("days_to_r4");
  frozen != nullptr ? json.Number(frozen->days) : json.Null();
  json.Key("detectors").Bool(report.options.detectors);
  json.Key("days_to_contained");
  report.days_to_contained.has_value() ? json.Number(*report.days_to_contained) : json.Null();
  json.Key("most_off_caseload");
  report.most_off.has_value() ? json.Uint(*report.most_off) : json.Null();
  json.Key("rungs").BeginArray();
  for (const RungReached& rung : report.rungs) {
    json.BeginObject().Key("rung").Int(rung.rung).Key("days").Number(rung.days);
    json.Key("reads").Uint(rung.reads).Key("accounts").Uint(rung.accounts);
    json.Key("acts").Bool(rung.acts).EndObject();
  }
  json.EndArray();
  if (const auto advantage = report.advantage()) {
    json.Key("advantage").Number(*advantage).Key("told_by_rungs").Uint(report.oracle.rungs);
  }
  json.Key("days");
  report.live.has_value() ? json.Number(report.live->seconds / kDayS)
                          : json.Int(report.options.days);
  json.Key("seed").Uint(report.options.seed);
  json.Key("hammer").Bool(report.options.hammer);
  json.Key("people_opened").Uint(report.people_once);
  if (report.sealed.has_value()) {
    json.Key("sealed_by_job").Uint(report.sealed->shown);
    json.Key("sealed_bound").Uint(report.sealed->bound);
  }
  json.Key("requests").Uint(report.requests).Key("refused").Uint(report.refused);
  json.Key("honest_reads").Uint(report.honest_reads);
  json.Key("honest_refused").Uint(report.honest_refused);
  json.Key("owner_reads").Uint(report.beside.requests);
  json.Key("owner_refused").Uint(report.beside.refused);
  const auto scope = [&](const char* key, std::uint64_t ScopeDifference::*count) {
    json.Key(key);
    report.scope.has_value() ? json.Uint((*report.scope).*count) : json.Null();
  };
  scope("scope_entries", &ScopeDifference::compared);
  scope("scope_missing", &ScopeDifference::missing);
  scope("scope_extra", &ScopeDifference::extra);
  json.Key("ledger_entries").Uint(report.entries);
  WriteCounters(json, report);
  WriteFaults(json, report);
  WriteLive(json, report);
  if (report.over_seeds.has_value()) WriteSeeds(json, *report.over_seeds);
  json.Key("passed").Bool(report.passed()).EndObject();
}

void WriteBenign(codec::JsonWriter& json, const Benign& benign) {
  const auto rung = [&json](const char* key, const std::optional<std::uint64_t>& count) {
    json.Key(key);
    count.has_value() ? json.Uint(*count) : json.Null();
  };
  json.BeginObject().Key("agent_years").Number(benign.agent_years);
  json.Key("accesses").Uint(benign.accesses);
  rung("r2", benign.r2);
  rung("r3", benign.r3);
  rung("r4", benign.r4);
  json.Key("refused").Uint(benign.refused);
  const double years = std::max(benign.agent_years, 1e-9);
  const auto rate = [&](const char* key, const std::optional<std::uint64_t>& count) {
    if (!count.has_value()) return;
    const Interval interval = PoissonInterval(*count);
    json.Key(key).BeginObject().Key("seen").Number(static_cast<double>(*count) / years);
    json.Key("low").Number(interval.low / years).Key("high").Number(interval.high / years);
    json.EndObject();
  };
  rate("r2_per_agent_year", benign.r2);
  rate("r3_per_agent_year", benign.r3);
  rate("r4_per_agent_year", benign.r4);
  rate("refused_per_agent_year", benign.refused);
  json.EndObject();
}

template <class... Args>
std::string Line(const char* format, Args... args) {
  char text[160];
  const int size = std::snprintf(text, sizeof text, format, args...);
  CLOISON_CHECK(size > 0 && static_cast<std::size_t>(size) < sizeof text);
  return std::string(text) + "\n";
}

std::string Figure(double value) {
  char text[32];
  const int size = std::snprintf(text, sizeof text, "%.4g", value);
  return std::isfinite(value) ? std::string(text, static_cast<std::size_t>(size)) : "never";
}

std::string TableOf(const OverSeeds& over) {
  std::string out =
      Line("  %-24s %10s %10s %10s", ("over " + std::to_string(over.seeds) + " seeds").c_str(),
           "median", "p95", "worst");
  const auto row = [&out](const char* name, const Spread& spread) {
    out += Line("  %-24s %10s %10s %10s", name, Figure(spread.median).c_str(),
                Figure(spread.p95).c_str(), Figure(spread.worst).c_str());
  };
  row("strangers, one account", over.most_off);
  row("opened, all accounts", over.opened);
  row("days to contained", over.days_to_contained);
  row("days to rung 4", over.days_to_r4);
  out += Line("  worst ratio %.4f; scopes: %llu missing, %llu extra, %llu not compared",
              Rounded(over.ratio), static_cast<unsigned long long>(over.missing),
              static_cast<unsigned long long>(over.extra),
              static_cast<unsigned long long>(over.uncompared));
  return out;
}

// What not every attack has.
std::string TailOf(const Report& report) {
  std::string out;
  if (report.sealed.has_value()) {
    out +=
        Line("  %-24s %10llu %10llu %8.4f", "sealed by a job",
             static_cast<unsigned long long>(report.sealed->shown),
             static_cast<unsigned long long>(report.sealed->bound), Rounded(report.sealed->ratio));
  }
  if (report.beside.requests > 0) {
    out += Line("  the owners' own work beside it: %llu reads, %llu refused",
                static_cast<unsigned long long>(report.beside.requests),
                static_cast<unsigned long long>(report.beside.refused));
  }
  if (const auto advantage = report.advantage()) {
    out += Line(
        "  telling real people from nobody: %.4f better than chance; %llu answers raised a "
        "rung",
        *advantage, static_cast<unsigned long long>(report.oracle.rungs));
  }
  if (Any(report.options.faults)) {
    out += "  faults that befell:";
    for (std::size_t i = 0; i < kFaults; ++i) {
      out += " " + std::string(Name(static_cast<Fault>(i))) + " " +
             std::to_string(report.faults.befell[i]);
    }
    out += Line("; %llu requests unanswered, %llu of their entries in the scope",
                static_cast<unsigned long long>(report.faults.unanswered),
                static_cast<unsigned long long>(report.scope ? report.scope->unanswered : 0));
  }
  if (report.over_seeds.has_value()) out += TableOf(*report.over_seeds);
  return out;
}

unsigned long long Wide(std::uint64_t value) {
  return value;
}

std::string HeadOf(const Report& report) {
  const Options& options = report.options;
  if (report.live.has_value()) {
    return options.name + Line(": %zu accounts, %zu connections, %.1f seconds on a running server",
                               options.accounts, report.live->connections, report.live->seconds);
  }
  return options.name + Line(": %zu accounts, %d days, a register of %zu people, seed %llu",
                             options.accounts, options.days, options.people, Wide(options.seed));
}

std::string OpenedOnce(const Report& report) {
  if (report.live.has_value()) {
    return Line("  opened at least once: %llu; requests %llu, refused %llu, unanswered %llu",
                Wide(report.people_once), Wide(report.requests), Wide(report.refused),
                Wide(report.live->unanswered));
  }
  const double share =
      100 * static_cast<double>(report.people_once) / static_cast<double>(report.options.people);
  return Line("  opened at least once: %llu of %zu (%.2f %%); requests %llu, refused %llu",
              Wide(report.people_once), report.options.people, share, Wide(report.requests),
              Wide(report.refused));
}

std::string RungsOf(const Report& report) {
  std::string out;
  const double unit = report.live.has_value() ? kDayS : 1;
  const char* const name = report.live.has_value() ? "seconds" : "days";
  for (const RungReached& rung : report.rungs) {
    out += Line("  rung %d%s: first after %.2f %s and %llu requests; %llu accounts", rung.rung,
                rung.acts ? "" : " (shadow)", rung.days * unit, name, Wide(rung.reads),
                Wide(rung.accounts));
  }
  if (report.days_to_contained.has_value()) {
    out += Line("  no stranger opened after %.2f %s; most by one account: %llu",
                *report.days_to_contained * unit, name, Wide(*report.most_off));
  }
  return out;
}

// What a live drill has in place of an honest month.
std::string LiveTail(const LiveFacts& live) {
  std::string out = Line("  of their own caseloads, masked: %llu", Wide(live.overview));
  if (live.elsewhere > 0) {
    out += Line("  entries of the accounts' other sessions, left out: %llu", Wide(live.elsewhere));
  }
  if (live.alarms.has_value()) {
    out += Line("  alarms meanwhile: %llu, of them of rungs: %llu", Wide(*live.alarms),
                Wide(live.rung_alarms.value_or(0)));
  }
  return out;
}

std::string TableOf(const Report& report) {
  std::string out = HeadOf(report);
  out += Line("  %-24s %10s %10s %8s", "people shown", "shown", "bound", "ratio");
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    const CounterReport& counter = report.counters[c];
    const std::string name(Name(static_cast<Counter>(c)));
    out += Line("  %-24s %10llu %10llu %8.4f", name.c_str(), Wide(counter.shown),
                Wide(counter.bound), Rounded(counter.ratio));
  }
  out += OpenedOnce(report);
  if (report.scope.has_value()) {
    out += Line(
        "  scope by the ledger against the thief's book: %llu entries, %llu missing, %llu extra",
        Wide(report.scope->compared), Wide(report.scope->missing), Wide(report.scope->extra));
  } else {
    out += "  scope by the ledger: not compared\n";
  }
  out += RungsOf(report);
  if (report.live.has_value()) {
    out += LiveTail(*report.live);
  } else {
    out += Line("  honest month before: %llu reads, %llu refused", Wide(report.honest_reads),
                Wide(report.honest_refused));
  }
  out += TailOf(report);
  out += report.passed() ? "  held\n" : "  BROKEN\n";
  return out;
}

}  // namespace

Benign BenignOf(const std::vector<Report>& reports, const std::optional<Benign>& benign) {
  if (benign.has_value()) return *benign;
  Benign sum;
  for (const Report& report : reports) {
    sum.agent_years += report.benign.agent_years;
    sum.accesses += report.benign.accesses;
    sum.refused += report.benign.refused;
    const auto add = [](std::optional<std::uint64_t>& to,
                        const std::optional<std::uint64_t>& more) {
      if (more.has_value()) to = to.value_or(0) + *more;
    };
    add(sum.r2, report.benign.r2);
    add(sum.r3, report.benign.r3);
    add(sum.r4, report.benign.r4);
  }
  return sum;
}

std::string ToJson(const std::vector<Report>& reports, const std::optional<Benign>& benign) {
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("attacks").BeginArray();
  for (const Report& report : reports) WriteReport(json, report);
  json.EndArray().Key("benign");
  // Of a server that runs, nobody here knows what honest work was like.
  const bool live =
      std::ranges::any_of(reports, [](const Report& one) { return one.live.has_value(); });
  if (live) {
    json.Null();
  } else {
    WriteBenign(json, BenignOf(reports, benign));
  }
  json.EndObject();
  return out;
}

std::string ToTable(const std::vector<Report>& reports, const std::optional<Benign>& benign) {
  std::string out;
  for (const Report& report : reports) out += TableOf(report);
  if (!benign.has_value()) return out;
  out += Line("honest work: %.1f agent-years, %llu accesses, %llu refused", benign->agent_years,
              static_cast<unsigned long long>(benign->accesses),
              static_cast<unsigned long long>(benign->refused));
  const double years = std::max(benign->agent_years, 1e-9);
  const auto rate = [&](const char* what, const std::optional<std::uint64_t>& count) {
    if (!count.has_value()) return;
    const Interval interval = PoissonInterval(*count);
    out +=
        Line("  %-8s %10llu; per agent-year %.3g to %.3g (95 %%, Poisson, exact)", what,
             static_cast<unsigned long long>(*count), interval.low / years, interval.high / years);
  };
  rate("refused", benign->refused);
  rate("rung 2", benign->r2);
  rate("rung 3", benign->r3);
  rate("rung 4", benign->r4);
  return out;
}

}  // namespace cloison::drill
