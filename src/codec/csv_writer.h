// Appends CSV rows to a string: RFC 4180, CRLF, quotes where they are needed.
//
// With `guard_formulas`, a value that a spreadsheet would run (it begins with = + - @, tab or
// carriage return) gets an apostrophe in front: for files that people open, not for files that
// machines read back.
//
// Threads  one. Source: RFC 4180; OWASP, "CSV Injection".
#ifndef CLOISON_CODEC_CSV_WRITER_H_
#define CLOISON_CODEC_CSV_WRITER_H_

#include <span>
#include <string>
#include <string_view>

namespace cloison::codec {

struct CsvWriterOptions {
  char delimiter = ',';
  bool guard_formulas = false;
};

// Appends one row with its line end. What CsvReader reads back is the same fields (without guard).
void AppendCsvRow(std::string& out, std::span<const std::string_view> fields,
                  const CsvWriterOptions& options = {});

}  // namespace cloison::codec

#endif  // CLOISON_CODEC_CSV_WRITER_H_
