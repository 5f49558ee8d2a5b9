// What needs no server of the commands about jobs: lists of people, keys, files that are not whole.
#include "cli/job.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/files.h"
#include "base/testing/seeded_random.h"
#include "cli/job_list.h"
#include "records/job_file.h"
#include "store/testing/temp_directory.h"

namespace cloison::cli {
namespace {

TEST(JobList, Lines) {
  const struct {
    const char* why;
    std::string line;
    bool good;
  } kRows[] = {
      {"a code", "7KQ2-9TZD-1H7V-CX2M", true},
      {"with an amount", "7KQ2-9TZD-1H7V-CX2M,1043.20", true},
      {"of another system's lines", "7KQ2-9TZD-1H7V-CX2M,1043.20\r", true},
      {"the longest", std::string(32, 'a') + "," + std::string(64, 'b'), true},
      {"by the agency's identifier", "agency_id:1234567A,870.00", true},
      {"nobody, by it", "agency_id:,870.00", false},
      {"nobody", "", false},
      {"nobody, with an amount", ",1043.20", false},
      {"a comma and nothing", "7KQ2-9TZD-1H7V-CX2M,", false},
      {"two amounts", "7KQ2-9TZD-1H7V-CX2M,1,2", false},
      {"quotes", "\"7KQ2-9TZD-1H7V-CX2M\"", false},
      {"a space behind", "7KQ2-9TZD-1H7V-CX2M ", false},
      {"a name", "7KQ2-9TZD-1H7V-CX2M,Jean Dupont", false},
      {"too long a code", std::string(33, 'a'), false},
      {"too much attached", "a," + std::string(65, 'b'), false},
      {"accents", "é", false},
      {"a zero", std::string("a\0b", 3), false},
      {"CR in between", "a\rb", false},
  };
  for (const auto& row : kRows) EXPECT_EQ(ParseJobLine(row.line).ok(), row.good) << row.why;
}

TEST(JobList, WholeLists) {
  const auto read = [](const std::string& text, std::uint64_t* bad) {
    std::istringstream in(text);
    return ReadJobList(in, nullptr, bad);
  };
  std::uint64_t bad = 0;
  EXPECT_EQ(read("a\nb\n", &bad)->people, 2u);
  EXPECT_EQ(read("a\nb", &bad)->people, 2u) << "a last line without its end";
  EXPECT_EQ(read("a\nb", &bad)->digest, read("a\r\nb\r\n", &bad)->digest) << "the same list";
  EXPECT_NE(read("a\nb", &bad)->digest, read("b\na\n", &bad)->digest);
  EXPECT_NE(read("a,b\n", &bad)->digest, read("a\nb\n", &bad)->digest);
  EXPECT_FALSE(read("", &bad).ok());
  EXPECT_FALSE(read("a\n\nb\n", &bad).ok());
  EXPECT_EQ(bad, 2u);
  EXPECT_FALSE(read("a\n" + std::string(1'000'000, 'x'), &bad).ok());
  EXPECT_EQ(bad, 2u);
}

class JobFiles : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) { return directory_.path() + "/" + name; }
  JobOptions Key(const std::string& name) {
    JobOptions options;
    options.out = Path(name);
    return options;
  }
  static records::JobFileHeader HeaderOf(const crypto::RecipientSecret& owner) {
    records::JobFileHeader header;
    header.job = 12;
    header.run = 1;
    header.recipient = owner.key().bytes();
    header.label = "monthly-payment";
    header.purpose = "payment";
    header.fields = {"bank.iban"};
    return header;
  }
  // One person with one value.
  static Bytes Plain(std::string_view value) {
    Bytes plain{0, 1, 1, 'A'};
    base::AppendU64(plain, 1);
    base::AppendU64(plain, 2);
    plain.push_back(0);
    plain.push_back(0);
    plain.push_back(1);
    plain.push_back(0);
    base::AppendU16(plain, static_cast<std::uint16_t>(value.size()));
    base::AppendBytes(plain, AsBytes(value));
    return plain;
  }
  void Write(const std::string& name, const std::vector<Bytes>& parts) {
    Bytes all;
    for (const Bytes& part : parts) base::AppendBytes(all, part);
    ASSERT_TRUE(base::WriteWhole(files_, Path(name), all).ok());
  }
  ExitCode Open(const std::string& file, const std::string& key) {
    JobOptions options;
    options.file = Path(file);
    options.key = Path(key);
    options.out = Path("out");
    std::filesystem::remove(Path("out"));
    return JobOpen(options, {}, terminal_);
  }
  std::string Out() {
    std::ostringstream text;
    text << std::ifstream(Path("out")).rdbuf();
    return text.str();
  }

  store::testing::TempDirectory directory_;
  base::SystemFiles files_;
  base::testing::SeededRandom random_{5};
  Terminal terminal_;
};

TEST_F(JobFiles, KeysAreTheirOwnersAlone) {
  ASSERT_EQ(JobKey(Key("bank.key"), {}, terminal_), ExitCode::kDone);
  EXPECT_EQ(files_.Stat(Path("bank.key"))->mode, 0600u);
  EXPECT_TRUE(ReadJobKey(Path("bank.key")).ok());
  EXPECT_EQ(JobKey(Key("bank.key"), {}, terminal_), ExitCode::kConflict) << "none is written over";
  namespace fs = std::filesystem;
  for (const fs::perms more : {fs::perms::group_read, fs::perms::others_read}) {
    fs::permissions(Path("bank.key"), more, fs::perm_options::add);
    EXPECT_EQ(ReadJobKey(Path("bank.key")).error().code(), Code::kDenied);
    fs::permissions(Path("bank.key"), more, fs::perm_options::remove);
  }
  fs::create_symlink(Path("bank.key"), Path("link.key"));
  EXPECT_EQ(ReadJobKey(Path("link.key")).error().code(), Code::kDenied);
  EXPECT_EQ(ReadJobKey(Path("not.there")).error().code(), Code::kNotFound);
  Write("bad.key", {base::ToBytes(AsBytes("cloison-job-key-v1 AAAA\n"))});
  EXPECT_EQ(ReadJobKey(Path("bad.key")).error().code(), Code::kInvalid);
}

TEST_F(JobFiles, NothingIsGivenOutOfAFileThatIsNotWhole) {
  ASSERT_EQ(JobKey(Key("bank.key"), {}, terminal_), ExitCode::kDone);
  ASSERT_EQ(JobKey(Key("other.key"), {}, terminal_), ExitCode::kDone);
  const auto owner = ReadJobKey(Path("bank.key"));
  ASSERT_TRUE(owner.ok());
  const Bytes header = Encode(HeaderOf(*owner));
  const crypto::Digest digest = records::DigestOfHeader(header);
  const auto frame = [&](std::uint32_t number, std::string_view value) {
    return records::internal::SealFrame(owner->key(), digest, records::FrameKind::kRecords, number,
                                        Plain(value), random_);
  };
  const auto end = [&](std::uint32_t frames, std::uint64_t sealed) {
    return records::internal::SealFrame(owner->key(), digest, records::FrameKind::kEnd, frames + 1,
                                        records::internal::EncodeEnd({frames, sealed, sealed}),
                                        random_);
  };
  const Bytes one = frame(1, "FR7,\"x\""), two = frame(2, "FR8");
  Write("whole", {header, one, two, end(2, 2)});
  ASSERT_EQ(Open("whole", "bank.key"), ExitCode::kDone);
  EXPECT_EQ(Out(),
            "person,attached,version,entry,bank.iban\nA,,1,2,\"FR7,\"\"x\"\"\"\nA,,1,2,FR8\n");
  EXPECT_EQ(files_.Stat(Path("out"))->mode, 0600u);
  Bytes cut = two;
  cut.resize(cut.size() - 1);
  const struct {
    const char* why;
    std::vector<Bytes> parts;
  } kRows[] = {
      {"no end", {header, one, two}},
      {"nothing but a header", {header}},
      {"a frame in between is gone", {header, two, end(2, 2)}},
      {"the last frame is gone", {header, one, end(2, 2)}},
      {"an end that says so too", {header, one, end(1, 2)}},
      {"another order", {header, two, one, end(2, 2)}},
      {"a frame twice", {header, one, one, end(2, 2)}},
      {"something behind the end", {header, one, two, end(2, 2), one}},
      {"cut in a frame", {header, one, cut}},
      {"no header", {one, two, end(2, 2)}},
      {"empty", {{}}},
  };
  for (const auto& row : kRows) {
    Write("part", row.parts);
    EXPECT_NE(Open("part", "bank.key"), ExitCode::kDone) << row.why;
    EXPECT_EQ(Out(), "") << row.why;
  }
  EXPECT_EQ(Open("whole", "other.key"), ExitCode::kRefused) << "another recipient";
  EXPECT_EQ(Out(), "");
}

}  // namespace
}  // namespace cloison::cli
