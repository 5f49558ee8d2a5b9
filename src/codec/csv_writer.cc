#include "codec/csv_writer.h"

#include <cstddef>

namespace cloison::codec {
namespace {

bool LooksLikeFormula(std::string_view field) {
  return !field.empty() && std::string_view("=+-@\t\r").find(field.front()) != field.npos;
}

void AppendField(std::string& out, std::string_view field, const CsvWriterOptions& options) {
  const bool guard = options.guard_formulas && LooksLikeFormula(field);
  bool quotes = false;
  for (const char c : field) {
    quotes = quotes || c == '"' || c == '\r' || c == '\n' || c == options.delimiter;
  }
  if (quotes) out.push_back('"');
  if (guard) out.push_back('\'');
  if (!quotes) {
    out.append(field);
    return;
  }
  for (const char c : field) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace

void AppendCsvRow(std::string& out, std::span<const std::string_view> fields,
                  const CsvWriterOptions& options) {
  // A row of one empty field would be a blank line, which readers skip; and a byte order mark of
  // the value's own would be taken for the file's.
  const bool quote_first =
      !fields.empty() && ((fields.size() == 1 && fields[0].empty()) ||
                          (out.empty() && fields[0].starts_with("\xef\xbb\xbf")));
  bool first = true;
  for (const std::string_view field : fields) {
    if (!first) out.push_back(options.delimiter);
    const std::size_t begin = out.size();
    AppendField(out, field, options);
    const bool bare = out.size() == begin || out[begin] != '"';
    if (first && quote_first && bare) {
      out.insert(begin, 1, '"');
      out.push_back('"');
    }
    first = false;
  }
  out.append("\r\n");
}

}  // namespace cloison::codec
