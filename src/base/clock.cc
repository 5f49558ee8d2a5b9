#include "base/clock.h"

#include <ctime>
#include <fstream>
#include <string>

namespace cloison::base {

namespace {
std::int64_t ReadNs(clockid_t id) {
  timespec now{};
  CLOISON_CHECK(clock_gettime(id, &now) == 0);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}
}  // namespace

SystemClock::SystemClock() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text;
  file >> text;
  std::erase(text, '-');
  const Result<Bytes> id = FromHex(text);
  if (id.ok() && id->size() == boot_id_.size()) std::copy(id->begin(), id->end(), boot_id_.begin());
}

std::int64_t SystemClock::wall_ms() const {
  return ReadNs(CLOCK_REALTIME) / 1'000'000;
}
std::int64_t SystemClock::boot_ms() const {
  return ReadNs(CLOCK_BOOTTIME) / 1'000'000;
}
std::int64_t SystemClock::mono_us() const {
  return ReadNs(CLOCK_MONOTONIC) / 1'000;
}

}  // namespace cloison::base
