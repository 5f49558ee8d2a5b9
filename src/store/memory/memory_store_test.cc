#include "store/memory/memory_store.h"

#include <thread>

#include "base/testing/seeded_executor.h"
#include "store/testing/conformance.h"
#include "store/testing/temp_directory.h"

namespace cloison::store {
namespace {

using testing::BytesOf;
using testing::Puts;

class MemoryHarness final : public testing::Harness {
 public:
  Store& store() override { return *store_; }
  void Reopen() override {
    const std::string path = FreshPath();
    CLOISON_CHECK(store_->Checkpoint(path).ok());
    store_ = std::move(*MemoryStore::OpenCheckpoint(path));
  }
  std::string FreshPath() override { return directory_.path() + "/" + std::to_string(++paths_); }
  std::unique_ptr<Store> OpenCheckpoint(const std::string& path) override {
    return std::move(*MemoryStore::OpenCheckpoint(path));
  }

 private:
  testing::TempDirectory directory_;
  int paths_ = 0;
  std::unique_ptr<MemoryStore> store_ = std::make_unique<MemoryStore>();
};

std::unique_ptr<testing::Harness> MakeMemory() {
  return std::make_unique<MemoryHarness>();
}

TEST(MemoryStoreTest, OpensNothingButACheckpoint) {
  const testing::TempDirectory directory;
  MemoryStore store;
  ASSERT_TRUE(base::SyncWait(store.Commit(Puts({{{Family::kPeople, "k"}, BytesOf("v")}}))).ok());
  const std::string path = directory.path() + "/copy";
  ASSERT_TRUE(store.Checkpoint(path).ok());
  base::SystemFiles files;
  constexpr std::size_t kRowBytes = 1 + 2 + 1 + 8 + 4 + 1;  // family, key, version, value
  const Bytes whole = std::move(*files.Read(path + "/rows"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size == whole.size() - kRowBytes) continue;  // ends before the only row: whole
    const ByteView part = ByteView(whole).first(size);
    ASSERT_TRUE(base::WriteWhole(files, path + "/rows", part).ok());
    const auto opened = MemoryStore::OpenCheckpoint(path);
    ASSERT_FALSE(opened.ok()) << size;
    EXPECT_EQ(opened.error().code(), Code::kCorrupt);
  }
  EXPECT_EQ(MemoryStore::OpenCheckpoint(directory.path()).error().code(), Code::kNotFound);
}

TEST(MemoryStoreTest, CallsTakeJobsOfTheExecutor) {
  base::testing::SeededExecutor executor(1);
  MemoryStore store(&executor);
  const Key key{Family::kPeople, "k"};
  const auto version = executor.Wait(store.Commit(Puts({{key, BytesOf("v")}})));
  ASSERT_TRUE(version.has_value());
  EXPECT_TRUE(version->ok());
  const auto rows = executor.Wait(store.MultiGet({key}, ReadMode::kAny));
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ((**rows)[0].value, BytesOf("v"));
}

Task<void> CommitInto(MemoryStore& store, bool& answered) {
  const Result<Version> version = co_await store.Commit(WriteSet{});
  answered = version.ok();
}

// A simulated crash finds the commit before it happened, after it, or answered.
TEST(MemoryStoreTest, ACommitCanBeCutBeforeAndAfterItHappens) {
  for (int jobs = 0; jobs <= 2; ++jobs) {
    SCOPED_TRACE(jobs);
    base::testing::SeededExecutor executor(1);
    MemoryStore store(&executor);
    bool answered = false;
    base::Detach(CommitInto(store, answered));
    for (int i = 0; i < jobs; ++i) EXPECT_TRUE(executor.Step());
    EXPECT_EQ(store.last_version(), jobs >= 1 ? 1u : 0u);
    EXPECT_EQ(answered, jobs == 2);
    executor.RunAll();
  }
}

TEST(MemoryStoreTest, ReadersSeeWholeCommits) {
  MemoryStore store;
  const std::vector<Key> keys = {{Family::kPeople, "k"}, {Family::kSeen, "k"}};
  std::thread writer([&store, &keys] {
    for (int i = 0; i < 2000; ++i) {
      const Bytes value(1, static_cast<std::uint8_t>(i));
      EXPECT_TRUE(base::SyncWait(store.Commit(Puts({{keys[0], value}, {keys[1], value}}))).ok());
    }
  });
  Version last = 0;
  while (last < 2000) {
    const auto rows = base::SyncWait(store.MultiGet(keys, ReadMode::kAny));
    ASSERT_TRUE(rows.ok());
    EXPECT_EQ((*rows)[0].version, (*rows)[1].version);
    EXPECT_EQ((*rows)[0].value, (*rows)[1].value);
    EXPECT_GE((*rows)[0].version, last);
    last = (*rows)[0].version;
  }
  writer.join();
}

}  // namespace

namespace testing {
INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance,
                         ::testing::Values(StoreCase{"Memory", MakeMemory}), StoreCaseName);
}  // namespace testing

}  // namespace cloison::store
