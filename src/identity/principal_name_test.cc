#include "identity/principal_name.h"

#include <gtest/gtest.h>

namespace cloison::identity {
namespace {

TEST(PrincipalName, IdsOfOthersAreOthers) {
  const PrincipalId id = PrincipalIdOf("https://sso.example", "u-1");
  // SHA-256("cloison-principal/https://sso.example" 00 "u-1"), by sha256sum.
  EXPECT_EQ(base::ToHex(id.bytes()), "8e4187b0062467a7e3ac58226b93fb7f");
  EXPECT_NE(id, PrincipalIdOf("https://sso.example", "u-2"));
  EXPECT_NE(id, PrincipalIdOf("https://sso.example/", "u-1"));
  EXPECT_NE(PrincipalIdOf("a", "bc"), PrincipalIdOf("ab", "c")) << "the 0 between them counts";
}

TEST(PrincipalName, ReadsAndPrints) {
  struct Row {
    const char* why;
    std::string text;
    bool good;
  };
  const Row rows[] = {
      {"plain", "sso:u-1", true},
      {"the second colon is the sub's", "sso:a:b", true},
      {"a sub that is a URL", "kc:https://x/y?z", true},
      {"the longest", std::string(32, 'a') + ":" + std::string(255, 'u'), true},
      {"no colon", "adviser.ft", false},
      {"no alias", ":u", false},
      {"no sub", "sso:", false},
      {"an alias in capitals", "SSO:u", false},
      {"an alias with a digit first", "1sso:u", false},
      {"an alias with a dot", "s.o:u", false},
      {"an alias of 33", std::string(33, 'a') + ":u", false},
      {"a sub of 256", "sso:" + std::string(256, 'u'), false},
      {"a space in the sub", "sso:a b", false},
      {"a control character", "sso:a\x01", false},
      {"beyond ASCII", "sso:\xc3\xa9", false},
      {"nothing", "", false},
  };
  for (const Row& row : rows) {
    const auto name = ParsePrincipalName(row.text);
    ASSERT_EQ(name.ok(), row.good) << row.why;
    if (row.good) {
      EXPECT_EQ(ToText(*name), row.text) << row.why;
    }
  }
}

}  // namespace
}  // namespace cloison::identity
