// The identifier France Travail gives a job seeker: 7 digits and a letter or digit (8 characters),
// or 11 digits (the national form since 2025).
//
// Gives    trimmed, upper case. Fails: kInvalid. Threads: any.
// Source   gip-inclusion/les-emplois, validate_pole_emploi_id.
#ifndef CLOISON_TEXT_AGENCY_ID_H_
#define CLOISON_TEXT_AGENCY_ID_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cloison::text {

inline constexpr std::size_t kAgencyIdShort = 8;
inline constexpr std::size_t kAgencyIdLong = 11;

Result<std::string> CanonicalAgencyId(std::string_view text);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_AGENCY_ID_H_
