// Tails as rows have them: those that say anything, after a mask of which.
#ifndef CLOISON_SENTINEL_TAIL_ROW_H_
#define CLOISON_SENTINEL_TAIL_ROW_H_

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include "base/bytes.h"
#include "base/check.h"
#include "sentinel/tail.h"

namespace cloison::sentinel {

// Writes into memory that is there: no row of a principal allocates.
class RowWriter {
 public:
  explicit RowWriter(std::span<std::uint8_t> to) : to_(to) {}
  void Raw(ByteView bytes) {
    CLOISON_CHECK(bytes.size() <= to_.size() - at_);
    std::ranges::copy(bytes, to_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += bytes.size();
  }
  void U8(std::uint8_t value) { Raw({&value, 1}); }
  void U16(std::uint16_t value) { Raw(base::BigU16(value)); }
  void U32(std::uint32_t value) { Raw(base::BigU32(value)); }
  void Ms(std::int64_t value) { Raw(base::BigU64(static_cast<std::uint64_t>(value))); }
  std::size_t size() const { return at_; }

 private:
  std::span<std::uint8_t> to_;
  std::size_t at_ = 0;
};

inline std::int64_t TakeMs(base::Reader& reader) {
  return static_cast<std::int64_t>(reader.U64());
}

inline constexpr std::size_t kTailBytesMax = 4 + 4 + 1 + 3 * 4;

// u16 mask of those that are written | (u32 block | u32 score | u8 marked | 3 × f32 if marked)*.
// The others say nothing: their score is 0, and no ended block had evidence.
inline void WriteTails(RowWriter& out, std::span<const TailState> tails) {
  std::uint16_t mask = 0;
  for (std::size_t i = 0; i < tails.size(); ++i) {
    if (tails[i].score != 0 || tails[i].marked) mask = static_cast<std::uint16_t>(mask | 1u << i);
  }
  out.U16(mask);
  for (std::size_t i = 0; i < tails.size(); ++i) {
    if ((mask >> i & 1u) == 0) continue;
    out.U32(tails[i].block);
    out.U32(tails[i].score);
    out.U8(tails[i].marked ? 1 : 0);
    if (!tails[i].marked) continue;
    for (const float m : tails[i].m) out.U32(std::bit_cast<std::uint32_t>(m));
  }
}

// False: not as WriteTails writes it. Those that are not there keep the block that they have.
inline bool TakeTails(base::Reader& reader, std::span<TailState> tails) {
  const std::uint16_t mask = reader.U16();
  if (mask >> tails.size() != 0) return false;
  for (std::size_t i = 0; i < tails.size(); ++i) {
    if ((mask >> i & 1u) == 0) continue;
    tails[i].block = reader.U32();
    tails[i].score = reader.U32();
    const std::uint8_t marked = reader.U8();
    tails[i].marked = marked == 1;
    if (marked > 1 || (marked == 0 && tails[i].score == 0)) return false;
    for (float& m : tails[i].m) {
      m = marked == 1 ? std::bit_cast<float>(reader.U32()) : 0.0F;
      if (!(m >= 0 && m <= static_cast<float>(kEvidenceMax))) return false;
    }
  }
  return !reader.failed();
}

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_TAIL_ROW_H_
