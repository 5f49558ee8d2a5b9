// UTF-8 and Unicode forms: strict validation, NFC, lower case, case folding.
//
// Everything here is pure. Results are plain strings that may hold personal values: the caller
// moves them into secret memory or wipes them (WipeText).
//
// Threads  any. Cost: validation 1 ns a byte; NFC and case about 0.2 us for a name (ASCII is
//          recognised and skips ICU).
// Source   Unicode 15 sections 3.9 (well-formed UTF-8, table 3-7), 3.13; UAX 15 (NFC).
#ifndef CLOISON_TEXT_UTF8_H_
#define CLOISON_TEXT_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/nearest.h"
#include "base/result.h"
#include "base/utf8.h"

namespace cloison::text {

using base::EditDistance;
using base::FirstInvalidUtf8;
using base::NearestName;

// The longest text a form is computed for.
inline constexpr std::size_t kTextBytesMax = 64u << 10;

// No surrogates, no overlong forms, nothing above U+10FFFF.
inline bool IsValidUtf8(std::string_view text) {
  return !FirstInvalidUtf8(text).has_value();
}

// Code points of well-formed UTF-8.
std::size_t CountCharacters(std::string_view text);

// The first code point as UTF-8; empty for empty text. Well-formed UTF-8 only.
std::string_view FirstCharacter(std::string_view text);

// True when a code point is a control character (category Cc: C0, DEL, C1).
bool HasControl(std::string_view text);

// Without white space at both ends (ASCII, U+00A0, U+2007, U+202F, U+FEFF, other Unicode spaces).
std::string_view Trim(std::string_view text);

// Canonical composition. Fails: kInvalid not UTF-8; kExhausted above kTextBytesMax.
Result<std::string> Nfc(std::string_view text);
// Compatibility decomposition: accents come after their letters. Fails as Nfc.
Result<std::string> Nfkd(std::string_view text);
// NFC of the lower case, by the root locale. Fails as Nfc.
Result<std::string> LowerCase(std::string_view text);
// NFC of the upper case, by the root locale: may be longer (a sharp s is SS). Fails as Nfc.
Result<std::string> UpperCase(std::string_view text);
// NFC of the full default case folding: equal for texts that differ by case alone. Fails as Nfc.
Result<std::string> FoldCase(std::string_view text);

// Overwrites and empties a string that held a personal value.
void WipeText(std::string& text);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_UTF8_H_
