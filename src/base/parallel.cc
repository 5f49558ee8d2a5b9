#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "base/check.h"

namespace cloison::base {

namespace {

// What the threads share. A late helper keeps it alive, and nothing else.
struct Shared {
  std::size_t n, size, slices;
  const Parallel::Slice* slice;  // the caller's, valid while a slice is left
  std::atomic<std::size_t> taken{0}, ended{0};

  void Run() noexcept {
    for (;;) {
      const std::size_t at = taken.fetch_add(1, std::memory_order_relaxed);
      if (at >= slices) return;
      (*slice)(at* size, std::min(n, (at + 1) * size));
      if (ended.fetch_add(1, std::memory_order_acq_rel) + 1 == slices) ended.notify_one();
    }
  }
  void Wait() const {
    for (std::size_t seen = ended.load(std::memory_order_acquire); seen != slices;
         seen = ended.load(std::memory_order_acquire)) {
      ended.wait(seen, std::memory_order_acquire);
    }
  }
};

}  // namespace

void Parallel::ForSlices(std::size_t n, std::size_t size, const Slice& slice) const noexcept {
  CLOISON_CHECK(size > 0);
  const std::size_t slices = (n + size - 1) / size;
  const std::size_t helpers = pool_ == nullptr ? 0 : std::min(helpers_, slices - (slices > 0));
  if (helpers == 0) {
    for (std::size_t at = 0; at < n; at += size) slice(at, std::min(n, at + size));
    return;
  }
  const auto shared = std::make_shared<Shared>(n, size, slices, &slice);
  for (std::size_t i = 0; i < helpers; ++i) {
    pool_->Post([shared] { shared->Run(); });
  }
  shared->Run();
  shared->Wait();
}

}  // namespace cloison::base
