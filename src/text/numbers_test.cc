// Agency identifiers, postal lines, bank accounts.
#include <gtest/gtest.h>

#include <vector>

#include "text/agency_id.h"
#include "text/iban.h"
#include "text/postal.h"

namespace cloison::text {
namespace {

TEST(AgencyIdTest, AcceptsBothForms) {
  const struct {
    const char* why;
    const char* text;
    const char* want;
  } rows[] = {{"digit last", "12345678", "12345678"},
              {"letter last", "1234567A", "1234567A"},
              {"small letter", " 1234567b ", "1234567B"},
              {"zeros ahead stay", "00000012", "00000012"},
              {"national form", "12345678901", "12345678901"},
              {"national form, zeros ahead", "\u00a000000000012\t", "00000000012"}};
  for (const auto& row : rows) {
    const Result<std::string> got = CanonicalAgencyId(row.text);
    ASSERT_TRUE(got.ok()) << row.why;
    EXPECT_EQ(*got, row.want) << row.why;
  }
}

TEST(AgencyIdTest, Refuses) {
  const struct {
    const char* why;
    const char* text;
  } rows[] = {{"empty", ""},
              {"7", "1234567"},
              {"9", "123456789"},
              {"10", "1234567890"},
              {"12", "123456789012"},
              {"letter first", "A2345678"},
              {"two letters", "123456AB"},
              {"letter in the national form", "1234567890A"},
              {"space inside", "1234 567"},
              {"accent", "123456É"},
              {"wide digits", "１2345678"},
              {"not UTF-8", "1234567\xff"},
              {"sign", "1234567-"}};
  for (const auto& row : rows) EXPECT_FALSE(CanonicalAgencyId(row.text).ok()) << row.why;
}

TEST(IbanTest, Accepts) {
  const struct {
    const char* why;
    const char* text;
    const char* want;
  } rows[] = {
      {"France, of the registry", "FR14 2004 1010 0505 0001 3M02 606",
       "FR1420041010050500013M02606"},
      {"small letters", "fr1420041010050500013m02606", "FR1420041010050500013M02606"},
      {"no-break spaces", "FR14\u00a02004\u202f1010050500013M02606", "FR1420041010050500013M02606"},
      {"Germany", "DE89370400440532013000", "DE89370400440532013000"},
      {"Norway, the shortest", "NO9386011117947", "NO9386011117947"},
      {"Malta, long", "MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"},
      {"outside the table", "BR1800360305000010009795493C1", "BR1800360305000010009795493C1"},
  };
  for (const auto& row : rows) {
    const Result<std::string> got = CanonicalIban(row.text);
    ASSERT_TRUE(got.ok()) << row.why << ": " << got.error().text();
    EXPECT_EQ(*got, row.want) << row.why;
  }
}

TEST(IbanTest, Refuses) {
  const struct {
    const char* why;
    std::string text;
  } rows[] = {
      {"empty", ""},
      {"wrong check digits", "FR1520041010050500013M02606"},
      {"one wrong digit", "FR1420041010050500013M02607"},
      {"two swapped", "FR1420041010050500013M02660"},
      {"too short for France", "FR142004101005050001302606"},
      {"too long for Germany", "DE893704004405320130000"},
      {"check digits 99 for 02", "DE99370400440532013000"},
      {"no country", "1420041010050500013M02606FR"},
      {"letters for check digits", "FRAB20041010050500013M02606"},
      {"dashes", "FR14-2004-1010-0505-0001-3M02-606"},
      {"14 characters", "NO938601111794"},
      {"35 characters", "BR18" + std::string(31, '0')},
      {"a wall of text", std::string(1000, 'F')},
      {"not UTF-8", "FR1420041010050500013M02606\xff"},
  };
  for (const auto& row : rows) EXPECT_FALSE(CanonicalIban(row.text).ok()) << row.why;
}

using Lines = std::vector<std::string_view>;

TEST(PostalTest, Lines) {
  const std::string l38(38, 'A');
  const std::string l39(39, 'A');
  const std::string accents = [] {
    std::string out;
    for (int i = 0; i < 38; ++i) out += "E\u0301";
    return out;
  }();
  const struct {
    const char* why;
    Lines lines;
    PostalCountry country;
    std::int64_t wrong_line;  // -1: accepted
  } rows[] = {
      {"an ordinary one",
       {"MME ANNE MARTIN", "12 RUE DES LILAS", "75011 PARIS"},
       PostalCountry::kFrance,
       -1},
      {"one line", {"75011 PARIS"}, PostalCountry::kFrance, -1},
      {"38 characters", {l38, "75011 PARIS"}, PostalCountry::kFrance, -1},
      {"38 accents in 114 bytes", {accents, "75011 PARIS"}, PostalCountry::kFrance, -1},
      {"6 lines", {"A", "B", "C", "D", "E", "75011 PARIS"}, PostalCountry::kFrance, -1},
      {"7 abroad",
       {"A", "B", "C", "D", "E", "1000 BRUXELLES", "BELGIQUE"},
       PostalCountry::kAbroad,
       -1},
      {"armed forces", {"CPL X", "00100 ARMEES"}, PostalCountry::kFrance, -1},
      {"no line", {}, PostalCountry::kFrance, 0},
      {"7 lines", {"A", "B", "C", "D", "E", "F", "75011 PARIS"}, PostalCountry::kFrance, 7},
      {"8 abroad", {"A", "B", "C", "D", "E", "F", "G", "H"}, PostalCountry::kAbroad, 8},
      {"39 characters", {"A", l39, "75011 PARIS"}, PostalCountry::kFrance, 2},
      {"an empty line", {"A", "", "75011 PARIS"}, PostalCountry::kFrance, 2},
      {"a line of spaces", {"A", "  ", "75011 PARIS"}, PostalCountry::kFrance, 2},
      {"a line break inside", {"A\nB", "75011 PARIS"}, PostalCountry::kFrance, 1},
      {"not UTF-8", {"A\xff", "75011 PARIS"}, PostalCountry::kFrance, 1},
      {"no postcode", {"A", "PARIS"}, PostalCountry::kFrance, 2},
      {"postcode alone", {"A", "75011"}, PostalCountry::kFrance, 2},
      {"postcode of 4 digits", {"A", "7501 PARIS"}, PostalCountry::kFrance, 2},
      {"postcode run into the place", {"A", "75011PARIS"}, PostalCountry::kFrance, 2},
      {"place before postcode", {"A", "PARIS 75011"}, PostalCountry::kFrance, 2},
  };
  for (const auto& row : rows) {
    const Status status = CheckPostalLines(row.lines, row.country);
    EXPECT_EQ(status.ok(), row.wrong_line == -1) << row.why;
    if (!status.ok()) {
      EXPECT_EQ(status.error().detail(), row.wrong_line) << row.why;
    }
  }
}

TEST(PostalTest, Printed) {
  const std::string sharp = "12 RUE " + std::string(30, 'A') + "ß";
  const struct {
    const char* why;
    Lines lines;
    PostalCountry country;
    Lines want;  // empty: refused
  } rows[] = {
      {"the last three in capitals",
       {"Mme Anne Martin", "Bât. B", "12, rue des Lilas", "BP 7", "75011 Paris"},
       PostalCountry::kFrance,
       {"Mme Anne Martin", "Bât. B", "12 RUE DES LILAS", "BP 7", "75011 PARIS"}},
      {"signs are spaces, spaces single",
       {"3  bis, av. de l'Église", "20250 Saint-Lucie-de-Tallano"},
       PostalCountry::kFrance,
       {"3 BIS AV DE L ÉGLISE", "20250 SAINT LUCIE DE TALLANO"}},
      {"a typographic apostrophe is a sign",
       {"75011 L’Haÿ"},
       PostalCountry::kFrance,
       {"75011 L HAŸ"}},
      {"ligatures have capitals", {"91000 Œuvre"}, PostalCountry::kFrance, {"91000 ŒUVRE"}},
      {"three lines or fewer: all",
       {"rue x", "1000 Bruxelles", "Belgique"},
       PostalCountry::kAbroad,
       {"RUE X", "1000 BRUXELLES", "BELGIQUE"}},
      {"capitals of 39 characters", {sharp, "75011 Paris"}, PostalCountry::kFrance, {}},
      {"nothing but signs", {"---", "75011 Paris"}, PostalCountry::kFrance, {}},
      {"a place of nothing but signs", {"75011 %"}, PostalCountry::kFrance, {}},
      {"a wrong address stays wrong", {"12 rue x", "Paris"}, PostalCountry::kFrance, {}},
  };
  for (const auto& row : rows) {
    const auto printed = PrintedPostalLines(row.lines, row.country);
    ASSERT_EQ(printed.ok(), !row.want.empty()) << row.why;
    if (!printed.ok()) continue;
    ASSERT_EQ(printed->size(), row.want.size()) << row.why;
    for (std::size_t i = 0; i < printed->size(); ++i) {
      EXPECT_EQ((*printed)[i], row.want[i]) << row.why;
    }
  }
}

TEST(PostalTest, Postcodes) {
  const struct {
    const char* why;
    const char* text;
    bool good;
  } rows[] = {{"Paris", "75011", true},
              {"spaces around", " 20000 ", true},
              {"overseas", "97400", true},
              {"Monaco", "98000", true},
              {"armed forces", "00100", true},
              {"zeros", "00000", false},
              {"00099", "00099", false},
              {"99 is abroad", "99100", false},
              {"4 digits", "7501", false},
              {"6 digits", "750110", false},
              {"letters", "2A004", false},
              {"space inside", "75 011", false},
              {"empty", "", false}};
  for (const auto& row : rows) EXPECT_EQ(CanonicalPostcode(row.text).ok(), row.good) << row.why;
}

}  // namespace
}  // namespace cloison::text
