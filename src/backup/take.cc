#include "backup/take.h"

#include <algorithm>

#include "records/people.h"

namespace cloison::backup {
namespace {

constexpr std::string_view kPartial = ".partial", kMain = ".main", kKeys = ".keys";

// What an earlier attempt left half done.
Status RemovePartial(base::Files& files, const std::string& directory) {
  CLOISON_TRY_ASSIGN(const std::vector<std::string> names, files.List(directory));
  for (const std::string& name : names) {
    if (!name.ends_with(kPartial)) continue;
    CLOISON_TRY(files.Remove(directory + "/" + name));
  }
  return Ok();
}

// Sorted runs that a fold merges in bear the number of a commit before them: of these families
// every row is in every backup.
bool IsMerged(store::Family family) {
  return family == store::Family::kTrail || family == store::Family::kActivity ||
         family == store::Family::kHeads;
}

store::Key IncarnationKey() {
  return store::Key{store::Family::kMeta, kIncarnationRow};
}

bool IsIncarnation(const store::Key& key) {
  return key.family == store::Family::kMeta && key.bytes == kIncarnationRow;
}

// Empty: there is none.
Result<std::optional<Incarnation>> ReadIncarnation(store::Store& main_store) {
  std::vector<store::Key> keys;
  keys.push_back(IncarnationKey());
  CLOISON_TRY_ASSIGN(const std::vector<store::Row> rows,
                     base::SyncWait(main_store.MultiGet(std::move(keys), store::ReadMode::kAny)));
  if (!rows.front().present()) return std::optional<Incarnation>();
  base::Reader reader(rows.front().value);
  const Incarnation incarnation = reader.Array<16>();
  if (reader.failed() || !reader.rest().empty()) {
    return Error{Code::kCorrupt, "the databases' incarnation is damaged"};
  }
  return std::optional<Incarnation>(incarnation);
}

Status WriteFamily(store::Store& from, store::Family family, store::Version after,
                   ArchiveWriter& writer) {
  store::Range range{family, "", ""};
  while (true) {
    store::Range asked = range;
    CLOISON_TRY_ASSIGN(store::ScanPage page,
                       base::SyncWait(from.Scan(std::move(asked), store::kScanRowsMax)));
    for (store::KeyedRow& row : page.rows) {
      ArchiveRow out{{family, std::move(row.key)}, std::nullopt};
      if (IsIncarnation(out.key)) continue;
      // A first load bears the number of the last commit before it.
      if (row.row.version >= after || IsMerged(family)) out.value = std::move(row.row.value);
      CLOISON_TRY(writer.Add(out));
    }
    if (!page.next.has_value()) return Ok();
    range.begin = *page.next;
  }
}

// Families in the order of their numbers, which a restore relies on.
std::vector<store::Family> FamiliesOf(Database database) {
  std::vector<store::Family> families;
  if (database == Database::kMain) {
    families.assign(std::begin(store::kMainFamilies), std::end(store::kMainFamilies));
    std::erase(families, store::Family::kIndex);
  } else {
    families.assign(std::begin(store::kKeyFamilies), std::end(store::kKeyFamilies));
  }
  std::sort(families.begin(), families.end());
  return families;
}

Result<std::uint64_t> WriteOne(const Source& source, const std::string& directory,
                               ArchiveHeader header, store::Store& from) {
  const std::string name = base::ToHex(header.pair);
  const std::string path = PathOf(directory, name, header.database);
  header.to = from.last_version();
  if (header.from > header.to) {
    return Error{Code::kConflict, "the backup before is of a later state"};
  }
  std::uint64_t rows = 0;
  CLOISON_TRY_ASSIGN(const std::unique_ptr<ArchiveWriter> writer,
                     ArchiveWriter::Create(source.files, path + std::string(kPartial),
                                           source.objects, source.random, header));
  for (const store::Family family : FamiliesOf(header.database)) {
    CLOISON_TRY(WriteFamily(from, family, header.from, *writer));
  }
  rows = writer->rows();
  CLOISON_TRY(writer->Finish());
  CLOISON_TRY(source.files.Rename(path + std::string(kPartial), path));
  CLOISON_TRY(source.files.SyncDirectory(directory));
  return rows;
}

// Where the parent ended, in each database.
Result<ArchiveHeader> ParentHeader(const Source& source, const std::string& directory,
                                   const std::string& parent, Database database) {
  CLOISON_TRY_ASSIGN(
      const std::unique_ptr<ArchiveReader> reader,
      ArchiveReader::Open(source.files, PathOf(directory, parent, database), source.objects));
  if (reader->header().register_id != source.register_id || reader->header().database != database ||
      base::ToHex(reader->header().pair) != parent) {
    return Error{Code::kConflict, "the backup before is another one than its name says"};
  }
  return reader->header();
}

}  // namespace

Status EnsureIncarnation(store::Store& main_store, base::Random& random) {
  if (main_store.last_version() == 0) return Ok();
  CLOISON_TRY_ASSIGN(const std::optional<Incarnation> there, ReadIncarnation(main_store));
  if (there.has_value()) return Ok();
  store::WriteSet writes;
  const Incarnation incarnation = random.Draw<16>();
  writes.puts.push_back({IncarnationKey(), base::ToBytes(incarnation)});
  const Result<store::Version> written = base::SyncWait(main_store.Commit(std::move(writes)));
  return written.ok() ? Ok() : Status(written.error());
}

store::WriteSet EndOfIncarnation() {
  store::WriteSet writes;
  writes.deletes.push_back(IncarnationKey());
  writes.puts.push_back({{store::Family::kMeta, records::kWentBackRow}, Bytes{1}});
  return writes;
}

std::string PathOf(const std::string& directory, const std::string& name, Database database) {
  return directory + "/" + name + std::string(database == Database::kMain ? kMain : kKeys);
}

Result<std::vector<std::string>> List(base::Files& files, const std::string& directory) {
  CLOISON_TRY_ASSIGN(const std::vector<std::string> names, files.List(directory));
  std::vector<std::string> backups;
  for (const std::string& name : names) {
    if (!name.ends_with(kKeys)) continue;
    const std::string pair = name.substr(0, name.size() - kKeys.size());
    const std::string main = pair + std::string(kMain);
    if (std::find(names.begin(), names.end(), main) != names.end()) backups.push_back(pair);
  }
  return backups;
}

Result<Taken> Take(const Source& source, const std::string& directory, const std::string& parent) {
  CLOISON_TRY(RemovePartial(source.files, directory));
  CLOISON_TRY_ASSIGN(std::unique_ptr<store::Store> main_store, source.main());
  CLOISON_TRY_ASSIGN(const std::optional<Incarnation> incarnation, ReadIncarnation(*main_store));
  if (!incarnation.has_value()) {
    return Error{Code::kCorrupt, "the databases have no incarnation"};
  }
  ArchiveHeader main{
      Database::kMain, source.register_id, source.random.Draw<16>(), {}, *incarnation};
  ArchiveHeader keys{Database::kKeys, source.register_id, main.pair, {}, *incarnation};
  if (!parent.empty()) {
    CLOISON_TRY_ASSIGN(const ArchiveHeader main_before,
                       ParentHeader(source, directory, parent, Database::kMain));
    CLOISON_TRY_ASSIGN(const ArchiveHeader keys_before,
                       ParentHeader(source, directory, parent, Database::kKeys));
    if (main_before.incarnation != *incarnation || keys_before.incarnation != *incarnation) {
      return Error{Code::kConflict, "the backup before is of another incarnation: take a full one"};
    }
    main.parent = keys.parent = main_before.pair;
    main.from = main_before.to;
    keys.from = keys_before.to;
  }
  Taken taken{base::ToHex(main.pair)};
  CLOISON_TRY_ASSIGN(taken.main_rows, WriteOne(source, directory, main, *main_store));
  main_store.reset();
  CLOISON_TRY_ASSIGN(const std::unique_ptr<store::Store> key_store, source.keys());
  CLOISON_TRY_ASSIGN(taken.key_rows, WriteOne(source, directory, keys, *key_store));
  return taken;
}

}  // namespace cloison::backup
