// An import reads every row once, refuses it by its number or hands it on in canonical form, in
// fields of the schema; a column map that is accepted names only such fields.
//
//   input   0 CSV, 1 JSON lines ‖ column map (a length byte and TOML; empty: none) ‖ the file
#include <sstream>
#include <string>
#include <vector>

#include "base/testing/manual_clock.h"
#include "ingest/importer.h"
#include "tests/fuzz/parts.h"
#include "vault/embedded.h"

namespace {

using namespace cloison;

const records::Schema& TheSchema() {
  static const std::shared_ptr<const records::Schema> schema = [] {
    std::vector<std::string> problems;
    return *records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems);
  }();
  return *schema;
}

class Sink final : public ingest::ImportSink {
 public:
  std::uint64_t rows = 0;

  Result<std::vector<ingest::RowAnswer>> Register(std::vector<ingest::ImportRow> window) override {
    CLOISON_CHECK(!window.empty() && window.size() <= ingest::kImportWindowRowsMax);
    for (const ingest::ImportRow& row : window) {
      CLOISON_CHECK(row.number > last_);
      last_ = row.number;
      CheckRow(row);
    }
    rows += window.size();
    return std::vector<ingest::RowAnswer>(window.size());
  }

 private:
  static void CheckRow(const ingest::ImportRow& row) {
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      const records::Value& value = row.values[i];
      CLOISON_CHECK(i == 0 || row.values[i - 1].field < value.field);
      const records::FieldSpec* const field = TheSchema().Find(value.field);
      CLOISON_CHECK(field != nullptr);
      const std::string_view text = AsText(value.text.Reveal());
      const auto canonical = TheSchema().Canonical(*field, text, true);
      CLOISON_CHECK(canonical.ok() && AsText(canonical->Reveal()) == text);
    }
  }
  std::uint64_t last_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Reader input({data, size});
  const std::uint8_t format = input.U8();
  const std::string map_toml(AsText(fuzz::TakePart(input)));
  std::vector<std::string> problems;
  std::optional<ingest::ColumnMap> map;
  if (!map_toml.empty()) {
    auto parsed = ingest::ColumnMap::Parse(map_toml, TheSchema(), &problems);
    CLOISON_CHECK(parsed.ok() == problems.empty());
    if (!parsed.ok()) return 0;
    map = std::move(*parsed);
  }
  fuzz::MemoryFiles files;
  base::testing::ManualClock clock;
  Sink sink;
  ingest::ImportOptions options;
  options.format = format % 2 == 0 ? ingest::ImportFormat::kCsv : ingest::ImportFormat::kJsonLines;
  options.map = map.has_value() ? &*map : nullptr;
  options.window_rows = 1 + format / 2;
  options.rejects_path = "rejects.csv";
  std::istringstream in{std::string(AsText(input.rest()))};
  ingest::Importer importer(TheSchema(), files, clock);
  const auto done = importer.Run(in, &sink, options, &problems);
  if (!done.ok()) {
    CLOISON_CHECK(done.error().code() == Code::kInvalid && !problems.empty() && sink.rows == 0);
    return 0;
  }
  CLOISON_CHECK(done->rows == done->registered + done->rejected);
  CLOISON_CHECK(sink.rows == done->registered && done->bytes == input.rest().size());
  return 0;
}
