#include "store/store.h"

#include <gtest/gtest.h>

#include <set>

#include "store/memory/memory_store.h"
#include "store/testing/conformance.h"
#include "store/testing/fault_store.h"

namespace cloison::store {
namespace {

using testing::BytesOf;
using testing::Call;
using testing::Fault;
using testing::FaultStore;
using testing::Puts;

const Key kKey{Family::kPeople, "k"};

TEST(StoreTest, EveryFamilyHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const Family family : kMainFamilies) names.insert(FamilyName(family));
  EXPECT_EQ(names.size(), std::size(kMainFamilies));
  for (const Family family : kKeyFamilies) names.insert(FamilyName(family));
  EXPECT_EQ(names.size(), std::size(kMainFamilies) + std::size(kKeyFamilies) - 1) << "meta is both";
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(FamilyName(Family::kPersonKeys), "person_keys");
  EXPECT_EQ(FamilyName(static_cast<Family>(200)), "");
}

struct FaultCase {
  std::string why;
  Call call;
  int nth;
  Fault how;
  std::vector<bool> reads;    // which of three work
  std::vector<bool> commits;  // likewise
  Version version;            // after them
};

TEST(FaultStoreTest, FailsOneCallOnce) {
  const std::vector<FaultCase> cases = {
      {"first read",
       Call::kRead,
       1,
       Fault::kNotApplied,
       {false, true, true},
       {true, true, true},
       3},
      {"third read",
       Call::kRead,
       3,
       Fault::kAppliedButReported,
       {true, true, false},
       {true, true, true},
       3},
      {"lost", Call::kCommit, 2, Fault::kNotApplied, {true, true, true}, {true, false, true}, 2},
      {"kept, not told",
       Call::kCommit,
       2,
       Fault::kAppliedButReported,
       {true, true, true},
       {true, false, true},
       3},
      {"never reached",
       Call::kCommit,
       4,
       Fault::kNotApplied,
       {true, true, true},
       {true, true, true},
       3},
  };
  for (const FaultCase& row : cases) {
    SCOPED_TRACE(row.why);
    MemoryStore memory;
    FaultStore store(memory, row.call, row.nth, row.how);
    for (std::size_t i = 0; i < 3; ++i) {
      const auto version = base::SyncWait(store.Commit(Puts({{kKey, BytesOf("v")}})));
      EXPECT_EQ(version.ok(), row.commits[i]) << i;
      if (!version.ok()) {
        EXPECT_EQ(version.error().code(), Code::kUnknownOutcome);
      }
      const auto rows = base::SyncWait(store.MultiGet({kKey}, ReadMode::kAny));
      EXPECT_EQ(rows.ok(), row.reads[i]) << i;
      if (!rows.ok()) {
        EXPECT_EQ(rows.error().code(), Code::kUnavailable);
      }
    }
    EXPECT_EQ(memory.last_version(), row.version);
    EXPECT_EQ(store.fired(), row.nth <= 3);
  }
}

TEST(FaultStoreTest, FinishingALoadIsACommitAndAScanARead) {
  for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
    MemoryStore memory;
    FaultStore store(memory);
    store.Arm(Call::kCommit, 1, how);
    auto loader = store.LoadBulk(Family::kIndex);
    ASSERT_TRUE(loader.ok());
    ASSERT_TRUE((*loader)->Add(AsBytes("k"), {}).ok());
    EXPECT_EQ((*loader)->Finish(1).error().code(), Code::kUnknownOutcome);
    EXPECT_EQ(memory.last_version(), how == Fault::kNotApplied ? 0u : 1u);
    store.Arm(Call::kRead, 1, how);
    const auto page = base::SyncWait(store.Scan({Family::kIndex, "", ""}, 1));
    EXPECT_EQ(page.error().code(), Code::kUnavailable);
    EXPECT_TRUE(store.fired());
  }
}

}  // namespace
}  // namespace cloison::store
