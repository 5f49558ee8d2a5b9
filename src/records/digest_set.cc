#include "records/internal/digest_set.h"

#include <algorithm>
#include <bit>

namespace cloison::records::internal {
namespace {

constexpr std::size_t kFirstPlaces = 16;
__extension__ using Wide = unsigned __int128;

std::uint64_t NumberOf(const ByteArray<8>& bytes) {
  return std::bit_cast<std::uint64_t>(bytes);  // in whatever order: it is random
}

}  // namespace

// As numbers: a call of memcmp for each place on the way costs more than the rest.
bool DigestSet::Kept::operator==(const Kept& other) const {
  return NumberOf(random) == NumberOf(other.random) &&
         std::bit_cast<std::uint16_t>(rest) == std::bit_cast<std::uint16_t>(other.rest);
}

DigestSet::Kept DigestSet::KeptOf(const ShortDigest& digest) {
  Kept kept{};
  std::copy_n(digest.begin() + 1, kept.random.size(), kept.random.begin());
  std::copy_n(digest.begin() + 9, kept.rest.size(), kept.rest.begin());
  return kept;
}

// Lemire, "A fast alternative to the modulo reduction" (2016): any number of places.
std::size_t DigestSet::Table::Home(const Kept& kept) const {
  return static_cast<std::size_t>(static_cast<Wide>(NumberOf(kept.random)) * places_.size() >> 64);
}

std::size_t DigestSet::Table::Find(const Kept& kept) const {
  std::size_t at = Home(kept);
  while (!(places_[at] == kept) && !(places_[at] == Kept{})) {
    at = at + 1 == places_.size() ? 0 : at + 1;
  }
  return at;
}

void DigestSet::Table::Grow() {
  std::vector<Kept> old(std::max(kFirstPlaces, places_.size() + places_.size() / 3));
  old.swap(places_);
  for (const Kept& kept : old) {
    if (!(kept == Kept{})) places_[Find(kept)] = kept;
  }
}

void DigestSet::Table::Insert(const Kept& kept) {
  if ((size_ + 1) * 5 > places_.size() * 4) Grow();
  Kept& place = places_[Find(kept)];
  if (place == kept) return;
  place = kept;
  ++size_;
}

void DigestSet::Table::Expect(const Kept& kept) const {
  if (!places_.empty()) __builtin_prefetch(&places_[Home(kept)]);
}

void DigestSet::Insert(const ShortDigest& digest) {
  tables_[digest[0]].Insert(KeptOf(digest));
}

bool DigestSet::Contains(const ShortDigest& digest) const {
  return tables_[digest[0]].Contains(KeptOf(digest));
}

void DigestSet::Expect(const ShortDigest& digest) const {
  tables_[digest[0]].Expect(KeptOf(digest));
}

std::size_t DigestSet::size() const {
  std::size_t all = 0;
  for (const Table& table : tables_) all += table.size();
  return all;
}

}  // namespace cloison::records::internal
