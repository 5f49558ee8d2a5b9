#include "keys/key_objects.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/testing/seeded_random.h"
#include "keys/testing/key_objects_suite.h"
#include "keys/testing/memory_key_objects.h"
#include "store/testing/power_cut.h"
#include "store/testing/temp_directory.h"

namespace cloison::keys {
namespace {

namespace fs = std::filesystem;
using store::testing::PowerCut;
using store::testing::TempDirectory;
using testing::KeyObjectsSuite;
using testing::KeyObjectsUnderTest;

class FilesUnderTest final : public KeyObjectsUnderTest {
 public:
  FilesUnderTest() { FilesUnderTest::Reopen(); }
  KeyObjects& objects() override { return *objects_; }
  void Reopen() override {
    auto opened = FileKeyObjects::Open(files_, random_, directory(), true);
    CLOISON_CHECK(opened.ok());
    objects_ = std::move(*opened);
  }
  std::string directory() const { return temporary_.path() + "/keys"; }
  std::string PathOf(const std::string& name) const { return directory() + "/" + name; }

 private:
  TempDirectory temporary_;
  base::SystemFiles files_;
  base::testing::SeededRandom random_{1};
  std::unique_ptr<FileKeyObjects> objects_;
};

class MemoryUnderTest final : public KeyObjectsUnderTest {
 public:
  KeyObjects& objects() override { return objects_; }
  void Reopen() override {}

 private:
  base::testing::SeededRandom random_{1};
  testing::MemoryKeyObjects objects_{random_};
};

std::unique_ptr<KeyObjectsUnderTest> MakeFiles() {
  return std::make_unique<FilesUnderTest>();
}
std::unique_ptr<KeyObjectsUnderTest> MakeMemory() {
  return std::make_unique<MemoryUnderTest>();
}

}  // namespace

namespace testing {
INSTANTIATE_TEST_SUITE_P(Files, KeyObjectsSuite, ::testing::Values(&MakeFiles));
INSTANTIATE_TEST_SUITE_P(Memory, KeyObjectsSuite, ::testing::Values(&MakeMemory));
}  // namespace testing

namespace {

constexpr char kName[] = "root-1";

crypto::SecretBytes TheKey() {
  return crypto::SecretBytes::CopyOf(AsBytes("the key"));
}

void WriteFile(const std::string& path, std::size_t size) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << std::string(size, 'k');
}

TEST(FileKeyObjects, RefusesFilesThatOthersCouldReadOrThatAreNotOurs) {
  const struct {
    const char* why;
    void (*spoil)(const std::string& path);
  } rows[] = {
      {"group may read", [](const std::string& path) { chmod(path.c_str(), 0640); }},
      {"group may write", [](const std::string& path) { chmod(path.c_str(), 0620); }},
      {"others may read", [](const std::string& path) { chmod(path.c_str(), 0604); }},
      {"others may run", [](const std::string& path) { chmod(path.c_str(), 0601); }},
      {"owner may run", [](const std::string& path) { chmod(path.c_str(), 0700); }},
      {"set-user-id", [](const std::string& path) { chmod(path.c_str(), 04600); }},
      {"empty", [](const std::string& path) { WriteFile(path, 0); }},
      {"a byte less", [](const std::string& path) { WriteFile(path, 31); }},
      {"a byte more", [](const std::string& path) { WriteFile(path, 33); }},
      {"a link to a good file",
       [](const std::string& path) {
         fs::rename(path, path + "-real");
         fs::create_symlink(path + "-real", path);
       }},
      {"a directory",
       [](const std::string& path) {
         fs::remove(path);
         fs::create_directory(path);
         chmod(path.c_str(), 0600);
       }},
      {"a pipe",
       [](const std::string& path) {
         fs::remove(path);
         mkfifo(path.c_str(), 0600);
         chmod(path.c_str(), 0600);
       }},
      {"the directory opened to the group",
       [](const std::string& path) { chmod(fs::path(path).parent_path().c_str(), 0750); }},
      {"the directory opened to others",
       [](const std::string& path) { chmod(fs::path(path).parent_path().c_str(), 0701); }},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    FilesUnderTest world;
    ASSERT_TRUE(world.objects().Create(kName).ok());
    const auto wrapped = world.objects().Wrap(kName, {}, TheKey());
    ASSERT_TRUE(wrapped.ok());
    row.spoil(world.PathOf(kName));
    EXPECT_EQ(world.objects().Unwrap(kName, {}, *wrapped).error().code(), Code::kDenied);
    EXPECT_EQ(world.objects().Wrap(kName, {}, TheKey()).error().code(), Code::kDenied);
  }
}

TEST(FileKeyObjects, OpenRefusesDirectories) {
  base::SystemFiles files;
  base::testing::SeededRandom random(1);
  const struct {
    const char* why;
    void (*prepare)(const std::string& path);
    bool create;
    Code want;
  } rows[] = {
      {"absent", [](const std::string&) {}, false, Code::kNotFound},
      {"a file", [](const std::string& path) { WriteFile(path, 1); }, false, Code::kDenied},
      {"a file, to be made", [](const std::string& path) { WriteFile(path, 1); }, true,
       Code::kDenied},
      {"open to the group",
       [](const std::string& path) {
         fs::create_directory(path);
         chmod(path.c_str(), 0750);
       },
       true, Code::kDenied},
      {"a link",
       [](const std::string& path) {
         fs::create_directory(path + "-real");
         chmod((path + "-real").c_str(), 0700);
         fs::create_symlink(path + "-real", path);
       },
       true, Code::kDenied},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const TempDirectory temporary;
    const std::string path = temporary.path() + "/keys";
    row.prepare(path);
    const auto opened = FileKeyObjects::Open(files, random, path, row.create);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), row.want);
  }
}

TEST(FileKeyObjects, ModesDoNotDependOnTheUmask) {
  base::SystemFiles files;
  base::testing::SeededRandom random(1);
  for (const mode_t mask : {0000u, 0022u, 0077u, 0777u}) {
    const TempDirectory temporary;
    const std::string directory = temporary.path() + "/keys";
    const mode_t before = umask(mask);
    const auto opened = FileKeyObjects::Open(files, random, directory, true);
    const bool made = opened.ok() && (*opened)->Create(kName).ok();
    umask(before);
    ASSERT_TRUE(made) << mask;
    EXPECT_EQ(files.Stat(directory)->mode, 0700u) << mask;
    EXPECT_EQ(files.Stat(directory + "/" + kName)->mode, 0600u) << mask;
  }
}

TEST(FileKeyObjects, DestroyOverwritesInPlace) {
  FilesUnderTest world;
  ASSERT_TRUE(world.objects().Create(kName).ok());
  const std::string other_name = world.directory() + "-kept";
  fs::create_hard_link(world.PathOf(kName), other_name);
  ASSERT_TRUE(world.objects().Destroy(kName).ok());
  EXPECT_FALSE(fs::exists(world.PathOf(kName)));
  base::SystemFiles files;
  EXPECT_EQ(*files.Read(other_name), Bytes(32, 0));
}

TEST(FileKeyObjects, DestroyDoesNotFollowALink) {
  FilesUnderTest world;
  const std::string target = world.directory() + "-target";
  WriteFile(target, 32);
  fs::create_symlink(target, world.PathOf(kName));
  EXPECT_EQ(world.objects().Destroy(kName).error().code(), Code::kDenied);
  base::SystemFiles files;
  EXPECT_EQ(*files.Read(target), Bytes(32, 'k'));
}

TEST(FileKeyObjects, OpenRemovesWhatACrashInCreateLeft) {
  FilesUnderTest world;
  WriteFile(world.PathOf("root-1.new"), 32);
  world.Reopen();
  EXPECT_FALSE(fs::exists(world.PathOf("root-1.new")));
}

// Cuts the power at every change of "create, create, destroy" and looks at what is left.
TEST(FileKeyObjects, PowerCuts) {
  bool was_cut = true;
  for (std::uint64_t changes = 0; was_cut; ++changes) {
    SCOPED_TRACE(changes);
    const TempDirectory temporary;
    base::testing::SeededRandom random(changes + 1);
    PowerCut power(temporary.path(), random);
    const std::string directory = power.root() + "/keys";
    Bytes kept, gone;
    bool is_kept = false, is_gone = false;
    {
      auto opened = FileKeyObjects::Open(power.files(), random, directory, true);
      ASSERT_TRUE(opened.ok());
      KeyObjects& objects = **opened;
      power.CutAfter(changes);
      is_kept = objects.Create("month-1-1").ok();
      if (is_kept) kept = *objects.Wrap("month-1-1", {}, TheKey());
      if (objects.Create("month-1-2").ok()) gone = *objects.Wrap("month-1-2", {}, TheKey());
      is_gone = !gone.empty() && objects.Destroy("month-1-2").ok();
      was_cut = power.is_cut();
    }
    power.Cut();
    ASSERT_TRUE(power.Restore().ok());
    auto opened = FileKeyObjects::Open(power.files(), random, directory, true);
    ASSERT_TRUE(opened.ok());
    KeyObjects& objects = **opened;
    if (is_kept) {
      EXPECT_TRUE(objects.Unwrap("month-1-1", {}, kept).ok());
    }
    if (is_gone) {
      EXPECT_EQ(objects.Unwrap("month-1-2", {}, gone).error().code(), Code::kNotFound);
    }
    if (!is_gone && !gone.empty()) {
      const Status again = objects.Destroy("month-1-2");
      EXPECT_TRUE(again.ok() || again.error().code() == Code::kNotFound);
      EXPECT_EQ(objects.Unwrap("month-1-2", {}, gone).error().code(), Code::kNotFound);
    }
  }
}

// A process that was killed before it had synced the name: the next one, told that the object is
// there, wraps keys under it, so it must be there for ever.
TEST(FileKeyObjects, WhatIsSaidToExistSurvivesAPowerCut) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    const TempDirectory temporary;
    base::testing::SeededRandom random(seed);
    PowerCut power(temporary.path(), random);
    const std::string directory = power.root() + "/objects";
    auto objects = FileKeyObjects::Open(power.files(), random, directory, true);
    ASSERT_TRUE(objects.ok());
    {
      auto file = power.files().Create(directory + "/root-1", 0600);
      ASSERT_TRUE(file.ok() && (*file)->Append(Bytes(32, 7)).ok() && (*file)->Sync().ok());
    }
    EXPECT_EQ((*objects)->Create("root-1").error().code(), Code::kConflict);
    power.Cut();
    ASSERT_TRUE(power.Restore().ok());
    objects = FileKeyObjects::Open(power.files(), random, directory, true);
    ASSERT_TRUE(objects.ok());
    EXPECT_EQ((*objects)->List().value(), std::vector<std::string>{"root-1"});
  }
}

}  // namespace
}  // namespace cloison::keys
