// One line of an access log: who looked at whom, when, from where. Strict: what is not plainly an
// access is a fault with a name, and the line counts nowhere else.
//
// A line ends where the text does: a quoted field that goes over its end is a fault, so that text
// in a field can never become lines of its own in the middle of a file that is read in pieces.
//
// Threads  one; a reader for each. Cost: 0.1 us for 80 bytes.
#ifndef CLOISON_ASSESS_LOG_LINE_H_
#define CLOISON_ASSESS_LOG_LINE_H_

#include <string>
#include <string_view>
#include <vector>

#include "assess/log_map.h"

namespace cloison::assess {

inline constexpr std::size_t kLogLineBytesMax = 64u << 10;
inline constexpr std::size_t kLogNameBytesMax = 256;  // of agent, person, office ...

enum class LineFault : std::uint8_t {
  kNone,
  kColumns,   // another number of them than the header
  kQuote,     // a quote inside a field, text behind one, or one that does not end on its line
  kTime,      // not a time of the log's form
  kAgent,     // empty, longer than kLogNameBytesMax, or not UTF-8
  kPerson,    // empty or longer than kLogNameBytesMax
  kPlace,     // office, organisation, role or client: longer than kLogNameBytesMax or not UTF-8
  kAction,    // a word the map does not name
  kCaseload,  // neither yes nor no
  kTooLong,   // more than kLogLineBytesMax
};
inline constexpr std::size_t kLineFaults = 10;
std::string_view Name(LineFault fault);  // "columns", "quote", "time" ...

enum class Follows : std::uint8_t { kUnknown, kYes, kNo };

// The views are valid until the reader's next call, as long as the line is.
struct LogAccess {
  std::int64_t time_ms = 0;
  std::string_view agent, person, office, organisation, role, client;
  Action action = Action::kOpen;
  Follows follows = Follows::kUnknown;
};

class LineReader {
 public:
  // `map` outlives it.
  LineReader(const LogMap& map, const LogLayout& layout, LogTime time)
      : map_(map), layout_(layout), time_(time) {}

  // `line` without its end. kNone: `access` was read; of an action that is ignored, nothing else.
  LineFault Read(std::string_view line, LogAccess& access);

 private:
  LineFault ReadMeaning(LogAccess& access) const;
  LineFault ReadNames(LogAccess& access) const;
  std::string_view FieldOf(LogColumn column) const;

  const LogMap& map_;
  const LogLayout layout_;
  const LogTime time_;
  std::vector<std::string_view> fields_;
  std::string unquoted_;
};

// Cuts a line at its delimiters, quotes taken off; false: a quote is wrong. `unquoted` holds the
// text of fields that have quotes inside.
bool SplitLine(std::string_view line, char delimiter, std::vector<std::string_view>& fields,
               std::string& unquoted);

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_LOG_LINE_H_
