// One piece of work cut into slices that several threads take, the caller among them.
//
//   const Parallel parallel(&pool, 1);                       // the caller and one more
//   parallel.ForSlices(n, 64, [&](std::size_t begin, std::size_t end) { ... });
//
// The slices may run in any order and at once: each writes only what belongs to its own indexes.
// Without an executor, or when there is one slice, everything runs on the caller, in order: what a
// simulator needs. Nothing may be thrown.
//
// Threads  ForSlices: any; it returns when the last slice has ended. A helper that comes too late
//          finds nothing to do and touches nothing of the caller's. Cost: about 5 us when helpers
//          are woken, so worth it from some 50 us of work on.
#ifndef CLOISON_BASE_PARALLEL_H_
#define CLOISON_BASE_PARALLEL_H_

#include <cstddef>
#include <functional>

#include "base/executor.h"

namespace cloison::base {

class Parallel {
 public:
  using Slice = std::function<void(std::size_t begin, std::size_t end)>;

  Parallel() = default;  // alone
  // `helpers`: how many jobs are posted to `pool`, which outlives this. Null: alone.
  Parallel(Executor* pool, std::size_t helpers) : pool_(pool), helpers_(helpers) {}

  // Calls `slice` for [0, n) in pieces of `size` (the last may be shorter).
  void ForSlices(std::size_t n, std::size_t size, const Slice& slice) const noexcept;

 private:
  Executor* pool_ = nullptr;
  std::size_t helpers_ = 0;
};

}  // namespace cloison::base

#endif  // CLOISON_BASE_PARALLEL_H_
