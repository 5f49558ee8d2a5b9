// The thief's book: what really came out of the gate, line by line, as the one who holds the stolen
// accounts would keep it. Ratios are counted here, never by the server that is on trial.
#ifndef CLOISON_DRILL_BOOK_H_
#define CLOISON_DRILL_BOOK_H_

#include <optional>
#include <span>
#include <vector>

#include "access/windows.h"
#include "base/ids.h"
#include "drill/scope.h"

namespace cloison::drill {

// One record as it was received.
struct BookLine {
  std::int64_t at_ms;
  PersonId person;
  access::CounterSet counters;         // what a showing of this kind counts in
  std::vector<std::uint64_t> entries;  // the indices that the answer's receipts name
  std::vector<FieldId> fields;         // whose values came
};

// How a ledger's scope and a book differ. Both zero: the scope is exact.
struct ScopeDifference {
  std::uint64_t missing = 0;     // received, and not (or not so) in the scope
  std::uint64_t extra = 0;       // in the scope, and never received
  std::uint64_t compared = 0;    // entries of the scope
  std::uint64_t unanswered = 0;  // of them, those of requests that ended without an answer
  void Add(const ScopeDifference& other) {
    missing += other.missing;
    extra += other.extra;
    compared += other.compared;
    unanswered += other.unanswered;
  }
};

// A request whose outcome nobody knows: the commit failed in its midst. A crash may log a reading
// that never was, and never hide one, so its entries may be there, and no others: those by which
// the ledger grew while it was asked.
struct Unanswered {
  std::uint64_t from, to;          // their numbers; the same: nothing was written
  std::optional<PersonId> person;  // for whom it was, when that is known
  std::size_t people;              // that it may show at most
};
inline constexpr std::size_t kEntriesOfOneShowing = 2;  // plain fields, and masked ones

struct Tally {
  std::uint64_t requests = 0, refused = 0;
};

// Above 1: a promise is broken. A showing where none is allowed is as wrong as can be, and still a
// number.
double RatioOf(std::uint64_t shown, std::uint64_t bound);

struct CounterReport {
  std::uint64_t shown = 0;  // distinct people since the theft began, summed over accounts
  std::uint64_t bound = 0;  // what the budgets allow in that time, summed over accounts
  double ratio = 0;  // the worst of: shown / bound, the same of any account, any window / its cap
};

// The book of one account. Times never go back. Threads: one.
class Book {
 public:
  void Add(BookLine line) { lines_.push_back(std::move(line)); }
  const std::vector<BookLine>& lines() const { return lines_; }
  // In the order of time. A request that failed and changed nothing is none.
  void AddUnanswered(const Unanswered& one) { unanswered_.push_back(one); }

  // Distinct people that a counter showed since `from_ms`.
  std::uint64_t People(access::Counter counter, std::int64_t from_ms) const {
    return PeopleBetween(counter, from_ms, INT64_MAX);
  }
  std::uint64_t PeopleBetween(access::Counter counter, std::int64_t from_ms,
                              std::int64_t to_ms) const;
  // The most distinct people in any half-open interval of the window's length, over the whole book.
  std::uint64_t MostWithin(access::Counter counter, access::Window window) const;
  // The same of many books for any length: pairs of a book and a person.
  static std::uint64_t MostPairsWithin(std::span<const Book* const> books, access::Counter counter,
                                       std::int64_t length_ms);
  // What was shown since `from_ms`, in `duration_ms`, held against caps: as a whole, and in every
  // window of the whole book.
  CounterReport Against(const access::Caps& caps, access::Counter counter, std::int64_t from_ms,
                        std::int64_t duration_ms) const;
  ScopeDifference Compare(const std::vector<ScopeEntry>& scope) const;

 private:
  std::vector<BookLine> lines_;
  std::vector<Unanswered> unanswered_;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_BOOK_H_
