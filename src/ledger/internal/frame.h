// What a batch leaves in the families frames and records (docs/format/ledger.md).
//
//   frame    01 | 00 | u16 n | leaf[98] × n                    key: u64 index of the first leaf
//   records  01 | 00 | u16 n | u32 month | (u32 size | sealed record) × n        the same key
//
// Threads  values; no shared state.
#ifndef CLOISON_LEDGER_INTERNAL_FRAME_H_
#define CLOISON_LEDGER_INTERNAL_FRAME_H_

#include <string>
#include <vector>

#include "ledger/entry.h"

namespace cloison::ledger::internal {

inline constexpr std::size_t kBatchLeavesMax = 65'535;
inline constexpr std::size_t kSealedRecordBytesMax = 4'096;

// The store key of the batch whose first leaf has this index.
std::string BatchKey(std::uint64_t first_index);
// Fails kCorrupt.
Result<std::uint64_t> ParseBatchKey(std::string_view key);

// `leaves`: at least one, end to end.
Bytes EncodeFrame(ByteView leaves);
// Gives the leaves, end to end: never none. Fails kCorrupt.
Result<ByteView> ParseFrame(ByteView frame);
Leaf LeafAt(ByteView leaves, std::size_t position);  // CHECKs that it is there

struct RecordsView {
  std::uint32_t month;
  std::vector<ByteView> sealed;
};
// `sized_records`: (u32 size | sealed record) × count.
Bytes EncodeRecords(std::uint32_t month, std::size_t count, ByteView sized_records);
Result<RecordsView> ParseRecords(ByteView bytes);  // fails kCorrupt

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_FRAME_H_
