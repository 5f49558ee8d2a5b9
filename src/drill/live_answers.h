// What a server's answers say, as the live drill reads them: only what it counts with. An answer
// that shows somebody and does not parse is an error, since nobody could tell what was shown.
//
// Fails    kCorrupt: not an answer of this API (docs/api/openapi.yaml).
// Threads  pure functions.
#ifndef CLOISON_DRILL_LIVE_ANSWERS_H_
#define CLOISON_DRILL_LIVE_ANSWERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/windows.h"
#include "ledger/entry.h"

namespace cloison::drill {

// Of GET /v1/me/capabilities.
struct LiveGrant {
  std::string purpose, relation;  // relation: "self", "caseload", "explained", "any"
  ledger::Form form;
  std::vector<std::string> fields;
};
struct LiveSelf {
  std::string principal;
  std::uint64_t organisation = 0;
  int rung = 0;
  std::vector<LiveGrant> grants;
  access::Caps caps;
};
Result<LiveSelf> ParseCapabilities(std::string_view body);

// One record of a look-up, a disclosure or the own caseload, without its values.
struct LiveRecord {
  std::string person;               // a code; empty: of an answer that names nobody
  std::vector<std::string> fields;  // that came with a value
  std::string log;
  std::vector<std::uint64_t> entries;  // of its receipts
};
// `list`: "rows" or "disclosures".
Result<std::vector<LiveRecord>> ParseRecords(std::string_view body, std::string_view list);

// Of POST /v1/principals:activity.
struct LiveEntry {
  std::uint64_t n = 0, index = 0;
  std::string log, kind, decision;
  std::string session, person;  // pseudonyms; empty: none
  bool sealed = false;
  std::optional<ledger::Form> form;  // of an entry about somebody
  std::vector<std::string> fields;
};
struct LiveActivity {
  std::vector<LiveEntry> entries;  // the newest first
  std::uint64_t expired = 0;
  std::string next;           // page token; empty: there is no more
  std::uint64_t receipt = 0;  // the index of its own entry
};
Result<LiveActivity> ParseActivity(std::string_view body);

// Of GET /v1/alarms.
struct LiveAlarms {
  std::uint64_t last = 0;
  struct One {
    std::uint64_t number;
    std::string what;
    std::optional<std::int64_t> rung;
  };
  std::vector<One> items;
};
Result<LiveAlarms> ParseAlarms(std::string_view body);

// The stable code of a problem; "" when the body is none.
std::string ProblemCodeOf(std::string_view body);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_LIVE_ANSWERS_H_
