// What a batch leaves in the family segments until it is folded, and the rows it is folded into
// (docs/format/ledger.md). A segment is sealed as a row of state.
//
//   segment   01 | 00 | u16 n | entry × n                     key: u64 index of the first leaf
//   entry     00 | actor                                      no subject
//             01 | tag_subj[16] | PRF_heads(AUD)[16] | u64 n | actor
//   actor     tag_actor[16] | u64 n
//   trail, activity    tag[16] -> u64 index | u16 place of the leaf in its batch
//   heads     PRF_heads(AUD)[16] -> sealed u64: the number of entries that name the person
//
// Threads  values; no shared state.
#ifndef CLOISON_LEDGER_INTERNAL_SEGMENT_H_
#define CLOISON_LEDGER_INTERNAL_SEGMENT_H_

#include <optional>
#include <vector>

#include "ledger/entry.h"

namespace cloison::ledger::internal {

using HeadKey = ByteArray<16>;  // PRF_heads(AUD)

struct SegmentEntry {
  struct Subject {
    Tag tag;
    HeadKey head;
    std::uint64_t n;
    friend bool operator==(const Subject&, const Subject&) = default;
  };
  std::optional<Subject> subject;
  Tag actor_tag;
  std::uint64_t actor_n;
  friend bool operator==(const SegmentEntry&, const SegmentEntry&) = default;
};

Bytes EncodeSegment(const std::vector<SegmentEntry>& entries);
Result<std::vector<SegmentEntry>> ParseSegment(ByteView bytes);  // fails kCorrupt

// Where an entry is.
struct Place {
  std::uint64_t index;
  std::uint16_t position;  // in its batch
  std::uint64_t first_index() const { return index - position; }
  friend bool operator==(const Place&, const Place&) = default;
};
ByteArray<10> EncodePlace(const Place& place);
Result<Place> ParsePlace(ByteView bytes);  // fails kCorrupt

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_SEGMENT_H_
