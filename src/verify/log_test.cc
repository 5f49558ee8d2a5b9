#include "verify/log.h"

#include <gtest/gtest.h>

#include <fstream>

#include "store/testing/temp_directory.h"
#include "tlog/checkpoint.h"
#include "verify/sample.h"
#include "verify/testing/test_log.h"

namespace cloison::verify {
namespace {

using testing::MakeLog;
using testing::MemorySource;
using testing::TestLog;

constexpr char kTessera[] = "tests/vectors/tlog-tiles";
constexpr char kTesseraKey[] =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A directory whose checkpoint is another file.
class AtCheckpoint final : public Source {
 public:
  explicit AtCheckpoint(std::string name) : name_(std::move(name)) {}
  Status Read(const std::string& path, std::size_t bytes_max, Bytes& out) override {
    return directory_.Read(path == "checkpoint" ? name_ : path, bytes_max, out);
  }

 private:
  DirectorySource directory_{kTessera};
  std::string name_;
};

TEST(VerifyLogTest, AcceptsTheLogThatTesseraWroteAtEverySize) {
  const LogOptions options{.key = *tlog::VerifierKey::Parse(kTesseraKey)};
  for (std::uint64_t size = 0; size < 16; ++size) {
    const std::string name = "checkpoint." + std::to_string(size);
    AtCheckpoint source(name);
    const Report report = *VerifyLog(source, options);
    EXPECT_EQ(report.fault, std::nullopt) << size << " " << Describe(*report.fault);
    EXPECT_EQ(report.head.size, size);
    EXPECT_EQ(report.entries, size);
    // And each continues each that came before it.
    for (std::uint64_t older = 0; older <= size; ++older) {
      LogOptions since = options;
      since.since = ReadFile(kTessera + ("/checkpoint." + std::to_string(older)));
      EXPECT_EQ(VerifyLog(source, since)->fault, std::nullopt) << older << " to " << size;
    }
  }
  DirectorySource source{kTessera};
  const Report report = *VerifyLog(source, options);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.head.size, 15u);
}

// The root of a sample, by the ledger's own tree instead of by tiles.
TEST(VerifyLogTest, AcceptsSamplesOfSizesWhereTilesBeginAndEnd) {
  for (const std::uint64_t size :
       {0, 1, 2, 255, 256, 257, 511, 512, 600, 65'535, 65'536, 65'537, 70'000}) {
    store::testing::TempDirectory directory;
    base::SystemFiles files;
    ASSERT_TRUE(WriteSample(files, {size, 7, directory.path() + "/log", {}}).ok());
    DirectorySource source(directory.path() + "/log");
    std::string vkey = ReadFile(directory.path() + "/log/key.pub");
    vkey.pop_back();
    struct Tree final : EntryObserver {
      tlog::Frontier frontier;
      void OnEntry(std::uint64_t index, ByteView entry) override {
        EXPECT_EQ(index, frontier.size());
        EXPECT_EQ(entry.size(), 98u);
        EXPECT_TRUE(frontier.Append(tlog::LeafHash(entry)).ok());
      }
    } tree;
    LogOptions options{.key = *tlog::VerifierKey::Parse(vkey)};
    options.observer = &tree;
    const Report report = *VerifyLog(source, options);
    EXPECT_EQ(report.fault, std::nullopt) << size;
    EXPECT_EQ(tree.frontier.size(), size);
    EXPECT_EQ(tree.frontier.Root(), report.head.root) << size;
  }
}

TEST(SampleTest, IsTheSameForTheSameSeedAndWritesOnlyIntoAnEmptyDirectory) {
  base::testing::MemoryFiles first, second, other;
  EXPECT_TRUE(WriteSample(first, {300, 1, "d", {}}).ok());
  EXPECT_TRUE(WriteSample(second, {300, 1, "d", {}}).ok());
  EXPECT_TRUE(WriteSample(other, {300, 2, "d", {}}).ok());
  EXPECT_EQ(first.contents, second.contents);
  EXPECT_NE(first.contents, other.contents);
  EXPECT_NE(first.contents["d/key.pub"], other.contents["d/key.pub"]);
  EXPECT_EQ(WriteSample(first, {1, 1, "d", {}}).error().code(), Code::kConflict);
  EXPECT_EQ(WriteSample(other, {kSampleEntriesMax + 1, 1, "e", {}}).error().code(), Code::kInvalid);
}

TEST(VerifyLogTest, ContinuesFromAnyEarlierCheckpointAndFromNoOther) {
  for (const std::uint64_t size : {1, 2, 255, 256, 257, 511, 512, 513, 700}) {
    TestLog log = MakeLog(size);
    for (const std::uint64_t older : {0, 1, 2, 3, 255, 256, 257, 500, 512, 700}) {
      if (older > size) continue;
      LogOptions options = log.Options();
      options.since = MakeLog(older).Checkpoint();
      EXPECT_EQ(VerifyLog(log.source, options)->fault, std::nullopt) << older << " " << size;
      if (older == 0) continue;
      options.since = MakeLog(older, "a", older / 2).Checkpoint();
      const Report forked = *VerifyLog(log.source, options);
      ASSERT_FALSE(forked.ok()) << older << " " << size;
      EXPECT_EQ(forked.fault->kind, FaultKind::kFork) << Describe(*forked.fault);
      EXPECT_EQ(forked.fault->path, "since");
    }
  }
}

TEST(VerifyLogTest, ReadsAfterACheckpointOnlyWhatCameSince) {
  TestLog log = MakeLog(70'000);
  LogOptions options = log.Options();
  const TestLog before = MakeLog(69'990);
  options.since = before.Checkpoint();
  log.source.reads = 0;
  const Report report = *VerifyLog(log.source, options);
  EXPECT_TRUE(report.ok());
  // The checkpoint; the last tile of three levels, before and after; one bundle.
  EXPECT_EQ(log.source.reads, 8u);
  EXPECT_EQ(report.objects, log.source.reads);
  EXPECT_EQ(report.entries, 70'000u % 256);
  // A fault before it is still found where it is read, and then named by reading everything.
  log.source.objects.at("tile/1/001.p/17")[40] ^= 1;
  const Report faulty = *VerifyLog(log.source, options);
  ASSERT_FALSE(faulty.ok());
  EXPECT_EQ(*faulty.fault,
            (Fault{FaultKind::kTile, "tile/1/001.p/17", (256 + 1) * 256, 40, faulty.fault->text}));
}

// A server that shows the old tile when it is asked whether the log continues, and another one,
// with the entry that fits it, when the entries are read. The tiles above are those of the true
// log, so that only the leaves kept from the first reading tell.
class ChangesItsMind final : public Source {
 public:
  ChangesItsMind(TestLog& honest, TestLog& forged) : honest_(honest), forged_(forged) {}
  Status Read(const std::string& path, std::size_t bytes_max, Bytes& out) override {
    const bool first = path == "tile/0/000.p/9" && !asked_;
    asked_ = asked_ || first;
    return (first ? honest_ : forged_).source.Read(path, bytes_max, out);
  }

 private:
  TestLog& honest_;
  TestLog& forged_;
  bool asked_ = false;
};

TEST(VerifyLogTest, AServerThatChangesItsMindIsFound) {
  TestLog honest = MakeLog(9), forged = MakeLog(9, "a", 3);
  ChangesItsMind source(honest, forged);
  LogOptions options = honest.Options();
  options.since = MakeLog(5).Checkpoint();
  const Report report = *VerifyLog(source, options);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(FaultName(report.fault->kind), "entry");
  EXPECT_EQ(report.fault->entry, 3u);
}

TEST(VerifyLogTest, FindsARollbackAndAForgedSince) {
  TestLog log = MakeLog(300);
  LogOptions options = log.Options();
  options.since = MakeLog(301).Checkpoint();
  Report report = *VerifyLog(log.source, options);
  EXPECT_EQ(report.fault->kind, FaultKind::kRolledBack);
  EXPECT_EQ(report.fault->entry, 300u);
  options.since->at(16) = '2';  // the size's second digit
  report = *VerifyLog(log.source, options);
  EXPECT_EQ(report.fault->kind, FaultKind::kSignature);
  EXPECT_EQ(report.fault->path, "since");
  options.since = "";
  EXPECT_EQ(VerifyLog(log.source, options)->fault->kind, FaultKind::kNote);
  options.since.reset();
  options.heads = {{MakeLog(200).head, "/a"}, {MakeLog(299).head, "/b"}, {log.head, "/c"}};
  EXPECT_TRUE(VerifyLog(log.source, options)->ok());
  options.heads[1].head.root[3] ^= 1;
  EXPECT_EQ(VerifyLog(log.source, options)->fault->path, "/b");
}

TEST(VerifyLogTest, CountsWitnesses) {
  const testing::Signing west("west.example", tlog::KeyType::kCosignature, 4);
  const testing::Signing imposter("north.example", tlog::KeyType::kCosignature, 5);
  const testing::Signing timeless("timeless.example", tlog::KeyType::kCosignature, 6);
  TestLog log = MakeLog(5);
  const auto north = log.north.key, south = log.south.key;
  tlog::Note note = *tlog::ParseNote(log.Checkpoint());
  ASSERT_TRUE(tlog::Cosign(note, timeless.key, timeless.signer, 0).ok());
  log.source.objects["checkpoint"] = base::ToBytes(AsBytes(tlog::PrintNote(note)));
  const struct {
    const char* why;
    std::vector<tlog::VerifierKey> witnesses;
    std::optional<std::size_t> quorum;
    std::optional<FaultKind> want;
    std::size_t cosigned;
  } rows[] = {
      {"nobody asked for", {}, {}, {}, 0},
      {"one that signed", {north}, {}, {}, 1},
      {"both", {north, south}, {}, {}, 2},
      {"without a quorum all must have signed", {north, west.key}, {}, FaultKind::kQuorum, 1},
      {"one of two is enough when that is said", {north, west.key}, 1, {}, 1},
      {"two of three", {west.key, north, south}, 2, {}, 2},
      {"three of three", {west.key, north, south}, 3, FaultKind::kQuorum, 2},
      {"none of one", {west.key}, 0, {}, 0},
      {"a known name with another key", {imposter.key}, {}, FaultKind::kQuorum, 0},
      {"of the time 0", {timeless.key}, {}, FaultKind::kQuorum, 0},
      {"of the time 0, and one that counts", {timeless.key, north}, 1, {}, 1},
  };
  for (const auto& row : rows) {
    LogOptions options = log.Options();
    options.witnesses = row.witnesses;
    options.quorum = row.quorum;
    const Report report = *VerifyLog(log.source, options);
    EXPECT_EQ(report.ok(), !row.want.has_value()) << row.why;
    EXPECT_TRUE(report.ok() || report.fault->kind == row.want) << row.why;
    EXPECT_EQ(report.cosigned.size(), row.cosigned) << row.why;
  }
}

TEST(VerifyLogTest, RefusesOptionsThatMeanNothing) {
  TestLog log = MakeLog(5);
  const struct {
    const char* why;
    LogOptions options;
  } rows[] = {
      {"a witness's key as the log's", {.key = log.north.key}},
      {"a log's key as a witness's", {.key = log.log.key, .witnesses = {log.log.key}}},
      {"a witness twice", {.key = log.log.key, .witnesses = {log.north.key, log.north.key}}},
      {"one key under two names",
       {.key = log.log.key,
        .witnesses = {log.north.key,
                      testing::Signing("n2.example", tlog::KeyType::kCosignature, 2).key}}},
      {"a quorum above the witnesses",
       {.key = log.log.key, .witnesses = {log.north.key}, .quorum = 2}},
      {"a quorum of nobody", {.key = log.log.key, .quorum = 1}},
  };
  for (const auto& row : rows) {
    const auto report = VerifyLog(log.source, row.options);
    ASSERT_FALSE(report.ok()) << row.why;
    EXPECT_EQ(report.error().code(), Code::kInvalid) << row.why;
  }
}

}  // namespace
}  // namespace cloison::verify
