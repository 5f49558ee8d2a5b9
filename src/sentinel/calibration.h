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
  // `spec` outlives it.
  Calibrating(const access::DetectorsSpec& spec, std::uint32_t today, std::uint32_t days);
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

  std::uint32_t FirstOf(access::Scale scale) const;
  void Prepare();

  const access::DetectorsSpec& spec_;
  const std::uint32_t today_, from_;
  bool prepared_ = false;
  std::map<std::string, std::map<PrincipalId, Agent>> classes_;
  std::vector<std::unique_ptr<OfClass>> making_;
  std::size_t at_ = 0;  // of making_
  access::Calibration made_;
};

// The same at once.
access::Calibration CalibrateBy(const std::vector<EndedBlock>& ended,
                                const access::DetectorsSpec& spec, std::uint32_t today,
                                std::uint32_t days);

// Of what was kept, read a page at a time: the store's threads are left after each, and the rest
// goes on as jobs of `turns`. All outlive it. Fails as the store does.
Task<Result<access::Calibration>> CalibrateInTurns(store::Store& store,
                                                   const commit::SealedState& state,
                                                   const access::DetectorsSpec& spec,
                                                   std::uint32_t today, std::uint32_t days,
                                                   base::Executor& turns);

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_CALIBRATION_H_
