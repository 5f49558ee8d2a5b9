// Time comes in through a constructor. Two clocks, because they fail differently: the wall can be
// set by anybody; the boot clock only runs forward, and only while this boot lasts.
#ifndef CLOISON_BASE_CLOCK_H_
#define CLOISON_BASE_CLOCK_H_

#include <cstdint>

#include "base/bytes.h"

namespace cloison::base {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t wall_ms() const = 0;   // Unix time (CLOCK_REALTIME); may step either way
  virtual std::int64_t boot_ms() const = 0;   // CLOCK_BOOTTIME; never back within one boot
  virtual std::int64_t mono_us() const = 0;   // for durations only
  virtual ByteArray<16> boot_id() const = 0;  // changes with every boot
};

// Linux clocks; boot_id of /proc/sys/kernel/random/boot_id (all zero when it can't be read: then no
// two runs are taken for the same boot).
class SystemClock final : public Clock {
 public:
  SystemClock();
  std::int64_t wall_ms() const override;
  std::int64_t boot_ms() const override;
  std::int64_t mono_us() const override;
  ByteArray<16> boot_id() const override { return boot_id_; }

 private:
  ByteArray<16> boot_id_{};
};

inline constexpr std::int64_t kSecondMs = 1000;
inline constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
inline constexpr std::int64_t kHourMs = 60 * kMinuteMs;
inline constexpr std::int64_t kDayMs = 24 * kHourMs;

}  // namespace cloison::base

#endif  // CLOISON_BASE_CLOCK_H_
