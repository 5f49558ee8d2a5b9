// A citizen's rows that are accepted are written again byte for byte.
#include "access/internal/citizen_works.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  namespace internal = access::internal;
  const ByteView bytes(data, size);
  const auto letter = internal::ParseLetter(bytes);
  if (letter.ok()) CLOISON_CHECK(base::Equal(internal::EncodeLetter(*letter), bytes));
  const auto tries = internal::ParseTries(bytes);
  if (tries.ok()) CLOISON_CHECK(base::Equal(internal::EncodeTries(*tries), bytes));
  const auto bound = internal::ParseBound(bytes);
  if (bound.ok()) CLOISON_CHECK(base::Equal(internal::EncodeBound(*bound), bytes));
  return 0;
}
