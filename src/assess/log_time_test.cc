#include "assess/log_time.h"

#include <gtest/gtest.h>

#include "text/date.h"

namespace cloison::assess {
namespace {

Zone ZoneOf(const char* text) {
  return Zone::Parse(text).value();
}

TEST(LogTime, ReadsAndRefuses) {
  const struct {
    const char* why;
    TimeForm form;
    const char* zone;
    const char* text;
    const char* want;  // "": refused
  } rows[] = {
      {"plain", TimeForm::kYearMonthDay, "UTC", "2024-02-06T08:15:23.123Z",
       "2024-02-06T08:15:23.123Z"},
      {"a space, no zone", TimeForm::kYearMonthDay, "UTC", "2024-02-06 08:15:23",
       "2024-02-06T08:15:23.000Z"},
      {"no seconds, other signs", TimeForm::kYearMonthDay, "UTC", "2024/02/06 08:15",
       "2024-02-06T08:15:00.000Z"},
      {"its own distance wins", TimeForm::kYearMonthDay, "Europe/Paris", "2024-02-06T08:15:23+0300",
       "2024-02-06T05:15:23.000Z"},
      {"winter in Paris", TimeForm::kDayMonthYear, "Europe/Paris", "06/02/2024 08:15:23",
       "2024-02-06T07:15:23.000Z"},
      {"summer in Paris", TimeForm::kDayMonthYear, "Europe/Paris", "06/07/2024 08:15:23",
       "2024-07-06T06:15:23.000Z"},
      {"the last minute of winter", TimeForm::kYearMonthDay, "Europe/Paris", "2024-03-31 01:59",
       "2024-03-31T00:59:00.000Z"},
      {"an hour that never was", TimeForm::kYearMonthDay, "Europe/Paris", "2024-03-31 02:30",
       "2024-03-31T01:30:00.000Z"},
      {"an hour that came twice: the first", TimeForm::kYearMonthDay, "Europe/Paris",
       "2024-10-27 02:30", "2024-10-27T00:30:00.000Z"},
      {"behind it", TimeForm::kYearMonthDay, "Europe/Paris", "2024-10-27 03:00",
       "2024-10-27T02:00:00.000Z"},
      {"a comma before the fraction", TimeForm::kYearMonthDay, "UTC", "2024-02-06 08:15:23,5",
       "2024-02-06T08:15:23.500Z"},
      {"month first", TimeForm::kMonthDayYear, "UTC", "02/06/2024 08:15",
       "2024-02-06T08:15:00.000Z"},
      {"a fixed distance", TimeForm::kYearMonthDay, "-04:00", "2024-02-06 08:15",
       "2024-02-06T12:15:00.000Z"},
      {"seconds", TimeForm::kUnixSeconds, "UTC", "1707207323.25", "2024-02-06T08:15:23.250Z"},
      {"ms", TimeForm::kUnixMs, "UTC", "1707207323123", "2024-02-06T08:15:23.123Z"},
      {"no such day", TimeForm::kYearMonthDay, "UTC", "2024-02-30T08:15:23Z", ""},
      {"no such hour", TimeForm::kYearMonthDay, "UTC", "2024-02-06T24:15:23Z", ""},
      {"a leap second", TimeForm::kYearMonthDay, "UTC", "2024-02-06T23:59:60Z", ""},
      {"one digit", TimeForm::kYearMonthDay, "UTC", "2024-2-06T08:15:23Z", ""},
      {"a day alone", TimeForm::kYearMonthDay, "UTC", "2024-02-06", ""},
      {"an empty fraction", TimeForm::kYearMonthDay, "UTC", "2024-02-06T08:15:23.Z", ""},
      {"ten digits of fraction", TimeForm::kYearMonthDay, "UTC", "2024-02-06T08:15:23.1234567890Z",
       ""},
      {"something behind it", TimeForm::kYearMonthDay, "UTC", "2024-02-06T08:15:23Zx", ""},
      {"a distance beyond all", TimeForm::kYearMonthDay, "UTC", "2024-02-06T08:15:23+15:00", ""},
      {"before 1970", TimeForm::kYearMonthDay, "UTC", "1969-02-06T08:15:23Z", ""},
      {"after 2099", TimeForm::kYearMonthDay, "UTC", "2100-01-01T00:00:00Z", ""},
      {"another form", TimeForm::kDayMonthYear, "UTC", "2024-02-06T08:15:23Z", ""},
      {"nothing", TimeForm::kUnixSeconds, "UTC", "", ""},
      {"letters", TimeForm::kUnixMs, "UTC", "17072073x3123", ""},
      {"a sign", TimeForm::kUnixSeconds, "UTC", "-1707207323", ""},
      {"more digits than any time", TimeForm::kUnixMs, "UTC", "99999999999999999999", ""},
  };
  for (const auto& row : rows) {
    const auto read = LogTime(row.form, ZoneOf(row.zone)).Read(row.text);
    const std::string got = read.has_value() ? text::FormatUtcMs(*read) : "";
    EXPECT_EQ(got, row.want) << row.why;
  }
}

TEST(LogTime, FindsTheForm) {
  const struct {
    const char* text;
    std::optional<TimeForm> want;
  } rows[] = {
      {"2024-02-06T08:15:23Z", TimeForm::kYearMonthDay},
      {"06/02/2024 08:15", TimeForm::kDayMonthYear},
      {"02/26/2024 08:15", TimeForm::kMonthDayYear},
      {"1707207323", TimeForm::kUnixSeconds},
      {"1707207323123", TimeForm::kUnixMs},
      {"yesterday", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& row : rows) EXPECT_EQ(LogTime::Detect(row.text), row.want) << row.text;
}

TEST(Zone, KnowsItsNamesAndDays) {
  for (const char* wrong : {"", "Paris", "Europe/London", "Z", "+1:00", "+15:00", "+01:00x"}) {
    EXPECT_FALSE(Zone::Parse(wrong).ok()) << wrong;
  }
  // Every hour of 1996 to 2099 reads back as itself, but for the one of autumn that comes twice.
  const Zone paris = ZoneOf("Europe/Paris");
  std::int64_t other = 0, years = 0;
  for (std::int64_t hour = 227'928; hour < 1'139'592; ++hour) {
    const std::int64_t utc_ms = hour * 3'600'000;
    if (paris.ToUtc(utc_ms + paris.OffsetMs(utc_ms)) != utc_ms) ++other;
  }
  years = 2'099 - 1'996 + 1;
  EXPECT_EQ(other, years);
  EXPECT_EQ(paris.DayOf(*text::ParseUtcMs("2024-02-06T23:30:00Z")), text::DaysOf({2024, 2, 7}));
}

}  // namespace
}  // namespace cloison::assess
