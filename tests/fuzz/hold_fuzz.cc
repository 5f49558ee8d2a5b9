// A hold's row, or the number of the next one, that is accepted is written again byte for byte.
#include "access/internal/hold_works.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  namespace internal = access::internal;
  const ByteView bytes(data, size);
  const auto hold = internal::ParseHold(bytes);
  if (hold.ok()) CLOISON_CHECK(base::Equal(internal::EncodeHold(*hold), bytes));
  const auto next = internal::ParseNextHold(bytes);
  if (next.ok()) CLOISON_CHECK(base::Equal(base::BigU32(*next), bytes));
  return 0;
}
