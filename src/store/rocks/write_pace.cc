#include "store/rocks/internal/write_pace.h"

#include <rocksdb/rate_limiter.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "base/check.h"

namespace cloison::store::internal {

namespace {

constexpr std::int64_t kUsPerSecond = 1'000'000;

class Limiter final : public rocksdb::RateLimiter {
 public:
  Limiter(std::int64_t bytes_per_second, std::int64_t turn_us) : pace_(bytes_per_second, turn_us) {}

  void SetBytesPerSecond(std::int64_t bytes_per_second) override {
    pace_.set_bytes_per_second(bytes_per_second);
  }
  using RateLimiter::Request;
  void Request(const std::int64_t bytes, const rocksdb::Env::IOPriority) override {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    const std::int64_t now_us =
        std::chrono::duration_cast<std::chrono::microseconds>(since).count();
    const std::int64_t sleep_us = pace_.Take(bytes, now_us);
    if (sleep_us > 0) std::this_thread::sleep_for(std::chrono::microseconds(sleep_us));
    bytes_ += bytes;
    ++requests_;
  }
  std::int64_t GetSingleBurstBytes() const override { return pace_.turn_bytes(); }
  std::int64_t GetTotalBytesThrough(const rocksdb::Env::IOPriority) const override {
    return bytes_;
  }
  std::int64_t GetTotalRequests(const rocksdb::Env::IOPriority) const override { return requests_; }
  std::int64_t GetBytesPerSecond() const override { return pace_.bytes_per_second(); }

 private:
  WritePace pace_;
  std::atomic<std::int64_t> bytes_{0}, requests_{0};
};

}  // namespace

WritePace::WritePace(std::int64_t bytes_per_second, std::int64_t turn_us)
    : turn_us_(turn_us), bytes_per_second_(bytes_per_second) {
  CLOISON_CHECK(turn_us > 0 && turn_bytes() > 0);
}

std::int64_t WritePace::turn_bytes() const {
  return bytes_per_second() * turn_us_ / kUsPerSecond;
}

std::int64_t WritePace::bytes_per_second() const {
  const std::lock_guard lock(mutex_);
  return bytes_per_second_;
}

void WritePace::set_bytes_per_second(std::int64_t bytes_per_second) {
  const std::lock_guard lock(mutex_);
  CLOISON_CHECK(bytes_per_second * turn_us_ >= kUsPerSecond);
  bytes_per_second_ = bytes_per_second;
}

std::int64_t WritePace::Take(std::int64_t bytes, std::int64_t now_us) {
  const std::lock_guard lock(mutex_);
  const std::int64_t begin_us = std::max(now_us, free_at_us_);
  free_at_us_ = begin_us + bytes * kUsPerSecond / bytes_per_second_;
  return begin_us - now_us;
}

std::shared_ptr<rocksdb::RateLimiter> MakeRateLimiter(std::int64_t bytes_per_second,
                                                      std::int64_t turn_us) {
  return std::make_shared<Limiter>(bytes_per_second, turn_us);
}

}  // namespace cloison::store::internal
