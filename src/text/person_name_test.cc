#include "text/person_name.h"

#include <gtest/gtest.h>

#include "text/utf8.h"

namespace cloison::text {
namespace {

TEST(PersonName, IsPlain) {
  const struct {
    const char* why;
    const char* name;
    const char* plain;
  } rows[] = {
      {"nothing", "", ""},
      {"as it is", "MARTIN", "MARTIN"},
      {"accents go", "Lefèvre-Ñuñez Çelik", "LEFEVRE NUNEZ CELIK"},
      {"accents that stand alone, too", "Lefe\xCC\x80vre", "LEFEVRE"},
      {"letters that are two", "Lebœuf Æbi Weiß", "LEBOEUF AEBI WEISS"},
      {"letters with a stroke", "Łukasz Bjørn Đorđe", "LUKASZ BJORN DORDE"},
      {"apostrophes join", "d'Arc O’Neil", "DARC ONEIL"},
      {"hyphens and dots part", "J.-P. Le  Goff", "J P LE GOFF"},
      {"short for saint", "St-Hilaire Ste.Croix", "SAINT HILAIRE SAINTE CROIX"},
      {"ST within a word stays", "Stéphane", "STEPHANE"},
      {"full-width letters", "\xEF\xBC\xA1\xEF\xBC\xA2", "AB"},
      {"digits are no letters", "Louis 14", "LOUIS"},
      {"another script", "Иванов", ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Result<std::string> plain = PlainName(row.name);
    ASSERT_TRUE(plain.ok());
    EXPECT_EQ(*plain, row.plain);
  }
  EXPECT_EQ(PlainName("\xFF").error().code(), Code::kInvalid);
  EXPECT_EQ(PlainName(std::string(kTextBytesMax + 1, 'A')).error().code(), Code::kExhausted);
}

TEST(PersonName, HasVariants) {
  const struct {
    const char* why;
    const char* plain;
    std::vector<std::string> variants;
  } rows[] = {
      {"nothing", "", {}},
      {"one word", "MARTIN", {"MARTIN"}},
      {"two", "MARTIN DURAND", {"MARTINDURAND", "MARTIN", "DURAND"}},
      {"particles before", "DE LA TOUR", {"DELATOUR", "TOUR"}},
      {"particles between", "TOUR DU PIN", {"TOURDUPIN", "TOUR", "PIN"}},
      {"particles alone", "DE LA", {"DELA"}},
      {"a short word", "LE GO", {"LEGO", "GO"}},
      {"six at most",
       "AAA BBB CCC DDD EEE FFF GGG",
       {"AAABBBCCCDDDEEEFFFGGG", "AAA", "BBB", "CCC", "DDD", "EEE"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(NameVariants(row.plain), row.variants);
  }
  EXPECT_EQ(NameVariants("MARTIN DURAND", 2).size(), 2u);
}

// Pairs from the article's examples and from what people write.
TEST(PersonName, SoundsTheSame) {
  const std::pair<const char*, const char*> same[] = {
      {"BEAULAC", "BAULAC"},       {"RONDEAUX", "RONDO"},
      {"PINCHAUD", "PINCHO"},      {"LEFEBVRE", "LEFEVRE"},
      {"GAUTHIER", "GOTIER"},      {"PHILIPPE", "FILIPE"},
      {"LAROCQUE", "LAROKE"},      {"CAMILLE", "KAMILLE"},
      {"MACE", "MASSE"},           {"HALLEY", "ALE"},
      {"IMBEAULT", "INBO"},        {"ARCHEMBAULT", "ARCHENBO"},
      {"RAIMOND", "RAYMON"},       {"MEYER", "MEIER"},
      {"BOULANGER", "BOULENJER"},  {"GEORGES", "JORJE"},
      {"SCIPION", "SIPION"},       {"MIGNIER", "MIGNER"},
      {"DUPONT", "DUPOND"},        {"CAZEAU", "KASO"},
      {"MCNEIL", "MACNEIL"},       {"GUY", "GUI"},
      {"MIGNON", "MINION"},        {"THIBAULT", "TIBAUT"},
      {"QUENNEVILLE", "KENEVILE"}, {"MARTIN", "MARTAIN"},
      {"ASHED", "ACHED"},
  };
  for (const auto& [a, b] : same) EXPECT_EQ(SoundOf(a), SoundOf(b)) << a << " " << b;
  const std::pair<const char*, const char*> other[] = {
      {"MARTIN", "MARTEL"}, {"PETIT", "PETIOT"}, {"DURAND", "DUPONT"},
      {"ANNE", "ANNIE"},    {"GUY", "JUI"},      {"CORINNE", "CELINE"},
  };
  for (const auto& [a, b] : other) EXPECT_NE(SoundOf(a), SoundOf(b)) << a << " " << b;
  EXPECT_EQ(SoundOf("H"), "H") << "never empty";
  EXPECT_EQ(SoundOf(""), "");
}

TEST(PersonName, Likeness) {
  // Winkler's own examples.
  EXPECT_NEAR(Likeness("MARTHA", "MARHTA"), 0.961, 0.001);
  EXPECT_NEAR(Likeness("DWAYNE", "DUANE"), 0.84, 0.001);
  EXPECT_NEAR(Likeness("DIXON", "DICKSONX"), 0.813, 0.001);
  EXPECT_EQ(Likeness("MARTIN", "MARTIN"), 1);
  EXPECT_EQ(Likeness("ABC", "XYZ"), 0);
  EXPECT_EQ(Likeness("", "A"), 0);
  EXPECT_EQ(Likeness("", ""), 1);
  const std::string longest(10'000, 'A');
  EXPECT_EQ(Likeness(longest, longest + "B"), 1) << "what follows is not compared";
}

}  // namespace
}  // namespace cloison::text
