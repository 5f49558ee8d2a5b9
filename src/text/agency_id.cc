#include "text/agency_id.h"

#include <algorithm>

#include "text/utf8.h"

namespace cloison::text {

Result<std::string> CanonicalAgencyId(std::string_view text) {
  text = Trim(text);
  if (text.size() != kAgencyIdShort && text.size() != kAgencyIdLong) {
    return Error{Code::kInvalid, "an agency identifier has 8 or 11 characters"};
  }
  std::string out(text);
  char& last = out.back();
  if (out.size() == kAgencyIdShort && last >= 'a' && last <= 'z') {
    last = static_cast<char>(last - ('a' - 'A'));
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool letter_last = out.size() == kAgencyIdShort && last >= 'A' && last <= 'Z';
  if (!std::all_of(out.begin(), out.end() - 1, is_digit) || !(letter_last || is_digit(last))) {
    return Error{Code::kInvalid, "an agency identifier has a character out of place"};
  }
  return out;
}

}  // namespace cloison::text
