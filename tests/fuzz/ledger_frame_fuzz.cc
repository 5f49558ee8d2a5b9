// A frame that is accepted is written again byte for byte; records keep their order and sizes.
#include "ledger/internal/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  namespace internal = ledger::internal;
  const ByteView bytes(data, size);
  const auto leaves = internal::ParseFrame(bytes);
  if (leaves.ok()) CLOISON_CHECK(base::Equal(internal::EncodeFrame(*leaves), bytes));
  const auto records = internal::ParseRecords(bytes);
  if (!records.ok()) return 0;
  Bytes sized;
  for (const ByteView record : records->sealed) {
    base::AppendU32(sized, static_cast<std::uint32_t>(record.size()));
    base::AppendBytes(sized, record);
  }
  const Bytes again = internal::EncodeRecords(records->month, records->sealed.size(), sized);
  CLOISON_CHECK(base::Equal(again, bytes));
  return 0;
}
