#include "store/rocks/internal/rocks_options.h"

#include <gtest/gtest.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/random.h"
#include "store/rocks/rocks_store.h"
#include "store/testing/temp_directory.h"

namespace cloison::store {
namespace {

constexpr int kRuns = 64, kRowsOfRun = 500;

class CountsMerged final : public rocksdb::EventListener {
 public:
  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& job) override {
    rows += job.stats.num_output_records;
  }
  std::atomic<std::uint64_t> rows = 0;
};

std::string_view TextOf(const ByteArray<16>& key) {
  return AsText(ByteView(key));
}

std::unique_ptr<rocksdb::DB> OpenOne(const std::string& path,
                                     const rocksdb::ColumnFamilyOptions& family,
                                     const RocksOptions& options,
                                     std::shared_ptr<rocksdb::EventListener> listener) {
  rocksdb::DBOptions how = internal::DatabaseOptions(options, rocksdb::Env::Default());
  if (listener != nullptr) how.listeners.push_back(std::move(listener));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(how, path, {{"default", family}}, &handles, &db);
  EXPECT_TRUE(opened.ok()) << opened.ToString();
  std::unique_ptr<rocksdb::DB> owned(db);
  for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  return owned;
}

std::uint64_t NumberOf(rocksdb::DB& db, const char* property) {
  std::uint64_t value = 0;
  EXPECT_TRUE(db.GetIntProperty(property, &value)) << property;
  return value;
}

bool Merging(rocksdb::DB& db) {
  return NumberOf(db, "rocksdb.compaction-pending") != 0 ||
         NumberOf(db, "rocksdb.num-running-compactions") != 0;
}

void AwaitMerges(rocksdb::DB& db) {
  while (Merging(db)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

// How often a row was written again when as many runs of random keys have come.
double WrittenAgain(const rocksdb::ColumnFamilyOptions& family, const RocksOptions& options,
                    const std::string& path) {
  auto merged = std::make_shared<CountsMerged>();
  const std::unique_ptr<rocksdb::DB> db = OpenOne(path, family, options, merged);
  base::SystemRandom random;
  for (int run = 0; run < kRuns; ++run) {
    for (int row = 0; row < kRowsOfRun; ++row) {
      const ByteArray<16> key = random.Draw<16>();
      EXPECT_TRUE(db->Put({}, TextOf(key), "12 bytes of it").ok());
    }
    EXPECT_TRUE(db->Flush({}).ok());
    AwaitMerges(*db);
  }
  return static_cast<double>(merged->rows) / (kRuns * kRowsOfRun);
}

TEST(RocksOptionsTest, WhatComesInRunsIsWrittenAgainFewTimes) {
  struct Case {
    Family family;
    const char* why;
  };
  const Case cases[] = {
      {Family::kTrail, "a row for each entry, under its subject's tag"},
      {Family::kActivity, "a row for each entry, under its actor's tag"},
      {Family::kHeads, "a row for each person looked at"},
      {Family::kSeen, "a row for each person shown to a principal"},
      {Family::kPrincipals, "a row for each principal that did something"},
  };
  const testing::TempDirectory directory;
  RocksOptions options;
  options.families = kMainFamilies;
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(8u << 20);
  for (const Case& one : cases) {
    const std::string path = directory.path() + "/" + std::string(FamilyName(one.family));
    const rocksdb::ColumnFamilyOptions family = internal::FamilyOptions(one.family, options, cache);
    EXPECT_LT(WrittenAgain(family, options, path), 3.5) << one.why;
  }
  // What that would be in levels, so that the bound above tells the two apart.
  rocksdb::ColumnFamilyOptions levels = internal::FamilyOptions(Family::kTrail, options, cache);
  levels.compaction_style = rocksdb::kCompactionStyleLevel;
  levels.level0_file_num_compaction_trigger = 4;
  EXPECT_GT(WrittenAgain(levels, options, directory.path() + "/levels"), 6);
}

// Until November 2026 these families were kept in levels.
TEST(RocksOptionsTest, ADirectoryInLevelsIsTakenOver) {
  const testing::TempDirectory directory;
  RocksOptions options;
  options.families = kMainFamilies;
  const std::string path = directory.path() + "/trail";
  const rocksdb::ColumnFamilyOptions runs =
      internal::FamilyOptions(Family::kTrail, options, rocksdb::NewLRUCache(8u << 20));
  rocksdb::ColumnFamilyOptions levels = runs;
  levels.compaction_style = rocksdb::kCompactionStyleLevel;
  levels.level0_file_num_compaction_trigger = 4;
  base::SystemRandom random;
  std::vector<std::string> keys;
  const auto add_runs = [&](rocksdb::DB& db, int count) {
    for (int run = 0; run < count; ++run) {
      for (int row = 0; row < kRowsOfRun; ++row) {
        const ByteArray<16> key = random.Draw<16>();
        keys.emplace_back(TextOf(key));
        ASSERT_TRUE(db.Put({}, keys.back(), keys.back()).ok());
      }
      ASSERT_TRUE(db.Flush({}).ok());
      AwaitMerges(db);
    }
  };
  {
    const std::unique_ptr<rocksdb::DB> db = OpenOne(path, levels, options, nullptr);
    add_runs(*db, 10);
    std::string in_first;
    ASSERT_TRUE(db->GetProperty("rocksdb.num-files-at-level0", &in_first));
    ASSERT_LT(std::stoi(in_first), 10) << "the rest lies in levels";
  }
  const auto merged = std::make_shared<CountsMerged>();
  const std::unique_ptr<rocksdb::DB> db = OpenOne(path, runs, options, merged);
  add_runs(*db, 20);
  EXPECT_GT(merged->rows, 0u);
  for (const std::string& key : keys) {
    std::string value;
    ASSERT_TRUE(db->Get({}, key, &value).ok());
    ASSERT_EQ(value, key);
  }
}

}  // namespace
}  // namespace cloison::store
