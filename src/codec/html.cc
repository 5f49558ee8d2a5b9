#include "codec/html.h"

#include "base/utf8.h"

namespace cloison::codec {

namespace {

// Colours have a contrast of 4.5 or more on both grounds; shapes and words say the same.
constexpr std::string_view kHead = R"(<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<style>
:root{--ground:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--one:#0550ae;--two:#953800;
--three:#116329;--fill:#eaeef2}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--ink:#e6edf3;--soft:#9da7b1;
--line:#3d444d;--one:#79c0ff;--two:#ffa657;--three:#7ee787;--fill:#21262d}}
body{margin:0 auto;max-width:70rem;padding:1rem;background:var(--ground);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;margin-top:2.5rem}
p,li{max-width:50rem}.soft{color:var(--soft)}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding-bottom:.4rem}
th,td{padding:.25rem .75rem .25rem 0;text-align:left;border-bottom:1px solid var(--line);
vertical-align:top}
th.n,td.n{text-align:right}
svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
svg .grid{stroke:var(--line)}svg .one{stroke:var(--one)}svg .two{stroke:var(--two)}
svg .three{stroke:var(--three)}svg .bar1{fill:var(--one)}svg .bar2{fill:var(--two)}
svg .bar3{fill:var(--three)}svg .out{fill:none;stroke:var(--two);stroke-dasharray:3 2}
figure{margin:1rem 0}figcaption{font-weight:600;margin-bottom:.4rem}
:focus-visible{outline:3px solid var(--one)}
@media print{body{max-width:none}}
</style>
)";

}  // namespace

std::string HtmlEscaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t good = base::FirstInvalidUtf8(text).value_or(text.size());
    for (const char c : text.substr(0, good)) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '&') {
        out += "&amp;";
      } else if (c == '<') {
        out += "&lt;";
      } else if (c == '>') {
        out += "&gt;";
      } else if (c == '"') {
        out += "&quot;";
      } else if (c == '\'') {
        out += "&#39;";
      } else if (byte >= 0x20 && byte != 0x7f) {
        out += c;
      }
    }
    text.remove_prefix(good);
    if (text.empty()) break;
    out += "\xef\xbf\xbd";
    text.remove_prefix(1);
  }
  return out;
}

std::string GroupedDigits(std::uint64_t number) {
  constexpr int kGroup = 3;
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - kGroup; at > 0; at -= kGroup) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

HtmlPage::HtmlPage(std::string_view title) {
  Raw("<!doctype html>\n<html lang=\"en\">\n<head>\n").Raw(kHead);
  Raw("<title>").Text(title).Raw("</title>\n</head>\n<body>\n<main>\n<h1>").Text(title);
  Raw("</h1>\n");
}

HtmlPage& HtmlPage::Raw(std::string_view html) {
  out_ += html;
  return *this;
}

HtmlPage& HtmlPage::Text(std::string_view text) {
  out_ += HtmlEscaped(text);
  return *this;
}

HtmlPage& HtmlPage::Paragraph(std::string_view text) {
  return Raw("<p>").Text(text).Raw("</p>\n");
}

HtmlPage& HtmlPage::Heading(std::string_view text) {
  return Raw("<h2>").Text(text).Raw("</h2>\n");
}

HtmlPage& HtmlPage::BeginTable(std::string_view caption,
                               std::initializer_list<std::string_view> columns) {
  // Whoever has no mouse can scroll it too.
  Raw("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"").Text(caption);
  Raw("\"><table><caption>").Text(caption).Raw("</caption><thead><tr>");
  numbers_ = 0;
  std::uint64_t bit = 1;
  for (std::string_view name : columns) {
    const bool number = name.starts_with('#');
    if (number) {
      name.remove_prefix(1);
      numbers_ |= bit;
    }
    bit <<= 1;
    Raw(number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">").Text(name).Raw("</th>");
  }
  return Raw("</tr></thead><tbody>\n");
}

HtmlPage& HtmlPage::Row(std::initializer_list<std::string_view> cells) {
  Raw("<tr>");
  std::uint64_t bit = 1;
  for (const std::string_view cell : cells) {
    const bool number = (numbers_ & bit) != 0;
    if (bit == 1) {
      Raw("<th scope=\"row\">").Text(cell).Raw("</th>");
    } else {
      Raw(number ? "<td class=\"n\">" : "<td>").Text(cell).Raw("</td>");
    }
    bit <<= 1;
  }
  return Raw("</tr>\n");
}

HtmlPage& HtmlPage::EndTable() {
  return Raw("</tbody></table></div>\n");
}

std::string HtmlPage::Finish() {
  Raw("</main>\n</body>\n</html>\n");
  return std::move(out_);
}

}  // namespace cloison::codec
