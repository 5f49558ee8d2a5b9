// A date that is accepted prints as itself; an instant prints in one form that means the same, and
// the day it falls on is the day of its text.
#include <string>

#include "base/bytes.h"
#include "text/date.h"
#include "text/mask.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison::text;
  const std::string_view text = cloison::AsText({data, size});
  const auto date = ParseDate(text);
  if (date.ok()) {
    CLOISON_CHECK(IsCalendarDate(*date) && FormatDate(*date) == text);
    CLOISON_CHECK(DateOfDays(DaysOf(*date)) == *date);
    CLOISON_CHECK(Mask(MaskKind::kDate, text) == text.substr(0, 4));
  } else {
    CLOISON_CHECK(date.error().code() == cloison::Code::kInvalid);
  }
  const auto ms = ParseUtcMs(text);
  if (!ms.ok()) {
    CLOISON_CHECK(ms.error().code() == cloison::Code::kInvalid);
    return 0;
  }
  CLOISON_CHECK(*ms >= kUtcMsMin && *ms <= kUtcMsMax);
  const std::string printed = FormatUtcMs(*ms);
  const auto again = ParseUtcMs(printed);
  CLOISON_CHECK(again.ok() && *again == *ms && ParseDate(printed.substr(0, 10)).ok());
  return 0;
}
