// E-mail addresses in canonical form: NFC, trimmed, lower case, the domain in its IDNA (ASCII)
// form.
//
// Takes    local@domain; a local part of dot-separated atoms (non-ASCII letters allowed, RFC 6531).
//          Quoted local parts, comments, address literals and domains without a dot are refused:
//          nobody was given one, and they hide a second address.
// Fails    kInvalid: no @ or two, an empty part, a forbidden character, a bad domain, not UTF-8;
//          kExhausted: local part above 64 bytes, domain above 253, address above 254.
// Threads  any. Cost: 0.3 us for ASCII.
// Source   RFC 5321 sections 4.1.2, 4.5.3.1; RFC 6531; UTS 46 (non-transitional).
#ifndef CLOISON_TEXT_EMAIL_H_
#define CLOISON_TEXT_EMAIL_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cloison::text {

inline constexpr std::size_t kEmailBytesMax = 254;
inline constexpr std::size_t kEmailLocalBytesMax = 64;
inline constexpr std::size_t kEmailDomainBytesMax = 253;

Result<std::string> CanonicalEmail(std::string_view text);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_EMAIL_H_
