// One self-contained HTML page for people who open a file: nothing is loaded, nothing runs, light
// and dark by the reader's own setting, readable by a screen reader and on a narrow screen.
//
//   HtmlPage page("What the log tells");
//   page.Raw("<h2>").Text(title).Raw("</h2>");
//   return page.Finish();
//
// Text escapes, Raw does not: Raw takes literals and what was escaped before. Mind that a page
// which needs scripts or pictures does not belong here.
//
// Threads  one. Cost: appending.
#ifndef CLOISON_CODEC_HTML_H_
#define CLOISON_CODEC_HTML_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cloison::codec {

// & < > " and ' as references; bytes that are not UTF-8 as U+FFFD, control characters left out.
std::string HtmlEscaped(std::string_view text);
// "12,345": grouped by three.
std::string GroupedDigits(std::uint64_t number);

class HtmlPage {
 public:
  // The title is the page's first heading too.
  explicit HtmlPage(std::string_view title);

  HtmlPage& Raw(std::string_view html);
  HtmlPage& Text(std::string_view text);
  HtmlPage& Number(std::uint64_t number) { return Raw(GroupedDigits(number)); }
  HtmlPage& Paragraph(std::string_view text);
  HtmlPage& Heading(std::string_view text);  // second level

  // A table with its caption; numbers stand to the right. Columns whose name begins with '#' are of
  // numbers.
  HtmlPage& BeginTable(std::string_view caption, std::initializer_list<std::string_view> columns);
  HtmlPage& Row(std::initializer_list<std::string_view> cells);  // escaped; the first heads the row
  HtmlPage& EndTable();

  std::string Finish();

 private:
  std::string out_;
  std::uint64_t numbers_ = 0;  // of the open table: a bit per column
};

}  // namespace cloison::codec

#endif  // CLOISON_CODEC_HTML_H_
