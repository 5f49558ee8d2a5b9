#include "tests/disk/text_search.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace cloison::disk {

namespace {

constexpr std::size_t kHeadBytesMax = 8;
constexpr std::uint64_t kMix = 0x9e3779b97f4a7c15u;
constexpr std::size_t kFilterBitsPerText = 32;
constexpr std::size_t kFilterBitsMin = 1u << 12, kFilterBitsMax = 1u << 30;

std::uint64_t HeadOf(const void* bytes, std::size_t size) {
  std::uint64_t head = 0;
  std::memcpy(&head, bytes, size);
  return head;
}

}  // namespace

void TextSearch::Add(std::string_view text) {
  CLOISON_CHECK(text.size() >= kTextBytesMin);
  const std::size_t head_bytes = std::min(text.size(), kHeadBytesMax);
  auto found = std::find_if(classes_.begin(), classes_.end(),
                            [=](const Class& one) { return one.head_bytes == head_bytes; });
  if (found == classes_.end()) {
    found = classes_.insert(classes_.end(), Class{});
    found->head_bytes = head_bytes;
  }
  found->entries.push_back(
      {HeadOf(text.data(), head_bytes), arena_.size(), static_cast<std::uint32_t>(text.size())});
  arena_ += text;
}

void TextSearch::Build() {
  texts_ = 0;
  for (Class& one : classes_) {
    BuildClass(one);
    texts_ += one.entries.size();
  }
}

void TextSearch::BuildClass(Class& one) {
  std::sort(one.entries.begin(), one.entries.end(), [this](const Entry& a, const Entry& b) {
    if (a.head != b.head) return a.head < b.head;
    return TextOf(a) < TextOf(b);
  });
  const auto last =
      std::unique(one.entries.begin(), one.entries.end(),
                  [this](const Entry& a, const Entry& b) { return TextOf(a) == TextOf(b); });
  one.entries.erase(last, one.entries.end());
  const std::size_t bits = std::clamp(std::bit_ceil(one.entries.size() * kFilterBitsPerText),
                                      kFilterBitsMin, kFilterBitsMax);
  one.shift = static_cast<unsigned>(64 - std::countr_zero(bits));
  one.filter.assign(bits / 64, 0);
  for (const Entry& entry : one.entries) {
    const std::uint64_t bit = entry.head * kMix >> one.shift;
    one.filter[bit / 64] |= std::uint64_t{1} << (bit % 64);
    one.first[entry.head & 0xff] = true;
    one.second[entry.head >> 8 & 0xff] = true;
  }
}

void TextSearch::Search(ByteView bytes, const Found& found) const {
  for (const Class& one : classes_) SearchClass(one, bytes, found);
}

void TextSearch::SearchClass(const Class& one, ByteView bytes, const Found& found) const {
  if (bytes.size() < one.head_bytes) return;
  const std::string_view text = AsText(bytes);
  const std::size_t spare_bits = 8 * (kHeadBytesMax - one.head_bytes);
  for (std::size_t at = 0; at + one.head_bytes <= bytes.size(); ++at) {
    if (!one.first[bytes[at]] || !one.second[bytes[at + 1]]) continue;
    // A copy of a size that the compiler knows is one instruction; the first bytes are the lowest.
    const bool whole = at + kHeadBytesMax <= bytes.size();
    const std::uint64_t head =
        whole ? HeadOf(bytes.data() + at, kHeadBytesMax) << spare_bits >> spare_bits
              : HeadOf(bytes.data() + at, one.head_bytes);
    const std::uint64_t bit = head * kMix >> one.shift;
    if ((one.filter[bit / 64] >> (bit % 64) & 1) == 0) continue;
    auto entry = std::lower_bound(
        one.entries.begin(), one.entries.end(), head,
        [](const Entry& candidate, std::uint64_t wanted) { return candidate.head < wanted; });
    for (; entry != one.entries.end() && entry->head == head; ++entry) {
      if (text.substr(at).starts_with(TextOf(*entry))) found(TextOf(*entry), at);
    }
  }
}

std::size_t TextSearch::Count(ByteView bytes) const {
  std::size_t count = 0;
  Search(bytes, [&count](std::string_view, std::size_t) { ++count; });
  return count;
}

double TextSearch::Expected(double bytes) const {
  double expected = 0;
  for (const Class& one : classes_) {
    for (const Entry& entry : one.entries) expected += bytes * std::pow(256.0, -1.0 * entry.size);
  }
  return expected;
}

}  // namespace cloison::disk
