#include "records/internal/digest_set.h"

#include <algorithm>

namespace cloison::records::internal {
namespace {

constexpr std::size_t kFirstPlaces = 16;
__extension__ using Wide = unsigned __int128;

template <std::size_t N>
ByteArray<N - 1> RestOf(const ByteArray<N>& digest) {
  ByteArray<N - 1> rest;
  std::copy(digest.begin() + 1, digest.end(), rest.begin());
  return rest;
}

}  // namespace

// Lemire, "A fast alternative to the modulo reduction" (2016): any number of places.
std::size_t DigestSet::Table::Find(const Kept& kept) const {
  const std::uint64_t random = base::LoadBig(ByteView(kept).first(8));
  std::size_t at = static_cast<std::size_t>(static_cast<Wide>(random) * places_.size() >> 64);
  while (places_[at] != kept && places_[at] != Kept{}) {
    at = at + 1 == places_.size() ? 0 : at + 1;
  }
  return at;
}

void DigestSet::Table::Grow() {
  std::vector<Kept> old(std::max(kFirstPlaces, places_.size() + places_.size() / 3));
  old.swap(places_);
  for (const Kept& kept : old) {
    if (kept != Kept{}) places_[Find(kept)] = kept;
  }
}

void DigestSet::Table::Insert(const Kept& kept) {
  if ((size_ + 1) * 10 > places_.size() * 9) Grow();
  Kept& place = places_[Find(kept)];
  if (place == kept) return;
  place = kept;
  ++size_;
}

void DigestSet::Insert(const ShortDigest& digest) {
  tables_[digest[0]].Insert(RestOf(digest));
}

bool DigestSet::Contains(const ShortDigest& digest) const {
  return tables_[digest[0]].Contains(RestOf(digest));
}

std::size_t DigestSet::size() const {
  std::size_t all = 0;
  for (const Table& table : tables_) all += table.size();
  return all;
}

}  // namespace cloison::records::internal
