#include "ledger/internal/head_cache.h"

namespace cloison::ledger::internal {

std::optional<std::uint64_t> HeadCache::Find(const HeadKey& key) const {
  const std::unique_ptr<Page>& page = pages_[PageOf(key)];
  if (page == nullptr) return std::nullopt;
  const Slot& slot = (*page)[SlotOf(key)];
  if (!slot.used || slot.key != key) return std::nullopt;
  return slot.next;
}

void HeadCache::Set(const HeadKey& key, std::uint64_t next) {
  std::unique_ptr<Page>& page = pages_[PageOf(key)];
  if (page == nullptr) page = std::make_unique<Page>();
  (*page)[SlotOf(key)] = Slot{key, next, true};
}

void HeadCache::Update(const HeadKey& key, std::uint64_t next) {
  if (Find(key).has_value()) Set(key, next);
}

}  // namespace cloison::ledger::internal
