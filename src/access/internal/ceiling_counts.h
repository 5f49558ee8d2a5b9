// What is counted below one ceiling: pairs by the bucket of their latest showing, and the row that
// keeps it (docs/format/state.md "Ceilings"). Pure; the committer's executor.
#ifndef CLOISON_ACCESS_INTERNAL_CEILING_COUNTS_H_
#define CLOISON_ACCESS_INTERNAL_CEILING_COUNTS_H_

#include <vector>

#include "access/ceiling_spec.h"
#include "base/result.h"

namespace cloison::access::internal {

// Whose showings one row counts; what a scope does not have is 0.
struct ScopeKey {
  Scope scope;
  std::uint32_t organisation = 0;
  std::uint32_t office = 0;
  std::uint32_t client = 0;
  ShowingFamily family = ShowingFamily::kClass;
  friend auto operator<=>(const ScopeKey&, const ScopeKey&) = default;
};
ByteArray<13> Serialise(const ScopeKey& key);

inline constexpr std::uint32_t kNoCap = UINT32_MAX;

// n buckets of d, and the one that has begun.
class BucketCounts {
 public:
  BucketCounts(std::int64_t bucket_ms, std::uint32_t buckets, std::int64_t since_ms);

  std::int64_t bucket_ms() const { return bucket_ms_; }
  std::uint32_t buckets() const { return buckets_; }
  std::int64_t since_ms() const { return since_ms_; }  // nothing of before is counted but by Carry
  std::int64_t length_ms() const { return bucket_ms_ * buckets_; }
  // What the policy allows; kNoCap: any number.
  std::uint32_t cap(std::size_t counter) const { return caps_[counter]; }
  const std::array<std::uint32_t, kCounters>& caps() const { return caps_; }
  // Since when none of them was higher.
  std::int64_t caps_since_ms() const { return caps_since_ms_; }
  void ClearCaps() { caps_.fill(kNoCap); }
  void LowerCaps(const std::array<std::optional<std::uint32_t>, kCounters>& caps);
  // The caps follow those of `before`, which held until now.
  void FollowCaps(const BucketCounts& before, std::int64_t now_ms);

  // Forgets the buckets that are no longer among the last n + 1. Time never goes back.
  void Advance(std::int64_t now_ms);
  // Whether a pair that was shown at `last_ms` (0: never) lies in one of them. After Advance.
  bool Holds(std::int64_t last_ms) const;
  std::uint64_t total(std::size_t counter) const { return totals_[counter]; }
  // One pair more in the bucket of now; one less in that of `last_ms`, which it holds. False: there
  // was none to take away.
  void Add(std::size_t counter);
  bool Take(std::size_t counter, std::int64_t last_ms);
  // At least `total` pairs in all, who those are nobody knows: more of them in the bucket of now.
  void CarryTo(std::size_t counter, std::uint64_t total);
  // Nobody knows how many were shown before it began: it is full, and stays so under a higher cap
  // until it has counted for its whole length.
  void Fill(std::size_t counter);
  bool filled(std::size_t counter) const { return (filled_ >> counter & 1u) != 0; }
  // No ceiling bounded anything before it began.
  void SetFirst() { first_ = true; }
  bool first() const { return first_; }
  // Undo of Add or Take.
  void Change(std::int64_t bucket, std::size_t counter, bool add);
  std::int64_t newest() const { return newest_; }
  std::int64_t BucketOf(std::int64_t at_ms) const { return at_ms / bucket_ms_; }

 private:
  friend void Append(Bytes& out, const BucketCounts& counts);
  friend Result<BucketCounts> TakeCounts(base::Reader& reader);
  std::size_t SlotOf(std::int64_t bucket) const {
    return static_cast<std::size_t>(bucket) % (buckets_ + 1);
  }

  std::int64_t bucket_ms_;
  std::uint32_t buckets_;
  std::int64_t since_ms_;
  std::int64_t newest_;                                      // number of the bucket that has begun
  std::vector<std::array<std::uint32_t, kCounters>> slots_;  // n + 1, by number
  std::array<std::uint64_t, kCounters> totals_{};
  std::array<std::uint32_t, kCounters> caps_;
  std::int64_t caps_since_ms_;
  std::uint8_t filled_ = 0;  // a bit for each counter
  bool first_ = false;
};

struct CeilingRow {
  ScopeKey key;
  std::vector<BucketCounts> counts;  // ascending by bucket, then by how many; no two alike
};
Bytes Serialise(const CeilingRow& row);
Result<CeilingRow> ParseCeilingRow(ByteView plain);  // fails kCorrupt

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_CEILING_COUNTS_H_
