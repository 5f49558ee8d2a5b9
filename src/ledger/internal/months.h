// Which month's key a batch's records are sealed under: where in the log each month begins. The row
// is sealed, so records that are gone, or that name another month, can't pass for expired ones.
//
//   months   01 | (u32 month | u64 place of its first leaf) × n, both ascending, the first place 0
//
// Threads  its owner locks.
#ifndef CLOISON_LEDGER_INTERNAL_MONTHS_H_
#define CLOISON_LEDGER_INTERNAL_MONTHS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cloison::ledger::internal {

inline constexpr std::size_t kMonthsMax = 12'000;

class Months {
 public:
  static Result<Months> Parse(ByteView bytes);  // fails kCorrupt
  Bytes Serialise() const;

  // The month is not the last one.
  bool Begins(std::uint32_t month) const { return starts_.empty() || starts_.back().month < month; }
  // The batch at `first` is the first of the month. CHECKs Begins, and that it is behind the
  // others.
  void Add(std::uint32_t month, std::uint64_t first);
  // Of the entry at `place`. CHECKs that there is any month.
  std::uint32_t MonthOf(std::uint64_t place) const;
  // All of them, and the place where the month after `month` begins; nothing: not in the logs, or
  // not over.
  std::vector<std::uint32_t> All() const;
  std::optional<std::uint64_t> EndOf(std::uint32_t month) const;
  // Whether this can be what was written when the place behind the last entry was `end`.
  bool Fits(std::uint64_t end) const {
    return starts_.empty() ? end == 0 : starts_.back().first < end;
  }

 private:
  struct Start {
    std::uint32_t month;
    std::uint64_t first;
  };
  std::vector<Start> starts_;
};

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_MONTHS_H_
