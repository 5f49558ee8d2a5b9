#include "base/files.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace cloison::base {
namespace {

// Of SystemFiles, and of files that know no such thing and so read and write all of it.
class PlainFiles final : public Files {
 public:
  Result<std::unique_ptr<WritableFile>> Create(const std::string& path, unsigned mode) override {
    return system_.Create(path, mode);
  }
  Result<std::unique_ptr<WritableFile>> OpenAppend(const std::string& path) override {
    return system_.OpenAppend(path);
  }
  Result<Bytes> Read(const std::string& path) override { return system_.Read(path); }
  Result<FileInfo> Stat(const std::string& path) override { return system_.Stat(path); }
  Status Rename(const std::string& from, const std::string& to) override {
    return system_.Rename(from, to);
  }
  Status Remove(const std::string& path) override { return system_.Remove(path); }
  Status MakeDirectory(const std::string& path, unsigned mode) override {
    return system_.MakeDirectory(path, mode);
  }
  Status SyncDirectory(const std::string& path) override { return system_.SyncDirectory(path); }
  Result<std::vector<std::string>> List(const std::string& path) override {
    return system_.List(path);
  }

 private:
  SystemFiles system_;
};

void ReadsAndCutsAtAnyPlace(Files& files) {
  const std::string path = ::testing::TempDir() + "/cloison_placed";
  ASSERT_TRUE(WriteWhole(files, path, AsBytes("0123456789")).ok());
  const struct {
    const char* why;
    std::uint64_t offset;
    std::size_t size;
    const char* want;
  } rows[] = {
      {"from the start", 0, 3, "012"},
      {"from inside", 4, 3, "456"},
      {"nothing", 4, 0, ""},
      {"up to the end", 7, 3, "789"},
      {"fewer where it ends", 8, 9, "89"},
      {"at the end", 10, 1, ""},
      {"beyond", 11, 4, ""},
      {"far beyond", std::uint64_t{1} << 40, 4, ""},
  };
  for (const auto& row : rows) {
    const Result<Bytes> got = files.ReadAt(path, row.offset, row.size);
    ASSERT_TRUE(got.ok()) << row.why;
    EXPECT_EQ(AsText(*got), row.want) << row.why;
  }
  EXPECT_EQ(files.Truncate(path, 11).error().code(), Code::kInvalid);
  EXPECT_TRUE(files.Truncate(path, 10).ok());
  EXPECT_TRUE(files.Truncate(path, 4).ok());
  ASSERT_TRUE((*files.OpenAppend(path))->Append(AsBytes("x")).ok());
  EXPECT_EQ(AsText(*files.Read(path)), "0123x");
  EXPECT_TRUE(files.Truncate(path, 0).ok());
  EXPECT_EQ(files.Stat(path)->size, 0u);
  ASSERT_TRUE(files.Remove(path).ok());
  EXPECT_EQ(files.ReadAt(path, 0, 1).error().code(), Code::kNotFound);
  EXPECT_EQ(files.Truncate(path, 0).error().code(), Code::kNotFound);
}

TEST(Files, AreReadAndCutAtAnyPlace) {
  SystemFiles system;
  ReadsAndCutsAtAnyPlace(system);
  PlainFiles plain;
  ReadsAndCutsAtAnyPlace(plain);
}

// Sparse: it takes no room on the disk.
TEST(Files, LargerThanTheLimitAreReadInPieces) {
  SystemFiles files;
  const std::string path = ::testing::TempDir() + "/cloison_large";
  ASSERT_TRUE(WriteWhole(files, path, AsBytes("begin")).ok());
  std::filesystem::resize_file(path, kFileBytesMax + 10);
  ASSERT_TRUE((*files.OpenAppend(path))->Append(AsBytes("end")).ok());
  EXPECT_EQ(AsText(*files.ReadAt(path, kFileBytesMax + 10, 9)), "end");
  EXPECT_EQ(AsText(*files.ReadAt(path, 0, 5)), "begin");
  EXPECT_EQ(files.ReadAt(path, 0, kFileBytesMax + 1).error().code(), Code::kExhausted);
  EXPECT_TRUE(files.Truncate(path, kFileBytesMax + 1).ok());
  EXPECT_EQ(files.Stat(path)->size, kFileBytesMax + 1);
  ASSERT_TRUE(files.Remove(path).ok());
}

}  // namespace
}  // namespace cloison::base
