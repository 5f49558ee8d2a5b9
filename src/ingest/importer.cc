#include "ingest/importer.h"

#include <istream>

#include "ingest/internal/import_run.h"
#include "text/utf8.h"

namespace cloison::ingest {

// SHA-256 over the digests of 1 MiB pieces, then of the map: a stream of any length, read once.
Result<crypto::Digest> ImportDigest(std::istream& in, std::string_view map_toml) {
  std::string piece(1u << 20, '\0');
  crypto::Digest digest = crypto::Sha256(AsBytes("cloison-import-1"));
  while (in.good()) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (in.bad()) return Error{Code::kUnavailable, "the file cannot be read"};
    const auto read = static_cast<std::size_t>(in.gcount());
    digest = crypto::Sha256({digest, AsBytes(std::string_view(piece).substr(0, read))});
  }
  text::WipeText(piece);
  return crypto::Sha256({digest, AsBytes(map_toml)});
}

std::string IdempotencyKeyOf(const crypto::Digest& file, std::uint64_t row) {
  return "import-" + base::ToHex(ByteView(file).first(16)) + "-" + std::to_string(row);
}

Importer::Importer(const records::Schema& schema, base::Files& files, base::Clock& clock)
    : schema_(schema), files_(files), clock_(clock) {}

Result<ImportProgress> Importer::Run(std::istream& in, ImportSink* sink, ImportOptions options,
                                     std::vector<std::string>* problems) {
  CLOISON_CHECK(problems != nullptr && (sink != nullptr || options.dry_run));
  if (options.window_rows == 0 || options.window_rows > kImportWindowRowsMax) {
    problems->push_back("a window has 1 to 1,024 rows");
    return Error{Code::kInvalid, "a window has 1 to 1,024 rows"};
  }
  internal::ImportRun run(schema_, files_, clock_, sink, options);
  CLOISON_TRY(run.Begin());
  const Status read = options.format == ImportFormat::kCsv
                          ? internal::ReadCsvInto(run, in, schema_, options, problems)
                          : internal::ReadJsonLinesInto(run, in, schema_, options);
  if (!read.ok()) return read.error();
  CLOISON_TRY(run.Finish());
  return run.progress();
}

}  // namespace cloison::ingest
