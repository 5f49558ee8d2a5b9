#include "net/url.h"

#include <gtest/gtest.h>

#include <optional>

namespace cloison::net {
namespace {

TEST(UrlTest, Parses) {
  const struct {
    const char* why;
    std::string text;
    std::string want;  // "https|host|port|path|query", empty: refused
  } kRows[] = {
      {"plain", "https://a.example", "1|a.example|443|/|"},
      {"all parts", "https://A.example:8443/v1/x?y=1", "1|a.example|8443|/v1/x|y=1"},
      {"http", "http://127.0.0.1:80/", "0|127.0.0.1|80|/|"},
      {"an IPv6 address", "https://[::1]:1/", "1|::1|1|/|"},
      {"a query without a path", "https://a?b", "1|a|443|/|b"},
      {"another scheme", "ftp://a/", ""},
      {"no scheme", "a.example/", ""},
      {"nothing", "", ""},
      {"no host", "https:///x", ""},
      {"user information", "https://me@a/", ""},
      {"a password", "https://me:word@a/", ""},
      {"a fragment", "https://a/#x", ""},
      {"a space", "https://a/b c", ""},
      {"a line", "https://a/b\r\nc", ""},
      {"a backslash", "https://a\\b/", ""},
      {"port zero", "https://a:0/", ""},
      {"port too large", "https://a:65536/", ""},
      {"port empty", "https://a:/", ""},
      {"port signed", "https://a:+1/", ""},
      {"bracket open", "https://[::1/", ""},
      {"text after the bracket", "https://[::1]x/", ""},
      {"a name in brackets", "https://[abc]/", ""},
      {"a bad escape", "https://a/%4", ""},
      {"a zero byte", "https://a/%00", ""},
      {"too long", "https://a/" + std::string(kUrlBytesMax, 'x'), ""},
  };
  for (const auto& row : kRows) {
    const Result<Url> url = ParseUrl(row.text);
    EXPECT_EQ(url.ok(), !row.want.empty()) << row.why;
    if (!url.ok()) continue;
    EXPECT_EQ(std::to_string(url->https ? 1 : 0) + "|" + url->host + "|" +
                  std::to_string(url->port) + "|" + url->path + "|" + url->query,
              row.want)
        << row.why;
  }
}

TEST(UrlTest, DecodesEscapes) {
  const struct {
    const char* why;
    std::string text;
    std::optional<std::string> want;
  } kRows[] = {
      {"none", "abc", "abc"},
      {"one", "%41b", "Ab"},
      {"at the end", "a%2f", "a/"},
      {"a plus stays", "a+b", "a+b"},
      {"cut", "%4", std::nullopt},
      {"alone", "%", std::nullopt},
      {"not digits", "%zz", std::nullopt},
      {"zero", "%00", std::nullopt},
      {"signed", "%+1", std::nullopt},
  };
  for (const auto& row : kRows) {
    const Result<std::string> got = PercentDecode(row.text);
    ASSERT_EQ(got.ok(), row.want.has_value()) << row.why;
    if (got.ok()) {
      EXPECT_EQ(*got, *row.want) << row.why;
    }
  }
}

TEST(UrlTest, EncodingIsUndone) {
  std::string every;
  for (int c = 1; c < 256; ++c) every.push_back(static_cast<char>(c));
  EXPECT_EQ(*PercentDecode(PercentEncode(every)), every);
  EXPECT_EQ(PercentEncode("a b/c~"), "a%20b%2Fc~");
}

TEST(UrlTest, SplitsQueries) {
  const struct {
    const char* why;
    std::string query;
    std::optional<std::string> want;
  } kRows[] = {
      {"empty", "", ""},
      {"two", "a=1&b=%32", "a:1;b:2;"},
      {"no value", "a&b=", "a:;b:;"},
      {"a value with =", "a=b=c", "a:b=c;"},
      {"an empty name", "=1", std::nullopt},
      {"an empty parameter", "a=1&&b=2", std::nullopt},
      {"an empty one at the end", "a=1&", std::nullopt},
      {"twice", "a=1&a=2", std::nullopt},
      {"twice, once escaped", "a=1&%61=2", std::nullopt},
      {"a bad escape", "a=%x", std::nullopt},
  };
  for (const auto& row : kRows) {
    const auto got = ParseQuery(row.query);
    ASSERT_EQ(got.ok(), row.want.has_value()) << row.why;
    if (!got.ok()) continue;
    std::string text;
    for (const auto& [name, value] : *got) text += name + ":" + value + ";";
    EXPECT_EQ(text, *row.want) << row.why;
  }
  std::string many = "a0=";
  for (std::size_t i = 1; i <= kQueryParametersMax; ++i) many += "&a" + std::to_string(i) + "=";
  EXPECT_EQ(ParseQuery(many).error().code(), Code::kExhausted);
}

}  // namespace
}  // namespace cloison::net
