// What is kept of one principal: a score for each detector and what ended blocks left of it, and
// the rung it is on. A part of the principal's row (docs/format/state.md "Watches").
//
// Pure: no clock, no store. Times are budget time but those that say so. Threads: values.
#ifndef CLOISON_SENTINEL_WATCH_H_
#define CLOISON_SENTINEL_WATCH_H_

#include <array>
#include <optional>

#include "access/observer.h"
#include "sentinel/tail.h"

namespace cloison::sentinel {

using access::Rung;
using access::Score;

// Until a human has closed its case.
struct Held {
  Rung rung;
  std::int64_t since_ms;
  std::int64_t frozen_ms;  // 0: not that far
  access::CaseId file;
  friend bool operator==(const Held&, const Held&) = default;
};

// Whoever puts as many others between two numbers pays for each of them.
inline constexpr std::size_t kQueriesKept = 8;

class PrincipalWatch final : public access::Watch {
 public:
  explicit PrincipalWatch(std::uint32_t began_day);
  static Result<std::unique_ptr<PrincipalWatch>> Parse(ByteView bytes);  // kCorrupt
  std::size_t Write(std::span<std::uint8_t, access::kWatchBytesMax> to) const override;

  // From this day on, with nothing that speaks against it.
  void Restart(std::uint32_t day);

  std::uint32_t began_day = 0;  // M was 0 when it began
  bool acts = false;            // counted under a policy whose detectors act
  Rung told = Rung::kNone;      // the last one that was said
  std::array<TailState, access::kScores> scores{};
  std::uint32_t hour = 0, in_hour = 0;                // D6: people of the hour that runs
  std::array<std::uint64_t, kQueriesKept> queries{};  // D5: of the last look-ups of numbers
  std::uint32_t strange_day = 0;                      // D8: the day of the next
  std::uint8_t strange = 0;                           // bits: odd hours, new key
  std::int64_t cap_ms = 0;                            // a day's cap was reached last; 0: never
  std::int64_t decoy_ms = 0;                          // a decoy was opened last; 0: never
  Rung worn = Rung::kNone;                            // by the budget of a day
  std::int64_t worn_until_ms = 0;
  std::int64_t proven_since_ms = 0;  // wall clock: since a rung asks for a proof; 0: none does
  std::optional<Held> held;

  // Not kept: what M says at the moment, as of `rolled_day`.
  Rung by_evidence = Rung::kNone;
  std::size_t strongest = 0;  // the score with most against it
  std::uint32_t rolled_day = 0;
  std::uint64_t serial = 0;  // of the policy by which
};

// The blocks that run.
struct BlocksNow {
  explicit BlocksNow(std::int64_t now_ms);
  std::uint32_t Of(access::Scale scale) const { return of[static_cast<std::size_t>(scale)]; }
  std::array<std::uint32_t, access::kScales> of;
};
// The block of `scale` in which a day begins.
std::uint32_t BlockOfDay(std::uint32_t day, access::Scale scale);

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_WATCH_H_
