// A journal that somebody altered is refused, or it says a beginning of what was written; what
// opens is appended to and opens again with all of it.
//
//   input   0 ‖ the file            1 ‖ how many items ‖ changes (parts.h) of the file they make
#include <vector>

#include "base/testing/seeded_random.h"
#include "keys/person_keys.h"
#include "tests/fuzz/parts.h"

namespace {

using namespace cloison;
using keys::EraseJournal;

const std::string kPath = "erase.journal";

struct Disk {
  fuzz::MemoryFiles files;
  base::testing::SeededRandom random{1};
  crypto::Secret<32> key;
  commit::SealedState state{RegisterId(7), 1, key, random};

  Result<std::unique_ptr<EraseJournal>> Open() {
    return EraseJournal::Open(files, kPath, state, random);
  }
};

EraseJournal::Item ItemOf(std::uint8_t n) {
  return {PersonId({n}), Aud({n}), 1'000 + n};
}
bool Same(const EraseJournal::Item& a, const EraseJournal::Item& b) {
  return a.person == b.person && a.aud == b.aud && a.time_ms == b.time_ms;
}

// What opens (nothing: refused); then, one more item on it.
std::vector<EraseJournal::Item> OpenAndGoOn(Disk& disk) {
  auto journal = disk.Open();
  if (!journal.ok()) {
    CLOISON_CHECK(journal.error().code() == Code::kCorrupt);
    return {};
  }
  const std::vector<EraseJournal::Item> items = (*journal)->items();
  CLOISON_CHECK((*journal)->size() == items.size());
  CLOISON_CHECK((*journal)->Append(ItemOf(99)).ok());
  journal = disk.Open();
  CLOISON_CHECK(journal.ok() && (*journal)->size() == items.size() + 1);
  CLOISON_CHECK(Same((*journal)->items().back(), ItemOf(99)));
  return items;
}

void CheckAltered(base::Reader& input) {
  Disk disk;
  const auto count = static_cast<std::uint8_t>(input.U8() % 5);
  {
    const auto journal = disk.Open();
    CLOISON_CHECK(journal.ok());
    for (std::uint8_t n = 0; n < count; ++n) CLOISON_CHECK((*journal)->Append(ItemOf(n)).ok());
  }
  const Bytes whole = disk.files.contents[kPath];
  disk.files.contents[kPath] = fuzz::Altered(whole, input);
  const bool untouched = disk.files.contents[kPath] == whole;
  const auto items = OpenAndGoOn(disk);
  CLOISON_CHECK(items.size() <= count && (!untouched || items.size() == count));
  for (std::uint8_t n = 0; n < items.size(); ++n) CLOISON_CHECK(Same(items[n], ItemOf(n)));
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
  CLOISON_CHECK(OpenAndGoOn(disk).empty());  // without the key nobody can name a person
  return 0;
}
