#include "records/internal/spill.h"

#include <gtest/gtest.h>

#include "base/testing/memory_files.h"
#include "base/testing/seeded_random.h"

namespace cloison::records::internal {
namespace {

constexpr Error kFull{Code::kExhausted, "no space"};

// Files of which one call fails.
class Failing final : public base::Files {
 public:
  explicit Failing(base::Files& real) : real_(real) {}
  int left = -1;  // calls until one fails; -1: none does

  Result<std::unique_ptr<base::WritableFile>> Create(const std::string& path,
                                                     unsigned mode) override {
    if (Fails()) return kFull;
    return Watched(real_.Create(path, mode));
  }
  Result<std::unique_ptr<base::WritableFile>> OpenAppend(const std::string& path) override {
    if (Fails()) return kFull;
    return Watched(real_.OpenAppend(path));
  }
  Result<Bytes> Read(const std::string& path) override {
    if (Fails()) return kFull;
    return real_.Read(path);
  }
  Result<base::FileInfo> Stat(const std::string& path) override { return real_.Stat(path); }
  Status Rename(const std::string& from, const std::string& to) override {
    return real_.Rename(from, to);
  }
  Status Remove(const std::string& path) override {
    return Fails() ? Status(kFull) : real_.Remove(path);
  }
  Status MakeDirectory(const std::string& path, unsigned mode) override {
    return real_.MakeDirectory(path, mode);
  }
  Status SyncDirectory(const std::string& path) override { return real_.SyncDirectory(path); }
  Result<std::vector<std::string>> List(const std::string& path) override {
    return real_.List(path);
  }

 private:
  class File final : public base::WritableFile {
   public:
    File(Failing& all, std::unique_ptr<base::WritableFile> real)
        : all_(all), real_(std::move(real)) {}
    Status Append(ByteView bytes) override {
      return all_.Fails() ? Status(kFull) : real_->Append(bytes);
    }
    Status Sync() override { return real_->Sync(); }

   private:
    Failing& all_;
    std::unique_ptr<base::WritableFile> real_;
  };
  Result<std::unique_ptr<base::WritableFile>> Watched(
      Result<std::unique_ptr<base::WritableFile>> file) {
    if (!file.ok()) return file;
    return std::unique_ptr<base::WritableFile>(std::make_unique<File>(*this, std::move(*file)));
  }
  bool Fails() { return left >= 0 && left-- == 0; }
  base::Files& real_;
};

class SpillTest : public ::testing::Test {
 protected:
  SpillTest() { CLOISON_CHECK(files.MakeDirectory("/d", 0700).ok()); }
  Spill::Form Form(std::size_t chunk) const { return {"load-x", 5, chunk}; }
  std::vector<std::string> Names() { return *files.List("/d"); }

  base::testing::MemoryFiles files;
  base::testing::SeededRandom random{3};
};

// Strings of any size, chunks of any size: each part comes back whole and in order.
TEST_F(SpillTest, GivesBackWhatItTook) {
  for (const std::size_t chunk : {1u, 7u, 64u, 1'000u, 1u << 20}) {
    Spill spill({files, "/d"}, Form(chunk), random);
    std::vector<Bytes> model(5);
    std::uint64_t bytes = 0;
    for (int i = 0; i < 300; ++i) {
      const std::size_t part = random.Below(4);  // the last stays empty
      Bytes one(random.Below(20) == 0 ? 300 : random.Below(30));
      random.Fill(one);
      const Bytes head{static_cast<std::uint8_t>(i)};
      ASSERT_TRUE(spill.Append(part, {head, one}).ok());
      base::AppendBytes(model[part], head);
      base::AppendBytes(model[part], one);
      bytes += 1 + one.size();
    }
    EXPECT_EQ(spill.bytes(), bytes);
    EXPECT_EQ(Names().empty(), chunk == 1u << 20) << chunk;
    for (std::size_t part = 0; part < 5; ++part) {
      const auto taken = spill.Take(part);
      ASSERT_TRUE(taken.ok()) << chunk;
      EXPECT_EQ(*taken, model[part]) << chunk << " " << part;
    }
    EXPECT_TRUE(Names().empty());
  }
}

TEST_F(SpillTest, LeavesNoFile) {
  {
    Spill spill({files, "/d"}, Form(4), random);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(spill.Append(i % 5, {Bytes(3, 9), Bytes(3, 9)}).ok());
    EXPECT_EQ(Names().size(), 5u);
  }
  EXPECT_TRUE(Names().empty());
}

// Of a load that was killed.
TEST_F(SpillTest, TakesNothingThatItFinds) {
  ASSERT_TRUE(base::WriteWhole(files, "/d/load-x-0000.spill", Bytes(9, 1)).ok());
  Spill spill({files, "/d"}, Form(4), random);
  ASSERT_TRUE(spill.Append(0, {Bytes(3, 2)}).ok());
  ASSERT_TRUE(spill.Append(0, {Bytes(3, 3)}).ok());
  const auto taken = spill.Take(0);
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(*taken, (Bytes{2, 2, 2, 3, 3, 3}));
}

// Each call of the files fails once: it is said, and what was put aside is not half of it.
TEST_F(SpillTest, SaysWhatTheFilesFailWith) {
  int failures = 0;
  for (int nth = 0;; ++nth) {
    Failing failing(files);
    failing.left = nth;
    Spill spill({failing, "/d"}, Form(4), random);
    const auto use = [&spill]() -> Status {
      for (int i = 0; i < 6; ++i) {
        CLOISON_TRY(spill.Append(2, {Bytes(3, 1)}));
      }
      CLOISON_TRY_ASSIGN(const Bytes all, spill.Take(2));
      EXPECT_EQ(all, Bytes(18, 1));
      return Ok();
    };
    const Status done = use();
    if (failing.left >= 0) {
      EXPECT_TRUE(done.ok());
      break;
    }
    ++failures;
    ASSERT_FALSE(done.ok()) << nth;
    EXPECT_EQ(done.error().code(), Code::kExhausted) << nth;
    failing.left = -1;
  }
  EXPECT_GE(failures, 12) << "five chunks of two calls, read and removed";
}

TEST_F(SpillTest, SaysWhenAFileIsCut) {
  Spill spill({files, "/d"}, Form(4), random);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(spill.Append(1, {Bytes(4, 7)}).ok());
  const Bytes whole = *files.Read("/d/load-x-0001.spill");
  ASSERT_TRUE(
      base::WriteWhole(files, "/d/load-x-0001.spill", ByteView(whole).first(whole.size() - 1))
          .ok());
  EXPECT_EQ(spill.Take(1).error().code(), Code::kCorrupt);
}

TEST(Spilled, IsSealedAndBoundToItsPlace) {
  base::testing::MemoryFiles files;
  base::testing::SeededRandom random(3);
  ASSERT_TRUE(files.MakeDirectory("/d", 0700).ok());
  const std::string path = "/d/load-x-0000.spill", other = "/d/load-x-0001.spill";
  const Bytes secret = {1, 2, 3, 4, 5, 6, 7, 8};
  const auto filled = [&] {
    auto spill =
        std::make_unique<Spill>(SpillPlace{files, "/d"}, Spill::Form{"load-x", 2, 8}, random);
    for (int i = 0; i < 3; ++i) CLOISON_CHECK(spill->Append(0, {secret}).ok());
    for (int i = 0; i < 3; ++i) CLOISON_CHECK(spill->Append(1, {secret}).ok());
    return spill;
  };
  const std::size_t box = secret.size() + crypto::kBoxOverhead;
  {
    const auto spill = filled();
    const Bytes whole = *files.Read(path);
    ASSERT_EQ(whole.size(), 2 * box) << "the third chunk is in memory";
    EXPECT_EQ(AsText(whole).find(AsText(secret)), std::string_view::npos);
    EXPECT_NE(*files.Read(other), whole);
    EXPECT_EQ(spill->Take(0)->size(), 24u);
  }
  for (std::size_t at = 0; at < 2 * box; ++at) {
    const auto spill = filled();
    Bytes altered = *files.Read(path);
    altered[at] ^= 1;
    ASSERT_TRUE(base::WriteWhole(files, path, altered).ok());
    EXPECT_EQ(spill->Take(0).error().code(), Code::kCorrupt) << at;
  }
  {
    const auto spill = filled();
    Bytes turned = *files.Read(path);
    std::rotate(turned.begin(), turned.begin() + static_cast<std::ptrdiff_t>(box), turned.end());
    ASSERT_TRUE(base::WriteWhole(files, path, turned).ok());
    EXPECT_EQ(spill->Take(0).error().code(), Code::kCorrupt) << "chunks exchanged";
  }
  const auto spill = filled();
  ASSERT_TRUE(base::WriteWhole(files, path, *files.Read(other)).ok());
  EXPECT_EQ(spill->Take(0).error().code(), Code::kCorrupt) << "another part's";
}

}  // namespace
}  // namespace cloison::records::internal
