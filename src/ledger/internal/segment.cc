#include "ledger/internal/segment.h"

#include <algorithm>

#include "ledger/internal/frame.h"

namespace cloison::ledger::internal {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kEntryBytesMax = 1 + 16 + 16 + 8 + 16 + 8;

}  // namespace

Bytes EncodeSegment(const std::vector<SegmentEntry>& entries) {
  CLOISON_CHECK(!entries.empty() && entries.size() <= kBatchLeavesMax);
  Bytes out;
  out.reserve(kHeaderBytes + entries.size() * kEntryBytesMax);
  base::AppendU8(out, kVersion);
  base::AppendU8(out, 0);
  base::AppendU16(out, static_cast<std::uint16_t>(entries.size()));
  for (const SegmentEntry& entry : entries) {
    base::AppendU8(out, entry.subject ? 1 : 0);
    if (entry.subject) {
      base::AppendBytes(out, entry.subject->tag);
      base::AppendBytes(out, entry.subject->head);
      base::AppendU64(out, entry.subject->n);
    }
    base::AppendBytes(out, entry.actor_tag);
    base::AppendU64(out, entry.actor_n);
  }
  return out;
}

Result<std::vector<SegmentEntry>> ParseSegment(ByteView bytes) {
  constexpr Error kBad{Code::kCorrupt, "a segment cannot be read"};
  base::Reader reader(bytes);
  const std::uint8_t version = reader.U8();
  const std::uint8_t reserved = reader.U8();
  const std::uint16_t count = reader.U16();
  if (reader.failed() || version != kVersion || reserved != 0 || count == 0) return kBad;
  std::vector<SegmentEntry> entries;
  entries.reserve(std::min<std::size_t>(count, bytes.size() / 25));
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t has_subject = reader.U8();
    if (reader.failed() || has_subject > 1) return kBad;
    SegmentEntry entry{};
    if (has_subject == 1) {
      const Tag tag = reader.Array<16>();
      const HeadKey head = reader.Array<16>();
      entry.subject = SegmentEntry::Subject{tag, head, reader.U64()};
    }
    entry.actor_tag = reader.Array<16>();
    entry.actor_n = reader.U64();
    entries.push_back(entry);
  }
  if (reader.failed() || !reader.empty()) return kBad;
  return entries;
}

ByteArray<10> EncodePlace(const Place& place) {
  ByteArray<10> out;
  const ByteArray<8> index = base::BigU64(place.index);
  const ByteArray<2> position = base::BigU16(place.position);
  std::copy(index.begin(), index.end(), out.begin());
  std::copy(position.begin(), position.end(), out.begin() + 8);
  return out;
}

Result<Place> ParsePlace(ByteView bytes) {
  base::Reader reader(bytes);
  const Place place{reader.U64(), reader.U16()};
  if (reader.failed() || !reader.empty() || place.position > place.index) {
    return Error{Code::kCorrupt, "the place of an entry cannot be read"};
  }
  return place;
}

}  // namespace cloison::ledger::internal
