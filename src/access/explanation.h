// What the vault knows of why an agent may open a person: the caseload, and explanations beside it;
// and how a showing counts by what it knows.
//
//   caseload     the agent follows the person. A pair newer than kQuarantineMs counts as off the
//                caseload until somebody else than who wrote it confirms it
//   presence     the person stands before the agent: a card read, a one-time code. Counted in
//                windows of its own
//   the others   roster, ticket, appointment, contact, transfer, cover, second person, emergency:
//                a reason by which grants of relation `explained` reach the person, and the showing
//                counts as off the caseload all the same
//
// Who wrote an explanation is never the reader, but for an emergency, which is looked at afterwards
// by somebody else. Pure: no clock, no store. Times are budget time.
// Source   docs/design/0019-explained.md, docs/format/state.md "Pairs".
#ifndef CLOISON_ACCESS_EXPLANATION_H_
#define CLOISON_ACCESS_EXPLANATION_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "access/policy.h"
#include "base/clock.h"

namespace cloison::access {

inline constexpr std::size_t kCaseloadMax = 1'000;  // people of one agent
inline constexpr std::uint32_t kNewPairsPerAgentDayMax = 50;
inline constexpr std::uint32_t kNewPairsPerWriterDayMax = 100'000;
inline constexpr std::int64_t kQuarantineMs = 7 * base::kDayMs;

// The numbers are on disk.
enum class ExplanationKind : std::uint8_t {
  kRoster = 1,
  kTicket,
  kAppointment,
  kContact,
  kTransfer,
  kCover,
  kSecondPerson,
  kPresence,
  kEmergency,
};
inline constexpr std::uint8_t kExplanationKindLast = 9;
// "roster", "ticket", "appointment", "contact", "transfer", "cover", "second_person", "presence",
// "emergency"
std::string_view Name(ExplanationKind kind);
std::optional<ExplanationKind> ExplanationNamed(std::string_view name);

// Who wrote a reason, and through which client.
struct WrittenBy {
  PrincipalId principal{ByteArray<16>{}};
  std::uint32_t client = 0;
  friend bool operator==(const WrittenBy&, const WrittenBy&) = default;
};

struct CaseloadPair {
  std::int64_t since_ms;
  std::int64_t until_ms = INT64_MAX;
  std::int64_t confirmed_ms = 0;  // 0: nobody has
  WrittenBy by = {};
  bool HoldsAt(std::int64_t now_ms) const { return since_ms <= now_ms && now_ms < until_ms; }
  bool SettledAt(std::int64_t now_ms) const {
    return confirmed_ms != 0 || now_ms - since_ms >= kQuarantineMs;
  }
};

struct Explanation {
  ExplanationKind kind;
  std::int64_t since_ms;
  std::int64_t until_ms;
  WrittenBy by;
  std::uint64_t place = 0;  // of its entry, which has the reference
  bool HoldsAt(std::int64_t now_ms) const { return since_ms <= now_ms && now_ms < until_ms; }
};

// All that is known of one agent and one person.
struct Pair {
  Aud person{ByteArray<16>{}};
  std::optional<CaseloadPair> caseload;
  std::vector<Explanation> explanations;  // ascending by kind, each at most once
  bool empty() const { return !caseload.has_value() && explanations.empty(); }
};

// In which family of budgets, and which counters of it, a showing goes.
enum class Counted : std::uint8_t { kOnCaseload, kOffCaseload, kPresence };
struct Standing {
  Relation relation = Relation::kAny;
  Counted counted = Counted::kOffCaseload;
  friend bool operator==(const Standing&, const Standing&) = default;
};
// The strongest relation that holds now. A pair in quarantine gives the relation; it counts as
// nothing, so a presence beside it counts as one.
Standing StandingOf(const Pair& pair, std::int64_t now_ms);

// How many a day, and for how long.
struct ExplanationLimits {
  std::uint32_t per_reader_day;
  std::uint32_t per_writer_day;
  std::int64_t lasts_ms;
};
// A writer serves at most so many readers at their ceiling.
inline constexpr std::uint32_t kReadersPerWriter = 200;
// Nothing: the policy does not list the kind, so it explains nobody.
std::optional<ExplanationLimits> LimitsOf(ExplanationKind kind, const Policy& policy);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_EXPLANATION_H_
