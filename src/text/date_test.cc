#include "text/date.h"

#include <gtest/gtest.h>

namespace cloison::text {
namespace {

TEST(DateTest, ParsesAndCountsDays) {
  const struct {
    const char* why;
    const char* text;
    std::int64_t days;
  } rows[] = {
      {"the epoch", "1970-01-01", 0},
      {"the day before", "1969-12-31", -1},
      {"a leap day", "2024-02-29", 19782},
      {"leap by 400", "2000-02-29", 11016},
      {"the day behind it", "2000-03-01", 11017},
      {"first day", "0001-01-01", -719162},
      {"last day", "9999-12-31", 2932896},
  };
  for (const auto& row : rows) {
    const Result<Date> date = ParseDate(row.text);
    ASSERT_TRUE(date.ok()) << row.why;
    EXPECT_EQ(DaysOf(*date), row.days) << row.why;
    EXPECT_EQ(DateOfDays(row.days), *date) << row.why;
    EXPECT_EQ(FormatDate(*date), row.text) << row.why;
  }
}

TEST(DateTest, EveryDayOfFourCenturiesComesBack) {
  Date expected{1899, 12, 31};
  for (std::int64_t days = DaysOf({1900, 1, 1}); days <= DaysOf({2300, 1, 1}); ++days) {
    const Date date = DateOfDays(days);
    ASSERT_TRUE(IsCalendarDate(date)) << days;
    ASSERT_EQ(DaysOf(date), days);
    ASSERT_GT(date, expected) << days;
    expected = date;
  }
}

TEST(DateTest, RefusesDates) {
  const struct {
    const char* why;
    const char* text;
  } rows[] = {
      {"empty", ""},
      {"no leap year", "2023-02-29"},
      {"a century is none", "1900-02-29"},
      {"30 February", "2024-02-30"},
      {"31 April", "2024-04-31"},
      {"month 00", "2024-00-10"},
      {"month 13", "2024-13-10"},
      {"day 00", "2024-01-00"},
      {"year 0000", "0000-01-01"},
      {"French order", "31/12/1984"},
      {"other separators", "1984/12/31"},
      {"basic form", "19841231"},
      {"one digit", "1984-1-1"},
      {"sign", "+984-01-01"},
      {"minus", "-984-01-01"},
      {"space in front", " 1984-12-31"},
      {"something behind", "1984-12-31x"},
      {"a time behind", "1984-12-31T00:00:00Z"},
  };
  for (const auto& row : rows) EXPECT_FALSE(ParseDate(row.text).ok()) << row.why;
}

TEST(DateTest, ParsesTimes) {
  const struct {
    const char* why;
    const char* text;
    std::int64_t ms;
    const char* written;
  } rows[] = {
      {"the epoch", "1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000Z"},
      {"a ms before", "1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"},
      {"ms", "2024-02-06T08:15:30.123Z", 1707207330123, "2024-02-06T08:15:30.123Z"},
      {"one digit is tenths", "2024-02-06T08:15:30.1Z", 1707207330100, "2024-02-06T08:15:30.100Z"},
      {"ns are cut", "2024-02-06T08:15:30.123999999Z", 1707207330123, "2024-02-06T08:15:30.123Z"},
      {"east", "2024-02-06T09:15:30+01:00", 1707207330000, "2024-02-06T08:15:30.000Z"},
      {"west", "2024-02-05T23:45:30-08:30", 1707207330000, "2024-02-06T08:15:30.000Z"},
      {"first", "0001-01-01T00:00:00Z", kUtcMsMin, "0001-01-01T00:00:00.000Z"},
      {"last", "9999-12-31T23:59:59.999Z", kUtcMsMax, "9999-12-31T23:59:59.999Z"},
  };
  for (const auto& row : rows) {
    const Result<std::int64_t> ms = ParseUtcMs(row.text);
    ASSERT_TRUE(ms.ok()) << row.why;
    EXPECT_EQ(*ms, row.ms) << row.why;
    EXPECT_EQ(FormatUtcMs(row.ms), row.written) << row.why;
  }
  EXPECT_EQ(FormatUtcMs(INT64_MAX), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatUtcMs(INT64_MIN), "0001-01-01T00:00:00.000Z");
}

TEST(DateTest, RefusesTimes) {
  const struct {
    const char* why;
    const char* text;
  } rows[] = {
      {"empty", ""},
      {"no zone", "2024-02-06T08:15:30"},
      {"no zone, fraction", "2024-02-06T08:15:30.1234"},
      {"date only", "2024-02-06"},
      {"space for T", "2024-02-06 08:15:30Z"},
      {"small letters", "2024-02-06t08:15:30z"},
      {"hour 24", "2024-02-06T24:00:00Z"},
      {"minute 60", "2024-02-06T08:60:00Z"},
      {"leap second", "2016-12-31T23:59:60Z"},
      {"no such day", "2024-02-30T08:15:30Z"},
      {"point without digits", "2024-02-06T08:15:30.Z"},
      {"ten digits", "2024-02-06T08:15:30.1234567890Z"},
      {"comma", "2024-02-06T08:15:30,1Z"},
      {"offset without colon", "2024-02-06T08:15:30+0100"},
      {"offset of 24 hours", "2024-02-06T08:15:30+24:00"},
      {"something behind", "2024-02-06T08:15:30Zx"},
      {"two zones", "2024-02-06T08:15:30Z+01:00"},
      {"before the first", "0001-01-01T00:00:00+00:01"},
      {"after the last", "9999-12-31T23:59:59-00:01"},
  };
  for (const auto& row : rows) EXPECT_FALSE(ParseUtcMs(row.text).ok()) << row.why;
}

}  // namespace
}  // namespace cloison::text
