// Durable: the proof that a batch is on disk. Only the committer makes one, after the sync.
#ifndef CLOISON_COMMIT_DURABLE_H_
#define CLOISON_COMMIT_DURABLE_H_

#include <cstdint>

#include "store/store.h"

namespace cloison::commit {

// One time per batch. Both are persisted with the batch.
struct BatchTime {
  std::int64_t budget_ms =
      0;  // what windows and expiries count with; never back, never jumps (TimeKeeper)
  std::int64_t wall_ms = 0;  // Unix time of the ledger; never before the previous batch's
  // What is kept for some days counts with: a wall clock that is stepped forward ends nothing.
  std::int64_t CalmMs() const { return budget_ms < wall_ms ? budget_ms : wall_ms; }
};

class Durable {
 public:
  store::Version version() const { return version_; }
  const BatchTime& time() const { return time_; }

 private:
  friend class Committer;
  Durable(store::Version version, BatchTime time)
      : version_(version), time_(time) {}  // never an aggregate

  store::Version version_;
  BatchTime time_;
};

}  // namespace cloison::commit

#endif  // CLOISON_COMMIT_DURABLE_H_
