// Budgets as exact sliding windows over distinct people (docs/architecture.md "Budgets"; spec: the
// promise).
//
// For each person and counter the time of the latest showing is kept. The count of a window W at
// time t is the number of people whose time is >= t - W. A showing of somebody not in a window is
// allowed iff every count it touches is at most its cap afterwards, a batch being checked as one;
// somebody already in it is free. So any half-open interval of length W shows at most cap distinct
// people, whatever the schedule.
//
// Where it is not known who was shown before some time, budgets are spent as of then: until W has
// passed since, nobody is shown who is not in the window already.
//
// Time is budget time in ms and never goes back. Pure: no clock, no store. Threads: one.
// Cost: Allows O(windows * log people); Debit O(people of the counter) worst case, at most some
// thousands.
#ifndef CLOISON_ACCESS_WINDOWS_H_
#define CLOISON_ACCESS_WINDOWS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "access/seen_table.h"
#include "base/clock.h"

namespace cloison::access {

enum class Window : std::uint8_t { kHour = 0, kDay, kWeek, kMonth };
inline constexpr std::size_t kWindows = 4;
inline constexpr std::array<std::int64_t, kWindows> kWindowMs = {
    base::kHourMs, base::kDayMs, 7 * base::kDayMs, 31 * base::kDayMs};

std::string_view Name(Counter counter);  // "opened", "opened_off_caseload", "sensitive",
                                         // "glimpsed", "glimpsed_off_caseload"
std::string_view Name(Window window);    // "hour", "day", "week", "month"

// Latest showings are kept for that long: the longest window, and a day more, since ceilings count
// by days that have begun.
inline constexpr std::int64_t kSeenKeptMs = kWindowMs[kWindows - 1] + base::kDayMs;

// Whose showings are counted together: one account's, or all of those below an office, an
// organisation, a client (the application that asks), the register (access/ceilings.h).
enum class Scope : std::uint8_t { kPrincipal = 0, kOffice, kOrganisation, kClient, kRegister };
inline constexpr std::size_t kScopes = 5;
std::string_view Name(Scope scope);  // "principal", "office", "organisation", "client", "register"

// Distinct people allowed, by counter and window.
struct Caps {
  std::array<std::array<std::uint32_t, kWindows>, kCounters> of{};
  std::uint32_t cap(Counter c, Window w) const {
    return of[static_cast<std::size_t>(c)][static_cast<std::size_t>(w)];
  }
  friend bool operator==(const Caps&, const Caps&) = default;
};
// Every cap divided and rounded down: what a part of a budget is.
Caps Divided(const Caps& caps, std::uint32_t by);
// The most distinct people a counter can show in any interval of `duration_ms`: min over windows of
// cap * ceil(t / W).
std::uint64_t Bound(const Caps& caps, Counter counter, std::int64_t duration_ms);

// A set of counters.
class CounterSet {
 public:
  constexpr CounterSet() = default;
  constexpr CounterSet& Add(Counter counter) {
    bits_ = static_cast<std::uint8_t>(bits_ | 1u << static_cast<unsigned>(counter));
    return *this;
  }
  constexpr CounterSet& Add(CounterSet others) {
    bits_ = static_cast<std::uint8_t>(bits_ | others.bits_);
    return *this;
  }
  constexpr bool Has(Counter counter) const {
    return (bits_ >> static_cast<unsigned>(counter) & 1u) != 0;
  }

 private:
  std::uint8_t bits_ = 0;
};

// Whose windows a showing counts in; each counts in one, and the promise is the sum. The numbers
// are on disk.
//   class     of the role
//   overview  of one's own caseload: a call counts as one
//   presence  people who stand before the agent
enum class ShowingFamily : std::uint8_t { kClass = 0, kOverview = 1, kPresence = 2 };
inline constexpr std::size_t kShowingFamilies = 3;
std::string_view Name(ShowingFamily family);  // "class", "overview", "presence"
// Of the others than the class.
const Caps& CapsOf(ShowingFamily family);

struct Showing {
  SeenId who;  // another one for the same person in each family
  CounterSet counters;
  ShowingFamily family = ShowingFamily::kClass;
};

struct Spent {
  Counter counter;
  Window window;
  Scope scope = Scope::kPrincipal;
  ShowingFamily family = ShowingFamily::kClass;
  friend bool operator==(const Spent&, const Spent&) = default;
};

// Of one family. Knows nothing of others: whoever calls sorts showings.
class Windows {
 public:
  explicit Windows(const Caps& caps) : caps_(caps) {}

  // The first cap that showing all of `showings` now would pass; nothing: allowed. The same person
  // may appear twice.
  std::optional<Spent> WouldPass(std::int64_t now_ms, std::span<const Showing> showings) const;
  // Records the showings. Only after WouldPass said nothing at the same time.
  void Debit(std::int64_t now_ms, std::span<const Showing> showings, Seat seat = {});
  // One; gives what is known of who was shown, until the next debit.
  const Seen& Debit(std::int64_t now_ms, const Showing& showing, Seat seat);
  std::uint32_t Left(Counter counter, Window window, std::int64_t now_ms) const;
  // When one more person would pass the cap now: how long until a place is free, in ms.
  std::int64_t FreesIn(Counter counter, Window window, std::int64_t now_ms) const;
  const SeenTimes* Find(const SeenId& who) const;
  const Seen* FindSeen(const SeenId& who) const;
  // Of somebody who will be looked up soon: asks for the memory, and does not wait for it.
  void Expect(const SeenId& who) const { seen_.Expect(who); }

  // Every cap of every window counts as used up by people nobody knows, shown at `at_ms` (above 0)
  // at the latest. Left is 0 until then + W, and FreesIn says how long that is.
  void SpendAll(std::int64_t at_ms) { spent_ms_ = at_ms; }

  // What counts from now on. A lower cap refuses new people alone: who is in a window stays there,
  // so the count of a window is at most the larger of what it was and the new cap.
  void SetCaps(const Caps& caps) { caps_ = caps; }

  // Rebuilding from seen rows, in any order; call Settle after the last. `people`: how many come,
  // when it is known.
  void Reserve(std::size_t people) { seen_.Reserve(people); }
  void Restore(const SeenId& who, const Seen& seen);
  void Settle();
  // Forgets at most `most` people whose every time is older than kSeenKeptMs; gives who was
  // forgotten, with what was known.
  std::vector<std::pair<SeenId, Seen>> Prune(std::int64_t now_ms, std::size_t most = SIZE_MAX);

  const Caps& caps() const { return caps_; }
  std::size_t people() const { return seen_.size(); }

 private:
  std::uint32_t Count(std::size_t counter, std::int64_t from_ms) const;
  // The unknown people are still in the window.
  bool IsSpent(std::size_t window, std::int64_t now_ms) const {
    return spent_ms_ != 0 && now_ms <= spent_ms_ + kWindowMs[window];
  }

  Caps caps_;
  std::int64_t spent_ms_ = 0;  // 0: everybody who was shown is known
  SeenTable seen_;
  std::array<std::vector<std::int64_t>, kCounters>
      times_;  // ascending: one per person who has been shown
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_WINDOWS_H_
