#include "records/internal/row_runs.h"

#include <gtest/gtest.h>

#include <map>

#include "base/executor.h"
#include "base/testing/seeded_random.h"
#include "store/memory/memory_store.h"
#include "store/testing/fault_store.h"
#include "store/testing/temp_directory.h"

namespace cloison::records::internal {
namespace {

using store::Family;

class RowRunsTest : public ::testing::Test {
 protected:
  RowRunsTest() {
    store::WriteSet first;
    first.puts.push_back({{Family::kMeta, "first"}, {1}});
    CLOISON_CHECK(base::SyncWait(memory.Commit(std::move(first))).ok());
  }
  std::map<std::string, Bytes> Stored() {
    std::map<std::string, Bytes> rows;
    store::Range range{Family::kPeople, "", ""};
    while (true) {
      auto page = base::SyncWait(memory.Scan(range, 1'000));
      CLOISON_CHECK(page.ok());
      for (store::KeyedRow& row : page->rows) rows[row.key] = std::move(row.row.value);
      if (!page->next.has_value()) return rows;
      range.begin = *page->next;
    }
  }

  // Each part is a run, so that threads have some.
  SpillPlace Place() { return {files, directory.path(), 0, 1}; }

  base::SystemFiles files;
  store::testing::TempDirectory directory;
  base::testing::SeededRandom random{5};
  store::MemoryStore memory;
  store::testing::FaultStore store{memory};
};

TEST_F(RowRunsTest, AreTheRowsInOrder) {
  for (const std::size_t parts : {1u, 16u, 1'024u}) {
    for (const std::size_t random_at : {0u, 3u}) {
      RowRuns::Form form{Family::kPeople, parts, 100};
      form.random_at = random_at;
      RowRuns runs(Place(), form, random);
      std::map<std::string, Bytes> model;
      for (int i = 0; i < 500; ++i) {
        std::string key(random_at, 'k');
        const auto rest = random.Draw<6>();
        key += AsText(rest);
        Bytes value(random.Below(60));
        random.Fill(value);
        ASSERT_TRUE(runs.Add(AsBytes(key), value).ok());
        model[key] = value;
      }
      base::ThreadPool pool{3};
      ASSERT_TRUE(runs.Write(store, store.last_version(), base::Parallel(&pool, 3)).ok());
      EXPECT_EQ(Stored(), model) << parts;
      store::WriteSet gone;
      gone.range_deletes.push_back({Family::kPeople, "", ""});
      ASSERT_TRUE(base::SyncWait(memory.Commit(std::move(gone))).ok());
    }
  }
}

TEST_F(RowRunsTest, RefusesWhatItCannotPlace) {
  RowRuns runs(Place(), {Family::kPeople, 4, 100}, random);
  EXPECT_EQ(runs.Add(Bytes(1, 1), {}).error().code(), Code::kInvalid);
  EXPECT_EQ(runs.Add(Bytes(store::kKeyBytesMax + 1, 1), {}).error().code(), Code::kInvalid);
  ASSERT_TRUE(runs.Write(store, store.last_version(), {}).ok()) << "of nothing";
  EXPECT_TRUE(Stored().empty());
}

TEST_F(RowRunsTest, AKeyTwiceIsRefused) {
  RowRuns runs(Place(), {Family::kPeople, 4, 100}, random);
  for (const std::uint8_t value : Bytes{1, 2}) {
    ASSERT_TRUE(runs.Add(Bytes(8, 9), Bytes(3, value)).ok());
  }
  EXPECT_EQ(runs.Write(store, store.last_version(), {}).error().code(), Code::kUnavailable);
}

// The first failure is heard, whichever thread met it.
TEST_F(RowRunsTest, AFaultOfTheStoreIsHeard) {
  for (const std::size_t helpers : {0u, 3u}) {
    RowRuns runs(Place(), {Family::kPeople, 4, 100}, random);
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(runs.Add(random.Draw<8>(), Bytes(300, 1)).ok());
    store.Arm(store::testing::Call::kCommit, 1, store::testing::Fault::kNotApplied);
    base::ThreadPool pool{3};
    EXPECT_EQ(
        runs.Write(store, store.last_version(), base::Parallel(&pool, helpers)).error().code(),
        Code::kUnknownOutcome);
  }
}

TEST(PartsOfRun, AreNeverNone) {
  constexpr std::uint64_t kRun = 64u << 20;
  EXPECT_EQ(PartsOfRun(512, 0, kRun), 512u);
  EXPECT_EQ(PartsOfRun(512, 1'000, kRun), 512u);
  EXPECT_EQ(PartsOfRun(512, 512 * kRun, kRun), 1u);
  EXPECT_EQ(PartsOfRun(512, 512 * kRun * 50, kRun), 1u) << "a part is a run";
  EXPECT_EQ(PartsOfRun(512, 64 * kRun, kRun), 8u);
}

}  // namespace
}  // namespace cloison::records::internal
