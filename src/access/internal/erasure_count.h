// How many erasures of an organisation began within a day: what two stolen accounts of officers
// cannot go beyond. One over the ceiling waits (access/erasures.h), and can be stopped meanwhile.
//
//   family operations   PRF("erased/" ‖ u32 organisation)   u64 hour ‖ 25 × u32 count, sealed
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
  // Of the text of a row; kCorrupt. `now_ms` is budget time.
  static Result<ErasureCount> Parse(ByteView plain, std::int64_t now_ms);
  Bytes Encode() const;

  bool HasRoom(std::uint32_t per_day) const { return Sum() < per_day; }
  bool was_damaged() const { return was_damaged_; }
  void Add() { ++counts_[0]; }
  void Stage(const Core& core, commit::Staging& staging, OrganisationId organisation) const;

 private:
  std::uint64_t Sum() const;

  std::uint64_t hour_ = 0;
  std::array<std::uint32_t, kHours> counts_{};  // of `hour_`, the one before it ...
  bool was_damaged_ = false;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_ERASURE_COUNT_H_
