// Findings for programs, for a terminal, and as a page. Accounts go by pseudonyms of this run
// unless `names` asks for what the log calls them; people are in none of the three.
//
// Threads  any. Cold path.
#ifndef CLOISON_ASSESS_REPORT_H_
#define CLOISON_ASSESS_REPORT_H_

#include <optional>
#include <string>

#include "assess/assess.h"

namespace cloison::assess {

// The scope that was written beside.
struct ScopeWritten {
  std::uint64_t people, accesses;
};

struct ReportOptions {
  bool names = false;
  std::optional<ScopeWritten> scope;
};

std::string ToJson(const Findings& findings, const ReportOptions& options);  // one object, one line
std::string ToText(const Findings& findings, const ReportOptions& options);  // for people
std::string ToHtml(const Findings& findings,
                   const ReportOptions& options);  // docs/operate/assess.md

// What the views are called: "as_told", or "all_on_caseload" and "none_on_caseload".
std::vector<std::string_view> ViewNames(const Findings& findings);
std::string DayText(std::int64_t day);  // "2024-02-06"
// "all" where a name is empty.
std::string NameOr(const std::string& name, std::string_view instead);

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_REPORT_H_
