#include "assess/log_time.h"

#include <array>

#include "base/clock.h"
#include "text/date.h"

namespace cloison::assess {

namespace {

using base::kDayMs;
using base::kHourMs;
using base::kMinuteMs;
using base::kSecondMs;

constexpr std::string_view kFormNames[] = {"year-month-day", "day-month-year", "month-day-year",
                                           "unix-seconds", "unix-ms"};
constexpr int kLastYear = 2100;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Takes exactly `digits` digits; -1 when they are not there.
std::int64_t TakeNumber(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!IsDigit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool TakeSign(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Behind a point or comma: up to nine digits, cut to ms; -1 when there is none.
std::int64_t TakeFractionMs(std::string_view& text) {
  std::int64_t ms = 0, weight = 100;
  std::size_t digits = 0;
  for (; !text.empty() && IsDigit(text.front()); text.remove_prefix(1), weight /= 10, ++digits) {
    ms += weight * (text.front() - '0');
  }
  return digits == 0 || digits > 9 ? -1 : ms;
}

// hh:mm[:ss[.fraction]], as ms of a day; -1.
std::int64_t TakeClock(std::string_view& text) {
  const std::int64_t hour = TakeNumber(text, 2);
  if (hour < 0 || hour > 23 || !TakeSign(text, ":")) return -1;
  const std::int64_t minute = TakeNumber(text, 2);
  if (minute < 0 || minute > 59) return -1;
  const std::int64_t ms = hour * kHourMs + minute * kMinuteMs;
  if (!TakeSign(text, ":")) return ms;
  const std::int64_t second = TakeNumber(text, 2);
  if (second < 0 || second > 59) return -1;
  if (!TakeSign(text, ".,")) return ms + second * kSecondMs;
  const std::int64_t fraction = TakeFractionMs(text);
  return fraction < 0 ? -1 : ms + second * kSecondMs + fraction;
}

// "Z", "+01:00", "+0100": all of `text`.
std::optional<std::int64_t> FixedOffset(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool west = text[0] == '-';
  text.remove_prefix(1);
  const std::int64_t hours = TakeNumber(text, 2);
  TakeSign(text, ":");
  const std::int64_t minutes = TakeNumber(text, 2);
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
  const std::int64_t offset = hours * kHourMs + minutes * kMinuteMs;
  return west ? -offset : offset;
}

// 01:00 UTC of the last Sunday of a month of 31 days.
std::int64_t LastSunday(int year, int month) {
  const std::int64_t last = text::DaysOf({year, month, 31});
  return (last - (last + 4) % 7) * kDayMs + kHourMs;  // 1970-01-01 was a Thursday
}

struct Summer {
  std::int64_t begin_ms, end_ms;
};

const std::array<Summer, kLastYear - 1970 + 1>& Summers() {
  static const auto summers = [] {
    std::array<Summer, kLastYear - 1970 + 1> all{};
    for (int year = 1970; year <= kLastYear; ++year) {
      all[static_cast<std::size_t>(year - 1970)] = {LastSunday(year, 3), LastSunday(year, 10)};
    }
    return all;
  }();
  return summers;
}

}  // namespace

std::string_view Name(TimeForm form) {
  return kFormNames[static_cast<std::size_t>(form)];
}

std::optional<TimeForm> TimeFormNamed(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kFormNames); ++i) {
    if (kFormNames[i] == name) return static_cast<TimeForm>(i);
  }
  return std::nullopt;
}

Result<Zone> Zone::Parse(std::string_view text) {
  Zone zone;
  if (text == "UTC") return zone;
  if (text == "Europe/Paris") {
    zone.paris_ = true;
    return zone;
  }
  const std::optional<std::int64_t> offset = FixedOffset(text);
  if (!offset.has_value() || text == "Z") return Error{Code::kInvalid, "no such zone"};
  zone.fixed_ms_ = *offset;
  return zone;
}

std::int64_t Zone::OffsetMs(std::int64_t utc_ms) const {
  if (!paris_) return fixed_ms_;
  // A year is never shorter than this, so the guess is the year or the one after it.
  constexpr std::int64_t kShortYearMs = 365 * kDayMs;
  const auto& summers = Summers();
  std::size_t year = utc_ms <= 0 ? 0 : static_cast<std::size_t>(utc_ms / kShortYearMs);
  if (year >= summers.size()) year = summers.size() - 1;
  while (year > 0 && utc_ms < summers[year].begin_ms - 90 * kDayMs) --year;
  const Summer& summer = summers[year];
  const bool is_summer = utc_ms >= summer.begin_ms && utc_ms < summer.end_ms;
  return is_summer ? 2 * kHourMs : kHourMs;
}

std::int64_t Zone::ToUtc(std::int64_t local_ms) const {
  if (!paris_) return local_ms - fixed_ms_;
  const std::int64_t as_summer = local_ms - 2 * kHourMs;
  return OffsetMs(as_summer) == 2 * kHourMs ? as_summer : local_ms - kHourMs;
}

std::int64_t Zone::DayOf(std::int64_t utc_ms) const {
  return (utc_ms + OffsetMs(utc_ms)) / kDayMs;
}

namespace {

std::optional<text::Date> TakeDate(std::string_view& text, TimeForm form) {
  constexpr std::string_view kSigns = "-/.";
  const bool year_first = form == TimeForm::kYearMonthDay;
  const std::int64_t a = TakeNumber(text, year_first ? 4 : 2);
  if (a < 0 || !TakeSign(text, kSigns)) return std::nullopt;
  const std::int64_t b = TakeNumber(text, 2);
  if (b < 0 || !TakeSign(text, kSigns)) return std::nullopt;
  const std::int64_t c = TakeNumber(text, year_first ? 2 : 4);
  if (c < 0) return std::nullopt;
  text::Date date{static_cast<int>(a), static_cast<int>(b), static_cast<int>(c)};
  if (form == TimeForm::kDayMonthYear) date = {static_cast<int>(c), date.month, date.year};
  if (form == TimeForm::kMonthDayYear) date = {static_cast<int>(c), date.year, date.month};
  return text::IsCalendarDate(date) ? std::optional(date) : std::nullopt;
}

// Digits, and behind a point a fraction, for seconds; digits alone for ms.
std::optional<std::int64_t> ReadUnix(std::string_view text, bool seconds) {
  constexpr std::size_t kDigitsMax = 14;
  std::int64_t value = 0;
  std::size_t digits = 0;
  for (; !text.empty() && IsDigit(text.front()) && digits < kDigitsMax; ++digits) {
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  if (!seconds) return text.empty() ? std::optional(value) : std::nullopt;
  value *= kSecondMs;
  if (text.empty()) return value;
  if (!TakeSign(text, ".")) return std::nullopt;
  const std::int64_t fraction = TakeFractionMs(text);
  return fraction < 0 || !text.empty() ? std::nullopt : std::optional(value + fraction);
}

std::optional<std::int64_t> ReadCivil(std::string_view text, TimeForm form, const Zone& zone) {
  const std::optional<text::Date> date = TakeDate(text, form);
  if (!date.has_value() || !TakeSign(text, "T ")) return std::nullopt;
  const std::int64_t clock = TakeClock(text);
  if (clock < 0) return std::nullopt;
  const std::int64_t local_ms = text::DaysOf(*date) * kDayMs + clock;
  if (text.empty()) return zone.ToUtc(local_ms);
  TakeSign(text, " ");
  const std::optional<std::int64_t> offset = FixedOffset(text);
  return offset.has_value() ? std::optional(local_ms - *offset) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> LogTime::Read(std::string_view text) const {
  std::optional<std::int64_t> ms;
  if (form_ == TimeForm::kUnixSeconds || form_ == TimeForm::kUnixMs) {
    ms = ReadUnix(text, form_ == TimeForm::kUnixSeconds);
  } else {
    ms = ReadCivil(text, form_, zone_);
  }
  return ms.has_value() && *ms > 0 && *ms < kLogTimeMsMax ? ms : std::nullopt;
}

std::optional<TimeForm> LogTime::Detect(std::string_view text) {
  // Of numbers, what lies between 1973 and 2100 tells which they are.
  constexpr std::int64_t kUnixMsMin = 100'000'000'000;
  for (std::size_t i = 0; i < std::size(kFormNames); ++i) {
    const auto form = static_cast<TimeForm>(i);
    const std::optional<std::int64_t> ms = LogTime(form, Zone()).Read(text);
    if (ms.has_value() && (form != TimeForm::kUnixMs || *ms >= kUnixMsMin)) return form;
  }
  return std::nullopt;
}

}  // namespace cloison::assess
