// Goes through the accesses of one account after the other, in the order of time, and tallies them.
//
// Threads  one; each thread has its own. Memory: some 100 bytes per person of one account. Cost:
//          0.4 us an access.
#ifndef CLOISON_ASSESS_ACCOUNT_REPLAY_H_
#define CLOISON_ASSESS_ACCOUNT_REPLAY_H_

#include <span>
#include <vector>

#include "assess/judge.h"
#include "assess/pair_counts.h"
#include "assess/partitions.h"
#include "assess/tally.h"

namespace cloison::assess {

// What all replays of one log share; all outlive them.
struct ReplayGround {
  const Accounts& accounts;
  const Grouping& grouping;
  const std::vector<access::Caps>& caps;  // by place
  const Zone& zone;
  PairCounts& pairs;
  bool told;  // whether the log says who is followed
};

// Small numbers for the people of one account.
class PeopleNumbers {
 public:
  std::uint32_t Of(std::uint64_t hash);
  std::size_t size() const { return size_; }
  void Clear();

 private:
  void Grow();
  std::vector<std::uint64_t> keys_;  // 0: empty
  std::vector<std::uint32_t> numbers_;
  std::size_t size_ = 0;
};

class AccountReplay {
 public:
  explicit AccountReplay(const ReplayGround& ground);

  // All accesses of some accounts; they are sorted in place.
  void Run(std::vector<Record>& records);
  const Tally& tally() const { return tally_; }

 private:
  // One account's part at one place.
  struct AtPlace {
    std::uint32_t place;
    GroupTally tally;
    std::vector<std::int64_t> days;
    std::array<std::vector<std::int64_t>, kViews> refused_days;
  };
  // Where a pair was counted last.
  struct Counted {
    std::uint32_t bucket = 0, seat = UINT32_MAX;
  };

  void RunAccount(std::span<const Record> records);
  void Count(const Record& record, AtPlace& at, std::uint32_t person);
  void JudgeIt(const Record& record, AtPlace& at, std::uint32_t person);
  void CountPair(const Record& record, std::uint32_t person);
  void EndPairs();
  AtPlace& PlaceOf(const Record& record);
  void AddAccount(std::uint32_t account);
  void AddGroup(std::span<const AtPlace* const> parts, GroupTally& into) const;

  const ReplayGround ground_;
  Tally tally_;
  PeopleNumbers people_;
  SlidingPeople shown_;
  std::array<Judge, kViews> judges_;
  std::vector<AtPlace> at_places_;
  std::vector<std::uint32_t> place_number_;  // by place: its number in at_places_, from 1
  std::vector<std::array<Counted, access::kCounters>> pairs_;
};

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_ACCOUNT_REPLAY_H_
