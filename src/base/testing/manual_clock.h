// A clock that tests set.
#ifndef CLOISON_BASE_TESTING_MANUAL_CLOCK_H_
#define CLOISON_BASE_TESTING_MANUAL_CLOCK_H_

#include <atomic>

#include "base/clock.h"

namespace cloison::base::testing {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t wall_ms = 1'700'000'000'000) : wall_ms_(wall_ms) {}
  std::int64_t wall_ms() const override { return wall_ms_; }
  std::int64_t boot_ms() const override { return boot_ms_; }
  std::int64_t mono_us() const override { return boot_ms_ * 1000; }
  ByteArray<16> boot_id() const override { return boot_id_; }

  // Both clocks go on together.
  void Advance(std::int64_t ms) {
    wall_ms_ += ms;
    boot_ms_ += ms;
  }
  void StepWall(std::int64_t ms) { wall_ms_ += ms; }  // somebody set the wall clock
  void Reboot(std::int64_t down_ms) {
    wall_ms_ += down_ms;
    boot_ms_ = 1000;
    ++boot_id_[15];
  }

 private:
  std::atomic<std::int64_t> wall_ms_;
  std::atomic<std::int64_t> boot_ms_{1'000'000};
  ByteArray<16> boot_id_{1};
};

}  // namespace cloison::base::testing

#endif  // CLOISON_BASE_TESTING_MANUAL_CLOCK_H_
