#include "codec/html.h"

#include <gtest/gtest.h>

namespace cloison::codec {
namespace {

TEST(Html, EscapesWhatCouldBeMarkup) {
  const struct {
    const char* why;
    std::string text, want;
  } rows[] = {
      {"plain", "Lyon Part-Dieu", "Lyon Part-Dieu"},
      {"letters of others stay", "Évry <1>", "Évry &lt;1&gt;"},
      {"a script", "<script>alert('x')</script>",
       "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
      {"an attribute's end", "\" onload=\"", "&quot; onload=&quot;"},
      {"a reference", "&lt;", "&amp;lt;"},
      {"not UTF-8", std::string("a\xff") + "b",
       "a\xef\xbf\xbd"
       "b"},
      {"cut inside a character", "a\xc3", "a\xef\xbf\xbd"},
      {"control characters", std::string("a\x1b[31m\n\0b", 9), "a[31mb"},
  };
  for (const auto& row : rows) EXPECT_EQ(HtmlEscaped(row.text), row.want) << row.why;
}

TEST(Html, GroupsDigits) {
  EXPECT_EQ(GroupedDigits(0), "0");
  EXPECT_EQ(GroupedDigits(999), "999");
  EXPECT_EQ(GroupedDigits(1'000), "1,000");
  EXPECT_EQ(GroupedDigits(36'800'000), "36,800,000");
}

TEST(Html, APageLoadsAndRunsNothing) {
  HtmlPage page("Title & more");
  page.BeginTable("Offices", {"office", "#people"}).Row({"<b>", "12"}).EndTable();
  const std::string html = page.Finish();
  EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(html.find("<h1>Title &amp; more</h1>"), std::string::npos);
  EXPECT_NE(html.find("<th scope=\"row\">&lt;b&gt;</th><td class=\"n\">12</td>"),
            std::string::npos);
  for (const char* never : {"http:", "https:", "<script", "src=", "url(", "@import", "href="}) {
    EXPECT_EQ(html.find(never), std::string::npos) << never;
  }
}

}  // namespace
}  // namespace cloison::codec
