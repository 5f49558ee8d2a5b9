// Pairs that were opened before, so that a look does not open the same row again: half a
// microsecond of a disclosure. A pair is found by its key and every sealed byte of its row, so what
// is given is what Caseload::Open would give of them, damage included.
//
// Memory   some 10 MB, taken at once, and what longer lists of explanations take. Whoever comes to
// a
//          place that is taken takes it.
// Threads  any. Cost: one look-up under one of kLocks locks; ForgetPerson looks at every place.
#ifndef CLOISON_ACCESS_INTERNAL_PAIR_CACHE_H_
#define CLOISON_ACCESS_INTERNAL_PAIR_CACHE_H_

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "access/caseload.h"

namespace cloison::access::internal {

class PairCache {
 public:
  explicit PairCache(std::size_t places = kPlaces) : slots_(places) {}

  // What Caseload::Open says of the row, which must be there.
  Result<Pair> Open(const Caseload& caseload, const store::Key& key, const store::Row& row);
  // Of a row that is not there any more.
  void Forget(const store::Key& key);
  // Of somebody who is erased: whoever has looked at them, and as long ago as it may be.
  void ForgetPerson(const Aud& person);

  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kPlaces = 32'768, kLocks = 64;
  static constexpr std::size_t kSealedBytesMax = 160;  // more explanations are opened each time
  struct Slot {
    ByteArray<32> name{};           // of the key, whose first byte all pairs share
    std::uint8_t sealed_bytes = 0;  // 0: free
    ByteArray<kSealedBytesMax> sealed{};
    Pair pair;
  };

  std::size_t PlaceOf(ByteView name) const;
  std::mutex& LockOf(std::size_t place) { return locks_[place % kLocks]; }
  void Clear(Slot& slot);

  std::array<std::mutex, kLocks> locks_;
  std::vector<Slot> slots_;  // each under the lock of its number
  std::atomic<std::size_t> size_{0};
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_PAIR_CACHE_H_
