// Where a text stops being JSON. Asked only after the parser has refused it: the answer places the
// fault, it can't turn the refusal.
#ifndef CLOISON_CODEC_INTERNAL_JSON_LOCATE_H_
#define CLOISON_CODEC_INTERNAL_JSON_LOCATE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace cloison::codec::internal {

struct JsonPlace {
  std::size_t offset;   // the first byte that fits no JSON text; the size when it ends too early
  std::string pointer;  // array indexes, and positions (#2) for members
};

JsonPlace LocateJsonFault(std::string_view text, int depth_max);

}  // namespace cloison::codec::internal

#endif  // CLOISON_CODEC_INTERNAL_JSON_LOCATE_H_
