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

// In capitals; a sign of ASCII or a typographic apostrophe or dash is a space, and spaces are
// single.
Result<std::string> InCapitals(std::string_view line) {
  CLOISON_TRY_ASSIGN(std::string capitals, UpperCase(line));
  std::string out;
  for (std::size_t at = 0; at < capitals.size();) {
    const std::string_view character = FirstCharacter(std::string_view(capitals).substr(at));
    at += character.size();
    const char c = character.front();
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool typographic = character >= "\u2010" && character <= "\u201f";
    const bool letter =
        plain || (static_cast<std::uint8_t>(c) >= 0x80 && !typographic && !Trim(character).empty());
    if (letter) {
      out += character;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  WipeText(capitals);
  return out;
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

Result<std::vector<std::string>> PrintedPostalLines(std::span<const std::string_view> lines,
                                                    PostalCountry country) {
  CLOISON_TRY(CheckPostalLines(lines, country));
  std::vector<std::string> printed;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i + kPostalCapitalLines < lines.size()) {
      printed.emplace_back(Trim(lines[i]));
      continue;
    }
    CLOISON_TRY_ASSIGN(std::string capitals, InCapitals(lines[i]));
    printed.push_back(std::move(capitals));
  }
  // A line of signs alone is empty now, a place of signs is none, and capitals may be longer.
  const std::vector<std::string_view> made(printed.begin(), printed.end());
  CLOISON_TRY(CheckPostalLines(made, country));
  return printed;
}

Result<std::string> CanonicalPostcode(std::string_view text) {
  text = Trim(text);
  if (!IsPostcode(text)) return Error{Code::kInvalid, "a postcode has 5 digits, 00100 to 98999"};
  return std::string(text);
}

}  // namespace cloison::text
