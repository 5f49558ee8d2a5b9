// Country codes of E.164 and how many digits follow them. Used by phone.cc.
#ifndef CLOISON_TEXT_INTERNAL_PHONE_PLAN_H_
#define CLOISON_TEXT_INTERNAL_PHONE_PLAN_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace cloison::text::internal {

struct CountryPlan {
  std::string_view code;
  std::uint8_t digits_min;
  std::uint8_t digits_max;
};

// The plan whose code begins `digits`: codes are a prefix code, one fits at most.
std::optional<CountryPlan> FindCountry(std::string_view digits);

// The overseas country code of a French national number without its 0 (9 digits); empty for the
// European plan.
std::string_view OverseasCode(std::string_view national);

}  // namespace cloison::text::internal

#endif  // CLOISON_TEXT_INTERNAL_PHONE_PLAN_H_
