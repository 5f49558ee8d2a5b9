#include <algorithm>

#include "assess/report.h"
#include "codec/html.h"
#include "text/date.h"
#include "text/utf8.h"

namespace cloison::assess {

namespace {

using codec::GroupedDigits;

constexpr std::size_t kOfficesShown = 15;

// Columns as wide as their widest cell; the first to the left, the others to the right.
class TextTable {
 public:
  void Row(std::vector<std::string> cells) {
    widths_.resize(std::max(widths_.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths_[i] = std::max(widths_[i], text::CountCharacters(cells[i]));
    }
    rows_.push_back(std::move(cells));
  }
  std::string Text() const {
    std::string out;
    for (const auto& cells : rows_) {
      std::string line = "  ";
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string space(widths_[i] - text::CountCharacters(cells[i]), ' ');
        line += i == 0 ? cells[i] + space : "  " + space + cells[i];
      }
      out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
};

std::string Head(const Findings& findings) {
  const LogCounts& counts = findings.counts;
  std::string out =
      GroupedDigits(counts.accesses) + " accesses of " + GroupedDigits(findings.all.accounts) +
      " accounts to about " + GroupedDigits(findings.people) + " people, " +
      text::FormatUtcMs(counts.first_ms).substr(0, 10) + " to " +
      text::FormatUtcMs(counts.last_ms).substr(0, 10) + "; " + GroupedDigits(counts.ignored) +
      " lines are no access, " + GroupedDigits(counts.broken()) + " could not be read";
  for (std::size_t i = 1; i < kLineFaults; ++i) {
    if (counts.faults[i] == 0) continue;
    out +=
        ", " + std::string(Name(static_cast<LineFault>(i))) + " " + GroupedDigits(counts.faults[i]);
  }
  return out + ".\n";
}

std::string Stolen(const Findings& findings) {
  TextTable table;
  table.Row({"role", "seen: hour", "day", "31 days", "at rate: hour", "day", "budget: hour", "day",
             "31 days", "strangers a day"});
  for (const Row& row : findings.roles) {
    const Reach reach = ReachOf(row, findings);
    table.Row({NameOr(row.role, "(no role)"), GroupedDigits(reach.seen_hour),
               GroupedDigits(reach.seen_day), GroupedDigits(reach.seen_month),
               GroupedDigits(reach.rate_hour), GroupedDigits(reach.rate_day),
               GroupedDigits(reach.opened[0]), GroupedDigits(reach.opened[1]),
               GroupedDigits(reach.opened[3]), GroupedDigits(reach.opened_off[1])});
  }
  return "\nOne stolen account, people:\n" + table.Text() +
         "  seen: the most one account was shown. at rate: as many as one such account asked for in"
         " its\n  fastest minute, somebody new each time, at most everybody (" +
         GroupedDigits(findings.register_people) + "); no limit stops it.\n";
}

std::string DisturbedIn(const Findings& findings, std::size_t view) {
  TextTable table;
  table.Row({"", "accounts", "account-days", "refused", "accounts disturbed", "account-days"});
  const auto row = [&](const std::string& name, const GroupTally& tally) {
    const Refusals& refusals = tally.views[view];
    table.Row({name, GroupedDigits(tally.accounts), GroupedDigits(tally.account_days),
               GroupedDigits(refusals.accesses), GroupedDigits(refusals.accounts),
               GroupedDigits(refusals.account_days)});
  };
  row("all", findings.all);
  for (const Row& of : findings.roles) row(NameOr(of.role, "(no role)"), of.tally);
  std::vector<const Row*> offices;
  for (const Row& of : findings.offices) offices.push_back(&of);
  std::ranges::stable_sort(offices, [view](const Row* a, const Row* b) {
    return a->tally.views[view].accesses > b->tally.views[view].accesses;
  });
  const std::size_t shown = std::min(offices.size(), kOfficesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const std::string name = NameOr(offices[i]->office, "(no office)");
    const std::string& of = offices[i]->organisation;
    row(of.empty() ? name : of + " / " + name, offices[i]->tally);
  }
  if (shown == offices.size()) return table.Text();
  return table.Text() + "  " + GroupedDigits(offices.size() - shown) +
         " more offices in --json and --html.\n";
}

std::string Disturbed(const Findings& findings) {
  std::string out = "\nWhat these budgets would have refused, and whom they would have disturbed";
  if (findings.told) return out + ":\n" + DisturbedIn(findings, 0);
  out += ",\nif everybody were on the caseload of who looked:\n" + DisturbedIn(findings, 0);
  return out + "if nobody were (the log does not say; the truth lies between):\n" +
         DisturbedIn(findings, 1);
}

std::string Ceilings(const Findings& findings) {
  TextTable table;
  table.Row({"ceiling of", "counter", "a day", "highest ordinary day", "median", "days left out"});
  for (const CeilingRow& row : findings.ceilings) {
    if (row.scope != access::Scope::kRegister && row.scope != access::Scope::kOrganisation)
      continue;
    const Proposal& of = row.proposal;
    table.Row(
        {std::string(Name(row.scope)) + (row.organisation.empty() ? "" : " ") + row.organisation,
         std::string(Name(row.counter)),
         of.ceiling == 0 ? "too few days" : GroupedDigits(of.ceiling),
         GroupedDigits(of.ordinary_most), GroupedDigits(of.median),
         GroupedDigits(of.left_out.size())});
  }
  return "\nCeilings to propose (offices and clients: --json, --html):\n" + table.Text();
}

}  // namespace

std::string ToText(const Findings& findings, const ReportOptions& options) {
  std::string out = Head(findings) + Stolen(findings) + Disturbed(findings);
  if (findings.bucket_ms != 0) out += Ceilings(findings);
  if (options.scope.has_value()) {
    out += "\nThe scope holds " + GroupedDigits(options.scope->people) + " people, " +
           GroupedDigits(options.scope->accesses) + " accesses.\n";
  }
  return out;
}

}  // namespace cloison::assess
