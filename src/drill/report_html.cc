// The drill's page: people against time for each attack, under the line that arithmetic draws.
#include <algorithm>
#include <cmath>

#include "codec/html.h"
#include "drill/drill.h"

namespace cloison::drill {

namespace {

using access::Counter;
using codec::GroupedDigits;
using codec::HtmlPage;

constexpr int kHeight = 320, kLeft = 70, kRight = 880, kTop = 20, kBottom = 280;

std::string Decimal(double value, int digits) {
  const auto scale = static_cast<std::int64_t>(std::llround(std::pow(10, digits)));
  const std::int64_t all = std::llround(std::ceil(value * static_cast<double>(scale) - 1e-9));
  std::string part = std::to_string(all % scale);
  part.insert(0, static_cast<std::size_t>(digits) - part.size(), '0');
  return GroupedDigits(static_cast<std::uint64_t>(all / scale)) + "." + part;
}

std::string Coordinate(double value) {
  const std::int64_t tenths = std::llround(value * 10);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

// What a theft's time is told in: days, or seconds where it was real.
struct Unit {
  explicit Unit(const Report& report)
      : live(report.live.has_value()),
        name(live ? "seconds" : "days"),
        of_a_day(live ? 86'400 : 1) {}
  bool live;
  const char* name;
  double of_a_day;
};

// Days to the right, people upwards.
struct Scale {
  double days;
  std::uint64_t people;
  double X(double day) const { return kLeft + (kRight - kLeft) * day / days; }
  double Y(std::uint64_t count) const {
    return kBottom - (kBottom - kTop) * static_cast<double>(count) / static_cast<double>(people);
  }
};

void Label(HtmlPage& page, double x, double y, std::string_view text) {
  page.Raw("<text x=\"").Raw(Coordinate(x)).Raw("\" y=\"").Raw(Coordinate(y)).Raw("\">");
  page.Text(text).Raw("</text>\n");
}

void Draw(HtmlPage& page, const Report& report, const Scale& scale, std::string_view look,
          std::uint64_t CurvePoint::*value) {
  page.Raw("<polyline fill=\"none\" stroke-width=\"2\" class=\"").Raw(look).Raw("\" points=\"");
  for (std::size_t i = 0; i < report.curve.size(); ++i) {
    const CurvePoint& point = report.curve[i];
    // Steps: a count holds until the next point.
    if (i > 0) {
      page.Raw(Coordinate(scale.X(point.days))).Raw(",");
      page.Raw(Coordinate(scale.Y(report.curve[i - 1].*value))).Raw(" ");
    }
    page.Raw(Coordinate(scale.X(point.days))).Raw(",");
    page.Raw(Coordinate(scale.Y(point.*value))).Raw(" ");
  }
  page.Raw("\"/>\n");
}

void DrawAxes(HtmlPage& page, const Scale& scale, const Unit& unit) {
  constexpr int kLines = 4;
  for (int i = 0; i <= kLines; ++i) {
    const std::uint64_t people = scale.people * static_cast<std::uint64_t>(i) / kLines;
    const std::string y = Coordinate(scale.Y(people));
    page.Raw("<line class=\"grid\" x1=\"70\" x2=\"880\" y1=\"").Raw(y).Raw("\" y2=\"").Raw(y);
    page.Raw("\"/>\n");
    Label(page, 4, scale.Y(people) + 4, GroupedDigits(people));
  }
  Label(page, kLeft, kBottom + 18, "0");
  Label(page, kRight - 60, kBottom + 18, Decimal(scale.days * unit.of_a_day, 1) + " " + unit.name);
}

std::string FindingOf(const Report& report) {
  const CounterReport& opened = report.of(Counter::kOpened);
  const std::string time = report.live.has_value() ? Decimal(report.live->seconds, 1)
                                                   : std::to_string(report.options.days);
  return report.options.name + ": " + GroupedDigits(report.options.accounts) +
         " stolen accounts opened " + GroupedDigits(opened.shown) + " people in " + time + " " +
         Unit(report).name + "; arithmetic allows " + GroupedDigits(opened.bound);
}

void DrawCurve(HtmlPage& page, const Report& report) {
  if (report.curve.empty()) return;
  const CurvePoint& last = report.curve.back();
  const Unit unit(report);
  const Scale scale{std::max(last.days, 1e-3 / unit.of_a_day),
                    std::max<std::uint64_t>({last.bound, last.opened, 4})};
  page.Raw("<figure><figcaption>").Text(FindingOf(report)).Raw("</figcaption>\n<svg role=\"img\" ");
  page.Raw("width=\"900\" height=\"320\" viewBox=\"0 0 900 320\" aria-label=\"");
  page.Text(FindingOf(report)).Raw(". The table below holds the same.\">\n");
  DrawAxes(page, scale, unit);
  Draw(page, report, scale, "three", &CurvePoint::bound);
  Draw(page, report, scale, "one", &CurvePoint::opened);
  Draw(page, report, scale, "two", &CurvePoint::opened_off);
  for (const RungReached& rung : report.rungs) {
    const std::string x = Coordinate(scale.X(rung.days));
    page.Raw("<line class=\"two\" stroke-dasharray=\"4 3\" y1=\"20\" y2=\"280\" x1=\"").Raw(x);
    page.Raw("\" x2=\"").Raw(x).Raw("\"/>\n");
    Label(page, scale.X(rung.days) + 3, kTop + 10, "R" + std::to_string(rung.rung));
  }
  Label(page, kLeft, kHeight - 4,
        "upper line: what arithmetic allows; then opened; lowest: strangers among them");
  page.Raw("</svg></figure>\n");
}

void TableCurve(HtmlPage& page, const Report& report) {
  if (report.curve.empty()) return;
  const Unit unit(report);
  page.BeginTable("People against time",
                  {unit.live ? "second" : "day", "#opened", "#strangers among them",
                   "#bound, opened", "#bound, strangers"});
  const std::size_t step = std::max<std::size_t>(1, (report.curve.size() - 1) / 12);
  for (std::size_t i = 0; i < report.curve.size(); i += step) {
    const CurvePoint& point = report.curve[i];
    page.Row({Decimal(point.days * unit.of_a_day, 2), GroupedDigits(point.opened),
              GroupedDigits(point.opened_off), GroupedDigits(point.bound),
              GroupedDigits(point.bound_off)});
  }
  page.EndTable();
}

void TableCounters(HtmlPage& page, const Report& report) {
  page.BeginTable("Shown and allowed", {"counter", "#people shown", "#bound", "#worst ratio"});
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    const CounterReport& counter = report.counters[c];
    page.Row({Name(static_cast<Counter>(c)), GroupedDigits(counter.shown),
              GroupedDigits(counter.bound), Decimal(counter.ratio, 4)});
  }
  page.EndTable();
}

std::string Figure(double value) {
  return std::isfinite(value) ? Decimal(value, 2) : "never";
}

void TableSeeds(HtmlPage& page, const OverSeeds& over) {
  page.BeginTable("Over " + std::to_string(over.seeds) + " seeds",
                  {"figure", "#median", "#95th percentile", "#worst"});
  const auto row = [&page](const char* name, const Spread& spread) {
    page.Row({name, Figure(spread.median), Figure(spread.p95), Figure(spread.worst)});
  };
  row("strangers opened by the account that opened most", over.most_off);
  row("people opened by all accounts", over.opened);
  row("days to contained", over.days_to_contained);
  row("days to rung 4", over.days_to_r4);
  page.EndTable();
}

void ListFaults(HtmlPage& page, const Report& report) {
  std::string text = "Faults that befell the server meanwhile:";
  for (std::size_t i = 0; i < kFaults; ++i) {
    text += " " + std::string(Name(static_cast<Fault>(i))) + " " +
            GroupedDigits(report.faults.befell[i]);
  }
  page.Paragraph(text + ". Requests without an answer: " + GroupedDigits(report.faults.unanswered) +
                 ".");
}

std::string ScopeOf(const Report& report) {
  if (!report.scope.has_value()) return ". The ledger's scope was not compared.";
  return ". The ledger's scope against the thief's own book: " +
         GroupedDigits(report.scope->compared) + " entries, " +
         GroupedDigits(report.scope->missing) + " missing, " + GroupedDigits(report.scope->extra) +
         " extra.";
}

std::string RegisterOf(const Report& report) {
  if (!report.live.has_value()) {
    return "A register of " + GroupedDigits(report.options.people) + " people, seed " +
           std::to_string(report.options.seed) + ".";
  }
  const LiveFacts& live = *report.live;
  std::string text = "A server that runs, asked by " + GroupedDigits(live.connections) +
                     " connections; requests without an answer: " + GroupedDigits(live.unanswered) +
                     ".";
  if (live.alarms.has_value()) {
    text += " Alarms raised meanwhile: " + GroupedDigits(*live.alarms) + ".";
  }
  return text;
}

void Attack(HtmlPage& page, const Report& report) {
  const Options& options = report.options;
  page.Heading(options.name + (report.passed() ? ": held" : ": BROKEN"));
  DrawCurve(page, report);
  TableCounters(page, report);
  TableCurve(page, report);
  page.Paragraph(RegisterOf(report) + " Opened at least once by some account: " +
                 GroupedDigits(report.people_once) + ". Requests " +
                 GroupedDigits(report.requests) + ", refused " + GroupedDigits(report.refused) +
                 ScopeOf(report) + (report.rungs.empty() ? " No rung was reached." : ""));
  if (report.over_seeds.has_value()) TableSeeds(page, *report.over_seeds);
  if (Any(report.options.faults)) ListFaults(page, report);
  const std::optional<double> advantage = report.advantage();
  if (!advantage.has_value()) return;
  page.Paragraph("Telling real people from nobody by the answers: " + Decimal(*advantage, 4) +
                 " better than chance. Answers by which a rung was reached: " +
                 GroupedDigits(report.oracle.rungs) + ".");
}

void HonestRungs(HtmlPage& page, const Benign& benign) {
  if (!benign.r2.has_value() || !benign.r3.has_value() || !benign.r4.has_value()) return;
  const double years = std::max(benign.agent_years, 1e-9);
  page.BeginTable("Rungs of honest agents",
                  {"rung", "#reached", "#per agent-year, at most (95 %)"});
  const std::pair<const char*, std::uint64_t> rows[] = {
      {"2: a proof", *benign.r2}, {"3: a second person", *benign.r3}, {"4: frozen", *benign.r4}};
  for (const auto& [name, count] : rows) {
    page.Row({name, GroupedDigits(count), Decimal(PoissonInterval(count).high / years, 6)});
  }
  page.EndTable();
}

void Honest(HtmlPage& page, const Benign& benign, bool replayed) {
  page.Heading("Honest work");
  const Interval interval = PoissonInterval(benign.refused);
  const double years = std::max(benign.agent_years, 1e-9);
  page.Paragraph(
      std::string(replayed ? "The log that was replayed: " : "The months before the thefts: ") +
      Decimal(benign.agent_years, 2) + " agent-years, " + GroupedDigits(benign.accesses) +
      " accesses, " + GroupedDigits(benign.refused) + " refused: between " +
      Decimal(interval.low / years, 2) + " and " + Decimal(interval.high / years, 2) +
      " per agent-year (95 %, exact Poisson interval).");
  HonestRungs(page, benign);
}

}  // namespace

std::string ToHtml(const std::vector<Report>& reports, const std::optional<Benign>& benign) {
  const auto broken = std::ranges::count_if(reports, [](const Report& r) { return !r.passed(); });
  HtmlPage page(broken == 0 ? "Every attack stayed below what arithmetic allows"
                            : "An attack broke a promise");
  const bool live =
      std::ranges::any_of(reports, [](const Report& r) { return r.live.has_value(); });
  page.Paragraph(
      live ? "Accounts of a server that runs, stolen for a while, over HTTP. What is drawn was "
             "counted from the thief's side."
           : "Attacks on a register of invented people, on simulated time, through the gate, "
             "ledger and store that serve everybody else. What is drawn was counted from the "
             "thief's side.");
  for (const Report& report : reports) Attack(page, report);
  if (live) return page.Finish();
  Honest(page, BenignOf(reports, benign), benign.has_value());
  return page.Finish();
}

}  // namespace cloison::drill
