// International bank account numbers: canonical form and check.
//
// Takes    letters in any case, spaces (also U+00A0, U+202F) anywhere between characters.
// Gives    upper case without spaces.
// Fails    kInvalid: length (15 to 34; exact for the countries of SEPA), character, check digits
//          (number mod 97 = 1).
// Threads  any. Cost: 0.1 us.
// Source   ISO 13616-1:2020; ISO 7064 (MOD 97-10); SWIFT IBAN registry, release 95.
#ifndef CLOISON_TEXT_IBAN_H_
#define CLOISON_TEXT_IBAN_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cloison::text {

inline constexpr std::size_t kIbanMin = 15;
inline constexpr std::size_t kIbanMax = 34;

Result<std::string> CanonicalIban(std::string_view text);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_IBAN_H_
