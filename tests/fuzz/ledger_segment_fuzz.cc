// A segment or a place that is accepted is written again byte for byte.
#include "ledger/internal/segment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  namespace internal = ledger::internal;
  const ByteView bytes(data, size);
  const auto entries = internal::ParseSegment(bytes);
  if (entries.ok()) CLOISON_CHECK(base::Equal(internal::EncodeSegment(*entries), bytes));
  const auto place = internal::ParsePlace(bytes);
  if (place.ok()) CLOISON_CHECK(base::Equal(internal::EncodePlace(*place), bytes));
  return 0;
}
