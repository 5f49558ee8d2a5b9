// What an account did in a period, entry by entry, as an officer of incidents is told it: counts,
// fields and pseudonyms. Nobody is named and no value is opened.
//
// Threads  values; no shared state.
// Source   docs/operate/drill.md "Live".
#ifndef CLOISON_ACCESS_ACTIVITY_H_
#define CLOISON_ACCESS_ACTIVITY_H_

#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"

namespace cloison::access {

inline constexpr std::size_t kActivityPageMax = 100;

// Stands for a person, or a session, to one officer alone: the same in all that this officer is
// told, and nothing in common with a code, with what another officer is told, or on a disk.
using Pseudonym = ByteArray<16>;

struct ActivityRequest {
  PrincipalId who{ByteArray<16>{}};
  std::int64_t from_ms = 0;              // ledger time, inclusive
  std::int64_t to_ms = 0;                // exclusive
  std::optional<std::uint64_t> below;    // the place to go on below; nothing: the account's newest
  std::size_t count = kActivityPageMax;  // entries looked at, inside the period or after it
};

struct ActivityEntry {
  std::uint32_t generation = 1;  // of its log, which index and n count in
  std::uint64_t index = 0, n = 0;
  std::int64_t time_ms = 0;
  ledger::Kind kind = ledger::Kind::kRefusal;
  ledger::Decision decision = ledger::Decision::kRefuse;
  std::string role, purpose;
  std::optional<Pseudonym> session;
  // Of an entry about somebody. A sealed access has no pseudonym: it would join what a court asked
  // with what others were shown.
  bool about_somebody = false, sealed = false;
  std::optional<Pseudonym> person;
  ledger::Form form = ledger::Form::kPlain;
  std::vector<FieldId> fields;
};

struct Activity {
  std::vector<ActivityEntry> entries;  // of the period, the newest first
  // Of the numbers that were looked at, those whose records are gone; when they were, nobody knows.
  std::uint64_t expired = 0;
  std::optional<std::uint64_t> next;  // the place to go on below
  ledger::Recorded recorded{};        // reading it is an entry too
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_ACTIVITY_H_
