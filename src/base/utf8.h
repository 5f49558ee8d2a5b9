// Well-formed UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF.
//
// Threads  any. Cost: 1 ns a byte of ASCII.
// Source   Unicode 15 section 3.9, table 3-7.
#ifndef CLOISON_BASE_UTF8_H_
#define CLOISON_BASE_UTF8_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cloison::base {

namespace internal {
// The second byte has a narrower range after some lead bytes: that is what keeps the refused forms
// out.
struct Utf8Lead {
  std::uint8_t from, to;
  std::uint8_t length;
  std::uint8_t second_min, second_max;
};
inline constexpr std::array<Utf8Lead, 8> kUtf8Leads = {{{0xc2, 0xdf, 2, 0x80, 0xbf},
                                                        {0xe0, 0xe0, 3, 0xa0, 0xbf},
                                                        {0xe1, 0xec, 3, 0x80, 0xbf},
                                                        {0xed, 0xed, 3, 0x80, 0x9f},
                                                        {0xee, 0xef, 3, 0x80, 0xbf},
                                                        {0xf0, 0xf0, 4, 0x90, 0xbf},
                                                        {0xf1, 0xf3, 4, 0x80, 0xbf},
                                                        {0xf4, 0xf4, 4, 0x80, 0x8f}}};
}  // namespace internal

// Bytes of the well-formed sequence at `at` (below the size); 0 when there is none.
inline std::size_t Utf8SequenceLength(std::string_view text, std::size_t at) {
  const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (byte(at) < 0x80) return 1;
  for (const internal::Utf8Lead& lead : internal::kUtf8Leads) {
    if (byte(at) < lead.from || byte(at) > lead.to) continue;
    if (at + lead.length > text.size()) return 0;
    if (byte(at + 1) < lead.second_min || byte(at + 1) > lead.second_max) return 0;
    for (std::size_t i = 2; i < lead.length; ++i) {
      if ((byte(at + i) & 0xc0) != 0x80) return 0;
    }
    return lead.length;
  }
  return 0;
}

// Where the first byte stands that belongs to no well-formed sequence; nothing when there is none.
inline std::optional<std::size_t> FirstInvalidUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = Utf8SequenceLength(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

}  // namespace cloison::base

#endif  // CLOISON_BASE_UTF8_H_
