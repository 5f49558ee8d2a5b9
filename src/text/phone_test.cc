#include "text/phone.h"

#include <gtest/gtest.h>

namespace cloison::text {
namespace {

TEST(PhoneTest, Accepts) {
  const struct {
    const char* why;
    const char* text;
    const char* want;
  } rows[] = {
      {"spaces", "06 39 98 12 34", "+33639981234"},
      {"dots", "01.99.00.12.34", "+33199001234"},
      {"dashes", "01-99-00-12-34", "+33199001234"},
      {"nothing", "0261911234", "+33261911234"},
      {"no-break spaces", "06\u00a039\u202f98 12 34", "+33639981234"},
      {"+33", "+33 6 39 98 12 34", "+33639981234"},
      {"0033", "0033639981234", "+33639981234"},
      {"trunk prefix in brackets", "+33 (0)6 39 98 12 34", "+33639981234"},
      {"trunk prefix kept", "+33 06 39 98 12 34", "+33639981234"},
      {"special number", "0 800 10 12 34", "+33800101234"},
      {"Guadeloupe", "0590 12 34 56", "+590590123456"},
      {"Guadeloupe, mobile", "0690123456", "+590690123456"},
      {"Guyane", "0594 12 34 56", "+594594123456"},
      {"Martinique", "0596 12 34 56", "+596596123456"},
      {"Martinique, mobile", "0696 12 34 56", "+596696123456"},
      {"Reunion", "0262 12 34 56", "+262262123456"},
      {"Reunion, mobile", "0692 12 34 56", "+262692123456"},
      {"Mayotte", "0269 12 34 56", "+262269123456"},
      {"Mayotte, mobile", "0639 01 23 45", "+262639012345"},
      {"the fiction block beside Mayotte", "0639 98 00 00", "+33639980000"},
      {"Saint-Pierre", "0508 41 12 34", "+508411234"},
      {"overseas behind +33", "+33 590 12 34 56", "+590590123456"},
      {"overseas, its own code", "+590 590 12 34 56", "+590590123456"},
      {"overseas, its own code and 0", "+262 0262 12 34 56", "+262262123456"},
      {"Belgium", "+32 470 12 34 56", "+32470123456"},
      {"Germany", "0049 30 1234567", "+49301234567"},
      {"United Kingdom", "+44 (0)20 7946 0958", "+442079460958"},
      {"Italy keeps its 0", "+39 06 1234 5678", "+390612345678"},
      {"Algeria", "+213 551 23 45 67", "+213551234567"},
      {"North America", "+1 212 555 0123", "+12125550123"},
  };
  for (const auto& row : rows) {
    const Result<std::string> got = CanonicalPhone(row.text);
    ASSERT_TRUE(got.ok()) << row.why << ": " << got.error().text();
    EXPECT_EQ(*got, row.want) << row.why;
    const Result<std::string> again = CanonicalPhone(*got);
    ASSERT_TRUE(again.ok()) << row.why;
    EXPECT_EQ(*again, *got) << row.why;
  }
}

TEST(PhoneTest, Refuses) {
  const struct {
    const char* why;
    std::string text;
  } rows[] = {
      {"empty", ""},
      {"spaces only", "   "},
      {"plus only", "+"},
      {"00 only", "00"},
      {"emergency number", "112"},
      {"short number", "3949"},
      {"9 digits: a spreadsheet ate the 0", "639981234"},
      {"9 digits with the 0", "063998123"},
      {"11 digits", "06399812345"},
      {"a third 0", "0009981234"},
      {"letters", "06 39 98 AB CD"},
      {"plus inside", "06+39981234"},
      {"an extension", "01 99 00 12 34 ext 5"},
      {"two numbers", "0199001234 / 0199001235"},
      {"wide digits", "０639981234"},
      {"unknown country code", "+999 12 34 56 78"},
      {"unassigned country code", "+210 12 34 56 78"},
      {"+33, one digit short", "+33 6 39 98 12 3"},
      {"+33, one digit long", "+33 6 39 98 12 345"},
      {"+33 with 00", "+33 0039981234"},
      {"+590 before a number of Paris", "+590 199 00 12 34"},
      {"Belgium, too short", "+32 470 12"},
      {"North America, too long", "+1 212 555 01234"},
      {"above 15 digits", "+49 30 12345678901234567"},
      {"a wall of digits", std::string(1000, '0')},
      {"not UTF-8", "0639981234\xff"},
      {"NUL inside", std::string("06399\0"
                                 "81234",
                                 11)},
  };
  for (const auto& row : rows) {
    const Result<std::string> got = CanonicalPhone(row.text);
    ASSERT_FALSE(got.ok()) << row.why;
    EXPECT_EQ(got.error().code(), Code::kInvalid) << row.why;
  }
}

}  // namespace
}  // namespace cloison::text
