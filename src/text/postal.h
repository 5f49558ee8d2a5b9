// Postal addresses as NF Z10-011 lays them out: at most 6 lines of 38 characters (7 abroad), the
// last line of a French address being the postcode and the place.
//
// Capitals and punctuation are layout: they are set when a letter is printed, not refused here.
// Threads  any. Cost: 1 us.
// Source   AFNOR NF Z10-011 (January 2013), in La Poste's guide of addressing.
#ifndef CLOISON_TEXT_POSTAL_H_
#define CLOISON_TEXT_POSTAL_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cloison::text {

inline constexpr std::size_t kPostalLinesMax = 6;
inline constexpr std::size_t kPostalLinesAbroadMax = 7;
inline constexpr std::size_t kPostalLineCharactersMax = 38;
inline constexpr std::size_t kPostalCapitalLines = 3;  // the last ones

enum class PostalCountry { kFrance, kAbroad };

// Fails: kInvalid no line, an empty line, not UTF-8, a control character, no postcode at the head
// of the last line (France); kExhausted too many lines or characters. The error's detail is the
// line, from 1.
Status CheckPostalLines(std::span<const std::string_view> lines, PostalCountry country);

// The lines as they are printed on a letter: the last three in capitals, without punctuation (each
// sign is a space, and spaces are single). Fails as CheckPostalLines, also when capitals make a
// line longer than 38 characters.
Result<std::vector<std::string>> PrintedPostalLines(std::span<const std::string_view> lines,
                                                    PostalCountry country);

// Five digits, trimmed: 01000 to 98999, or 00100 to 00999 (armed forces). Fails: kInvalid.
Result<std::string> CanonicalPostcode(std::string_view text);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_POSTAL_H_
