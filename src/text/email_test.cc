#include "text/email.h"

#include <gtest/gtest.h>

namespace cloison::text {
namespace {

TEST(EmailTest, Accepts) {
  const struct {
    const char* why;
    std::string text;
    std::string want;
  } rows[] = {
      {"plain", "jean@example.org", "jean@example.org"},
      {"case and spaces", "  Jean.DUPONT@Example.ORG\u00a0", "jean.dupont@example.org"},
      {"plus", "jean+caf@example.org", "jean+caf@example.org"},
      {"international domain", "jean@Émile.example", "jean@xn--mile-9oa.example"},
      {"the same, composed apart", "jean@E\u0301mile.example", "jean@xn--mile-9oa.example"},
      {"already in IDNA", "jean@xn--mile-9oa.example", "jean@xn--mile-9oa.example"},
      {"sharp s is kept apart from ss", "jean@straße.example", "jean@xn--strae-oqa.example"},
      {"international local part", "É.dupont@example.org", "é.dupont@example.org"},
      {"the same, composed apart", "E\u0301.dupont@example.org", "é.dupont@example.org"},
      {"64 bytes before the @", std::string(64, 'a') + "@example.org",
       std::string(64, 'a') + "@example.org"},
  };
  for (const auto& row : rows) {
    const Result<std::string> got = CanonicalEmail(row.text);
    ASSERT_TRUE(got.ok()) << row.why << ": " << got.error().text();
    EXPECT_EQ(*got, row.want) << row.why;
    const Result<std::string> again = CanonicalEmail(*got);
    ASSERT_TRUE(again.ok()) << row.why;
    EXPECT_EQ(*again, *got) << row.why;
  }
}

TEST(EmailTest, Refuses) {
  const std::string long_domain = std::string(60, 'a') + "." + std::string(60, 'b') + "." +
                                  std::string(60, 'c') + "." + std::string(60, 'd') + ".example";
  const struct {
    const char* why;
    std::string text;
    Code want;
  } rows[] = {
      {"empty", "", Code::kInvalid},
      {"no @", "example.org", Code::kInvalid},
      {"two @", "a@b@example.org", Code::kInvalid},
      {"nothing before", "@example.org", Code::kInvalid},
      {"nothing behind", "jean@", Code::kInvalid},
      {"no top-level domain", "jean@localhost", Code::kInvalid},
      {"dot at the end of the domain", "jean@example.org.", Code::kInvalid},
      {"dot at the head of the domain", "jean@.example.org", Code::kInvalid},
      {"two dots in the domain", "jean@example..org", Code::kInvalid},
      {"address of numbers", "jean@192.0.2.1", Code::kInvalid},
      {"address literal", "jean@[192.0.2.1]", Code::kInvalid},
      {"underscore in the domain", "jean@exa_mple.org", Code::kInvalid},
      {"dash at the head of a label", "jean@-example.org", Code::kInvalid},
      {"quoted local part", "\"jean dupont\"@example.org", Code::kInvalid},
      {"comment", "jean(work)@example.org", Code::kInvalid},
      {"space inside", "jean dupont@example.org", Code::kInvalid},
      {"no-break space inside", "jean\u00a0dupont@example.org", Code::kInvalid},
      {"display name", "Jean <jean@example.org>", Code::kInvalid},
      {"two addresses", "a@example.org,b@example.org", Code::kInvalid},
      {"dot at the head", ".jean@example.org", Code::kInvalid},
      {"dot at the end", "jean.@example.org", Code::kInvalid},
      {"two dots", "jean..dupont@example.org", Code::kInvalid},
      {"line break: a second header", "jean@example.org\r\nBcc: x@example.org", Code::kInvalid},
      {"control character",
       "je\x01"
       "an@example.org",
       Code::kInvalid},
      {"C1 control", "je\u0085an@example.org", Code::kInvalid},
      {"not UTF-8",
       "je\xff"
       "an@example.org",
       Code::kInvalid},
      {"65 bytes before the @", std::string(65, 'a') + "@example.org", Code::kExhausted},
      {"a label above 63", "a@" + std::string(64, 'b') + ".org", Code::kInvalid},
      {"254 exceeded", std::string(64, 'a') + "@" + long_domain, Code::kExhausted},
      {"a wall of text", std::string(100000, 'a'), Code::kExhausted},
  };
  for (const auto& row : rows) {
    const Result<std::string> got = CanonicalEmail(row.text);
    ASSERT_FALSE(got.ok()) << row.why;
    EXPECT_EQ(got.error().code(), row.want) << row.why << ": " << got.error().text();
  }
}

}  // namespace
}  // namespace cloison::text
