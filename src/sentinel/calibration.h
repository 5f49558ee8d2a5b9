// What accounts did in blocks that ended, made into bounds, and tried on accounts that they were
// not learnt from (access/calibration.h, sentinel/calibrate.h).
//
// Blocks are taken one by one, and of each no more is kept than the scores that are not 0: 4 bytes
// each, some 12 bytes a day of an account. Then each Step makes the bounds of one score of one
// class, so that whoever drives it lets others have their turn between two.
//
// Threads  one at a time. Cost: 60,000 accounts with 60 days: some 60 MB; 1 us a block; about 40
//          steps (classes times scores) of up to 300 ms, each some fifteen passes over its blocks.
#ifndef CLOISON_SENTINEL_CALIBRATION_H_
#define CLOISON_SENTINEL_CALIBRATION_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "access/calibration.h"
#include "sentinel/learnt.h"

namespace cloison::sentinel {

// Of blocks that ended before `today` and within `days` of it. One account in three is held out.
class Calibrating {
 public:
  using PoolOf = std::function<std::optional<access::PoolKey>(const PrincipalId&)>;
  // `spec` outlives it. `pool_of`: organisation and office of an account; nothing: the register's
  // alone.
  Calibrating(const access::DetectorsSpec& spec, std::uint32_t today, std::uint32_t days,
              PoolOf pool_of);
  ~Calibrating();

  // Before the first Step. Others are passed over.
  void Add(const EndedBlock& one);
  // False: there was nothing left to do.
  bool Step();
  // After the last Step, once.
  access::Calibration Take();

 private:
  struct Seen {
    std::uint8_t block;  // of its score's scale, from the first that is looked at
    std::uint8_t score;
    std::uint16_t count;
  };
  struct Agent {
    std::vector<Seen> seen;
    std::vector<std::uint8_t> days;  // on which it did anything, ascending, once it is all there
  };
  class OfClass;

  // Of one pool and scale: by block, the pairs of all its accounts.
  using Pairs = std::map<std::uint32_t, std::uint32_t>;

  std::uint32_t FirstOf(access::Scale scale) const;
  void Prepare();
  void Pool(const PrincipalId& id, const Agent& agent);
  void MakePools();

  const access::DetectorsSpec& spec_;
  const std::uint32_t today_, from_;
  const PoolOf pool_of_;
  bool prepared_ = false, pooled_ = false;
  std::map<std::pair<access::PoolKey, access::PoolScore>, Pairs> pools_;
  std::map<std::string, std::map<PrincipalId, Agent>> classes_;
  std::vector<std::unique_ptr<OfClass>> making_;
  std::size_t at_ = 0;  // of making_
  access::Calibration made_;
};

// The same at once.
access::Calibration CalibrateBy(const std::vector<EndedBlock>& ended,
                                const access::DetectorsSpec& spec, std::uint32_t today,
                                std::uint32_t days, Calibrating::PoolOf pool_of = {});

// Of what was kept, read a page at a time: the store's threads are left after each, and the rest
// goes on as jobs of `of.turns`. All outlive it. Fails as the store does.
Task<Result<access::Calibration>> CalibrateInTurns(const commit::SealedState& state,
                                                   access::Observer::ToCalibrate of);

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_CALIBRATION_H_
