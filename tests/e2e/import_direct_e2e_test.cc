// The first load of an empty register: cloison import --direct, then served, and held against its
// ledger.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

constexpr int kPeople = 2'500;
// A small register, so that its index pages are few.
constexpr char kSmall[] = "sed 's/^capacity = .*/capacity = 20_000/' schemas/job-seekers.toml > ";

class ImportDirectTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(Shell(kSmall + path("schema.toml")).exit, 0);
    const Ended made =
        Shell("\"$cloison\" init --development --schema " + path("schema.toml") + " " + home());
    ASSERT_EQ(made.exit, 0) << made.err;
    Shell("\"$cloison\" generate --people " + std::to_string(kPeople) + " --out " +
          path("people.csv"));
  }
  std::string path(const std::string& name) const { return folder_.path(name); }
  std::string home() const { return path("register"); }
  std::string config() const { return home() + "/cloison.toml"; }
  Ended Import(const std::string& arguments) const {
    return Shell("\"$cloison\" import --direct --config " + config() + " " + arguments);
  }
  Ended Audit() const { return Shell("\"$cloisond\" verify-store --config " + config()); }
  // The server, up; nothing when it ended instead.
  std::unique_ptr<cli::Child> Serve() const {
    auto server = ShellInBackground("exec \"$cloisond\" serve --config " + config() +
                                        " --set listen.port=0 --set management.port=0",
                                    path("out"), path("err"));
    for (int waits = 0; waits < 600 && server->Poll() == -1; ++waits) {
      if (Contains(ReadFile(path("out")), "ready")) return server;
      usleep(50'000);
    }
    return nullptr;
  }

  Folder folder_;
};

TEST_F(ImportDirectTest, LoadsWhatIsThenServedAndVerified) {
  Shell("sed -i '11s/^[^,]*//' " + path("people.csv"));
  const Ended done = Import(path("people.csv") + " --rejects " + path("rejects.csv"));
  EXPECT_EQ(done.exit, 1) << done.err;
  EXPECT_TRUE(Contains(done.out, "\"registered\":2499,\"existing\":0,\"rejected\":1")) << done.out;
  EXPECT_EQ(ReadFile(path("rejects.csv")),
            "row,field,reason\r\n11,identity.birth_name,a required value is missing\r\n");
  const Ended audit = Audit();
  EXPECT_EQ(audit.exit, 0) << audit.err;
  EXPECT_TRUE(Contains(audit.out, "\"loaded\":2499")) << audit.out;
  EXPECT_EQ(Import(path("people.csv")).exit, 6) << "a register with people";
  EXPECT_TRUE(Contains(Audit().out, "\"loaded\":2499"));
  const auto server = Serve();
  ASSERT_NE(server, nullptr) << ReadFile(path("err"));
  EXPECT_NE(Import(path("people.csv")).exit, 0) << "a register that is served";
  EXPECT_EQ(server->Stop(), 0);
}

TEST_F(ImportDirectTest, AFaultBeforeTheFirstRowLeavesItEmpty) {
  WriteFile(path("bad.csv"), "identity.birth_nam,identity.first_name\nA,B\n");
  WriteFile(path("map.toml"), "[columns]\nNom = \"identity.nom\"\n");
  const Ended header = Import(path("bad.csv"));
  EXPECT_EQ(header.exit, 2) << header.err;
  EXPECT_TRUE(Contains(header.err, "identity.birth_name")) << header.err;
  EXPECT_EQ(Import(path("people.csv") + " --map " + path("map.toml")).exit, 2);
  EXPECT_EQ(Import(path("none.csv")).exit, 2);
  EXPECT_EQ(Import(path("people.csv") + " --checkpoint " + path("state")).exit, 2);
  EXPECT_EQ(Shell("\"$cloison\" import " + path("people.csv") + " --direct").exit, 2)
      << "no config";
  const Ended lines = Shell(
      "\"$cloison\" generate --people 300 --format jsonl | \"$cloison\" import - "
      "--format jsonl --direct --config " +
      config());
  EXPECT_EQ(lines.exit, 0) << lines.err;
  EXPECT_TRUE(Contains(Audit().out, "\"loaded\":300"));
}

// kill -9 in the middle: nothing opens what is left, and it says what to do.
TEST_F(ImportDirectTest, HalfARegisterIsNeverServed) {
  const std::string pipe = path("pipe");
  const auto broken =
      ShellInBackground("mkfifo " + pipe + "; (cat " + path("people.csv") + "; sleep 6) > " + pipe +
                            " & exec \"$cloisond\" import --config " + config() + " --file " + pipe,
                        path("out"), path("err"));
  ASSERT_NE(broken, nullptr);
  for (int waits = 0; waits < 400 && ReadFile(home() + "/data/importing").empty(); ++waits) {
    usleep(50'000);
  }
  usleep(300'000);
  broken->Signal(SIGKILL);
  broken->Wait();
  // The server stays up, to say that it serves nothing.
  const auto server = Serve();
  EXPECT_TRUE(Contains(ReadFile(path("err")), "register_does_not_open")) << ReadFile(path("err"));
  EXPECT_TRUE(Contains(ReadFile(path("err")), "\"serving\":0")) << ReadFile(path("err"));
  if (server != nullptr) server->Stop();
  EXPECT_NE(Audit().exit, 0);
  const Ended again = Import(path("people.csv"));
  EXPECT_EQ(again.exit, 6) << again.err;
  EXPECT_TRUE(Contains(again.err, "broken off")) << again.err;
  ASSERT_EQ(Shell("rm -r " + home()).exit, 0);
  ASSERT_EQ(Shell("\"$cloison\" init --development " + home()).exit, 0);
  EXPECT_EQ(Import(path("people.csv")).exit, 0);
}

}  // namespace
}  // namespace cloison::e2e
