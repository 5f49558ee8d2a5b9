// An archive that somebody altered is refused, or it gives a beginning of what was written; whole
// it gives all of it. A head that nobody here wrapped opens nothing.
//
//   input   0 ‖ the file            1 ‖ how many rows ‖ changes (parts.h) of the file they make
#include <vector>

#include "backup/archive.h"
#include "base/testing/seeded_random.h"
#include "keys/testing/memory_key_objects.h"
#include "tests/fuzz/parts.h"

namespace {

using namespace cloison;
using backup::ArchiveRow;

const std::string kPath = "one.main";

struct Disk {
  fuzz::MemoryFiles files;
  base::testing::SeededRandom random{1};
  keys::testing::MemoryKeyObjects objects{random};
  Disk() { CLOISON_CHECK(objects.Create("root-7").ok()); }
};

ArchiveRow RowOf(std::uint8_t n) {
  ArchiveRow row{{store::Family::kPeople, std::string(1 + n, 'k')}, std::nullopt};
  if (n % 3 != 0) row.value = Bytes(n, n);
  return row;
}

// All rows; whether the archive was read to its end goes to `whole`.
std::vector<ArchiveRow> ReadAll(Disk& disk, bool& whole) {
  whole = false;
  std::vector<ArchiveRow> rows;
  auto reader = backup::ArchiveReader::Open(disk.files, kPath, disk.objects);
  if (!reader.ok()) {
    const Code code = reader.error().code();
    CLOISON_CHECK(code == Code::kCorrupt || code == Code::kDenied);
    return rows;
  }
  while (true) {
    auto row = (*reader)->Next();
    if (!row.ok()) {
      CLOISON_CHECK(row.error().code() == Code::kCorrupt);
      return rows;
    }
    if (!row->has_value()) break;
    rows.push_back(std::move(**row));
  }
  whole = true;
  return rows;
}

void CheckAltered(base::Reader& input) {
  Disk disk;
  const auto count = static_cast<std::uint8_t>(input.U8() % 9);
  {
    const backup::ArchiveHeader header{
        backup::Database::kMain, RegisterId(7), {1}, {2}, {3}, 5, 12};
    auto writer =
        backup::ArchiveWriter::Create(disk.files, kPath, disk.objects, disk.random, header);
    CLOISON_CHECK(writer.ok());
    for (std::uint8_t n = 0; n < count; ++n) CLOISON_CHECK((*writer)->Add(RowOf(n)).ok());
    CLOISON_CHECK((*writer)->Finish().ok());
  }
  const Bytes written = disk.files.contents[kPath];
  disk.files.contents[kPath] = fuzz::Altered(written, input);
  const bool untouched = disk.files.contents[kPath] == written;
  bool whole = false;
  const std::vector<ArchiveRow> rows = ReadAll(disk, whole);
  CLOISON_CHECK(whole == untouched && rows.size() <= count && (!whole || rows.size() == count));
  for (std::uint8_t n = 0; n < rows.size(); ++n) {
    CLOISON_CHECK(rows[n].key == RowOf(n).key && rows[n].value == RowOf(n).value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Reader input({data, size});
  if (input.U8() % 2 == 1) {
    CheckAltered(input);
    return 0;
  }
  Disk disk;
  disk.files.contents[kPath] = base::ToBytes(input.rest());
  bool whole = false;
  CLOISON_CHECK(ReadAll(disk, whole).empty() && !whole);
  return 0;
}
