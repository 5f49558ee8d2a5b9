// The rows don't depend on how the bytes are cut into chunks (the first byte of the input is their
// size), their places go forward, and rows that are written read back the same.
#include <algorithm>
#include <string>
#include <vector>

#include "codec/csv_reader.h"
#include "codec/csv_writer.h"

namespace cloison::codec {
namespace {

constexpr CsvLimits kLimits = {.field_bytes_max = 64, .row_bytes_max = 256, .columns_max = 16};

struct Seen {
  std::uint64_t number, line, offset, end_offset;
  Code code;
  std::vector<std::string> fields;
  bool operator==(const Seen&) const = default;
};

void Drain(CsvReader& reader, std::vector<Seen>& out) {
  while (const std::optional<CsvRow> row = reader.Next()) {
    const Code code = row->status.ok() ? Code{} : row->status.error().code();
    out.push_back({row->number,
                   row->line,
                   row->offset,
                   row->end_offset,
                   code,
                   {row->fields.begin(), row->fields.end()}});
  }
}

std::vector<Seen> ReadAll(ByteView text, std::size_t chunk, const CsvOptions& options) {
  std::vector<Seen> out;
  CsvReader reader(options);
  for (std::size_t at = 0; at < text.size(); at += chunk) {
    reader.Feed(text.subspan(at, std::min(chunk, text.size() - at)));
    Drain(reader, out);
  }
  reader.Finish();
  Drain(reader, out);
  return out;
}

void CheckPlaces(const std::vector<Seen>& rows, std::size_t size) {
  std::uint64_t number = 0;
  std::uint64_t end = 1;
  for (const Seen& row : rows) {
    CLOISON_CHECK(row.number == ++number);
    CLOISON_CHECK(row.offset >= end && row.end_offset > row.offset);
    CLOISON_CHECK(row.end_offset <= size + 1);
    end = row.end_offset;
  }
}

void CheckWrittenAgain(const std::vector<Seen>& rows) {
  std::string text;
  std::vector<std::vector<std::string>> good;
  for (const Seen& row : rows) {
    if (row.code != Code{}) continue;
    const std::vector<std::string_view> fields(row.fields.begin(), row.fields.end());
    AppendCsvRow(text, fields);
    good.push_back(row.fields);
  }
  const auto again = ReadAll(AsBytes(text), 4096, {.delimiter = ',', .limits = kLimits});
  CLOISON_CHECK(again.size() == good.size());
  for (std::size_t i = 0; i < good.size(); ++i) CLOISON_CHECK(again[i].fields == good[i]);
}

}  // namespace
}  // namespace cloison::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison::codec;
  if (size == 0) return 0;
  const std::size_t chunk = std::size_t{data[0]} + 1;
  const cloison::ByteView text(data + 1, size - 1);
  const CsvOptions set = {.delimiter = ';', .limits = kLimits};
  const auto rows = ReadAll(text, chunk, set);
  CLOISON_CHECK(rows == ReadAll(text, text.size() + 1, set));
  CheckPlaces(rows, text.size());
  const auto found = ReadAll(text, chunk, {.limits = kLimits});
  CheckPlaces(found, text.size());
  CheckWrittenAgain(found);
  return 0;
}
