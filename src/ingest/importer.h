// Reads people from CSV or JSON lines of any length, checks every row against the schema, and hands
// the good ones on. A bad row never stops an import and is never lost: it goes to the rejects with
// its number, field and reason.
//
//   CSV         the header names fields ("identity.birth_name"), or a column map says which column
//               is which field. A fault of the header (unknown, double or missing column) ends the
//               import before the first row.
//   JSON lines  one object of field names, or of names in the column map, and texts per line.
//
// A run that was broken off is begun again with the same file: each row's idempotency key follows
// from the file and the row's number, so nobody is registered twice, and a checkpoint file, when
// one is kept, skips what was acknowledged. It is synced after the rejects that go with it, whose
// length it holds: what a broken run wrote to the rejects beyond it is cut off, and comes again.
//
// A verification reads the input again and asks for every good row once more under its key: a
// register that has it says so without registering. One that was missing is registered by the
// asking, counted, and named in the rejects.
//
// Threads  one caller. Memory: one window of rows. Values in memory are wiped.
#ifndef CLOISON_INGEST_IMPORTER_H_
#define CLOISON_INGEST_IMPORTER_H_

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "crypto/mac.h"
#include "ingest/column_map.h"
#include "records/row.h"

namespace cloison::ingest {

inline constexpr std::size_t kImportLineBytesMax = 1u << 20;  // of a JSON line
inline constexpr std::size_t kImportWindowRowsMax = 1'024;

struct ImportRow {
  std::uint64_t number;         // as the file counts: the CSV header is row 1, a JSON line 1 is too
  records::Values values;       // of the schema, canonical
  std::string idempotency_key;  // the same for the same row of the same file, always
};

// kRepeated: what an earlier call with this key has registered. kExists: somebody else's row, or
// one whose key was forgotten, has a value that only one person can have.
enum class RowOutcome : std::uint8_t { kRegistered, kRepeated, kExists, kRefused };
struct RowAnswer {
  RowOutcome outcome = RowOutcome::kRegistered;
  std::string reason;  // kRefused: a stable code of the server's, never a value
};
// Of a row that was answered kRegistered before all rows were known.
struct LateAnswer {
  std::uint64_t row;
  RowAnswer answer;
};

class ImportSink {
 public:
  virtual ~ImportSink() = default;
  // Registers up to a window of rows, in any order among them; one answer per row, durable when it
  // returns. An error ends the import (kUnavailable ...): the same call is made again by the next
  // run.
  virtual Result<std::vector<RowAnswer>> Register(std::vector<ImportRow> rows) = 0;
  // After the last row, once, unless something failed before: everything is durable when it
  // returns. Sinks that know some answers only then tell each, and end with what `tell` fails with.
  using TellLate = std::function<Status(const LateAnswer&)>;
  virtual Status Finish(const TellLate&) { return Ok(); }
};

struct ImportProgress {
  std::uint64_t rows = 0;  // read, the skipped ones included
  std::uint64_t skipped = 0, registered = 0, repeated = 0, existing = 0, rejected = 0;
  std::uint64_t bytes = 0;
  double rows_per_second = 0;
  std::optional<double> seconds_left;  // when the file's size is known
};

enum class ImportFormat : std::uint8_t { kCsv, kJsonLines };

struct ImportOptions {
  ImportFormat format = ImportFormat::kCsv;
  const ColumnMap* map = nullptr;  // nullptr: columns and members are fields
  char delimiter = 0;              // 0: found in the header
  bool production = true;          // refuses known specimen numbers
  bool dry_run = false;            // checks everything, registers nobody
  bool verify = false;             // asks again for every row, whatever a checkpoint says
  bool include_values = false;     // in the rejects
  std::size_t window_rows = 64;    // rows per call of the sink, at most kImportWindowRowsMax
  std::uint64_t bytes_total = 0;   // 0: not known (a pipe)
  crypto::Digest file_digest{};    // ImportDigest; makes the idempotency keys
  std::string rejects_path;        // CSV, mode 0600; empty: rejects are only counted
  std::string checkpoint_path;     // empty: none is kept
  std::function<void(const ImportProgress&)> progress = [](const ImportProgress&) {};
};

// What names a file with its map in idempotency keys: reads `in` to its end. kUnavailable.
Result<crypto::Digest> ImportDigest(std::istream& in, std::string_view map_toml);
std::string IdempotencyKeyOf(const crypto::Digest& file, std::uint64_t row);

class Importer {
 public:
  // All outlive it.
  Importer(const records::Schema& schema, base::Files& files, base::Clock& clock);

  // Runs to the end of `in`. `sink` may be nullptr in a dry run.
  // Fails    kInvalid the header or the options (`problems`, never null, says what); what the sink
  //          or the files fail with; kUnavailable `in` cannot be read.
  Result<ImportProgress> Run(std::istream& in, ImportSink* sink, ImportOptions options,
                             std::vector<std::string>* problems);

 private:
  const records::Schema& schema_;
  base::Files& files_;
  base::Clock& clock_;
};

}  // namespace cloison::ingest

#endif  // CLOISON_INGEST_IMPORTER_H_
