#include "text/nir.h"

#include <gtest/gtest.h>

#include <string>

namespace cloison::text {
namespace {

struct Accepted {
  const char* why;
  const char* text;
  const char* canonical;
  int month;
  Nir::Place place;
};

TEST(NirTest, Accepts) {
  const Accepted rows[] = {
      {"published", "295109912611193", "2951099126111", 10, Nir::Place::kAbroad},
      {"published, 2A", "253072A07300443", "253072A073004", 7, Nir::Place::kDepartment},
      {"published, 2B", "253072B07300470", "253072B073004", 7, Nir::Place::kDepartment},
      {"published", "184127645108946", "1841276451089", 12, Nir::Place::kDepartment},
      {"lower case", "253072a07300443", "253072A073004", 7, Nir::Place::kDepartment},
      {"as printed", "1 84 12 76 451 089 46", "1841276451089", 12, Nir::Place::kDepartment},
      {"no-break spaces", "1\u00a084\u202f12 76 451 089 46", "1841276451089", 12,
       Nir::Place::kDepartment},
      {"spaces at the ends", "  184127645108946\t", "1841276451089", 12, Nir::Place::kDepartment},
      {"only before the key", "1841276451089 46", "1841276451089", 12, Nir::Place::kDepartment},
      {"pseudo-month 20", "184207645108977", "1842076451089", 20, Nir::Place::kDepartment},
      {"pseudo-month 42", "184427645108941", "1844276451089", 42, Nir::Place::kDepartment},
      {"pseudo-month 50", "184507645108972", "1845076451089", 50, Nir::Place::kDepartment},
      {"pseudo-month 99", "184997645108980", "1849976451089", 99, Nir::Place::kDepartment},
      {"overseas", "184129741008930", "1841297410089", 12, Nir::Place::kOverseas},
      {"pseudo-month 30, the last of its row", "184307645108943", "1843076451089", 30,
       Nir::Place::kDepartment},
      {"pseudo-month 31", "184317645108959", "1843176451089", 31, Nir::Place::kDepartment},
      {"Corsica before 1976", "175122000408983", "1751220004089", 12, Nir::Place::kDepartment},
      {"Algeria before 1962", "158129235208975", "1581292352089", 12, Nir::Place::kDepartment},
      {"Morocco before 1956", "150129535008958", "1501295350089", 12, Nir::Place::kDepartment},
      {"Mayotte", "184129760808907", "1841297608089", 12, Nir::Place::kOverseas},
      {"New Caledonia", "184129881808982", "1841298818089", 12, Nir::Place::kOverseas},
      {"abroad", "284129913900193", "2841299139001", 12, Nir::Place::kAbroad},
      {"temporary, 4", "484127645108990", "4841276451089", 12, Nir::Place::kUnchecked},
      {"temporary, 8, born abroad", "884129935200196", "8841299352001", 12, Nir::Place::kUnchecked},
      {"temporary with a pseudo-month", "884509935200125", "8845099352001", 50,
       Nir::Place::kUnchecked},
      {"overseas commune 90", "184129749008955", "1841297490089", 12, Nir::Place::kOverseas},
      {"2A with a pseudo-month", "253202A07300457", "253202A073004", 20, Nir::Place::kDepartment},
      {"temporary, 7", "784127645108937", "7841276451089", 12, Nir::Place::kUnchecked},
      {"temporary, place unknown", "384120000000097", "3841200000000", 12, Nir::Place::kUnchecked},
  };
  for (const Accepted& row : rows) {
    const Result<Nir> nir = ParseNir(row.text, true);
    ASSERT_TRUE(nir.ok()) << row.why;
    EXPECT_EQ(nir->canonical(), row.canonical) << row.why;
    EXPECT_EQ(nir->month(), row.month) << row.why;
    EXPECT_EQ(nir->place(), row.place) << row.why;
    const Result<int> key = NirKey(row.canonical);
    ASSERT_TRUE(key.ok()) << row.why;
    EXPECT_EQ(nir->key(), *key) << row.why;
  }
}

struct Refused {
  const char* why;
  std::string text;
};

// Each has the key that fits its digits, unless the key is the fault.
TEST(NirTest, Refuses) {
  const Refused rows[] = {
      {"empty", ""},
      {"13 characters, no key", "1841276451089"},
      {"14 characters", "18412764510894"},
      {"16 characters", "1841276451089460"},
      {"a wall of text", std::string(1000, '1')},
      {"published wrong key", "295109912611199"},
      {"the specimen", "269054958815780"},
      {"the specimen with spaces", "2 69 05 49 588 157 80"},
      {"key 00", "184127645108900"},
      {"key of letters", "1841276451089AB"},
      {"Corsican letter read as 20", "253072007300443"},
      {"2A with the key of 2B", "253072A07300470"},
      {"2C is no department", "253072C07300443"},
      {"letter elsewhere", "2530A2A07300443"},
      {"letter at the place, not behind 2", "253071A07300443"},
      {"first digit 0", "084127645108996"},
      {"first digit 5", "584127645108940"},
      {"first digit 9", "984127645108934"},
      {"month 00", "184007645108948"},
      {"month 13", "184137645108962"},
      {"month 19", "184197645108961"},
      {"month 43", "184437645108957"},
      {"month 49", "184497645108956"},
      {"month 43 of a temporary number", "784437645108948"},
      {"first digit 6", "684127645108987"},
      {"department 00", "184120045108961"},
      {"commune 000", "184127600008993"},
      {"commune 991", "184127699108945"},
      {"overseas commune 00", "184129740008939"},
      {"overseas commune 91", "184129749108925"},
      {"order 000", "184127645100038"},
      {"two spaces", "1  84 12 76 451 089 46"},
      {"space inside a group", "18 4 12 76 451 089 46"},
      {"dashes", "1-84-12-76-451-089-46"},
      {"wide digits", "１84127645108946"},
      {"not UTF-8", "184127645108946\xff"},
      {"NUL inside", std::string("1841276451\08946", 15)},
  };
  for (const Refused& row : rows) {
    const Result<Nir> nir = ParseNir(row.text, true);
    ASSERT_FALSE(nir.ok()) << row.why;
    EXPECT_EQ(nir.error().code(), Code::kInvalid) << row.why;
  }
}

TEST(NirTest, SpecimenIsForRehearsals) {
  EXPECT_TRUE(ParseNir("269054958815780", false).ok());
  EXPECT_FALSE(ParseNir("269054958815780", true).ok());
}

TEST(NirTest, EverySingleWrongDigitIsFound) {
  const std::string good = "295109912611193";
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string text = good;
      if (text[at] == digit) continue;
      text[at] = digit;
      EXPECT_FALSE(ParseNir(text, true).ok()) << at << digit;
    }
  }
}

TEST(NirTest, KeyNeedsTheCanonicalForm) {
  for (const char* text :
       {"", "184127645108", "18412764510890", "253072a073004", "A841276451089"}) {
    EXPECT_FALSE(NirKey(text).ok()) << text;
  }
}

}  // namespace
}  // namespace cloison::text
