// A number that is accepted is a plus sign and 5 to 15 digits, and canonical already; with spaces
// between its digits it is the same one.
#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "text/mask.h"
#include "text/phone.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison::text;
  const auto phone = CanonicalPhone(cloison::AsText({data, size}));
  if (!phone.ok()) {
    CLOISON_CHECK(phone.error().code() == cloison::Code::kInvalid);
    return 0;
  }
  const std::string_view digits = std::string_view(*phone).substr(1);
  CLOISON_CHECK(phone->front() == '+' && digits.size() <= kPhoneDigitsMax && digits.size() >= 5);
  CLOISON_CHECK(
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }));
  const auto again = CanonicalPhone(*phone);
  CLOISON_CHECK(again.ok() && *again == *phone);
  std::string spaced = "+";
  for (const char digit : digits) spaced += std::string(1, digit) + " ";
  const auto same = CanonicalPhone(spaced);
  CLOISON_CHECK(same.ok() && *same == *phone);
  CLOISON_CHECK(Mask(MaskKind::kPhone, *phone).find(digits.substr(0, digits.size() - 2)) ==
                std::string::npos);
  return 0;
}
