#include <algorithm>
#include <cmath>

#include "assess/report.h"
#include "base/clock.h"
#include "codec/html.h"
#include "text/date.h"

namespace cloison::assess {

namespace {

using access::Counter;
using access::Scope;
using access::Window;
using codec::GroupedDigits;
using codec::HtmlPage;

constexpr std::size_t kRolesDrawn = 10, kDaysDrawn = 400, kRowsShown = 200;

std::string OfficeName(const Row& row) {
  const std::string name = NameOr(row.office, "(no office)");
  return row.organisation.empty() ? name : row.organisation + " / " + name;
}

void Rect(HtmlPage& page, std::string_view kind, const std::array<double, 4>& at) {
  const auto number = [](double value) {
    const std::int64_t tenths = std::llround(value * 10);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
  };
  page.Raw("<rect class=\"").Raw(kind).Raw("\" x=\"").Raw(number(at[0])).Raw("\" y=\"");
  page.Raw(number(at[1])).Raw("\" width=\"").Raw(number(std::max(0.5, at[2])));
  page.Raw("\" height=\"").Raw(number(at[3])).Raw("\"/>\n");
}

void Label(HtmlPage& page, int x, int y, std::string_view text) {
  page.Raw("<text x=\"").Raw(std::to_string(x)).Raw("\" y=\"").Raw(std::to_string(y));
  page.Raw("\">").Text(text).Raw("</text>\n");
}

void BeginFigure(HtmlPage& page, std::string_view finding, int width, int height) {
  page.Raw("<figure><figcaption>").Text(finding).Raw("</figcaption>\n<svg role=\"img\" width=\"");
  page.Raw(std::to_string(width)).Raw("\" height=\"").Raw(std::to_string(height));
  page.Raw("\" viewBox=\"0 0 ").Raw(std::to_string(width)).Raw(" ").Raw(std::to_string(height));
  page.Raw("\" aria-label=\"").Text(finding).Raw(" The table below holds the same.\">\n");
}

void EndFigure(HtmlPage& page) {
  page.Raw("</svg></figure>\n");
}

// Per role three bars on a logarithmic scale: seen, at the rate, under the budget; of a day.
void DrawStolen(HtmlPage& page, const Findings& findings) {
  constexpr int kBar = 14, kLeft = 190, kWide = 560, kWidth = 900, kGap = 14;
  const std::size_t roles = std::min(findings.roles.size(), kRolesDrawn);
  const double top =
      std::log10(static_cast<double>(std::max<std::uint64_t>(findings.register_people, 10)));
  const std::string finding =
      "People that one stolen account could take in a day: seen in the log, at its fastest rate, "
      "and under the budget.";
  BeginFigure(page, finding, kWidth, static_cast<int>(roles) * (3 * kBar + kGap) + 10);
  int y = 5;
  for (std::size_t i = 0; i < roles; ++i, y += 3 * kBar + kGap) {
    const Row& row = findings.roles[i];
    const Reach reach = ReachOf(row, findings);
    Label(page, 0, y + 2 * kBar, NameOr(row.role, "(no role)").substr(0, 40));
    const struct {
      const char* kind;
      const char* what;
      std::uint64_t value;
    } bars[] = {{"bar1", " seen", reach.seen_day},
                {"bar2", " at its rate", reach.rate_day},
                {"bar3", " under the budget", reach.opened[1]}};
    for (int b = 0; b < 3; ++b) {
      const auto& bar = bars[b];
      const double part = std::log10(static_cast<double>(bar.value) + 1) / top;
      const double wide = kWide * std::min(1.0, part);
      Rect(page, bar.kind, {kLeft, static_cast<double>(y + b * kBar), wide, kBar - 2});
      Label(page, kLeft + static_cast<int>(wide) + 6, y + (b + 1) * kBar - 4,
            GroupedDigits(bar.value) + bar.what);
    }
  }
  EndFigure(page);
}

void TableStolen(HtmlPage& page, const Findings& findings) {
  page.BeginTable("One stolen account of each role, in people",
                  {"role", "budget class", "#seen in an hour", "#a day", "#a week", "#31 days",
                   "#at rate, an hour", "#a day", "#budget, an hour", "#a day", "#31 days",
                   "#strangers a day", "#31 days"});
  for (const Row& row : findings.roles) {
    const Reach reach = ReachOf(row, findings);
    page.Row({NameOr(row.role, "(no role)"), row.budget_class, GroupedDigits(reach.seen_hour),
              GroupedDigits(reach.seen_day), GroupedDigits(reach.seen_week),
              GroupedDigits(reach.seen_month), GroupedDigits(reach.rate_hour),
              GroupedDigits(reach.rate_day), GroupedDigits(reach.opened[0]),
              GroupedDigits(reach.opened[1]), GroupedDigits(reach.opened[3]),
              GroupedDigits(reach.opened_off[1]), GroupedDigits(reach.opened_off[3])});
  }
  page.EndTable();
  page.Paragraph(
      "Seen: the most distinct people that one account of the role was shown in any such time, "
      "exactly, to the millisecond. At rate: the most accesses one account made in any 60 seconds, "
      "kept up, each to somebody new; the system answered that fast, and nothing in it would stop. "
      "With no limit the end is everybody. Budget: what the class allows in that time, whatever "
      "the thief does.");
}

void TableDisturbed(HtmlPage& page, const Findings& findings, std::size_t view) {
  const std::string_view name = ViewNames(findings)[view];
  const std::string caption = name == "as_told" ? "Who is followed as the log tells"
                              : name == "all_on_caseload"
                                  ? "If everybody were on the caseload of who looked"
                                  : "If nobody were on the caseload of who looked";
  page.BeginTable(caption, {"role or office", "#accounts", "#account-days", "#accesses refused",
                            "#accounts disturbed", "#account-days disturbed"});
  const auto row = [&](const std::string& title, const GroupTally& tally) {
    const Refusals& refusals = tally.views[view];
    page.Row({title, GroupedDigits(tally.accounts), GroupedDigits(tally.account_days),
              GroupedDigits(refusals.accesses), GroupedDigits(refusals.accounts),
              GroupedDigits(refusals.account_days)});
  };
  row("all", findings.all);
  for (const Row& of : findings.roles) row("role: " + NameOr(of.role, "(no role)"), of.tally);
  std::vector<const Row*> offices;
  for (const Row& of : findings.offices) offices.push_back(&of);
  std::ranges::stable_sort(offices, [view](const Row* a, const Row* b) {
    return a->tally.views[view].accesses > b->tally.views[view].accesses;
  });
  for (std::size_t i = 0; i < std::min(offices.size(), kRowsShown); ++i) {
    row("office: " + OfficeName(*offices[i]), offices[i]->tally);
  }
  page.EndTable();
  if (offices.size() > kRowsShown) page.Paragraph("Further offices stand in the JSON report.");
}

void TableCaps(HtmlPage& page, const Findings& findings, std::size_t view) {
  page.BeginTable("Which cap refused, in accesses",
                  {"counter", "#hour", "#day", "#week", "#31 days"});
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    const auto& by = findings.all.views[view].by[c];
    page.Row({Name(static_cast<Counter>(c)), GroupedDigits(by[0]), GroupedDigits(by[1]),
              GroupedDigits(by[2]), GroupedDigits(by[3])});
  }
  page.EndTable();
}

// The register's days, the proposed ceiling as a line, days left out as dashed outlines.
void DrawDays(HtmlPage& page, const Findings& findings) {
  constexpr int kWidth = 900, kHeight = 220, kBottom = 190;
  if (findings.register_days.empty()) return;
  const Proposal proposal = Propose(findings.register_days);
  const std::size_t count = std::min(findings.register_days.size(), kDaysDrawn);
  const auto first = findings.register_days.end() - static_cast<std::ptrdiff_t>(count);
  std::uint64_t top = std::max<std::uint64_t>(proposal.ceiling, 1);
  for (auto day = first; day != findings.register_days.end(); ++day) top = std::max(top, day->most);
  const std::string finding =
      "Pairs of an account and a person in a day, whole register: the highest ordinary day holds " +
      GroupedDigits(proposal.ordinary_most) + "; " + GroupedDigits(proposal.left_out.size()) +
      " days are left out.";
  BeginFigure(page, finding, kWidth, kHeight);
  const double step = static_cast<double>(kWidth) / static_cast<double>(count);
  const auto height = [&](std::uint64_t value) {
    return 170.0 * static_cast<double>(value) / static_cast<double>(top);
  };
  double x = 0;
  for (auto day = first; day != findings.register_days.end(); ++day, x += step) {
    const bool out = std::ranges::find(proposal.left_out, day->day) != proposal.left_out.end();
    const double high = height(day->most);
    Rect(page, out ? "out" : "bar1", {x, kBottom - high, step * 0.8, high});
  }
  if (proposal.ceiling != 0) {
    const double y = kBottom - height(proposal.ceiling);
    Rect(page, "bar3", {0, y, kWidth, 1.5});
    Label(page, 4, static_cast<int>(y) - 4, "proposed " + GroupedDigits(proposal.ceiling));
  }
  Label(page, 0, kHeight - 8, DayText(first->day));
  Label(page, kWidth - 75, kHeight - 8, DayText(findings.register_days.back().day));
  EndFigure(page);
}

void TableCeilings(HtmlPage& page, const Findings& findings) {
  page.BeginTable(
      "Ceilings to propose, in pairs of an account and a person a day",
      {"of", "counter", "#ceiling", "#highest ordinary day", "#median", "#days", "days left out"});
  std::size_t shown = 0;
  for (const CeilingRow& row : findings.ceilings) {
    if (++shown > kRowsShown) break;
    std::string of(Name(row.scope));
    if (!row.organisation.empty()) of += " " + row.organisation;
    if (!row.name.empty()) of += (row.organisation.empty() ? " " : " / ") + row.name;
    std::string out;
    for (const std::int64_t day : row.proposal.left_out) {
      out += (out.empty() ? "" : ", ") + DayText(day);
    }
    page.Row({of, Name(row.counter),
              row.proposal.ceiling == 0 ? "too few days" : GroupedDigits(row.proposal.ceiling),
              GroupedDigits(row.proposal.ordinary_most), GroupedDigits(row.proposal.median),
              GroupedDigits(row.proposal.days), out});
  }
  page.EndTable();
  if (findings.ceilings.size() > kRowsShown)
    page.Paragraph("Further rows stand in the JSON report.");
  page.Paragraph(
      "Counted as the server counts: a pair stands in the bucket of its latest showing, the sum of "
      "the last " +
      std::to_string(findings.buckets + 1) + " buckets of " +
      std::to_string(findings.bucket_ms / base::kMinuteMs) +
      " minutes is the day's. Left out are days above the third quartile and three times the "
      "distance of the quartiles (at least half the median), and days below a quarter of the "
      "median. The ceiling is a quarter above the highest day that stays, rounded up to two "
      "digits; fewer than " +
      std::to_string(kProposalDaysMin) +
      " days propose none. It is a proposal: those who approve the policy decide.");
}

void TableAccounts(HtmlPage& page, const Findings& findings, bool names) {
  page.BeginTable(names ? "The accounts that were shown most people in a day"
                        : "The accounts that were shown most people in a day, by pseudonyms of "
                          "this run",
                  {"account", "office", "role", "#accesses", "#most in an hour", "#a day",
                   "#31 days", "#refused"});
  const std::size_t view = ViewNames(findings).size() - 1;
  for (const AccountRow& row : findings.top) {
    const auto& most = row.top.most;
    page.Row({names ? row.account.agent : row.pseudonym, NameOr(row.place.office, "(no office)"),
              NameOr(row.place.role, "(no role)"), GroupedDigits(row.top.accesses),
              GroupedDigits(most[0]), GroupedDigits(most[1]), GroupedDigits(most[3]),
              GroupedDigits(row.top.refused[view])});
  }
  page.EndTable();
}

void TableFaults(HtmlPage& page, const Findings& findings) {
  const LogCounts& counts = findings.counts;
  page.BeginTable("Lines of the log", {"what", "#lines"});
  page.Row({"accesses", GroupedDigits(counts.accesses)});
  page.Row({"no access (ignored actions)", GroupedDigits(counts.ignored)});
  for (std::size_t i = 1; i < kLineFaults; ++i) {
    if (counts.faults[i] == 0) continue;
    page.Row({"broken: " + std::string(Name(static_cast<LineFault>(i))),
              GroupedDigits(counts.faults[i])});
  }
  page.EndTable();
  page.Paragraph("Times are written as " + std::string(Name(findings.time_form)) +
                 ". Numbers of distinct people over the whole log are estimates within 2 %; all "
                 "others are exact.");
}

std::string TitleOf(const Findings& findings) {
  std::uint64_t rate = 0, budget = 0;
  for (const Row& row : findings.roles) {
    const Reach reach = ReachOf(row, findings);
    rate = std::max(rate, reach.rate_day);
    budget = std::max(budget, reach.opened[1]);
  }
  return "One stolen account could take " + GroupedDigits(rate) +
         " people a day; a budget gives it " + GroupedDigits(budget);
}

}  // namespace

std::string ToHtml(const Findings& findings, const ReportOptions& options) {
  const LogCounts& counts = findings.counts;
  HtmlPage page(TitleOf(findings));
  page.Paragraph(GroupedDigits(counts.accesses) + " accesses of " +
                 GroupedDigits(findings.all.accounts) + " accounts to about " +
                 GroupedDigits(findings.people) + " people, from " +
                 text::FormatUtcMs(counts.first_ms).substr(0, 10) + " to " +
                 text::FormatUtcMs(counts.last_ms).substr(0, 10) +
                 ". Made by cloison assess out of an access log; nothing else was read, and no "
                 "person stands on this page.");
  page.Heading("What one stolen account could take today");
  DrawStolen(page, findings);
  TableStolen(page, findings);
  page.Heading("What the budgets would have refused, and whom they would have disturbed");
  for (std::size_t v = 0; v < ViewNames(findings).size(); ++v) {
    TableDisturbed(page, findings, v);
    TableCaps(page, findings, v);
  }
  if (!findings.told) {
    page.Paragraph(
        "The log does not say whom an agent follows. What budgets would really have refused lies "
        "between the two.");
  }
  if (findings.bucket_ms != 0) {
    page.Heading("Ceilings to propose");
    DrawDays(page, findings);
    TableCeilings(page, findings);
  }
  page.Heading("Accounts to look at first");
  TableAccounts(page, findings, options.names);
  if (options.scope.has_value()) {
    page.Heading("The scope that was asked for");
    page.Paragraph(GroupedDigits(options.scope->people) + " people, " +
                   GroupedDigits(options.scope->accesses) +
                   " accesses. The list is in its own file.");
  }
  page.Heading("What was read");
  TableFaults(page, findings);
  return page.Finish();
}

}  // namespace cloison::assess
