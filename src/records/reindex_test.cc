// Index pages out of rows, some of which are damaged.
#include "records/reindex.h"

#include <gtest/gtest.h>

#include "records/testing/world.h"

namespace cloison::records {
namespace {

using store::Family;
using testing::NamedTexts;
using testing::NirOf;
using testing::World;

constexpr std::uint64_t kPeople = 100;
constexpr std::size_t kRows = 30;

std::optional<Code> CodeOf(const auto& result) {
  return result.ok() ? std::nullopt : std::optional<Code>(result.error().code());
}

NamedTexts Person(unsigned n) {
  return {{"identity.birth_name", "Martin"},
          {"identity.first_name", "Zoé"},
          {"identity.birth_date", "1970-04-12"},
          {"civil_number.nir", NirOf(n)}};
}

// What opens in no form keeps nobody from a restore of the others; where many do not, it is the
// keys or the schema.
TEST(Reindex, CountsWhatIsDamaged) {
  World world;
  for (unsigned n = 0; n < kRows; ++n) ASSERT_TRUE(world.Register(Person(n)).ok());
  store::WriteSet gone;
  gone.range_deletes.push_back({Family::kIndex, "", ""});
  ASSERT_TRUE(base::SyncWait(world.store.Commit(std::move(gone))).ok());
  const std::vector<store::KeyedRow> rows = world.Rows(Family::kPeople);
  ASSERT_EQ(rows.size(), kRows);
  const auto damage = [&](std::size_t n, std::size_t at) {
    Bytes damaged = rows[n].row.value;
    damaged[at] ^= 1;
    world.Overwrite({Family::kPeople, rows[n].key}, damaged);
  };
  const auto reindex = [&] {
    world.Reopen(kPeople);
    return base::SyncWait(
        Reindex(*world.people, *world.committer, world.home, world.spill_place(), {}));
  };
  for (const std::size_t bad : {kRows, kRows / 2, kRows / 10}) {
    for (std::size_t n = 0; n < kRows; ++n) {
      world.Overwrite({Family::kPeople, rows[n].key}, rows[n].row.value);
      if (n < bad) damage(n, rows[n].row.value.size() - 1);
    }
    EXPECT_EQ(CodeOf(reindex()), Code::kCorrupt) << bad;
    EXPECT_TRUE(world.Rows(Family::kIndex).empty()) << bad;
  }
  for (const store::KeyedRow& row : rows) {
    world.Overwrite({Family::kPeople, row.key}, row.row.value);
  }
  damage(0, rows[0].row.value.size() - 1);
  damage(1, 0);  // in its head
  const auto done = reindex();
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->people, kRows - 2);
  EXPECT_EQ(done->damaged, 2u);
  EXPECT_EQ(done->keyless, 0u);
  std::size_t found = 0;
  for (unsigned n = 0; n < kRows; ++n) {
    const auto asked = world.Find("civil_number.nir", NirOf(n));
    ASSERT_TRUE(asked.ok());
    found += asked->size();
  }
  EXPECT_EQ(found, kRows - 2);
}

}  // namespace
}  // namespace cloison::records
