// Reads CSV of any length in chunks of any size, and never stops at a bad row: it is reported with
// its number and place, and reading goes on behind it.
//
//   CsvReader reader(options);
//   for (each chunk) { reader.Feed(chunk); Drain(reader); }
//   reader.Finish(); Drain(reader);        Drain: while (auto row = reader.Next()) ...
//
// Accepts  a UTF-8 byte order mark, CRLF or LF, quoted fields with delimiters, quotes ("") and line
//          breaks inside, a last row without a line end. Blank lines are skipped and not counted.
//          Delimiter `,` `;` or tab: as set, or the one that the first row holds most.
// Refuses  (per row) a quote inside an unquoted field or text behind a closing quote; a carriage
//          return alone; a NUL byte; bytes that are not UTF-8; another number of fields than the
//          first row; a quoted field that the end of the input cuts (kInvalid); a field, a row or a
//          number of columns above CsvLimits (kExhausted). After a stray quote, reading goes on at
//          the next line. A row too long is skipped to its own end, quotes respected: text in a
//          field can never become a row of its own by making its row fail.
//
// Threads  one. Memory: one chunk and one row. Buffers are wiped on destruction.
// Source   RFC 4180; deviations above.
#ifndef CLOISON_CODEC_CSV_READER_H_
#define CLOISON_CODEC_CSV_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cloison::codec {

struct CsvLimits {
  std::size_t field_bytes_max = 64u << 10;
  std::size_t row_bytes_max = 1u << 20;  // of the fields' values together
  std::size_t columns_max = 1024;
};

struct CsvOptions {
  char delimiter = 0;  // ',' ';' '\t', or 0: found in the first row
  bool same_columns = true;
  CsvLimits limits = {};
};

// A row or the reason why there is none. The views are valid until the next call to the reader.
struct CsvRow {
  std::uint64_t number;      // rows from 1, the header included, refused ones too
  std::uint64_t line;        // where it begins: lines of the text from 1
  std::uint64_t offset;      // where it begins: bytes from 1, the byte order mark included
  std::uint64_t end_offset;  // behind its last byte, line end included
  Status status;             // when it failed, `fields` is empty
  std::vector<std::string_view> fields;
};

class CsvReader {
 public:
  explicit CsvReader(const CsvOptions& options = {});
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;
  ~CsvReader();

  // Takes a copy of the next bytes. Drain Next() before, or memory grows by what is left.
  void Feed(ByteView chunk);
  // No more bytes: the last row may end without a line end.
  void Finish();
  // The next row; nothing when more bytes are needed, or at the end.
  std::optional<CsvRow> Next();

  // The delimiter in use; 0 while it is not yet known.
  char delimiter() const { return delimiter_; }

 private:
  enum class State : std::uint8_t {
    kRowStart,
    kFieldStart,
    kUnquoted,
    kQuoted,
    kQuoteSeen,
    kReturnSeen,
    kSkipLine
  };
  bool DetectDelimiter();
  bool SkipMark();
  bool Step(char c);  // true when the row has ended
  void StepInRow(char c);
  bool EndsRow(char c);
  void Add(char c);
  void TakeRun();
  void EndField();
  void Refuse(Error error, bool skip_line);
  void BeginRow();
  CsvRow TakeRow();
  Status JudgeRow() const;

  const CsvOptions options_;
  char delimiter_;
  std::string pending_;  // fed, not yet read
  std::size_t at_ = 0;   // in pending_
  bool finished_ = false;
  bool mark_checked_ = false;
  State state_ = State::kRowStart;
  std::string values_;             // the row's fields, one behind the other
  std::vector<std::size_t> ends_;  // where each ends in values_
  std::optional<Error> refused_;
  std::uint64_t row_number_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t offset_ = 1;  // of pending_[at_]
  std::uint64_t row_line_ = 1;
  std::uint64_t row_offset_ = 1;
  std::optional<std::size_t> columns_;
};

}  // namespace cloison::codec

#endif  // CLOISON_CODEC_CSV_READER_H_
