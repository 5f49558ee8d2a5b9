// Previous values of fields: newest first, within their time and their room, and nothing else
// opens.
#include "records/history.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cloison::records {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kNowMs = 1'700'000'000'123;  // 2023-11-14T22:13:20.123Z
constexpr HistoryBounds kWide{0, 4'096};

std::string Add(std::string_view history, std::int64_t now_ms, const std::vector<Replaced>& more,
                const HistoryBounds& bounds = kWide) {
  const auto added = AddToHistory(AsBytes(history), now_ms, more, bounds);
  CLOISON_CHECK(added.ok());
  return std::string(AsText(added->Reveal()));
}

TEST(History, IsNewestFirst) {
  const std::string one = Add("", kNowMs, {{"contact.phone", AsBytes("+33639980001")}});
  EXPECT_EQ(one, "2023-11-14T22:13:20.123Z contact.phone +33639980001");
  const std::string two = Add(one, kNowMs + kDayMs,
                              {{"contact.email", AsBytes("a@example.org")},
                               {"address.line_1", AsBytes("3 rue des Lilas")}});
  EXPECT_EQ(two,
            "2023-11-15T22:13:20.123Z contact.email a@example.org\n"
            "2023-11-15T22:13:20.123Z address.line_1 3 rue des Lilas\n" +
                one);
  EXPECT_EQ(Add(two, kNowMs, {}), two);
}

TEST(History, ForgetsInTime) {
  const std::string one = Add("", kNowMs, {{"contact.phone", AsBytes("+33639980001")}});
  const std::string two = Add(one, kNowMs + kDayMs, {{"contact.phone", AsBytes("+33639980002")}});
  EXPECT_EQ(Add(two, kNowMs + 2 * kDayMs, {}, {kNowMs + 1, 4'096}),
            "2023-11-15T22:13:20.123Z contact.phone +33639980002");
  EXPECT_EQ(Add(two, kNowMs + 2 * kDayMs, {}, {kNowMs, 4'096}), two) << "to the millisecond";
  EXPECT_EQ(Add(two, kNowMs + 9 * kDayMs, {}, {kNowMs + 8 * kDayMs, 4'096}), "");
  const auto since = HistorySince(AsBytes(two), kNowMs + 1);
  ASSERT_TRUE(since.ok());
  EXPECT_EQ(AsText(since->Reveal()), "2023-11-15T22:13:20.123Z contact.phone +33639980002");
}

TEST(History, TheOldestMakeRoom) {
  std::string history;
  for (int i = 0; i < 50; ++i) {
    const std::string value(10, static_cast<char>('a' + i % 26));
    history = Add(history, kNowMs + i, {{"contact.phone", AsBytes(value)}}, {0, 200});
    EXPECT_LE(history.size(), 200u);
    EXPECT_NE(history.find(value), std::string::npos) << "the newest is there";
  }
  EXPECT_EQ(std::ranges::count(history, '\n'), 3) << "four lines of 49 bytes fit";
  const std::string longest(190, 'x');
  EXPECT_EQ(Add(history, kNowMs + 60, {{"contact.phone", AsBytes(longest)}}, {0, 200}), "")
      << "none is older than one that has no room";
  EXPECT_EQ(Add(history, kNowMs + 60, {{"contact.phone", AsBytes(longest)}}, {0, 229}).size(),
            229u);
}

// Who changes one field often takes no line of another.
TEST(History, AFieldMakesRoomForItself) {
  std::string history = Add("", kNowMs, {{"address.city", AsBytes("Lyon")}}, {0, 200});
  for (int i = 1; i < 50; ++i) {
    history = Add(history, kNowMs + i, {{"contact.phone", AsBytes("+33639980001")}}, {0, 200});
  }
  EXPECT_TRUE(history.ends_with("\n2023-11-14T22:13:20.123Z address.city Lyon")) << history;
  EXPECT_EQ(std::ranges::count(history, '\n'), 3);
}

TEST(History, IsOfOneLineEach) {
  for (const char* const value : {"", "a\nb", "\n"}) {
    EXPECT_EQ(AddToHistory({}, kNowMs, {{"notes.text", AsBytes(value)}}, kWide).error().code(),
              Code::kInvalid);
  }
}

TEST(History, OpensNothingElse) {
  struct Case {
    const char* text;
    const char* why;
  };
  constexpr Case kCases[] = {
      {"2023-11-14T22:13:20.123Z", "a time alone"},
      {"2023-11-14T22:13:20.123Z ", "no field"},
      {"2023-11-14T22:13:20.123Z contact.phone", "no value"},
      {"2023-11-14T22:13:20.123Z contact.phone ", "an empty value"},
      {"2023-11-14T22:13:20.123Z  +33639980001", "an empty field"},
      {"2023-11-14T22:13:20.123Z contact.phone +33639980001\n", "a line feed at the end"},
      {"\n2023-11-14T22:13:20.123Z contact.phone +33639980001", "an empty line"},
      {"2023-13-14T22:13:20.123Z contact.phone +33639980001", "no such month"},
      {"2023-11-14 22:13:20.123Z contact.phone +33639980001", "another form of time"},
      {"contact.phone +33639980001", "no time"},
  };
  for (const Case& one : kCases) {
    EXPECT_EQ(HistorySince(AsBytes(one.text), 0).error().code(), Code::kCorrupt) << one.why;
    EXPECT_EQ(AddToHistory(AsBytes(one.text), kNowMs, {}, kWide).error().code(), Code::kCorrupt)
        << one.why;
  }
}

}  // namespace
}  // namespace cloison::records
