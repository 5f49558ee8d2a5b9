// The written form of codes: 16 symbols of Crockford's base 32, shown XXXX-XXXX-XXXX-XXXX.
//
// Reading takes any case, O as 0, I and L as 1, and each dash may be missing; U and everything else
// is refused. What the digits mean, their check symbol included, is the business of records.
//
// Threads  any. Cost: tens of ns.
// Source   D. Crockford, "Base 32"; docs/format/code.md.
#ifndef CLOISON_TEXT_BASE32_H_
#define CLOISON_TEXT_BASE32_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cloison::text {

inline constexpr std::size_t kCodeDigits = 16;
using CodeDigits = std::array<std::uint8_t, kCodeDigits>;  // each 0 to 31

// The symbol of a digit 0 to 31 (upper case), and back; kInvalid for another character.
char Base32Symbol(std::uint8_t digit);
Result<std::uint8_t> Base32Digit(char symbol);

std::string FormatCode(const CodeDigits& digits);
// Fails: kInvalid: another length, character, or a dash elsewhere than between groups of four.
Result<CodeDigits> ParseCode(std::string_view text);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_BASE32_H_
