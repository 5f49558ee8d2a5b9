// A Store that fails one chosen call, once, both ways a call can fail. Sweep it over every call of
// a run and audit what is left each time:
//
//   for (Fault how : {Fault::kNotApplied, Fault::kAppliedButReported})
//     for (int nth = 1; Run(Call::kCommit, nth, how).fired(); ++nth) {}
//
// Reads (MultiGet, Scan) and commits (Commit, BulkLoader::Finish) are counted apart, from 1. A read
// fails kUnavailable, a commit kUnknownOutcome. After it has fired the store works again, as one
// that was opened anew. Threads: as the store under it.
#ifndef CLOISON_STORE_TESTING_FAULT_STORE_H_
#define CLOISON_STORE_TESTING_FAULT_STORE_H_

#include <array>
#include <atomic>

#include "store/store.h"

namespace cloison::store::testing {

enum class Call : std::uint8_t { kRead, kCommit };
enum class Fault : std::uint8_t {
  kNotApplied,          // nothing happened, and the caller learns of the failure
  kAppliedButReported,  // it happened, and the caller is told that it failed
};

class FaultStore final : public Store {
 public:
  // Fails nothing until armed. `target` is borrowed.
  explicit FaultStore(Store& target) : target_(target) {}
  FaultStore(Store& target, Call call, int nth, Fault how) : target_(target) {
    Arm(call, nth, how);
  }

  // The nth such call from now on fails. Not while calls are running.
  void Arm(Call call, int nth, Fault how);
  bool fired() const { return fired_; }
  // How many single rows of a family were asked for so far.
  std::size_t AskedOf(Family family) const { return asked_[static_cast<std::uint8_t>(family)]; }

  Task<Result<std::vector<Row>>> MultiGet(std::vector<Key> keys, ReadMode mode) override;
  Task<Result<ScanPage>> Scan(Range range, std::size_t limit) override;
  Task<Result<Version>> Commit(WriteSet writes) override;
  Result<std::unique_ptr<BulkLoader>> LoadBulk(Family family) override;
  Result<std::unique_ptr<BulkLoader>> LoadRun(Family family, Version version, Pace pace) override;
  Status Checkpoint(const std::string& path) override { return target_.Checkpoint(path); }
  Version last_version() const override { return target_.last_version(); }
  Health health() const override { return target_.health(); }

 private:
  class Loader;
  bool Fires(Call call);

  Store& target_;
  Call call_ = Call::kRead;
  Fault how_ = Fault::kNotApplied;
  std::atomic<int> left_{0};
  std::atomic<bool> fired_{false};
  std::array<std::atomic<std::size_t>, 256> asked_{};
};

}  // namespace cloison::store::testing

#endif  // CLOISON_STORE_TESTING_FAULT_STORE_H_
