#include "ledger/internal/head_cache.h"

#include <algorithm>
#include <cstdint>

namespace cloison::ledger::internal {

HeadCache::Rest HeadCache::RestOf(const HeadKey& key) {
  Rest rest;
  std::copy(key.end() - rest.size(), key.end(), rest.begin());
  return rest;
}

std::optional<std::uint64_t> HeadCache::Find(const HeadKey& key) const {
  const std::unique_ptr<Page>& page = pages_[PageOf(key)];
  if (page == nullptr) return std::nullopt;
  const Rest rest = RestOf(key);
  for (const Place& place : page->sets[SetOf(key)]) {
    if (place.next != 0 && place.rest == rest) return place.next;
  }
  return std::nullopt;
}

void HeadCache::Set(const HeadKey& key, std::uint64_t next) {
  std::unique_ptr<Page>& page = pages_[PageOf(key)];
  if (page == nullptr) page = std::make_unique<Page>();
  Places& set = page->sets[SetOf(key)];
  const Rest rest = RestOf(key);
  const auto here = [&](const Place& place) { return place.next != 0 && place.rest == rest; };
  auto at = std::ranges::find_if(set, here);
  if (next == 0 || next > UINT32_MAX) {
    if (at != set.end()) *at = Place{};
    return;
  }
  // Where it is, else a free place, else the last: what stood before it moves one further.
  if (at == set.end()) at = std::ranges::find(set, 0u, &Place::next);
  if (at == set.end()) at = set.end() - 1;
  std::move_backward(set.begin(), at, at + 1);
  set.front() = {rest, static_cast<std::uint32_t>(next)};
}

void HeadCache::Update(const HeadKey& key, std::uint64_t next) {
  if (Find(key).has_value()) Set(key, next);
}

}  // namespace cloison::ledger::internal
