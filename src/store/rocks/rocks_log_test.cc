#include "store/rocks/internal/rocks_log.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "store/testing/temp_directory.h"

namespace cloison::store {
namespace {

using internal::MakeRocksLog;

// No file of this process may grow beyond `bytes` while it lives.
class FilesEnd {
 public:
  explicit FilesEnd(rlim_t bytes) {
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FilesEnd() { EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before_), 0); }

 private:
  rlimit before_{};
};

class RocksLogTest : public ::testing::Test {
 protected:
  RocksLogTest() { (void)signal(SIGXFSZ, SIG_IGN); }
  std::string Text(const std::string& name) {
    const Result<Bytes> bytes = files_.Read(directory_.path() + "/" + name);
    return bytes.ok() ? std::string(AsText(*bytes)) : "(none)";
  }
  // What stands behind the time of each line.
  std::string Lines(const std::string& name) {
    std::string out;
    std::istringstream text(Text(name));
    for (std::string line; std::getline(text, line);) {
      EXPECT_GT(line.size(), kTimeBytes) << line;
      out += line.substr(std::min(kTimeBytes, line.size())) + "\n";
    }
    return out;
  }

  static constexpr std::size_t kTimeBytes = 21;
  testing::TempDirectory directory_;
  base::SystemFiles files_;
};

TEST_F(RocksLogTest, WarningsAndWorseAreKept) {
  const auto log = MakeRocksLog(files_, directory_.path());
  rocksdb::Header(log, "a header");
  rocksdb::Info(log, "an info");
  rocksdb::Warn(log, "a warning of %d", 7);
  rocksdb::Error(log, "an error with an end of line\n");
  EXPECT_EQ(Lines("LOG"), "[WARN] a warning of 7\n[ERROR] an error with an end of line\n");
}

TEST_F(RocksLogTest, AFullDiskLosesLinesAndNothingElse) {
  const auto log = MakeRocksLog(files_, directory_.path());
  rocksdb::Warn(log, "before");
  {
    const FilesEnd full(0);
    for (int i = 0; i < 3; ++i) rocksdb::Warn(log, "lost");
  }
  rocksdb::Warn(log, "after");
  EXPECT_EQ(Lines("LOG"), "[WARN] before\n[WARN] after\n");
}

TEST_F(RocksLogTest, AStartTakesNothingAway) {
  for (const char* text : {"first", "second", "third"}) {
    const auto log = MakeRocksLog(files_, directory_.path());
    rocksdb::Warn(log, "%s", text);
  }
  EXPECT_EQ(Lines("LOG"), "[WARN] first\n[WARN] second\n[WARN] third\n");
  EXPECT_EQ(Text("LOG.old"), "(none)");
}

TEST_F(RocksLogTest, ItsSizeIsBounded) {
  {
    const auto log = MakeRocksLog(files_, directory_.path());
    rocksdb::Warn(log, "of a run before, which counts");
  }
  const auto log = MakeRocksLog(files_, directory_.path());
  const std::string longest(2 * internal::kRocksLogLineBytesMax, 'x');
  const std::size_t lines = internal::kRocksLogBytesMax / internal::kRocksLogLineBytesMax + 10;
  for (std::size_t i = 0; i < lines; ++i) rocksdb::Warn(log, "%s", longest.c_str());
  EXPECT_LE(Text("LOG.old").size(), internal::kRocksLogBytesMax);
  const std::string last = Text("LOG");
  EXPECT_LT(last.size(), 20 * internal::kRocksLogLineBytesMax);
  EXPECT_EQ(last.find('\n'), internal::kRocksLogLineBytesMax - 2) << "a line is cut at its end";
}

TEST_F(RocksLogTest, WithoutAFileItSaysNothing) {
  const auto log = MakeRocksLog(files_, directory_.path() + "/absent");
  rocksdb::Warn(log, "lost");
  EXPECT_EQ(Text("absent/LOG"), "(none)");
  std::filesystem::create_directory(directory_.path() + "/absent");
  rocksdb::Warn(log, "kept");
  EXPECT_EQ(Lines("absent/LOG"), "[WARN] kept\n") << "each line tries again";
}

}  // namespace
}  // namespace cloison::store
