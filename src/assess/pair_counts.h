// Pairs of an account and a person, counted above accounts as the gate's ceilings count them
// (docs/design/0017-ceilings.md): in the bucket and at the place of their latest showing, the sum
// of the last n + 1 buckets. Of traffic as it was, nothing refused.
//
// A pair is in the sum from the bucket of a showing to n buckets later; what is kept is where sums
// rise and fall.
//
// Threads  Move: any. Memory: 4 bytes per group, counter and bucket.
#ifndef CLOISON_ASSESS_PAIR_COUNTS_H_
#define CLOISON_ASSESS_PAIR_COUNTS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "access/windows.h"
#include "assess/log_time.h"

namespace cloison::assess {

inline constexpr std::size_t kPairBytesMax = 384u << 20;

class PairCounts {
 public:
  // Groups: offices, then clients. Buckets of an hour, or of six or 24 where hours do not fit into
  // kPairBytesMax; not even those: usable() is false and nothing is counted.
  PairCounts(std::size_t groups, std::int64_t first_ms, std::int64_t last_ms);

  bool usable() const { return bucket_ms_ != 0; }
  std::int64_t bucket_ms() const { return bucket_ms_; }
  std::uint32_t buckets() const { return buckets_; }  // n
  std::uint32_t BucketOf(std::int64_t time_ms) const {
    return static_cast<std::uint32_t>((time_ms - begin_ms_) / bucket_ms_);
  }
  // A pair enters the sums of a group at a bucket, or leaves them.
  void Enter(std::size_t group, std::size_t counter, std::uint32_t bucket) {
    Cell(group, counter, bucket).fetch_add(1, std::memory_order_relaxed);
  }
  void Leave(std::size_t group, std::size_t counter, std::uint32_t bucket) {
    Cell(group, counter, bucket).fetch_sub(1, std::memory_order_relaxed);
  }

  struct Day {
    std::int64_t day;  // since 1970-01-01, of the zone's wall
    std::uint64_t most;
  };
  // The highest sum of each day, over some groups together.
  std::vector<Day> DaysOf(const std::vector<std::size_t>& groups, std::size_t counter,
                          const Zone& zone) const;

 private:
  std::atomic<std::int32_t>& Cell(std::size_t group, std::size_t counter, std::uint32_t bucket) {
    return cells_[(group * access::kCounters + counter) * columns_ + bucket];
  }

  std::int64_t begin_ms_ = 0, bucket_ms_ = 0;
  std::uint32_t buckets_ = 0;
  std::size_t columns_ = 0, used_ = 0;  // of cells; of them, up to the last access
  std::unique_ptr<std::atomic<std::int32_t>[]> cells_;
};

// A ceiling that ordinary days would not have met.
struct Proposal {
  std::uint64_t ceiling = 0;        // 0: too few days to say
  std::uint64_t ordinary_most = 0;  // of the days that stay
  std::uint64_t median = 0;
  std::size_t days = 0;                // with something, a quarter of the median or more
  std::vector<std::int64_t> left_out;  // days far above the others
};
inline constexpr std::size_t kProposalDaysMin = 10;
// Days below a quarter of the median (weekends) are not ordinary; days above the third quartile
// and three times the distance of the quartiles (at least half the median) are left out. The
// ceiling is a quarter above the highest day that stays, rounded up to two digits.
Proposal Propose(const std::vector<PairCounts::Day>& days);

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_PAIR_COUNTS_H_
