// How an access log writes instants, and in which zone.
//
// Threads  const use from any. Cost: 20 ns a time.
#ifndef CLOISON_ASSESS_LOG_TIME_H_
#define CLOISON_ASSESS_LOG_TIME_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace cloison::assess {

// Instants from 1970 on; later ones are taken for a fault of the line.
inline constexpr std::int64_t kLogTimeMsMax = 4'102'444'800'000;  // 2100-01-01

// A fixed distance from UTC, or the civil time of Paris (the rule of the Union since 1996: summer
// time from the last Sunday of March, 01:00 UTC, to that of October).
class Zone {
 public:
  // "UTC", "+01:00", "-04:00", "Europe/Paris". kInvalid.
  static Result<Zone> Parse(std::string_view text);

  std::int64_t OffsetMs(std::int64_t utc_ms) const;
  // Of what a clock on the wall shows. An hour that comes twice is taken for its first, one that
  // never comes for the hour after it.
  std::int64_t ToUtc(std::int64_t local_ms) const;
  // Days since 1970-01-01 on that wall.
  std::int64_t DayOf(std::int64_t utc_ms) const;

 private:
  std::int64_t fixed_ms_ = 0;
  bool paris_ = false;
};

//   kYearMonthDay   2024-02-06T08:15:23.123+01:00: signs - / . between the numbers, T or a space
//                   before the hour; seconds, fraction and distance from UTC may lack
//   kDayMonthYear   06/02/2024 08:15, otherwise the same; kMonthDayYear: 02/06/2024
//   kUnixSeconds    1707207323, a fraction behind a point; kUnixMs 1707207323123
enum class TimeForm : std::uint8_t {
  kYearMonthDay,
  kDayMonthYear,
  kMonthDayYear,
  kUnixSeconds,
  kUnixMs
};
std::string_view Name(TimeForm form);  // "year-month-day", "unix-seconds" ...
std::optional<TimeForm> TimeFormNamed(std::string_view name);

class LogTime {
 public:
  LogTime(TimeForm form, Zone zone) : form_(form), zone_(zone) {}

  // Unix ms. Nothing: not a time of this form, or not between 1970 and kLogTimeMsMax.
  std::optional<std::int64_t> Read(std::string_view text) const;
  // The form that reads this text; of a day and a month that may be either, the day comes first.
  static std::optional<TimeForm> Detect(std::string_view text);

  TimeForm form() const { return form_; }
  const Zone& zone() const { return zone_; }

 private:
  TimeForm form_;
  Zone zone_;
};

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_LOG_TIME_H_
