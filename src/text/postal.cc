#include "text/postal.h"

#include <algorithm>
#include <cstdint>

#include "text/utf8.h"

namespace cloison::text {
namespace {

constexpr std::size_t kPostcodeDigits = 5;

bool IsPostcode(std::string_view text) {
  if (text.size() != kPostcodeDigits) return false;
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return false;
  }
  if (text.starts_with("000") || text.starts_with("99")) return false;
  return true;
}

Status CheckLine(std::string_view line, std::int64_t number) {
  if (!IsValidUtf8(line)) return Error{Code::kInvalid, "an address line is not UTF-8", number};
  if (Trim(line).empty()) return Error{Code::kInvalid, "an address line is empty", number};
  if (HasControl(line)) {
    return Error{Code::kInvalid, "an address line has a control character", number};
  }
  // Characters as people count them: an accent written apart is not one more.
  CLOISON_TRY_ASSIGN(std::string composed, Nfc(line));
  const std::size_t characters = CountCharacters(composed);
  WipeText(composed);
  if (characters > kPostalLineCharactersMax) {
    return Error{Code::kExhausted, "an address line has more than 38 characters", number};
  }
  return Ok();
}

}  // namespace

Status CheckPostalLines(std::span<const std::string_view> lines, PostalCountry country) {
  if (lines.empty()) return Error{Code::kInvalid, "an address has no line"};
  const std::size_t max =
      country == PostalCountry::kFrance ? kPostalLinesMax : kPostalLinesAbroadMax;
  if (lines.size() > max) {
    return Error{Code::kExhausted, "an address has too many lines",
                 static_cast<std::int64_t>(max) + 1};
  }
  std::int64_t number = 0;
  for (const std::string_view line : lines) {
    CLOISON_TRY(CheckLine(line, ++number));
  }
  if (country == PostalCountry::kAbroad) return Ok();
  const std::string_view last = Trim(lines.back());
  const bool place = last.size() > kPostcodeDigits + 1 && last[kPostcodeDigits] == ' ';
  if (!place || !IsPostcode(last.substr(0, kPostcodeDigits))) {
    return Error{Code::kInvalid, "an address ends without a postcode and a place", number};
  }
  return Ok();
}

Result<std::string> CanonicalPostcode(std::string_view text) {
  text = Trim(text);
  if (!IsPostcode(text)) return Error{Code::kInvalid, "a postcode has 5 digits, 00100 to 98999"};
  return std::string(text);
}

}  // namespace cloison::text
