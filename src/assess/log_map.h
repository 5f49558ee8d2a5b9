// What an access log looks like: which column is what, how times are written, which actions count.
// A TOML file; without one the columns have our own names.
//
//   delimiter = ";"                        , ; or tab; else the one the header holds most
//   header = ["time", "agent", "person"]   when the file has none
//   [columns]
//   time = "Horodatage"
//   agent = "Matricule"
//   person = "IDE"
//   [time]
//   form = "day-month-year"                else found in the first lines
//   zone = "Europe/Paris"                  of times that do not say; else UTC
//   [actions]
//   "RECHERCHE" = "glimpse"                a masked row, or a yes or no
//   "CONSULTATION" = "open"                fields in plain form
//   "IBAN" = "sensitive"                   national number, bank, health, disability
//   "CONNEXION" = "ignore"
//   unlisted = "open"                      else an action that is not named is a fault of its line
//   [caseload]
//   yes = ["O"]                            the person is followed by the agent
//   no = ["N"]
//   [classes]
//   "Conseiller" = "case-worker"           a role of the log and a budget class of the policy
//
// Unknown keys are errors that name the nearest. docs/operate/assess.md has them all.
//
// Threads  const use from any.
#ifndef CLOISON_ASSESS_LOG_MAP_H_
#define CLOISON_ASSESS_LOG_MAP_H_

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assess/log_time.h"

namespace cloison::assess {

inline constexpr std::size_t kLogColumnsMax = 256;  // of the file

enum class LogColumn : std::uint8_t {
  kTime,
  kAgent,
  kPerson,
  kOffice,
  kOrganisation,
  kRole,
  kAction,
  kClient,
  kCaseload
};
inline constexpr std::size_t kLogColumns = 9;
std::string_view Name(LogColumn column);  // "time", "agent" ...

enum class Action : std::uint8_t { kIgnore, kGlimpse, kOpen, kSensitive };
std::string_view Name(Action action);  // "ignore", "glimpse", "open", "sensitive"

struct LogMap {
  char delimiter = 0;
  std::vector<std::string> header;  // empty: the first line
  std::array<std::string, kLogColumns> columns;
  std::array<bool, kLogColumns> named{};  // by the map: then the file must have it
  std::optional<TimeForm> time_form;
  Zone zone;
  std::map<std::string, Action, std::less<>> actions;
  std::optional<Action> unlisted;
  std::vector<std::string> own, others;  // texts of the column caseload
  std::map<std::string, std::string, std::less<>> classes;

  LogMap();  // our own names; every line is an opening unless it says one of our actions
  // kInvalid: `problems` (never null) gets lines for the operator.
  static Result<LogMap> Parse(std::string_view toml, std::vector<std::string>* problems);
};

// Where the columns stand in one file.
struct LogLayout {
  static constexpr std::size_t kAbsent = SIZE_MAX;
  char delimiter = ',';
  std::size_t columns = 0;
  std::array<std::size_t, kLogColumns> at;
  bool has(LogColumn column) const { return at[static_cast<std::size_t>(column)] != kAbsent; }
};

// The delimiter of a file whose first line this is.
char DelimiterOf(const LogMap& map, std::string_view first_line);
// kInvalid: a column lacks or comes twice, or there are more than kLogColumnsMax; `problems` as
// above.
Result<LogLayout> LayoutOf(const LogMap& map, char delimiter, const std::vector<std::string>& names,
                           std::vector<std::string>* problems);

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_LOG_MAP_H_
