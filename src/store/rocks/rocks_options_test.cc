#include "store/rocks/internal/rocks_options.h"

#include <gtest/gtest.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/sst_file_writer.h>

#include <atomic>
#include <chrono>
#include <map>
#include <thread>

#include "base/testing/seeded_random.h"
#include "store/rocks/rocks_store.h"
#include "store/testing/temp_directory.h"

namespace cloison::store {
namespace {

constexpr int kRowsOfRun = 500;
constexpr std::chrono::seconds kPatience{60};

class CountsMerged final : public rocksdb::EventListener {
 public:
  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& job) override {
    rows += job.stats.num_output_records;
  }
  std::atomic<std::uint64_t> rows = 0;
};

rocksdb::ColumnFamilyOptions InLevels(rocksdb::ColumnFamilyOptions family) {
  family.compaction_style = rocksdb::kCompactionStyleLevel;
  family.level_compaction_dynamic_level_bytes = true;
  family.level0_file_num_compaction_trigger = 4;
  return family;
}

// One family of a database, to which runs come as folds bring them.
class Runs {
 public:
  explicit Runs(std::string path) : path_(std::move(path)) { options_.families = kMainFamilies; }

  const RocksOptions& options() const { return options_; }
  std::uint64_t merged_rows() const { return merged_->rows; }
  rocksdb::DB& db() { return *db_; }

  void Open(const rocksdb::ColumnFamilyOptions& family) {
    db_.reset();
    family_ = family;
    rocksdb::DBOptions how = internal::DatabaseOptions(options_, rocksdb::Env::Default());
    how.listeners.push_back(merged_);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    const rocksdb::Status opened =
        rocksdb::DB::Open(how, path_, {{"default", family}}, &handles, &db);
    ASSERT_TRUE(opened.ok()) << opened.ToString();
    db_.reset(db);
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }

  // Of new keys alone, or as many that are there already, and as many that are deleted.
  void Add(bool new_keys_alone) {
    std::map<std::string, std::optional<std::string>> run;
    for (int row = 0; row < kRowsOfRun; ++row) {
      const std::uint64_t kind = new_keys_alone || rows_.empty() ? 0 : random_.Below(3);
      std::string key = Text();
      if (kind != 0) {
        auto there = rows_.lower_bound(key);
        if (there == rows_.end()) there = rows_.begin();
        key = there->first;
      }
      if (kind == 2) {
        run[key] = std::nullopt;
      } else {
        run[key] = Text();
      }
    }
    const std::string file = path_ + "-run";
    const rocksdb::DBOptions how = internal::DatabaseOptions(options_, rocksdb::Env::Default());
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), rocksdb::Options(how, family_));
    ASSERT_TRUE(writer.Open(file).ok());
    for (const auto& [key, value] : run) {
      ASSERT_TRUE((value ? writer.Put(key, *value) : writer.Delete(key)).ok());
      if (value) {
        rows_[key] = *value;
      } else {
        rows_.erase(key);
      }
    }
    ASSERT_TRUE(writer.Finish().ok());
    rocksdb::IngestExternalFileOptions taken;
    taken.move_files = true;
    taken.write_global_seqno = false;
    ASSERT_TRUE(db_->IngestExternalFile({file}, taken).ok());
    AwaitMerges();
  }

  int SideBySide() {
    int runs = FilesAt(0);
    for (int level = 1; level < family_.num_levels; ++level) runs += FilesAt(level) > 0 ? 1 : 0;
    return runs;
  }
  int FilesAt(int level) {
    std::string files;
    EXPECT_TRUE(db_->GetProperty("rocksdb.num-files-at-level" + std::to_string(level), &files));
    return std::stoi(files);
  }

  // What is read is what came last, and nothing more.
  void Check(const char* when) {
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}));
    auto want = rows_.begin();
    for (at->SeekToFirst(); at->Valid(); at->Next(), ++want) {
      ASSERT_TRUE(want != rows_.end()) << when;
      ASSERT_EQ(at->key().ToStringView(), want->first) << when;
      ASSERT_EQ(at->value().ToStringView(), want->second) << when;
      std::string one;
      ASSERT_TRUE(db_->Get({}, want->first, &one).ok()) << when;
      ASSERT_EQ(one, want->second) << when;
    }
    ASSERT_TRUE(want == rows_.end()) << when;
  }

 private:
  std::string Text() { return std::string(AsText(ByteView(random_.Draw<16>()))); }
  std::uint64_t NumberOf(const char* property) {
    std::uint64_t value = 0;
    EXPECT_TRUE(db_->GetIntProperty(property, &value)) << property;
    return value;
  }
  // By size, as many as may stay count as pending although none is picked.
  bool Merging() {
    if (NumberOf("rocksdb.num-running-compactions") != 0) return true;
    const bool by_size = family_.compaction_style == rocksdb::kCompactionStyleUniversal;
    return NumberOf("rocksdb.compaction-pending") != 0 &&
           SideBySide() > (by_size ? internal::kRunsMax : 0);
  }
  void AwaitMerges() {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (Merging()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << "runs are not merged";
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  const std::string path_;
  RocksOptions options_;
  rocksdb::ColumnFamilyOptions family_;
  base::testing::SeededRandom random_{7};
  std::map<std::string, std::string> rows_;
  std::shared_ptr<CountsMerged> merged_ = std::make_shared<CountsMerged>();
  std::unique_ptr<rocksdb::DB> db_;
};

// How often a row was written again, over 64 runs of new keys.
double WrittenAgain(Runs& runs, const rocksdb::ColumnFamilyOptions& family, int side_by_side) {
  constexpr int kRuns = 64;
  runs.Open(family);
  for (int run = 0; run < kRuns; ++run) {
    runs.Add(true);
    EXPECT_LE(runs.SideBySide(), side_by_side) << "after run " << run;
  }
  return static_cast<double>(runs.merged_rows()) / (kRuns * kRowsOfRun);
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
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(8u << 20);
  for (const Case& one : cases) {
    Runs runs(directory.path() + "/" + std::string(FamilyName(one.family)));
    const double again = WrittenAgain(
        runs, internal::FamilyOptions(one.family, runs.options(), cache), internal::kRunsMax);
    EXPECT_LT(again, 3.5) << one.why;
    EXPECT_GT(again, 1) << one.why;
    const bool deletes = one.family == Family::kSeen;
    const rocksdb::Options in_force = runs.db().GetOptions();
    EXPECT_EQ(in_force.periodic_compaction_seconds != 0, deletes)
        << "what is deleted leaves the disk, what only grows is not written again for nothing";
    EXPECT_EQ(in_force.level0_stop_writes_trigger, 64 * internal::kRunsMax);
  }
  // What that would be in levels, so that the bound above tells the two apart.
  Runs levels(directory.path() + "/levels");
  const double again = WrittenAgain(
      levels, InLevels(internal::FamilyOptions(Family::kTrail, levels.options(), cache)), 64);
  EXPECT_GT(again, 6);
}

// Until November 2026 these families were kept in levels.
TEST(RocksOptionsTest, ADirectoryInLevelsIsTakenOver) {
  const testing::TempDirectory directory;
  Runs runs(directory.path() + "/seen");
  const rocksdb::ColumnFamilyOptions by_size =
      internal::FamilyOptions(Family::kSeen, runs.options(), rocksdb::NewLRUCache(8u << 20));
  const auto add = [&runs](int count) {
    for (int run = 0; run < count; ++run) runs.Add(false);
  };
  runs.Open(InLevels(by_size));
  add(10);
  runs.Check("in levels");
  ASSERT_LT(runs.FilesAt(0), 10) << "the rest lies in levels";
  const std::uint64_t before = runs.merged_rows();
  runs.Open(by_size);
  runs.Check("as it was");
  add(30);
  runs.Check("with runs beside the levels");
  EXPECT_GT(runs.merged_rows(), before);
  runs.Open(by_size);
  runs.Check("opened again");
  ASSERT_TRUE(runs.db().CompactRange({}, nullptr, nullptr).ok());
  runs.Check("all in one");
  EXPECT_EQ(runs.SideBySide(), 1);
}

}  // namespace
}  // namespace cloison::store
