#include <algorithm>
#include <istream>

#include "codec/json_reader.h"
#include "ingest/internal/import_run.h"
#include "text/utf8.h"

namespace cloison::ingest::internal {
namespace {

// Cuts chunks into lines, a line above the limit being given up (and said so) to its own end.
class Lines {
 public:
  ~Lines() { text::WipeText(line_); }
  void Feed(std::string_view chunk) { chunk_ = chunk; }
  // True when a whole line is in line().
  bool Next() {
    if (taken_) {
      text::WipeText(line_);
      too_long_ = taken_ = false;
    }
    const std::size_t end = chunk_.find('\n');
    Add(chunk_.substr(0, end));
    if (end == std::string_view::npos) {
      chunk_ = {};
      return false;
    }
    chunk_.remove_prefix(end + 1);
    taken_ = true;
    return true;
  }
  bool has_rest() const { return !taken_ && (!line_.empty() || too_long_); }
  bool too_long() const { return too_long_; }
  std::string_view line() const { return line_; }

 private:
  void Add(std::string_view part) {
    if (too_long_ || line_.size() + part.size() > kImportLineBytesMax) {
      text::WipeText(line_);
      too_long_ = true;
      return;
    }
    line_ += part;
  }

  std::string_view chunk_;
  std::string line_;
  bool too_long_ = false;
  bool taken_ = false;
};

class JsonImport {
 public:
  JsonImport(ImportRun& run, const records::Schema& schema, const ColumnMap* map)
      : run_(run), schema_(schema), map_(map) {}

  Status Take(const Lines& lines) {
    ++row_;
    if (run_.Skips(row_)) {
      run_.CountSkipped();
      return Ok();
    }
    std::string_view line = lines.line();
    if (row_ == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    if (!lines.too_long() && text::Trim(line).empty()) return Ok();
    if (lines.too_long()) {
      CLOISON_TRY(run_.TakeUnreadable(row_, Error{Code::kExhausted, "a line is too long"}));
    } else if (const Status taken = TakeLine(line); !taken.ok()) {
      return taken;
    }
    return run_.RowDone(row_);
  }

 private:
  Status TakeLine(std::string_view line) {
    Result<codec::JsonDocument> document = codec::JsonDocument::Parse(AsBytes(line));
    if (!document.ok()) return run_.TakeUnreadable(row_, document.error());
    const codec::JsonValue root = document->root();
    std::vector<Cell> cells;
    std::optional<Error> fault;
    const Status read = root.ForEachMember(
        [this, &cells, &fault](std::string_view key, const codec::JsonValue& value) {
          const std::optional<Error> wrong = TakeMember(key, value, cells);
          if (wrong.has_value() && !fault.has_value()) fault = wrong;
          return Ok();
        });
    if (!read.ok()) return run_.TakeUnreadable(row_, read.error());
    if (fault.has_value()) return run_.TakeUnreadable(row_, *fault);
    return run_.Take(row_, cells);
  }

  std::optional<Error> TakeMember(std::string_view key, const codec::JsonValue& value,
                                  std::vector<Cell>& cells) const {
    const Column column = ColumnOf(key, schema_, map_);
    if (!column.known) return Error{Code::kInvalid, "a member is no field of the schema"};
    if (column.field == nullptr || value.is_null()) return std::nullopt;
    const Result<std::string_view> text = value.AsString();
    if (!text.ok()) return Error{Code::kInvalid, "a value is no text"};
    const bool twice = std::any_of(cells.begin(), cells.end(), [&column](const Cell& cell) {
      return cell.field == column.field;
    });
    if (twice || IsConstant(*column.field)) {
      return Error{Code::kInvalid, "two members are one field"};
    }
    cells.push_back({column.field, *text, column.rule});
    return std::nullopt;
  }

  bool IsConstant(const records::FieldSpec& field) const {
    if (map_ == nullptr) return false;
    const auto& all = map_->constants();
    return std::any_of(all.begin(), all.end(), [&field](const ColumnMap::Constant& constant) {
      return constant.field == field.name;
    });
  }

  ImportRun& run_;
  const records::Schema& schema_;
  const ColumnMap* map_;
  std::uint64_t row_ = 0;
};

}  // namespace

Status ReadJsonLinesInto(ImportRun& run, std::istream& in, const records::Schema& schema,
                         const ImportOptions& options) {
  Lines lines;
  JsonImport import(run, schema, options.map);
  std::string chunk(kReadChunkBytes, '\0');
  bool more = true;
  while (more) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    const auto read = static_cast<std::size_t>(in.gcount());
    if (in.bad()) return Error{Code::kUnavailable, "the file cannot be read"};
    run.CountBytes(read);
    more = in.good();
    lines.Feed(std::string_view(chunk).substr(0, read));
    while (lines.Next()) {
      CLOISON_TRY(import.Take(lines));
    }
  }
  text::WipeText(chunk);
  if (!lines.has_rest()) return Ok();
  return import.Take(lines);
}

}  // namespace cloison::ingest::internal
