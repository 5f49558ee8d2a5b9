#include <algorithm>
#include <istream>
#include <set>

#include "codec/csv_reader.h"
#include "ingest/internal/import_run.h"
#include "text/utf8.h"

namespace cloison::ingest::internal {
namespace {

using Columns = std::vector<Column>;

class CsvImport {
 public:
  CsvImport(ImportRun& run, const records::Schema& schema, const ImportOptions& options,
            std::vector<std::string>* problems)
      : run_(run), schema_(schema), options_(options), problems_(problems) {}

  Status Take(const codec::CsvRow& row) {
    if (!columns_.has_value()) return ReadHeader(row);
    if (run_.Skips(row.number)) {
      run_.CountSkipped();
      return Ok();
    }
    if (!row.status.ok()) {
      CLOISON_TRY(run_.TakeUnreadable(row.number, row.status.error()));
    } else {
      cells_.clear();
      for (std::size_t i = 0; i < row.fields.size(); ++i) {
        const Column& column = (*columns_)[i];
        if (column.field != nullptr) cells_.push_back({column.field, row.fields[i], column.rule});
      }
      CLOISON_TRY(run_.Take(row.number, cells_));
    }
    return run_.RowDone(row.number);
  }
  bool has_header() const { return columns_.has_value(); }

 private:
  Status ReadHeader(const codec::CsvRow& row) {
    if (!row.status.ok()) {
      problems_->push_back("the header: " + std::string(row.status.error().text()));
      return Error{Code::kInvalid, "the header cannot be read"};
    }
    Columns columns;
    std::set<const records::FieldSpec*> seen;
    if (options_.map != nullptr) {
      for (const ColumnMap::Constant& constant : options_.map->constants()) {
        seen.insert(schema_.Find(constant.field));
      }
    }
    for (const std::string_view cell : row.fields) {
      const std::string_view name = text::Trim(cell);
      columns.push_back(ColumnOf(name, schema_, options_.map));
      const records::FieldSpec* field = columns.back().field;
      if (!columns.back().known) SayUnknown(name, columns.size());
      if (field != nullptr && !seen.insert(field).second) {
        problems_->push_back("column " + std::to_string(columns.size()) + ": the field '" +
                             field->name + "' has a column already");
      }
    }
    for (const records::FieldSpec& field : schema_.fields()) {
      if (field.required && !seen.contains(&field)) {
        problems_->push_back("no column for the required field '" + field.name + "'");
      }
    }
    columns_ = std::move(columns);
    return problems_->empty() ? Ok() : Status(Error{Code::kInvalid, "the header has faults"});
  }

  // Says the column's place, not its text: in a file without a header that would be a value.
  void SayUnknown(std::string_view column, std::size_t place) {
    std::vector<std::string_view> names;
    for (const records::FieldSpec& known : schema_.fields()) names.push_back(known.name);
    const std::string_view nearest = text::NearestName(column, names);
    std::string problem = "column " + std::to_string(place) + ": unknown name";
    if (!nearest.empty()) problem += "; the nearest field is '" + std::string(nearest) + "'";
    problems_->push_back(std::move(problem));
  }

  ImportRun& run_;
  const records::Schema& schema_;
  const ImportOptions& options_;
  std::vector<std::string>* problems_;
  std::optional<Columns> columns_;
  std::vector<Cell> cells_;
};

}  // namespace

Status ReadCsvInto(ImportRun& run, std::istream& in, const records::Schema& schema,
                   const ImportOptions& options, std::vector<std::string>* problems) {
  codec::CsvReader reader({.delimiter = options.delimiter});
  CsvImport import(run, schema, options, problems);
  Bytes chunk(kReadChunkBytes);
  bool more = true;
  while (more) {
    in.read(reinterpret_cast<char*>(chunk.data()), static_cast<std::streamsize>(chunk.size()));
    const auto read = static_cast<std::size_t>(in.gcount());
    if (in.bad()) return Error{Code::kUnavailable, "the file cannot be read"};
    run.CountBytes(read);
    reader.Feed(ByteView(chunk).first(read));
    more = in.good();
    if (!more) reader.Finish();
    while (const std::optional<codec::CsvRow> row = reader.Next()) {
      CLOISON_TRY(import.Take(*row));
    }
  }
  crypto::Wipe(chunk);
  if (import.has_header()) return Ok();
  problems->push_back("the file is empty: a header is needed");
  return Error{Code::kInvalid, "the file is empty"};
}

}  // namespace cloison::ingest::internal
