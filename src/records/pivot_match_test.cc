#include "records/pivot_match.h"

#include <gtest/gtest.h>

namespace cloison::records {
namespace {

TEST(PivotMatchTest, NamesAreComparedAsTheyMayBeSpelt) {
  const struct {
    const char* why;
    const char* a;
    const char* b;
    bool same;
  } kRows[] = {
      {"as it is", "DUBOIS", "DUBOIS", true},
      {"case", "Dubois", "DUBOIS", true},
      {"accents", "LEFÈVRE", "Lefevre", true},
      {"a hyphen", "JEAN-PIERRE", "Jean Pierre", true},
      {"an apostrophe", "D'ARC", "D ARC", true},
      {"the other apostrophe", "D’ARC", "D'ARC", true},
      {"a ligature", "LECŒUR", "LECOEUR", true},
      {"two spaces", "LE  GOFF", "LE GOFF", true},
      {"spaces around", " LE GOFF ", "LE GOFF", true},
      {"another name", "DUBOIS", "DUBOIT", false},
      {"a part", "DUBOIS", "DUBOIS MARTIN", false},
      {"joined", "LE GOFF", "LEGOFF", false},
      {"an accent that stands for a letter of its own", "MØLLER", "MULLER", false},
      {"nothing is no name", "", "-", true},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(ComparableName(row.a) == ComparableName(row.b), row.same) << row.why;
  }
  EXPECT_EQ(ComparableName("\xff"), "") << "not UTF-8: matches nobody, since nobody has no name";
}

}  // namespace
}  // namespace cloison::records
