// Telephone numbers in canonical form: E.164, a plus sign and at most 15 digits.
//
// Takes    a French national number (0X and 8 digits; overseas plans are recognised: 0590 0690 ->
//          +590, 0594 -> +594, 0596 -> +596, 0262 0269 -> +262, 0508 -> +508), "+" or "00" and a
//          country code. Spaces (also U+00A0, U+202F), dots, dashes, slashes, brackets and "(0)"
//          after a country code are skipped. +33 before an overseas number is corrected, so that
//          both ways to write one telephone give one form.
// Fails    kInvalid: another character, an unknown country code, a length its country doesn't have,
//          short numbers (112, 3949).
// Threads  any. Cost: under 0.2 us.
// Source   ITU-T E.164 (country codes of 2023); Arcep, decision 2018-0881 (French plan). French and
//          overseas plans are exact, other countries are checked by length alone.
#ifndef CLOISON_TEXT_PHONE_H_
#define CLOISON_TEXT_PHONE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cloison::text {

inline constexpr std::size_t kPhoneTextBytesMax = 64;
inline constexpr std::size_t kPhoneDigitsMax = 15;

Result<std::string> CanonicalPhone(std::string_view text);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_PHONE_H_
