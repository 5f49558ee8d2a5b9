#include "base/random.h"

#include <pthread.h>
#include <sys/random.h>

#include <atomic>
#include <cerrno>
#include <cstring>

namespace cloison::base {

namespace {

void FromKernel(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    CLOISON_CHECK(got > 0);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

struct Pool {
  ByteArray<4096> bytes;
  std::size_t used = sizeof(bytes);
  int fork_count = 0;
};

// A forked child must not hand out what its parent's pool still holds.
std::atomic<int> g_fork_count{0};
const int g_fork_hook = pthread_atfork(nullptr, nullptr, [] { ++g_fork_count; });

}  // namespace

std::uint64_t Random::Below(std::uint64_t bound) {
  CLOISON_CHECK(bound > 0);
  const std::uint64_t skip = (0 - bound) % bound;  // 2^64 mod bound: draws below it would be biased
  while (true) {
    const std::uint64_t value = LoadBig(Draw<8>());
    if (value >= skip) return value % bound;
  }
}

void SystemRandom::Fill(std::span<std::uint8_t> out) {
  thread_local Pool pool;
  if (out.size() > pool.bytes.size() / 4) return FromKernel(out);
  const int fork_count = g_fork_count.load(std::memory_order_relaxed);
  if (pool.fork_count != fork_count || out.size() > pool.bytes.size() - pool.used) {
    FromKernel(pool.bytes);
    pool.used = 0;
    pool.fork_count = fork_count;
  }
  std::uint8_t* from = pool.bytes.data() + pool.used;
  std::memcpy(out.data(), from, out.size());
  explicit_bzero(from, out.size());
  pool.used += out.size();
}

}  // namespace cloison::base
