#include "codec/csv_reader.h"

#include <string.h>  // explicit_bzero

#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.h"

namespace cloison::codec {
namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";
constexpr std::string_view kDelimiters = ",;\t";  // the first of equals wins

void Wipe(std::string& text) {
  text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace

CsvReader::CsvReader(const CsvOptions& options) : options_(options), delimiter_(options.delimiter) {
  CLOISON_CHECK(delimiter_ == 0 || kDelimiters.find(delimiter_) != std::string_view::npos);
  // Room for the longest row at once: a string that grows leaves copies that can't be wiped.
  values_.reserve(options_.limits.row_bytes_max);
}

CsvReader::~CsvReader() {
  Wipe(pending_);
  Wipe(values_);
}

void CsvReader::Feed(ByteView chunk) {
  CLOISON_CHECK(!finished_);
  const std::size_t left = pending_.size() - at_;
  if (at_ != 0) {
    pending_.erase(0, at_);
    at_ = 0;
  }
  if (left + chunk.size() > pending_.capacity()) {
    std::string larger;
    larger.reserve(left + chunk.size());
    larger.append(pending_);
    pending_.swap(larger);
    Wipe(larger);
  }
  pending_.append(AsText(chunk));
}

void CsvReader::Finish() {
  finished_ = true;
}

std::optional<CsvRow> CsvReader::Next() {
  if (!mark_checked_ && !SkipMark()) return std::nullopt;
  if (delimiter_ == 0 && !DetectDelimiter()) return std::nullopt;
  while (at_ < pending_.size()) {
    const char c = pending_[at_++];
    if (state_ == State::kRowStart) BeginRow();
    ++offset_;
    if (c == '\n') ++line_;
    if (Step(c)) return TakeRow();
    if (state_ == State::kUnquoted || state_ == State::kQuoted) TakeRun();
  }
  const bool open = state_ != State::kRowStart &&
                    !(state_ == State::kReturnSeen && ends_.empty() && !refused_.has_value());
  if (!finished_ || !open) return std::nullopt;
  if (state_ == State::kQuoted) {
    Refuse({Code::kInvalid, "the input ends inside a quoted field",
            static_cast<std::int64_t>(row_number_) + 1},
           true);
  } else if (state_ != State::kReturnSeen) {
    EndField();
  }
  return TakeRow();
}

bool CsvReader::SkipMark() {
  const std::string_view head = std::string_view(pending_).substr(at_, kMark.size());
  if (head.size() < kMark.size() && !finished_) return false;
  mark_checked_ = true;
  if (head != kMark) return true;
  at_ += kMark.size();
  offset_ += kMark.size();
  return true;
}

bool CsvReader::DetectDelimiter() {
  std::array<std::size_t, kDelimiters.size()> counts{};
  bool quoted = false;
  bool content = false;
  bool row_ended = false;
  for (std::size_t i = at_; i < pending_.size() && !row_ended; ++i) {
    const char c = pending_[i];
    if (c == '"') quoted = !quoted;
    row_ended = c == '\n' && !quoted && content;
    content = content || (c != '\n' && c != '\r');
    const std::size_t which = kDelimiters.find(c);
    if (!quoted && which != std::string_view::npos) ++counts[which];
  }
  const bool too_long = pending_.size() - at_ > options_.limits.row_bytes_max;
  if (!row_ended && !finished_ && !too_long) return false;
  const auto most = std::max_element(counts.begin(), counts.end());
  delimiter_ = kDelimiters[static_cast<std::size_t>(most - counts.begin())];
  return true;
}

void CsvReader::BeginRow() {
  values_.clear();
  ends_.clear();
  refused_.reset();
  row_line_ = line_;
  row_offset_ = offset_;
}

bool CsvReader::Step(char c) {
  switch (state_) {
    case State::kSkipLine: return c == '\n';
    case State::kQuoted:
      if (c == '"') {
        state_ = State::kQuoteSeen;
      } else {
        Add(c);
      }
      return false;
    case State::kReturnSeen: {
      if (c != '\n') {
        Refuse({Code::kInvalid, "a carriage return without a line feed",
                static_cast<std::int64_t>(row_number_) + 1},
               true);
        return false;
      }
      const bool blank = ends_.empty() && !refused_.has_value();
      if (blank) state_ = State::kRowStart;
      return !blank;
    }
    case State::kRowStart:
      if (c == '\n') return false;  // a blank line
      state_ = c == '\r' ? State::kReturnSeen : State::kFieldStart;
      if (c != '\r') StepInRow(c);
      return false;
    case State::kFieldStart:
    case State::kUnquoted:
    case State::kQuoteSeen: break;
  }
  if (EndsRow(c)) return true;
  if (state_ != State::kReturnSeen) StepInRow(c);
  return false;
}

// A line end behind a field: LF ends the row, CR waits for its LF.
bool CsvReader::EndsRow(char c) {
  if (c != '\n' && c != '\r') return false;
  EndField();
  if (c == '\n') return true;
  state_ = State::kReturnSeen;
  return false;
}

// `c` is no line end, and the state one of field start, unquoted, quote seen.
void CsvReader::StepInRow(char c) {
  if (c == delimiter_) {
    EndField();
    state_ = State::kFieldStart;
    return;
  }
  const bool quote = c == '"';
  if (state_ == State::kFieldStart) {
    state_ = quote ? State::kQuoted : State::kUnquoted;
    if (!quote) Add(c);
    return;
  }
  if (state_ == State::kQuoteSeen && quote) {
    state_ = State::kQuoted;
    Add('"');
    return;
  }
  if (state_ == State::kUnquoted && !quote) {
    Add(c);
    return;
  }
  Refuse({Code::kInvalid, "a quote inside an unquoted field, or text behind a closing quote",
          static_cast<std::int64_t>(row_number_) + 1},
         true);
}

void CsvReader::Add(char c) {
  if (refused_.has_value()) return;
  const std::int64_t row = static_cast<std::int64_t>(row_number_) + 1;
  const std::size_t field_begin = ends_.empty() ? 0 : ends_.back();
  if (c == '\0') {
    Refuse({Code::kInvalid, "a NUL byte in a row", row}, false);
  } else if (values_.size() - field_begin == options_.limits.field_bytes_max) {
    Refuse({Code::kExhausted, "a field is too long", row}, false);
  } else if (values_.size() == options_.limits.row_bytes_max) {
    Refuse({Code::kExhausted, "a row is too long", row}, false);
  } else {
    values_.push_back(c);
  }
}

// What Step would add one by one: up to a byte that means something anywhere, or up to a limit.
void CsvReader::TakeRun() {
  if (refused_.has_value()) return;
  const std::size_t field = values_.size() - (ends_.empty() ? 0 : ends_.back());
  const std::size_t room = std::min({pending_.size() - at_, options_.limits.field_bytes_max - field,
                                     options_.limits.row_bytes_max - values_.size()});
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(at_);
  const auto end = std::find_if(
      begin, begin + static_cast<std::ptrdiff_t>(room), [delimiter = delimiter_](char c) {
        return c == delimiter || c == '"' || c == '\n' || c == '\r' || c == '\0';
      });
  values_.append(begin, end);
  const auto size = static_cast<std::size_t>(end - begin);
  at_ += size;
  offset_ += size;
}

void CsvReader::EndField() {
  if (refused_.has_value()) return;
  if (ends_.size() == options_.limits.columns_max) {
    Refuse({Code::kExhausted, "a row has too many columns",
            static_cast<std::int64_t>(row_number_) + 1},
           false);
    return;
  }
  ends_.push_back(values_.size());
}

void CsvReader::Refuse(Error error, bool skip_line) {
  if (!refused_.has_value()) refused_ = error;
  if (skip_line) state_ = State::kSkipLine;
}

Status CsvReader::JudgeRow() const {
  const std::int64_t row = static_cast<std::int64_t>(row_number_);
  if (refused_.has_value()) return *refused_;
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    // Each field by itself: halves of a character on both sides of a delimiter make none.
    if (base::FirstInvalidUtf8(std::string_view(values_).substr(begin, end - begin)).has_value()) {
      return Error{Code::kInvalid, "a row is not UTF-8", row};
    }
    begin = end;
  }
  if (options_.same_columns && columns_.has_value() && *columns_ != ends_.size()) {
    return Error{Code::kInvalid, "a row has another number of columns than the first", row};
  }
  return Ok();
}

CsvRow CsvReader::TakeRow() {
  state_ = State::kRowStart;
  ++row_number_;
  CsvRow row{.number = row_number_,
             .line = row_line_,
             .offset = row_offset_,
             .end_offset = offset_,
             .status = JudgeRow(),
             .fields = {}};
  if (!row.status.ok()) return row;
  if (!columns_.has_value()) columns_ = ends_.size();
  row.fields.reserve(ends_.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    row.fields.push_back(std::string_view(values_).substr(begin, end - begin));
    begin = end;
  }
  return row;
}

}  // namespace cloison::codec
