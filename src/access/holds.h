// Holds and the retention of records: what an incident holds is kept beyond the time after which
// the records of a month expire.
//
// A hold names a principal and a period. What that principal did then is sealed again under the
// hold's own key, page by page, by Advance; Expire first brings every hold up to date, so nothing
// expires that is held. A hold without an end follows its principal until it is released.
//
// Threads  Begin, Read, Release: any. Advance and Expire: one caller at a time, never both.
// Fails    as the calls of Gate do: refusals are answers with their entry.
// Source   docs/format/ledger.md "Retention", docs/format/state.md "Holds".
#ifndef CLOISON_ACCESS_HOLDS_H_
#define CLOISON_ACCESS_HOLDS_H_

#include <optional>
#include <string>
#include <vector>

#include "access/activity.h"
#include "access/gate.h"

namespace cloison::access {

namespace internal {
struct Peeked;
}

inline constexpr std::uint32_t kHoldsMax = 1'000'000;  // in a register's life
inline constexpr std::size_t kHoldsAtOnceMax = 1'000;  // with a key in force
inline constexpr std::size_t kHoldPageEntries = 500;
inline constexpr std::size_t kHoldPagesPerCall = 100;  // a commit each
inline constexpr std::uint32_t kRecordMonthsMin = 6, kRecordMonthsMax = 36;

enum class HoldState : std::uint8_t { kActive = 1, kComplete, kReleased };
std::string_view Name(HoldState state);  // "active", "complete", "released"

// What a hold's row says.
struct HoldDocument {
  std::uint32_t number = 0;
  PrincipalId principal{ByteArray<16>{}};
  std::int64_t from_ms = 0;           // ledger time, inclusive
  std::optional<std::int64_t> to_ms;  // exclusive; nothing: until it is released
  HoldState state = HoldState::kActive;
  std::uint64_t next_n = 0;   // the first of the principal's entries that was not looked at yet
  std::uint64_t entries = 0;  // that are kept
};

class Holds {
 public:
  explicit Holds(internal::Core& core) : core_(core) {}

  struct Request {
    PrincipalId principal;
    std::int64_t from_ms;
    std::optional<std::int64_t> to_ms;
    std::string reason;  // the file of the incident; 1 to ledger::kCaseRefBytesMax bytes
  };
  struct Begun {
    std::uint32_t number;
    ledger::Recorded recorded;
  };
  // Durable when it returns; Advance then seals. kInvalid: the period ends before it begins;
  // kExhausted: kHoldsMax, kHoldsAtOnceMax. kConflict: the idempotency key came with another
  // body.
  Task<Outcome<Begun>> Begin(Caller caller, Request request, Gate::Once once);
  // Refusal kNotAvailable: no such hold. Reading one is an entry too.
  struct Shown {
    HoldDocument hold;
    ledger::Recorded recorded;
  };
  Task<Outcome<Shown>> Read(Caller caller, std::uint32_t number);
  // Its key is destroyed, for ever; what it kept goes, unless its month or another hold still has
  // it. Again: the same.
  Task<Outcome<Shown>> Release(Caller caller, std::uint32_t number);

  // A stretch of what an account did, the newest first, for whoever may hold; no hold is begun.
  // Goes on through closed logs. Refusal kNotAvailable: no such principal. kInvalid: a period that
  // ends as it begins, a count of 0 or above kActivityPageMax, a place that the account has not
  // come to; kCorrupt: an entry of the account is missing.
  Task<Outcome<Activity>> ReadActivity(Caller caller, ActivityRequest request);

  // Seals what the active holds have not kept yet, and finishes releases: at most
  // kHoldPagesPerCall pages, since whoever calls it has more to do. Each minute.
  // Fails kUnavailable: some holds are behind, call it again; kCorrupt: a hold's row is gone though
  // its key is there, or does not open, or an entry of a held principal is not there.
  Task<Status> Advance(base::Executor& home);
  // Lets records expire `months` (kRecordMonthsMin to Max) whole months after the one they are of,
  // oldest first, each month an entry with `reason` before it goes. Wall clock and budget time must
  // both have come so far: nobody lets records expire by setting a clock.
  // Fails as Advance does, kInvalid, and kUnavailable while the time is not confirmed after a
  // reboot (commit/time_keeper.h) or when a hold began meanwhile: call it again later.
  Task<Status> Expire(std::uint32_t months, std::string reason, base::Executor& home);

 private:
  Task<Result<Activity>> ReadPage(const internal::Peeked& who, PrincipalId officer,
                                  ActivityRequest request) const;
  Task<Result<std::vector<HoldDocument>>> ReadAll() const;
  Task<Status> AdvanceOne(HoldDocument hold, std::size_t& pages, base::Executor& home);
  Task<Result<std::uint64_t>> KeepPage(HoldDocument hold, const internal::Peeked& who,
                                       std::vector<store::Put>& puts);
  std::uint32_t MonthNow() const;

  internal::Core& core_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_HOLDS_H_
