#include "text/base32.h"

#include <gtest/gtest.h>

namespace cloison::text {
namespace {

TEST(Base32Test, EverySymbolComesBack) {
  for (std::uint8_t digit = 0; digit < 32; ++digit) {
    const Result<std::uint8_t> back = Base32Digit(Base32Symbol(digit));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, digit);
  }
}

TEST(Base32Test, ExactlyTheseCharactersAreSymbols) {
  const std::string_view all = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyzOoIiLl";
  for (int c = 0; c < 256; ++c) {
    const bool want = all.find(static_cast<char>(c)) != std::string_view::npos;
    EXPECT_EQ(Base32Digit(static_cast<char>(c)).ok(), want) << c;
  }
}

TEST(Base32Test, ReadsCodes) {
  const struct {
    const char* why;
    const char* text;
    const char* want;  // "": refused
  } rows[] = {
      {"as shown", "0123-4567-89AB-CDEF", "0123-4567-89AB-CDEF"},
      {"no dashes", "0123456789ABCDEF", "0123-4567-89AB-CDEF"},
      {"one dash", "01234567-89ABCDEF", "0123-4567-89AB-CDEF"},
      {"small letters", "ghjk-mnpq-rstv-wxyz", "GHJK-MNPQ-RSTV-WXYZ"},
      {"O, I and L", "OoIi-Ll00-0000-0000", "0011-1100-0000-0000"},
      {"empty", "", ""},
      {"15 symbols", "0123-4567-89AB-CDE", ""},
      {"17 symbols", "0123-4567-89AB-CDEF0", ""},
      {"U", "U123-4567-89AB-CDEF", ""},
      {"two dashes", "0123--4567-89AB-CDEF", ""},
      {"dash out of place", "012-34567-89AB-CDEF", ""},
      {"dash in front", "-0123-4567-89AB-CDEF", ""},
      {"dash behind", "0123-4567-89AB-CDEF-", ""},
      {"space", "0123 4567 89AB CDEF", ""},
      {"accent", "\u00c9123-4567-89AB-CDE", ""},
  };
  for (const auto& row : rows) {
    const Result<CodeDigits> digits = ParseCode(row.text);
    ASSERT_EQ(digits.ok(), row.want[0] != '\0') << row.why;
    if (digits.ok()) {
      EXPECT_EQ(FormatCode(*digits), row.want) << row.why;
    }
  }
}

}  // namespace
}  // namespace cloison::text
