// One run of an import: windows of checked rows, rejects, checkpoint, progress. The readers
// (import_csv.cc, import_json.cc) feed it row by row.
#ifndef CLOISON_INGEST_INTERNAL_IMPORT_RUN_H_
#define CLOISON_INGEST_INTERNAL_IMPORT_RUN_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/importer.h"

namespace cloison::ingest::internal {

inline constexpr std::uint64_t kCheckpointRows = 1'024;  // read between two checkpoints
inline constexpr std::size_t kReadChunkBytes = 256u << 10;

// A cell of a row: the field it is for, its text as read, and how the text becomes the field's
// (nullptr: as it stands).
struct Cell {
  const records::FieldSpec* field;
  std::string_view text;
  const ColumnRule* rule = nullptr;
};

// What a column or member is to the import. The name counts before the map's silence.
struct Column {
  bool known = false;                         // else nobody knows the name
  const records::FieldSpec* field = nullptr;  // nullptr: ignored
  const ColumnRule* rule = nullptr;
};
Column ColumnOf(std::string_view name, const records::Schema& schema, const ColumnMap* map);

class ImportRun {
 public:
  ImportRun(const records::Schema& schema, base::Files& files, base::Clock& clock, ImportSink* sink,
            const ImportOptions& options);
  // Reads the checkpoint, opens the rejects.
  Status Begin();

  // True when a former run has had this row acknowledged.
  bool Skips(std::uint64_t row) const { return row <= done_before_; }
  void CountSkipped();
  void CountBytes(std::uint64_t bytes) { progress_.bytes += bytes; }
  // A row as read; an empty text is no value. Gives what the sink or a file failed with.
  Status Take(std::uint64_t row, const std::vector<Cell>& cells);
  // A row that could not even be read.
  Status TakeUnreadable(std::uint64_t row, const Error& why);
  // Counts a row that was read, good or bad, after its Take or TakeUnreadable.
  Status RowDone(std::uint64_t row);
  Status Finish();
  const ImportProgress& progress() const { return progress_; }

 private:
  bool keeps_checkpoint() const;
  Status Reject(std::uint64_t row, std::string_view field, std::string_view reason,
                std::string_view value = {});
  Status AppendReject(std::string_view line);
  Status Flush();
  Status WriteCheckpoint();
  Status ReadCheckpoint();
  Status OpenRejects();
  Status CutRejects();
  Status Count(std::uint64_t row, const RowAnswer& answer);
  void Report();

  const records::Schema& schema_;
  base::Files& files_;
  base::Clock& clock_;
  ImportSink* sink_;
  const ImportOptions& options_;
  ImportProgress progress_;
  std::vector<ImportRow> window_;
  std::vector<Cell> constants_;  // of the map
  std::unique_ptr<base::WritableFile> rejects_;
  std::uint64_t rejects_bytes_ = 0;
  std::uint64_t done_before_ = 0;  // rows up to this one were acknowledged by a former run
  std::uint64_t last_row_ = 0;
  std::uint64_t checkpoint_row_ = 0;
  std::uint64_t bytes_skipped_ = 0;  // read for rows that were skipped: they tell no rate
  std::int64_t began_us_;
};

// Read `in` to its end. `problems` gets what is wrong with the header.
Status ReadCsvInto(ImportRun& run, std::istream& in, const records::Schema& schema,
                   const ImportOptions& options, std::vector<std::string>* problems);
Status ReadJsonLinesInto(ImportRun& run, std::istream& in, const records::Schema& schema,
                         const ImportOptions& options);

}  // namespace cloison::ingest::internal

#endif  // CLOISON_INGEST_INTERNAL_IMPORT_RUN_H_
