#include "store/rocks/rocks_store.h"

#include <filesystem>
#include <fstream>

#include "store/testing/conformance.h"
#include "store/testing/temp_directory.h"

namespace cloison::store {
namespace {

using testing::BytesOf;
using testing::Puts;

RocksOptions OptionsFor(const std::string& path) {
  RocksOptions options;
  options.path = path;
  options.families = kMainFamilies;
  options.cache_bytes = 16u << 20;
  options.write_buffer_bytes = 1u << 20;
  return options;
}

std::unique_ptr<RocksStore> MustOpen(const RocksOptions& options) {
  Result<std::unique_ptr<RocksStore>> store = RocksStore::Open(options);
  EXPECT_TRUE(store.ok()) << store.error().text();
  return store.ok() ? std::move(*store) : nullptr;
}

struct Variant {
  bool pool = false;   // what is not in memory is read on another thread
  bool folds = false;  // all the time
};

class RocksHarness final : public testing::Harness {
 public:
  explicit RocksHarness(Variant variant) : variant_(variant) { Reopen(); }
  Store& store() override { return *store_; }
  void Reopen() override {
    store_.reset();
    store_ = Open(directory_.path() + "/db");
  }
  std::string FreshPath() override { return directory_.path() + "/" + std::to_string(++paths_); }
  std::unique_ptr<Store> OpenCheckpoint(const std::string& path) override { return Open(path); }

 private:
  std::unique_ptr<RocksStore> Open(const std::string& path) {
    RocksOptions options = OptionsFor(path);
    if (variant_.pool) options.disk_pool = &pool_;
    if (variant_.folds) options.write_buffer_bytes = 1u << 10;
    return MustOpen(options);
  }

  testing::TempDirectory directory_;
  base::ThreadPool pool_{1};
  const Variant variant_;
  int paths_ = 0;
  std::unique_ptr<RocksStore> store_;
};

template <bool kPool, bool kFolds>
std::unique_ptr<testing::Harness> Make() {
  return std::make_unique<RocksHarness>(Variant{kPool, kFolds});
}

TEST(RocksStoreTest, WhatIsNotInMemoryIsReadOnThePool) {
  const testing::TempDirectory directory;
  RocksOptions options = OptionsFor(directory.path() + "/db");
  const Key key{Family::kFrames, "k"};
  {
    const auto store = MustOpen(options);
    ASSERT_TRUE(base::SyncWait(store->Commit(Puts({{key, Bytes(8'000, 7)}}))).ok());
    ASSERT_TRUE(store->Flush().ok());
  }
  base::ThreadPool pool(1);
  options.disk_pool = &pool;
  const auto store = MustOpen(options);
  for (const std::vector<Key>& keys : {std::vector<Key>{key}, {key, key}}) {
    const auto cached = base::SyncWait(store->MultiGet(keys, ReadMode::kCacheOnly));
    ASSERT_FALSE(cached.ok()) << keys.size();
    EXPECT_EQ(cached.error().code(), Code::kUnavailable);
  }
  const auto rows = base::SyncWait(store->MultiGet({key, key}, ReadMode::kAny));
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ((*rows)[1].value.size(), 8'000u);
  EXPECT_TRUE(base::SyncWait(store->MultiGet({key}, ReadMode::kCacheOnly)).ok());
  const auto page = base::SyncWait(store->Scan({Family::kFrames, "", ""}, 10));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->rows.size(), 1u);
}

TEST(RocksStoreTest, ADirectoryKeepsItsFamilies) {
  const testing::TempDirectory directory;
  RocksOptions options = OptionsFor(directory.path() + "/db");
  MustOpen(options).reset();
  options.families = kKeyFamilies;
  EXPECT_EQ(RocksStore::Open(options).error().code(), Code::kInvalid);
  const Family without_meta[] = {Family::kPeople};
  options.path = directory.path() + "/other";
  options.families = without_meta;
  EXPECT_EQ(RocksStore::Open(options).error().code(), Code::kInvalid);
  options.families = kKeyFamilies;
  options.path = directory.path() + "/keys";
  const auto keys = MustOpen(options);
  const auto other = base::SyncWait(keys->Commit(Puts({{{Family::kPeople, "k"}, {}}})));
  EXPECT_EQ(other.error().code(), Code::kInvalid) << "a family of the main database";
}

TEST(RocksStoreTest, OneProcessAtATime) {
  const testing::TempDirectory directory;
  const RocksOptions options = OptionsFor(directory.path() + "/db");
  const auto store = MustOpen(options);
  EXPECT_EQ(RocksStore::Open(options).error().code(), Code::kUnavailable);
}

TEST(RocksStoreTest, RunsOfADroppedLoadAreSwept) {
  const testing::TempDirectory directory;
  const RocksOptions options = OptionsFor(directory.path() + "/db");
  MustOpen(options).reset();
  const std::string left = directory.path() + "/db/bulk/index-0.run";
  std::ofstream(left) << "half a run";
  MustOpen(options).reset();
  EXPECT_FALSE(std::filesystem::exists(left));
}

TEST(RocksStoreTest, DamageIsReportedNotGuessed) {
  const testing::TempDirectory directory;
  const RocksOptions options = OptionsFor(directory.path() + "/db");
  const Key key{Family::kFrames, "k"};
  {
    const auto store = MustOpen(options);
    ASSERT_TRUE(base::SyncWait(store->Commit(Puts({{key, Bytes(20'000, 7)}}))).ok());
    ASSERT_TRUE(store->Flush().ok());
  }
  for (const auto& file : std::filesystem::directory_iterator(directory.path() + "/db")) {
    if (file.path().extension() != ".sst" || file.file_size() < 20'000) continue;
    std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(9'000);
    bytes.put('x');
  }
  const auto store = MustOpen(options);
  const auto rows = base::SyncWait(store->MultiGet({key}, ReadMode::kAny));
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code(), Code::kCorrupt);
}

}  // namespace

namespace testing {
INSTANTIATE_TEST_SUITE_P(Rocks, StoreConformance,
                         ::testing::Values(StoreCase{"Inline", Make<false, false>},
                                           StoreCase{"Pool", Make<true, false>},
                                           StoreCase{"Folding", Make<false, true>},
                                           StoreCase{"FoldingPool", Make<true, true>}),
                         StoreCaseName);
}  // namespace testing

}  // namespace cloison::store
