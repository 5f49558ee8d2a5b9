// Calendar dates (YYYY-MM-DD) and instants (RFC 3339, UTC) as numbers and as text.
//
// Threads  any. Cost: tens of ns.
// Source   ISO 8601 calendar date, proleptic Gregorian; RFC 3339 section 5.6; days from civil by
//          H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
#ifndef CLOISON_TEXT_DATE_H_
#define CLOISON_TEXT_DATE_H_

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cloison::text {

inline constexpr int kYearMin = 1;
inline constexpr int kYearMax = 9999;
inline constexpr std::int64_t kUtcMsMin = -62'135'596'800'000;  // 0001-01-01T00:00:00.000Z
inline constexpr std::int64_t kUtcMsMax = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z

struct Date {
  int year;
  int month;
  int day;
  friend auto operator<=>(const Date&, const Date&) = default;
};

// True for a day of the calendar, years kYearMin to kYearMax.
bool IsCalendarDate(const Date& date);
// Exactly YYYY-MM-DD, a day of the calendar. Fails: kInvalid.
Result<Date> ParseDate(std::string_view text);
std::string FormatDate(const Date& date);  // of a calendar date
// Days since 1970-01-01 of a calendar date, and back (clamped to the years above).
std::int64_t DaysOf(const Date& date);
Date DateOfDays(std::int64_t days);

// YYYY-MM-DDThh:mm:ss[.fraction](Z or +hh:mm or -hh:mm), capitals; up to 9 digits of fraction, cut
// to ms. Fails: kInvalid, leap second :60 included (Unix time has no name for it).
Result<std::int64_t> ParseUtcMs(std::string_view text);
// YYYY-MM-DDThh:mm:ss.mmmZ; values outside kUtcMsMin..kUtcMsMax are clamped.
std::string FormatUtcMs(std::int64_t ms);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_DATE_H_
