#include "ingest/importer.h"

#include <algorithm>
#include <istream>

#include "codec/toml_reader.h"
#include "ingest/internal/import_run.h"
#include "text/utf8.h"

namespace cloison::ingest {

Result<ColumnMap> ColumnMap::Parse(std::string_view toml, const records::Schema& schema,
                                   std::vector<std::string>* problems) {
  CLOISON_CHECK(problems != nullptr);
  codec::Diagnostics found;
  ColumnMap map;
  std::vector<std::string_view> names;
  for (const records::FieldSpec& field : schema.fields()) names.push_back(field.name);
  if (const std::optional<codec::TomlTable> file = codec::ParseToml(toml, found)) {
    static constexpr std::string_view kKeys[] = {"columns", "ignore"};
    codec::CheckKeys(*file, kKeys, found);
    map.ignored_ = codec::ReadStrings(*file, "ignore", codec::Need::kOptional, found)
                       .value_or(std::vector<std::string>{});
    const codec::TomlTable* columns =
        codec::ReadTable(*file, "columns", codec::Need::kRequired, found);
    if (columns != nullptr) {
      for (const codec::TomlTable::Member& member : columns->members()) {
        const std::string* field = member.value.AsString();
        if (field != nullptr && schema.Find(*field) != nullptr) {
          map.fields_.emplace(member.key, *field);
          continue;
        }
        std::string problem = "column '" + member.key + "': no such field";
        const std::string_view nearest =
            field != nullptr ? text::NearestName(*field, names) : std::string_view();
        if (!nearest.empty()) problem += "; the nearest is '" + std::string(nearest) + "'";
        found.Add(member.line, std::move(problem));
      }
    }
  }
  if (found.empty()) return map;
  for (const codec::Diagnostic& problem : found.entries()) {
    problems->push_back("line " + std::to_string(problem.line) + ": " + problem.message);
  }
  return Error{Code::kInvalid, "the column map has faults"};
}

const std::string* ColumnMap::FieldOf(std::string_view column) const {
  const auto at = fields_.find(column);
  return at == fields_.end() ? nullptr : &at->second;
}

bool ColumnMap::Ignores(std::string_view column) const {
  return std::find(ignored_.begin(), ignored_.end(), column) != ignored_.end();
}

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
                          : internal::ReadJsonLinesInto(run, in, schema_);
  if (!read.ok()) return read.error();
  CLOISON_TRY(run.Finish());
  return run.progress();
}

}  // namespace cloison::ingest
