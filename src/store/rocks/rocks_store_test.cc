#include "store/rocks/rocks_store.h"

#include <rocksdb/db.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/testing/seeded_executor.h"
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

// Past the store, as another version of it would have.
void PutLastVersion(const RocksOptions& options, const std::string& stored) {
  rocksdb::DBOptions how;
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(how, options.path, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(how, options.path, families, &handles, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (handle->GetName() == "meta") {
      EXPECT_TRUE(db->Put(rocksdb::WriteOptions(), handle, "last_version", stored).ok());
    }
    EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
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
  // RocksDB may write the file anew beside this, and what was read of the old one is not in memory
  // under the new one's name: once is enough for it, twice in a row is not this.
  bool in_memory = false;
  for (int reads = 0; reads < 3 && !in_memory; ++reads) {
    const auto rows = base::SyncWait(store->MultiGet({key, key}, ReadMode::kAny));
    ASSERT_TRUE(rows.ok());
    EXPECT_EQ((*rows)[1].value.size(), 8'000u);
    in_memory = base::SyncWait(store->MultiGet({key}, ReadMode::kCacheOnly)).ok();
  }
  EXPECT_TRUE(in_memory);
  const auto page = base::SyncWait(store->Scan({Family::kFrames, "", ""}, 10));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->rows.size(), 1u);
}

// What memory had and what the disk has are of one moment, whatever is committed in between.
TEST(RocksStoreTest, AReadThatGoesOnThePoolIsOfOneMoment) {
  const testing::TempDirectory directory;
  RocksOptions options = OptionsFor(directory.path() + "/db");
  const Key cold{Family::kPeople, "cold"}, hot{Family::kIndex, "hot"};
  const Key none{Family::kPeople, "none"};
  {
    const auto store = MustOpen(options);
    ASSERT_TRUE(base::SyncWait(store->Commit(Puts({{cold, Bytes(8'000, 1)}}))).ok());
    ASSERT_TRUE(store->Flush().ok());
  }
  base::testing::SeededExecutor pool(1);
  options.disk_pool = &pool;
  const auto store = MustOpen(options);
  ASSERT_TRUE(base::SyncWait(store->Commit(Puts({{hot, Bytes(10, 1)}}))).ok());
  std::optional<Result<std::vector<Row>>> rows;
  const auto read = [](RocksStore& from, std::vector<Key> keys,
                       std::optional<Result<std::vector<Row>>>& out) -> Task<void> {
    out = co_await from.MultiGet(std::move(keys), ReadMode::kAny);
  };
  base::Detach(read(*store, {none, hot, cold, hot}, rows));
  ASSERT_FALSE(rows.has_value()) << "it waits for the pool";
  const WriteSet newer = Puts({{hot, Bytes(20, 2)}, {cold, Bytes(20, 2)}, {none, Bytes(20, 2)}});
  ASSERT_TRUE(base::SyncWait(store->Commit(newer)).ok());
  pool.RunAll();
  ASSERT_TRUE(rows.has_value() && rows->ok());
  const std::vector<Row>& of_then = **rows;
  EXPECT_FALSE(of_then[0].present());
  EXPECT_EQ(of_then[1].value, Bytes(10, 1));
  EXPECT_EQ(of_then[2].value, Bytes(8'000, 1));
  EXPECT_EQ(of_then[3].value, Bytes(10, 1));
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

// What lay on disks while a version took eight bytes is told from damage.
TEST(RocksStoreTest, ADirectoryOfAnOlderFormatIsNamed) {
  const testing::TempDirectory directory;
  const RocksOptions options = OptionsFor(directory.path() + "/db");
  MustOpen(options).reset();
  struct Case {
    std::string last_version;
    std::optional<Code> code;
    const char* why;
  };
  const Case cases[] = {
      {std::string("\0\0\0\0\0\0\0\x2A", 8), Code::kInvalid, "as it was written before"},
      {std::string("\0\0\0\0\0\0\x2A", 7), Code::kCorrupt, "never written by anybody"},
      {"\x2A", std::nullopt, "as it is written"},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.why);
    PutLastVersion(options, test.last_version);
    const Result<std::unique_ptr<RocksStore>> store = RocksStore::Open(options);
    EXPECT_EQ(store.ok() ? std::nullopt : std::optional(store.error().code()), test.code);
  }
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

// Each commit writes its own number into all rows: a copy of one moment holds one number.
TEST(RocksStoreTest, ACheckpointBesideCommitsAndFoldsIsOfOneMoment) {
  const testing::TempDirectory directory;
  RocksOptions options = OptionsFor(directory.path() + "/db");
  options.write_buffer_bytes = 1u << 10;  // folds all the time
  const auto store = MustOpen(options);
  std::vector<Key> keys;
  for (int i = 0; i < 20; ++i) {
    const std::string key = std::string(16, 'k') + std::to_string(i);
    for (const Family family : {Family::kPeople, Family::kPrincipals, Family::kSeen}) {
      keys.push_back({family, key});
    }
  }
  std::atomic<bool> ended = false;
  std::thread writer([&] {
    for (Version version = 1; !ended; ++version) {
      WriteSet writes;
      for (const Key& key : keys)
        writes.puts.push_back({key, base::ToBytes(base::BigU64(version))});
      CLOISON_CHECK(base::SyncWait(store->Commit(std::move(writes))).ok());
    }
  });
  for (int copy = 0; copy < 12; ++copy) {
    const std::string path = directory.path() + "/copy" + std::to_string(copy);
    ASSERT_TRUE(store->Checkpoint(path).ok());
    options.path = path;
    const auto copied = MustOpen(options);
    ASSERT_NE(copied, nullptr);
    for (const Key& key : keys) {
      const auto rows = base::SyncWait(copied->MultiGet({key}, ReadMode::kAny));
      ASSERT_TRUE(rows.ok());
      if (copied->last_version() == 0) continue;
      EXPECT_EQ((*rows)[0].version, copied->last_version()) << copy;
    }
  }
  ended = true;
  writer.join();
}

TEST(RocksStoreTest, ARunThatIsLeftOverIsNeverWrittenInto) {
  const testing::TempDirectory directory;
  RocksOptions options = OptionsFor(directory.path() + "/db");
  const Key key{Family::kSeen, "k"};
  const auto store = MustOpen(options);
  // As when the name of a run that was taken over could not be removed.
  const std::string table = directory.path() + "/table";
  std::ofstream(table) << "a table of the database";
  std::filesystem::create_hard_link(table, directory.path() + "/db/bulk/seen-tail.run");
  ASSERT_TRUE(base::SyncWait(store->Commit(Puts({{key, BytesOf("1")}}))).ok());
  ASSERT_TRUE(store->Flush().ok());
  std::ostringstream now;
  now << std::ifstream(table).rdbuf();
  EXPECT_EQ(now.str(), "a table of the database");
}

TEST(RocksStoreTest, ARangeOfFoldedRowsHasALimit) {
  const testing::TempDirectory directory;
  const auto store = MustOpen(OptionsFor(directory.path() + "/db"));
  Result<std::unique_ptr<BulkLoader>> loader = store->LoadBulk(Family::kSeen);
  ASSERT_TRUE(loader.ok());
  for (std::uint64_t i = 0; i <= kFoldedRangeRowsMax; ++i) {
    ASSERT_TRUE((*loader)->Add(base::BigU64(i), {}).ok());
  }
  ASSERT_TRUE((*loader)->Finish(1).ok());
  WriteSet all;
  all.range_deletes = {{Family::kSeen, "", ""}};
  EXPECT_EQ(base::SyncWait(store->Commit(all)).error().code(), Code::kExhausted);
  all.range_deletes = {{Family::kSeen, std::string(AsText(base::BigU64(1))), ""}};
  const Result<Version> deleted = base::SyncWait(store->Commit(all));
  ASSERT_TRUE(deleted.ok()) << "nothing was written, nothing is broken";
  EXPECT_EQ(*deleted, 2u);
  const auto left = base::SyncWait(store->Scan({Family::kSeen, "", ""}, 10));
  ASSERT_TRUE(left.ok());
  EXPECT_EQ(left->rows.size(), 1u);
}

// A disk without room for a table, on request. The log has room.
class NoRoomForTables final : public rocksdb::FileSystemWrapper {
 public:
  NoRoomForTables() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "NoRoomForTables"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    if (full && path.ends_with(".sst")) return rocksdb::IOStatus::NoSpace("no room");
    return rocksdb::FileSystemWrapper::NewWritableFile(path, options, file, context);
  }
  std::atomic<bool> full = false;
};

TEST(RocksStoreTest, AMergeWithoutRoomOnTheDiskEndsTheStore) {
  constexpr std::uint64_t kRows = 100;
  const testing::TempDirectory directory;
  RocksOptions options = OptionsFor(directory.path() + "/db");
  const auto files = std::make_shared<NoRoomForTables>();
  options.file_system = files;
  auto store = MustOpen(options);
  const Key key{Family::kFrames, "k"};
  ASSERT_TRUE(base::SyncWait(store->Commit(Puts({{key, BytesOf("1")}}))).ok());
  const auto add_run = [&store](std::uint64_t run) {
    Result<std::unique_ptr<BulkLoader>> loader =
        store->LoadRun(Family::kTrail, 1, Pace::kBesideCommits);
    if (!loader.ok()) return false;
    for (std::uint64_t i = 0; i < kRows; ++i) {
      if (!(*loader)->Add(base::BigU64(i * kRows + run), {}).ok()) return false;
    }
    return (*loader)->Finish(1).ok();
  };
  std::uint64_t runs = 0;
  for (; runs < 5; ++runs) ASSERT_TRUE(add_run(runs));
  files->full = true;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (store->health().writable && std::chrono::steady_clock::now() < end) {
    if (runs < 20 && add_run(runs)) ++runs;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  // Who only reads goes on: a server whose readers fail first would come to no commit, and stand.
  EXPECT_TRUE(base::SyncWait(store->MultiGet({key}, ReadMode::kAny)).ok());
  EXPECT_TRUE(base::SyncWait(store->Scan({Family::kTrail, "", ""}, 10)).ok());
  const auto first = base::SyncWait(store->Commit(Puts({{key, BytesOf("2")}})));
  ASSERT_FALSE(first.ok()) << "or commits go on until memory is full, and wait for ever";
  EXPECT_EQ(first.error().code(), Code::kUnknownOutcome);
  const auto second = base::SyncWait(store->Commit(Puts({{key, BytesOf("2")}})));
  EXPECT_EQ(second.error().code(), Code::kUnavailable);
  store.reset();
  files->full = false;
  store = MustOpen(options);
  const auto rows = base::SyncWait(store->Scan({Family::kTrail, "", ""}, 10'000));
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->rows.size(), runs * kRows) << "every run that was taken over is there";
  EXPECT_TRUE(base::SyncWait(store->Commit(Puts({{key, BytesOf("2")}}))).ok());
}

TEST(RocksStoreTest, LeftoversOfALoadGoAtOpening) {
  const testing::TempDirectory directory;
  const RocksOptions options = OptionsFor(directory.path() + "/db");
  MustOpen(options).reset();
  for (const char* name : {"people-run-0-0.run", "load-people-0001.spill", "kept"}) {
    std::ofstream(options.path + "/bulk/" + name) << "left";
  }
  const auto store = MustOpen(options);
  EXPECT_FALSE(std::filesystem::exists(options.path + "/bulk/people-run-0-0.run"));
  EXPECT_FALSE(std::filesystem::exists(options.path + "/bulk/load-people-0001.spill"));
  EXPECT_TRUE(std::filesystem::exists(options.path + "/bulk/kept")) << "nobody's";
  // Of a process that has the store; another one that would open it is refused and takes nothing.
  for (const char* name : {"trail-run-1-0.run", "load-people-0002.spill"}) {
    std::ofstream(options.path + "/bulk/" + name) << "in use";
  }
  EXPECT_EQ(RocksStore::Open(options).error().code(), Code::kUnavailable);
  EXPECT_TRUE(std::filesystem::exists(options.path + "/bulk/trail-run-1-0.run"));
  EXPECT_TRUE(std::filesystem::exists(options.path + "/bulk/load-people-0002.spill"));
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
