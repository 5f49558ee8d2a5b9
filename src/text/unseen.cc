#include "text/unseen.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "text/utf8.h"

namespace cloison::text {

bool HasUnseen(std::string_view text) {
  if (!IsValidUtf8(text)) return true;
  for (std::size_t at = 0; at < text.size();) {
    UChar32 point = 0;
    U8_NEXT_UNSAFE(text.data(), at, point);
    const auto type = u_charType(point);
    const bool unseen = type == U_CONTROL_CHAR || type == U_FORMAT_CHAR ||
                        type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR;
    if (unseen) return true;
  }
  return false;
}

}  // namespace cloison::text
