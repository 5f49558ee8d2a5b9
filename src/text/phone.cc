#include "text/phone.h"

#include <algorithm>
#include <array>

#include "text/internal/phone_plan.h"
#include "text/utf8.h"

namespace cloison::text {
namespace {

constexpr std::size_t kNationalDigits = 9;  // behind the 0

struct Written {
  std::string digits;
  bool international = false;  // behind + or 00
};

// Bytes of the separator at the head of `text`; 0 when there is none.
std::size_t SeparatorLength(std::string_view text) {
  if (std::string_view(" .-/()").find(text.front()) != std::string_view::npos) return 1;
  if (text.starts_with("\u00a0")) return 2;
  for (const std::string_view wide : {"\u202f", "\u2009", "\u2010", "\u2011", "\u2013"}) {
    if (text.starts_with(wide)) return wide.size();
  }
  return 0;
}

Result<Written> Squeeze(std::string_view text) {
  if (text.size() > kPhoneTextBytesMax) return Error{Code::kInvalid, "a phone number is too long"};
  text = Trim(text);
  Written out;
  if (text.starts_with('+')) {
    out.international = true;
    text.remove_prefix(1);
  }
  while (!text.empty()) {
    // The trunk prefix in brackets is dialled at home only.
    const bool trunk = out.international && !out.digits.empty() && text.starts_with("(0)");
    if (trunk) {
      text.remove_prefix(3);
    } else if (const std::size_t separator = SeparatorLength(text); separator != 0) {
      text.remove_prefix(separator);
    } else if (text.front() >= '0' && text.front() <= '9') {
      out.digits.push_back(text.front());
      text.remove_prefix(1);
      if (!out.international && out.digits == "00") {
        out.international = true;
        out.digits.clear();
      }
    } else {
      return Error{Code::kInvalid, "a phone number has a character that is no digit"};
    }
  }
  return out;
}

bool IsFrenchPlan(std::string_view code) {
  constexpr std::array<std::string_view, 5> kCodes = {"262", "33", "590", "594", "596"};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

// `national` is 9 digits without the 0.
Result<std::string> FromFrench(std::string_view national) {
  if (national.size() != kNationalDigits || national.front() == '0') {
    return Error{Code::kInvalid, "a French phone number has 10 digits"};
  }
  const std::string_view overseas = internal::OverseasCode(national);
  // Saint-Pierre keeps six digits for 0508 and nine for 0708.
  if (overseas == "508" && national.starts_with("508")) return "+" + std::string(national);
  const std::string_view code = overseas.empty() ? "33" : overseas;
  return "+" + std::string(code) + std::string(national);
}

Result<std::string> FromAbroad(std::string_view digits) {
  const auto plan = internal::FindCountry(digits);
  if (!plan.has_value()) return Error{Code::kInvalid, "a phone number has no known country code"};
  std::string_view rest = digits.substr(plan->code.size());
  if (IsFrenchPlan(plan->code)) {
    if (rest.size() == kNationalDigits + 1 && rest.front() == '0') rest.remove_prefix(1);
    CLOISON_TRY_ASSIGN(std::string number, FromFrench(rest));
    // Only +33 is corrected: +590 before a number of Paris is a mistake, not another way to write.
    if (plan->code != "33" && number.substr(1, 3) != plan->code) {
      return Error{Code::kInvalid, "a phone number does not belong to its country code"};
    }
    return number;
  }
  if (rest.size() < plan->digits_min || rest.size() > plan->digits_max ||
      digits.size() > kPhoneDigitsMax) {
    return Error{Code::kInvalid, "a phone number has a length its country does not have"};
  }
  return "+" + std::string(digits);
}

}  // namespace

Result<std::string> CanonicalPhone(std::string_view text) {
  CLOISON_TRY_ASSIGN(const Written written, Squeeze(text));
  const std::string_view digits = written.digits;
  if (written.international) return FromAbroad(digits);
  if (digits.size() != kNationalDigits + 1 || digits.front() != '0') {
    return Error{Code::kInvalid, "a French phone number has 10 digits"};
  }
  return FromFrench(digits.substr(1));
}

}  // namespace cloison::text
