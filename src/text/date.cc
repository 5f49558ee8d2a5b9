#include "text/date.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cloison::text {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

bool IsLeap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int DaysInMonth(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Reads `count` digits from the front; -1 when they are not there.
int TakeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool TakeSign(std::string_view& text, char sign) {
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(1);
  return true;
}

void AppendDigits(std::string& out, std::int64_t value, int count) {
  std::array<char, 8> digits{};
  for (int i = count - 1; i >= 0; --i) {
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(digits.data(), static_cast<std::size_t>(count));
}

// Milliseconds of an optional fraction; -1 when a point stands there without 1 to 9 digits.
int TakeFractionMs(std::string_view& text) {
  if (!TakeSign(text, '.')) return 0;
  int ms = 0;
  int count = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (count < 3) ms = ms * 10 + (text.front() - '0');
    ++count;
    text.remove_prefix(1);
  }
  if (count == 0 || count > 9) return -1;
  for (; count < 3; ++count) ms *= 10;
  return ms;
}

// Minutes east of UTC. Fails: kInvalid.
Result<int> TakeOffsetMinutes(std::string_view& text) {
  if (TakeSign(text, 'Z')) return 0;
  const bool west = text.starts_with('-');
  if (!TakeSign(text, '+') && !TakeSign(text, '-')) {
    return Error{Code::kInvalid, "a time has no offset from UTC"};
  }
  const int hours = TakeDigits(text, 2);
  const bool colon = TakeSign(text, ':');
  const int minutes = TakeDigits(text, 2);
  if (!colon || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
    return Error{Code::kInvalid, "a time has a malformed offset from UTC"};
  }
  return (west ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

bool IsCalendarDate(const Date& date) {
  return date.year >= kYearMin && date.year <= kYearMax && date.month >= 1 && date.month <= 12 &&
         date.day >= 1 && date.day <= DaysInMonth(date.year, date.month);
}

Result<Date> ParseDate(std::string_view text) {
  Date date{};
  date.year = TakeDigits(text, 4);
  const bool first = TakeSign(text, '-');
  date.month = TakeDigits(text, 2);
  const bool second = TakeSign(text, '-');
  date.day = TakeDigits(text, 2);
  if (!first || !second || !text.empty()) {
    return Error{Code::kInvalid, "a date is written YYYY-MM-DD"};
  }
  if (!IsCalendarDate(date)) return Error{Code::kInvalid, "a date is no day of the calendar"};
  return date;
}

std::string FormatDate(const Date& date) {
  CLOISON_CHECK(IsCalendarDate(date));
  std::string out;
  AppendDigits(out, date.year, 4);
  out.push_back('-');
  AppendDigits(out, date.month, 2);
  out.push_back('-');
  AppendDigits(out, date.day, 2);
  return out;
}

std::int64_t DaysOf(const Date& date) {
  CLOISON_CHECK(IsCalendarDate(date));
  // Years begin in March here, so that the leap day is the last of its year.
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = year / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

Date DateOfDays(std::int64_t days) {
  days = std::clamp(days, kUtcMsMin / kDayMs, kUtcMsMax / kDayMs) + 719468;
  const std::int64_t era = days / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {.year = static_cast<int>(year_of_era + era * 400) + (month <= 2 ? 1 : 0),
          .month = month,
          .day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1)};
}

Result<std::int64_t> ParseUtcMs(std::string_view text) {
  if (text.size() < 20) return Error{Code::kInvalid, "a time is written as RFC 3339 says"};
  CLOISON_TRY_ASSIGN(const Date date, ParseDate(text.substr(0, 10)));
  text.remove_prefix(10);
  const bool separator = TakeSign(text, 'T');
  const int hour = TakeDigits(text, 2);
  const bool first = TakeSign(text, ':');
  const int minute = TakeDigits(text, 2);
  const bool second_sign = TakeSign(text, ':');
  const int second = TakeDigits(text, 2);
  const int fraction_ms = TakeFractionMs(text);
  if (!separator || !first || !second_sign || fraction_ms < 0) {
    return Error{Code::kInvalid, "a time is written as RFC 3339 says"};
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return Error{Code::kInvalid, "a time is no time of day"};
  }
  CLOISON_TRY_ASSIGN(const int east_minutes, TakeOffsetMinutes(text));
  if (!text.empty()) return Error{Code::kInvalid, "a time is followed by something"};
  const std::int64_t seconds = (hour * 60 + minute - east_minutes) * 60 + second;
  const std::int64_t ms = DaysOf(date) * kDayMs + seconds * 1000 + fraction_ms;
  if (ms < kUtcMsMin || ms > kUtcMsMax) {
    return Error{Code::kInvalid, "a time is outside the years 1 to 9999"};
  }
  return ms;
}

std::string FormatUtcMs(std::int64_t ms) {
  ms = std::clamp(ms, kUtcMsMin, kUtcMsMax);
  const std::int64_t days = ms >= 0 ? ms / kDayMs : -((-ms + kDayMs - 1) / kDayMs);
  std::int64_t rest = ms - days * kDayMs;
  std::string out = FormatDate(DateOfDays(days));
  out.push_back('T');
  AppendDigits(out, rest / 3'600'000, 2);
  out.push_back(':');
  AppendDigits(out, rest / 60'000 % 60, 2);
  out.push_back(':');
  AppendDigits(out, rest / 1000 % 60, 2);
  out.push_back('.');
  AppendDigits(out, rest % 1000, 3);
  out.push_back('Z');
  return out;
}

}  // namespace cloison::text
