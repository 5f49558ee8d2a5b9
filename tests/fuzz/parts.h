// What fuzz targets share: parts of an input, sealed bytes that somebody altered, files in memory.
#ifndef CLOISON_TESTS_FUZZ_PARTS_H_
#define CLOISON_TESTS_FUZZ_PARTS_H_

#include <algorithm>

#include "base/testing/memory_files.h"

namespace cloison::fuzz {

// A part of one length byte and so many bytes, or what is left.
inline ByteView TakePart(base::Reader& input) {
  const std::size_t size = input.U8();
  return input.Take(std::min(size, input.rest().size()));
}

// `whole` after the changes that `how` asks for, 4 bytes each (what, u16 where, value), at most 16:
// a byte changed, put in or taken out, an end cut off, a piece repeated.
inline Bytes Altered(Bytes whole, base::Reader& how) {
  for (int change = 0; change < 16 && how.rest().size() >= 4; ++change) {
    const std::uint8_t what = how.U8();
    const std::size_t where = how.U16() % (whole.size() + 1);
    const std::uint8_t value = how.U8();
    const auto at = whole.begin() + static_cast<std::ptrdiff_t>(where);
    switch (what % 5) {
      case 0:
        if (at != whole.end()) *at = static_cast<std::uint8_t>(*at ^ value);
        break;
      case 1: whole.insert(at, value); break;
      case 2:
        if (at != whole.end()) whole.erase(at);
        break;
      case 3: whole.erase(at, whole.end()); break;
      default: {
        const Bytes piece(at, at + std::min<std::ptrdiff_t>(value, whole.end() - at));
        whole.insert(at, piece.begin(), piece.end());
      }
    }
  }
  return whole;
}

using base::testing::MemoryFiles;

}  // namespace cloison::fuzz

#endif  // CLOISON_TESTS_FUZZ_PARTS_H_
