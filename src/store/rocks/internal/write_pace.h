// How fast flushes and compactions write: no faster than a rate, each turn by itself.
//
// RocksDB's own limiter (7.8) can leave a writer asleep for ever: one that is not woken for its
// bytes while it waits for another's turn (facebook/rocksdb issue 11742). A flush that never ends
// stops all writes, and the database does not close. Here nobody is woken by anybody: each writer
// is told how long to sleep, and sleeps.
//
// Threads  any. Cost: a lock.
#ifndef CLOISON_STORE_ROCKS_INTERNAL_WRITE_PACE_H_
#define CLOISON_STORE_ROCKS_INTERNAL_WRITE_PACE_H_

#include <cstdint>
#include <memory>
#include <mutex>

namespace rocksdb {
class RateLimiter;
}

namespace cloison::store::internal {

// When each of several writers may go on.
class WritePace {
 public:
  // CHECKs that the rate is at least a byte a turn.
  WritePace(std::int64_t bytes_per_second, std::int64_t turn_us);

  // At most so many in one turn.
  std::int64_t turn_bytes() const;
  std::int64_t bytes_per_second() const;
  void set_bytes_per_second(std::int64_t bytes_per_second);
  // How long to sleep before `bytes` are written: us from `now_us`, of a clock that does not go
  // back. Writers go in the order of their calls; nobody who wrote nothing lately waits.
  std::int64_t Take(std::int64_t bytes, std::int64_t now_us);

 private:
  const std::int64_t turn_us_;
  mutable std::mutex mutex_;  // guards what follows
  std::int64_t bytes_per_second_;
  std::int64_t free_at_us_ = INT64_MIN;  // when all that was taken is written
};

// By which RocksDB's flushes and compactions keep to it.
std::shared_ptr<rocksdb::RateLimiter> MakeRateLimiter(std::int64_t bytes_per_second,
                                                      std::int64_t turn_us);

}  // namespace cloison::store::internal

#endif  // CLOISON_STORE_ROCKS_INTERNAL_WRITE_PACE_H_
