#include "access/internal/pair_cache.h"

#include <algorithm>

namespace cloison::access::internal {

namespace {

ByteView NameOf(const store::Key& key) {
  CLOISON_CHECK(key.bytes.size() == 33);
  return AsBytes(key.bytes).subspan(1);
}

}  // namespace

// Its second half is PRF(principal ‖ person): spread evenly already.
std::size_t PairCache::PlaceOf(ByteView name) const {
  return base::LoadBig(name.subspan(16, 8)) % slots_.size();
}

void PairCache::Clear(Slot& slot) {
  if (slot.sealed_bytes != 0) size_.fetch_sub(1, std::memory_order_relaxed);
  slot = Slot{};
}

Result<Pair> PairCache::Open(const Caseload& caseload, const store::Key& key,
                             const store::Row& row) {
  const ByteView name = NameOf(key), sealed = row.value;
  const std::size_t place = PlaceOf(name);
  Slot& slot = slots_[place];
  {
    const std::lock_guard lock(LockOf(place));
    const ByteView known = ByteView(slot.sealed).first(slot.sealed_bytes);
    const bool same = std::ranges::equal(slot.name, name) && std::ranges::equal(known, sealed);
    if (same && !sealed.empty()) return slot.pair;
  }
  CLOISON_TRY_ASSIGN(Pair pair, caseload.Open(key, row));
  if (sealed.size() > kSealedBytesMax) return pair;
  const std::lock_guard lock(LockOf(place));
  Clear(slot);
  std::ranges::copy(name, slot.name.begin());
  std::ranges::copy(sealed, slot.sealed.begin());
  slot.sealed_bytes = static_cast<std::uint8_t>(sealed.size());
  slot.pair = pair;
  size_.fetch_add(1, std::memory_order_relaxed);
  return pair;
}

void PairCache::Forget(const store::Key& key) {
  const ByteView name = NameOf(key);
  const std::size_t place = PlaceOf(name);
  const std::lock_guard lock(LockOf(place));
  if (std::ranges::equal(slots_[place].name, name)) Clear(slots_[place]);
}

void PairCache::ForgetPerson(const Aud& person) {
  for (std::size_t place = 0; place < slots_.size(); ++place) {
    const std::lock_guard lock(LockOf(place));
    if (slots_[place].sealed_bytes != 0 && slots_[place].pair.person == person) {
      Clear(slots_[place]);
    }
  }
}

}  // namespace cloison::access::internal
