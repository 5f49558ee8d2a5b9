// Approved jobs with the real programs: examples/france-travail/monthly-payment as it is, exit
// codes, and runs that are killed on either side.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

namespace fs = std::filesystem;

constexpr int kPeople = 1'500;

class JobsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(world_.Start()) << ReadFile(path("log"));
    const Ended shown = Cloison("caseload show --plain", "adviser.ft");
    ASSERT_EQ(shown.exit, 0) << shown.err;
    for (const std::string& line : LinesOf(shown.out)) {
      if (!line.empty()) codes_.push_back(line.substr(0, line.find('\t')));
    }
    ASSERT_GE(codes_.size(), 2u);
  }
  std::string path(const std::string& name) const { return world_.folder().path(name); }
  Ended Cloison(const std::string& words, const std::string& who) const {
    return Shell("\"$cloison\" " + words + " " + world_.As(who));
  }
  // Real people at the beginning, in the middle and at the end; the others are codes of nobody.
  void WriteList(const std::string& name, std::size_t people) const {
    std::string text;
    for (std::size_t i = 0; i < people; ++i) {
      const bool real = i == 0 || i + 1 == people;
      const std::string code = real ? codes_[i == 0 ? 0 : 1] : "nobody-" + std::to_string(i);
      text += code + "," + std::to_string(i) + ".50\n";
    }
    WriteFile(path(name), text);
  }
  // "job_12", agreed to by both officers and sealed to bank.key.
  std::string Approved(int people_max) {
    const Ended key = Shell("\"$cloison\" job key --plain --out " + path("bank.key"));
    EXPECT_EQ(key.exit, 0) << key.err;
    const Ended asked = Cloison(
        "job ask --plain --label monthly-payment --application app.payment --purpose payment "
        "--fields bank.iban --reason FIN-1 --expires " +
            Later() + " --people " + std::to_string(people_max) + " --recipient " +
            key.out.substr(0, key.out.find('\t')),
        "officer.privacy");
    EXPECT_EQ(asked.exit, 4) << asked.err << "waits for another officer";
    const std::string approval = asked.out.substr(0, asked.out.find('\t'));
    EXPECT_EQ(Cloison("approval approve " + approval, "officer.privacy.b").exit, 0);
    return "job_" + approval.substr(4);
  }
  static std::string Later() {
    return Shell("date -u -d '+30 days' +%Y-%m-%dT00:00:00Z | tr -d '\\n'").out;
  }
  Ended Open() const {
    return Shell("\"$cloison\" job open " + path("payments.job") + " --key " + path("bank.key"));
  }
  std::string RunWords(const std::string& job) const {
    return "job run " + job + " --list " + path("list") + " --out " + path("payments.job");
  }
  // Until so many bytes of the file are there.
  bool WaitForFile(std::uintmax_t bytes) const {
    std::error_code error;
    for (int i = 0; i < 600; ++i) {
      const std::uintmax_t size = fs::file_size(path("payments.job"), error);
      if (!error && size >= bytes) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }
  // Magic, a size, and so many bytes (docs/format/job_file.md).
  std::size_t HeaderBytes() const {
    const std::string file = ReadFile(path("payments.job"));
    return 18 + static_cast<std::size_t>(static_cast<unsigned char>(file.at(16))) * 256 +
           static_cast<unsigned char>(file.at(17));
  }
  void ExpectBothPaid(std::size_t people) const {
    const Ended opened = Open();
    ASSERT_EQ(opened.exit, 0) << opened.err;
    const std::vector<std::string> lines = LinesOf(opened.out);
    ASSERT_EQ(lines.size(), 3u) << opened.out;
    EXPECT_TRUE(lines[1].starts_with(codes_[0] + ",0.50,")) << lines[1];
    EXPECT_TRUE(lines[2].starts_with(codes_[1] + "," + std::to_string(people - 1) + ".50,"));
  }

  World world_{kPeople};
  std::vector<std::string> codes_;
};

TEST_F(JobsTest, TheExampleAsItIs) {
  std::string list;
  for (std::size_t i = 0; i < codes_.size(); ++i) {
    list += codes_[i] + ",10" + std::to_string(i) + ".20\n";
  }
  WriteFile(path("list"), list);
  fs::create_directory(path("out"));
  const std::string options =
      "--server " + world_.server() + " --credentials " + path("world/credentials");
  const std::string command = "EXPIRES=" + Later() + " CLOISON=\"$cloison\" CLOISON_OPTIONS='" +
                              options + "' examples/france-travail/monthly-payment/pay.sh " +
                              path("list") + " " + path("out");
  const Ended paid = Shell(command);
  ASSERT_EQ(paid.exit, 0) << paid.err;
  EXPECT_TRUE(Contains(paid.err, "sealed to SHA256:")) << paid.err;
  const std::vector<std::string> lines = LinesOf(ReadFile(path("out/payments.csv")));
  ASSERT_EQ(lines.size(), codes_.size() + 1);
  EXPECT_EQ(lines[0],
            "person,attached,version,entry,identity.birth_name,identity.first_name,bank.iban");
  for (std::size_t i = 0; i < codes_.size(); ++i) {
    EXPECT_TRUE(lines[i + 1].starts_with(codes_[i] + ",10" + std::to_string(i) + ".20,"));
    EXPECT_TRUE(Contains(lines[i + 1], ",FR")) << "an IBAN";
  }
  // In clear nowhere but where the bank wrote it.
  const std::string iban = lines[1].substr(lines[1].rfind(',') + 1);
  EXPECT_FALSE(Contains(ReadFile(path("out/payments.job")), iban));
  EXPECT_EQ(
      Shell("grep -r -l -F '" + iban + "' " + world_.folder().path() + " | grep -v payments.csv")
          .out,
      "");
  const Ended again = Shell(command);
  EXPECT_NE(again.exit, 0) << "the bank's key is not written over";
}

TEST_F(JobsTest, ExitCodesSayWhatToDo) {
  WriteList("list", 3);
  const std::string job = Approved(2);
  const std::string run = RunWords(job);
  EXPECT_EQ(Cloison(run, "app.payment").exit, 7) << "more people than agreed to";
  EXPECT_EQ(Cloison(run, "app.case").exit, 3) << "not its program";
  EXPECT_EQ(
      Cloison("job run job_99 --list " + path("list") + " --out " + path("x"), "app.payment").exit,
      5);
  WriteList("list", 2);
  const Ended ran = Cloison(run + " --json", "app.payment");
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_TRUE(Contains(ran.out, "\"not_available\":0")) << ran.out;
  ExpectBothPaid(2);
  EXPECT_EQ(Cloison(run, "app.payment").exit, 6) << "it is whole already";
  const Ended status = Cloison("job status " + job + " --plain", "officer.privacy");
  EXPECT_EQ(status.out, job + "\tapproved\nop_" + job.substr(4) + ".1\tended\t2\t2\n");
  const Ended listed = Cloison("job list --plain", "officer.privacy");
  EXPECT_TRUE(listed.out.starts_with(job + "\tapproved\tmonthly-payment\tapp.payment\t"))
      << listed.out << listed.err;
  EXPECT_TRUE(Contains(Cloison("job list --json", "app.payment").out, "\"operation\":\"op_"));
  EXPECT_EQ(Cloison("job list", "adviser.ft").exit, 3);
  EXPECT_EQ(Cloison("job stop " + job, "officer.security").exit, 0);
  EXPECT_TRUE(Contains(Cloison("job status " + job, "app.payment").out, "stopped"));
  WriteFile(path("list"), "not a line\n");
  EXPECT_EQ(Cloison(run, "app.payment").exit, 2);
  fs::permissions(path("bank.key"), fs::perms::group_read, fs::perm_options::add);
  EXPECT_EQ(Open().exit, 3) << "a key that others can read";
}

TEST_F(JobsTest, KilledOnEitherSideItGoesOn) {
  constexpr std::size_t kList = 2'000;  // ten batches
  WriteList("list", kList);
  const std::string job = Approved(kList);
  const auto run = ShellInBackground(
      "\"$cloison\" " + RunWords(job) + " --retry 120 " + world_.As("app.payment"), path("run.out"),
      path("run.err"));
  ASSERT_TRUE(WaitForFile(150'000)) << ReadFile(path("run.err"));
  world_.Kill();
  ASSERT_TRUE(world_.Start()) << ReadFile(path("log"));
  EXPECT_EQ(run->Wait(), 0) << ReadFile(path("run.err"));
  ExpectBothPaid(kList);
  const Ended status = Cloison("job status op_" + job.substr(4) + ".1 --plain", "app.payment");
  EXPECT_EQ(status.out, "op_" + job.substr(4) + ".1\tended\t2000\t2000\n")
      << "each is charged once";
}

TEST_F(JobsTest, AFileThatWasCutOffGoesOn) {
  constexpr std::size_t kList = 600;
  WriteList("list", kList);
  const std::string job = Approved(kList);
  // The client dies while it writes its second frame.
  const auto run =
      ShellInBackground("exec \"$cloison\" " + RunWords(job) + " " + world_.As("app.payment"),
                        path("run.out"), path("run.err"));
  ASSERT_TRUE(WaitForFile(110'000)) << ReadFile(path("run.err"));
  run->Signal(SIGKILL);
  (void)run->Wait();
  const bool whole = Open().exit == 0;
  // As a power cut in the middle of a write leaves it: half of a frame behind the last.
  const std::string half = ReadFile(path("payments.job")).substr(HeaderBytes(), 500);
  if (!whole) WriteFile(path("payments.job"), ReadFile(path("payments.job")) + half);
  const Ended again = Cloison(RunWords(job), "app.payment");
  EXPECT_EQ(again.exit, whole ? 6 : 0) << again.err;
  ExpectBothPaid(kList);
  const Ended status = Cloison("job status op_" + job.substr(4) + ".1 --plain", "app.payment");
  EXPECT_TRUE(Contains(status.out, "\t600\t600")) << status.out;
}

}  // namespace
}  // namespace cloison::e2e
