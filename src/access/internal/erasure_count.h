// How many erasures of an organisation began within a day: what two stolen accounts of officers
// cannot go beyond. One over the ceiling waits (access/erasures.h), and can be stopped meanwhile.
//
//   family operations   PRF("erased/" ‖ u32 organisation)   u64 hour ‖ u64 alarm ‖ 25 × u32, sealed
//
// The counts are of that hour and the 24 before it, so of any 24 hours the sum has all. A row that
// does not open counts as full from now on, and is written anew: in a day there is room again.
//
// Threads  the committer's. Source: docs/format/state.md "Erasures begun".
#ifndef CLOISON_ACCESS_INTERNAL_ERASURE_COUNT_H_
#define CLOISON_ACCESS_INTERNAL_ERASURE_COUNT_H_

#include <array>

#include "access/internal/gate_work.h"

namespace cloison::access::internal {

store::Key ErasureCountKey(const Core& core, OrganisationId organisation);

class ErasureCount {
 public:
  static constexpr std::size_t kHours = 25;
  // As of the batch. CHECKs that the row was loaded.
  static ErasureCount Of(const Core& core, const commit::Staging& staging,
                         OrganisationId organisation);
  // As the store has it.
  static ErasureCount OfRow(const Core& core, const store::Key& key, const store::Row& row,
                            std::int64_t now_ms);
  // Of the text of a row; kCorrupt. `now_ms` is budget time.
  static Result<ErasureCount> Parse(ByteView plain, std::int64_t now_ms);
  Bytes Encode() const;

  bool HasRoom(std::uint32_t per_day) const { return Sum() < per_day; }
  // Whether an alarm is due because there is none: once a day. It is noted.
  bool TakeAlarm();
  bool was_damaged() const { return was_damaged_; }
  void Add() { ++counts_[0]; }
  void Stage(const Core& core, commit::Staging& staging, OrganisationId organisation) const;

 private:
  std::uint64_t Sum() const;

  std::uint64_t hour_ = 0;
  std::uint64_t alarm_ = 0;                     // the hour of the last alarm; 0: none yet
  std::array<std::uint32_t, kHours> counts_{};  // of `hour_`, the one before it ...
  bool was_damaged_ = false;
};

// An event and an alarm, where it was.
void NoteDamaged(Core& core, const ErasureCount& count);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_ERASURE_COUNT_H_
