#include "text/utf8.h"

#include <gtest/gtest.h>

#include <vector>

namespace cloison::text {
namespace {

TEST(Utf8Test, WellFormed) {
  const struct {
    const char* why;
    std::string text;
    int bad;  // -1: well-formed
  } rows[] = {
      {"empty", "", -1},
      {"ASCII", "abc", -1},
      {"NUL is a character", std::string("\0", 1), -1},
      {"2, 3 and 4 bytes", "\u00e9\u20ac\U0001F600", -1},
      {"U+10FFFF, the last", "\xf4\x8f\xbf\xbf", -1},
      {"U+D7FF, before the surrogates", "\xed\x9f\xbf", -1},
      {"U+E000, behind them", "\xee\x80\x80", -1},
      {"surrogate", "a\xed\xa0\x80", 1},
      {"surrogate pair (CESU-8)", "\xed\xa0\xbd\xed\xb8\x80", 0},
      {"overlong slash, 2 bytes", "\xc0\xaf", 0},
      {"overlong, 2 bytes", "\xc1\xbf", 0},
      {"overlong NUL, 3 bytes", "\xe0\x80\x80", 0},
      {"overlong, 3 bytes", "\xe0\x9f\xbf", 0},
      {"overlong, 4 bytes", "\xf0\x8f\xbf\xbf", 0},
      {"above U+10FFFF", "\xf4\x90\x80\x80", 0},
      {"lead F5", "\xf5\x80\x80\x80", 0},
      {"lead FF", "ab\xff", 2},
      {"continuation alone", "\x80", 0},
      {"cut, 2 bytes", "a\xc3", 1},
      {"cut, 3 bytes", "\xe2\x82", 0},
      {"cut, 4 bytes", "\xf0\x9f\x98", 0},
      {"a letter inside a sequence", "\xe2(\xa1", 0},
      {"Latin-1", "caf\xe9", 3},
  };
  for (const auto& row : rows) {
    const std::optional<std::size_t> bad = FirstInvalidUtf8(row.text);
    EXPECT_EQ(bad.has_value() ? static_cast<int>(*bad) : -1, row.bad) << row.why;
  }
}

TEST(Utf8Test, Forms) {
  const struct {
    const char* why;
    const char* text;
    const char* nfc;
    const char* lower;
    const char* folded;
  } rows[] = {
      {"ASCII", "Dupont", "Dupont", "dupont", "dupont"},
      {"composed", "\u00c9", "\u00c9", "\u00e9", "\u00e9"},
      {"composed apart", "E\u0301", "\u00c9", "\u00e9", "\u00e9"},
      {"sharp s", "STRA\u1e9eE", "STRA\u1e9eE", "stra\u00dfe", "strasse"},
      {"final sigma", "\u039f\u03a3", "\u039f\u03a3", "\u03bf\u03c2", "\u03bf\u03c3"},
      {"no Turkish i", "I", "I", "i", "i"},
  };
  for (const auto& row : rows) {
    const Result<std::string> nfc = Nfc(row.text);
    const Result<std::string> lower = LowerCase(row.text);
    const Result<std::string> folded = FoldCase(row.text);
    ASSERT_TRUE(nfc.ok() && lower.ok() && folded.ok()) << row.why;
    EXPECT_EQ(*nfc, row.nfc) << row.why;
    EXPECT_EQ(*lower, row.lower) << row.why;
    EXPECT_EQ(*folded, row.folded) << row.why;
  }
}

TEST(Utf8Test, FormsRefuse) {
  EXPECT_EQ(Nfc("\xff").error().code(), Code::kInvalid);
  EXPECT_EQ(Nfc("ab\xff").error().detail(), 2);
  EXPECT_EQ(LowerCase("\xed\xa0\x80").error().code(), Code::kInvalid);
  EXPECT_EQ(FoldCase(std::string(kTextBytesMax + 1, 'a')).error().code(), Code::kExhausted);
  EXPECT_TRUE(FoldCase(std::string(kTextBytesMax, 'a')).ok());
}

TEST(Utf8Test, Small) {
  EXPECT_EQ(Trim(" \t\u00a0\u202fa b\ufeff\r\n"), "a b");
  EXPECT_EQ(Trim("\u00a0"), "");
  EXPECT_EQ(Trim("\xff "), "\xff");
  EXPECT_EQ(CountCharacters("\u00e9\u20ac\U0001F600a"), 4u);
  EXPECT_EQ(FirstCharacter("\u20aca"), "\u20ac");
  EXPECT_EQ(FirstCharacter(""), "");
  EXPECT_FALSE(HasControl("a\u00e9\u200d"));
  EXPECT_TRUE(HasControl("a\x7f"));
  EXPECT_TRUE(HasControl("a\u0085"));
  EXPECT_TRUE(HasControl(std::string_view("\0", 1)));
  std::string secret = "value";
  WipeText(secret);
  EXPECT_TRUE(secret.empty());
}

TEST(NearestTest, DistanceAndSuggestion) {
  const struct {
    const char* why;
    const char* a;
    const char* b;
    std::size_t distance;
  } rows[] = {{"same", "abc", "abc", 0},
              {"empty", "", "abc", 3},
              {"missing", "retenton", "retention", 1},
              {"swapped", "retnetion", "retention", 1},
              {"replaced", "cat", "car", 1},
              {"classic", "kitten", "sitting", 3}};
  for (const auto& row : rows) {
    EXPECT_EQ(EditDistance(row.a, row.b), row.distance) << row.why;
    EXPECT_EQ(EditDistance(row.b, row.a), row.distance) << row.why;
  }
  const std::vector<std::string_view> known = {"retention_days", "fields", "purpose"};
  EXPECT_EQ(NearestName("feilds", known), "fields");
  EXPECT_EQ(NearestName("retention_day", known), "retention_days");
  EXPECT_EQ(NearestName("colour", known), "");
}

}  // namespace
}  // namespace cloison::text
