// What accounts did in blocks that ended, kept so that bounds can be learnt from it: by a detector
// that acts and by one in shadow mode alike. Nothing is decided by it.
//
//   BigU64(day) ‖ BigU32(number within the day)
//         01 | u16 count | count × (principal[16] | u8 length | class | u8 scale | u32 block
//                                   | u16 mask | u16 score for each bit of it)
//
// A block in which every score of its scale was 0 is not there. Rows hold kLearntPerRow blocks, so
// an account costs a part of a row a day; what is not in a row yet is lost with the process. They
// are not in the anchor's sum: somebody who takes rows away, or puts older ones back, changes a
// proposal that two officers read and sign, and no more. After kCalibrationDaysMax days they go.
//
// Threads  the committer's. Cost: Note 0.1 us, once a day for each account that does anything.
// Source   docs/format/state.md "Learnt"; docs/operate/detectors.md "Calibrate".
#ifndef CLOISON_SENTINEL_LEARNT_H_
#define CLOISON_SENTINEL_LEARNT_H_

#include <string>
#include <vector>

#include "access/observer.h"
#include "sentinel/watch.h"

namespace cloison::sentinel {

inline constexpr std::size_t kLearntPerRow = 64;
inline constexpr std::size_t kLearntClassBytesMax = 64;
inline constexpr std::uint32_t kLearntScoreMax = 65'535;  // more counts as so much

struct EndedBlock {
  PrincipalId principal;
  std::string budget_class;
  access::Scale scale;
  std::uint32_t block;
  std::array<std::uint16_t, access::kScores> scores{};  // of this scale; others are 0
};
Bytes Serialise(const std::vector<EndedBlock>& blocks);
Result<std::vector<EndedBlock>> ParseLearnt(ByteView plain);  // kCorrupt

class Learnt {
 public:
  struct Who {
    PrincipalId principal;
    std::string_view budget_class;
  };

  void Stand(const access::Observer::Ground& ground) { ground_ = &ground; }
  // Before the first work: so that what is kept next has a key of its own.
  Task<Status> Recover(store::Store& store);
  // Before a watch is brought up to now: blocks of it that have ended by then.
  void Note(const Who& who, const PrincipalWatch& watch, std::int64_t now_ms);
  // All of it becomes durable with the batch now made.
  void Keep() { keeps_ = true; }
  void PutRows(commit::Staging& staging);

 private:
  store::Key NextKey(std::uint64_t day);

  const access::Observer::Ground* ground_ = nullptr;
  std::vector<EndedBlock> pending_;
  std::uint64_t day_ = 0;     // of the last row
  std::uint32_t number_ = 0;  // of the next one of that day
  bool keeps_ = false;
};

inline constexpr std::size_t kLearntRowsPerPage = 64;

// What was kept since a day, a page of rows at a time. Threads: one at a time.
class LearntReader {
 public:
  // Both outlive it.
  LearntReader(store::Store& store, const commit::SealedState& state, std::uint64_t from_day);
  // Reads the next page, and goes on where the store does. Whether there are more.
  Task<Result<bool>> Next();
  const std::vector<store::KeyedRow>& page() const { return page_; }
  // None of a row that does not open, which is counted. Cost: 20 us.
  std::vector<EndedBlock> Open(const store::KeyedRow& row);
  std::uint64_t unread() const { return unread_; }

 private:
  store::Store& store_;
  const commit::SealedState& state_;
  store::Range range_;
  std::vector<store::KeyedRow> page_;
  std::uint64_t unread_ = 0;
};

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_LEARNT_H_
